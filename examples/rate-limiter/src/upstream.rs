//! A STAND-IN for the service behind the limiter: it takes time and does nothing else.
//!
//! A fixed number of workers serve jobs from one bounded queue, each in the same fixed time, so the capacity is known
//! exactly (`workers / service time`) and what a wrong quota does to latency can be seen on one machine.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use thiserror::Error;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

/// The most workers.
pub const WORKERS_MAX: usize = 1_024;

/// The shortest service time; the timer tells no finer.
pub const SERVICE_TIME_MIN: Duration = Duration::from_millis(1);

/// The longest service time. Together with [`QUEUE_DRAIN`] it bounds how long a granted request may wait.
pub const SERVICE_TIME_MAX: Duration = Duration::from_secs(1);

/// A full queue drains in this time; more waiting would outlive the patience of the callers.
pub const QUEUE_DRAIN: Duration = Duration::from_secs(3);

/// The most jobs in the queue, however fast it would drain.
pub const QUEUE_JOBS_MAX: usize = 100_000;

/// A worker that woke late starts its next job as if on time, but forgives itself no more than this.
const LATENESS_MAX: Duration = Duration::from_millis(20);

/// How many workers there are, and how long each takes for a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UpstreamConfig {
    workers: usize,
    service_time: Duration,
}

/// Why an upstream cannot be configured as asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum UpstreamError {
    /// None, or more than [`WORKERS_MAX`].
    #[error("an upstream has from 1 to 1024 workers, not {0}")]
    Workers(usize),
    /// Shorter than [`SERVICE_TIME_MIN`] or longer than [`SERVICE_TIME_MAX`].
    #[error("a service time is from 1ms to 1s, not {0:?}")]
    ServiceTime(Duration),
}

/// Why a job was not served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotServed {
    /// The queue is full.
    QueueFull,
    /// The upstream stopped while the job waited.
    Stopped,
}

/// The running stand-in.
#[derive(Debug)]
pub struct Upstream {
    config: UpstreamConfig,
    jobs: mpsc::Sender<Job>,
    queue: Arc<Queue>,
    gauges: Arc<Gauges>,
    crew: tokio::sync::Mutex<Crew>,
}

type Queue = tokio::sync::Mutex<mpsc::Receiver<Job>>;

#[derive(Debug)]
struct Job {
    queued_at: Instant,
    answer: oneshot::Sender<()>,
}

/// The workers of one start; a restart replaces the crew.
#[derive(Debug)]
struct Crew {
    stop: watch::Sender<bool>,
    workers: JoinSet<()>,
}

#[derive(Debug, Default)]
struct Gauges {
    running: AtomicUsize,
    busy: AtomicUsize,
}

#[derive(Debug, Clone, Copy)]
enum Gauge {
    Running,
    Busy,
}

/// Counts itself in a gauge for as long as it lives.
#[derive(Debug)]
struct Counted {
    gauges: Arc<Gauges>,
    gauge: Gauge,
}

impl UpstreamConfig {
    /// Takes `workers` that need `service_time` for each job.
    ///
    /// # Errors
    /// When either is outside its bounds.
    pub fn new(workers: usize, service_time: Duration) -> Result<Self, UpstreamError> {
        if !(1..=WORKERS_MAX).contains(&workers) {
            return Err(UpstreamError::Workers(workers));
        }
        if !(SERVICE_TIME_MIN..=SERVICE_TIME_MAX).contains(&service_time) {
            return Err(UpstreamError::ServiceTime(service_time));
        }
        Ok(Self { workers, service_time })
    }

    /// How many workers there are.
    #[must_use]
    pub fn workers(&self) -> usize {
        self.workers
    }

    /// How many jobs wait at most: as many as are served in [`QUEUE_DRAIN`].
    #[must_use]
    pub fn queue_jobs_max(&self) -> usize {
        let worked = QUEUE_DRAIN.as_nanos().saturating_mul(self.workers as u128);
        let jobs = worked.checked_div(self.service_time.as_nanos()).unwrap_or(1);
        usize::try_from(jobs).unwrap_or(QUEUE_JOBS_MAX).clamp(1, QUEUE_JOBS_MAX)
    }
}

impl Upstream {
    /// Starts the workers. Needs a tokio runtime.
    #[must_use]
    pub fn start(config: UpstreamConfig) -> Self {
        let (jobs, queue) = mpsc::channel(config.queue_jobs_max());
        let queue = Arc::new(Queue::new(queue));
        let gauges = Arc::new(Gauges::default());
        let crew = Crew::hire(config, &queue, &gauges);
        Self { config, jobs, queue, gauges, crew: tokio::sync::Mutex::new(crew) }
    }

    /// Queues a job and waits until it is served.
    ///
    /// # Errors
    /// At once when the queue is full; later when the upstream stops first.
    pub async fn serve(&self) -> Result<(), NotServed> {
        let (answer, served) = oneshot::channel();
        let job = Job { queued_at: Instant::now(), answer };
        self.jobs.try_send(job).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(_) => NotServed::QueueFull,
            mpsc::error::TrySendError::Closed(_) => NotServed::Stopped,
        })?;
        served.await.map_err(|_| NotServed::Stopped)
    }

    /// Replaces all workers and returns how many run then. A job in service finishes first; the queue is kept.
    pub async fn restart(self: &Arc<Self>) -> usize {
        let upstream = Arc::clone(self);
        // A task of its own: a caller who hangs up half-way must not leave the upstream without workers.
        let restart = tokio::spawn(async move {
            let mut crew = upstream.crew.lock().await;
            crew.dismiss().await;
            *crew = Crew::hire(upstream.config, &upstream.queue, &upstream.gauges);
        });
        if let Err(error) = restart.await {
            tracing::error!(%error, "the upstream's restart did not finish");
        }
        self.running()
    }

    /// Lets the jobs in service finish and ends; jobs still queued are not served.
    pub async fn stop(&self) {
        self.crew.lock().await.dismiss().await;
        let mut queue = self.queue.lock().await;
        queue.close();
        // Dropping a job tells its caller; at most a queue's length of them.
        while queue.try_recv().is_ok() {}
    }

    /// How it was configured.
    #[must_use]
    pub fn config(&self) -> UpstreamConfig {
        self.config
    }

    /// How many jobs wait.
    #[must_use]
    pub fn queue_length(&self) -> usize {
        self.jobs.max_capacity().saturating_sub(self.jobs.capacity())
    }

    /// How many workers run.
    #[must_use]
    pub fn running(&self) -> usize {
        self.gauges.of(Gauge::Running).load(Ordering::Relaxed)
    }

    /// How many workers have a job in service.
    #[must_use]
    pub fn busy(&self) -> usize {
        self.gauges.of(Gauge::Busy).load(Ordering::Relaxed)
    }
}

impl Crew {
    fn hire(config: UpstreamConfig, queue: &Arc<Queue>, gauges: &Arc<Gauges>) -> Self {
        let (stop, stopped) = watch::channel(false);
        let mut workers = JoinSet::new();
        for _ in 0..config.workers {
            let running = Counted::new(gauges, Gauge::Running);
            workers.spawn(work(Arc::clone(queue), config.service_time, stopped.clone(), running));
        }
        Self { stop, workers }
    }

    async fn dismiss(&mut self) {
        self.stop.send_replace(true);
        while self.workers.join_next().await.is_some() {}
    }
}

async fn work(queue: Arc<Queue>, service_time: Duration, mut stopped: watch::Receiver<bool>, running: Counted) {
    let mut free_at = Instant::now();
    loop {
        let job = tokio::select! {
            biased;
            _ = stopped.changed() => return,
            job = next_job(&queue) => job,
        };
        let Some(job) = job else { return };
        if job.answer.is_closed() {
            // Its caller has gone.
            continue;
        }
        let _busy = Counted::new(&running.gauges, Gauge::Busy);
        // The timer wakes up to a millisecond late. Counting from when the job could have begun, and not from now,
        // keeps the capacity what it is said to be.
        let now = Instant::now();
        let earliest = now.checked_sub(LATENESS_MAX).unwrap_or(now);
        free_at = free_at.max(job.queued_at).max(earliest) + service_time;
        sleep_until(free_at).await;
        // Nobody may be listening any more; then nobody needs to be told.
        let _ = job.answer.send(());
    }
}

async fn next_job(queue: &Queue) -> Option<Job> {
    queue.lock().await.recv().await
}

impl Gauges {
    fn of(&self, gauge: Gauge) -> &AtomicUsize {
        match gauge {
            Gauge::Running => &self.running,
            Gauge::Busy => &self.busy,
        }
    }
}

impl Counted {
    fn new(gauges: &Arc<Gauges>, gauge: Gauge) -> Self {
        gauges.of(gauge).fetch_add(1, Ordering::Relaxed);
        Self { gauges: Arc::clone(gauges), gauge }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.gauges.of(self.gauge).fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests;
