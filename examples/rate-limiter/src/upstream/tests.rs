//! The stand-in serves at the capacity it was given, refuses above its queue, and survives restarts.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use super::*;

fn upstream(workers: usize, service_ms: u64) -> Arc<Upstream> {
    let config = UpstreamConfig::new(workers, Duration::from_millis(service_ms)).unwrap();
    Arc::new(Upstream::start(config))
}

fn send(upstream: &Arc<Upstream>) -> tokio::task::JoinHandle<Result<(), NotServed>> {
    let upstream = Arc::clone(upstream);
    tokio::spawn(async move { upstream.serve().await })
}

#[test]
fn a_full_queue_drains_in_three_seconds() {
    let jobs =
        |workers, service_ms| UpstreamConfig::new(workers, Duration::from_millis(service_ms)).unwrap().queue_jobs_max();
    assert_eq!(jobs(1, 10), 300);
    assert_eq!(jobs(4, 20), 600);
    assert_eq!(jobs(1, 1000), 3);
    assert_eq!(jobs(WORKERS_MAX, 1), QUEUE_JOBS_MAX);
}

#[test]
fn workers_and_service_time_are_bounded() {
    let none = UpstreamConfig::new(0, Duration::from_millis(10));
    assert_eq!(none, Err(UpstreamError::Workers(0)));
    let hurried = UpstreamConfig::new(1, Duration::from_micros(10));
    assert_eq!(hurried, Err(UpstreamError::ServiceTime(Duration::from_micros(10))));
}

#[tokio::test]
async fn fifty_jobs_of_ten_milliseconds_take_one_worker_half_a_second() {
    let upstream = upstream(1, 10);
    let start = Instant::now();
    let jobs: Vec<_> = (0..50).map(|_| send(&upstream)).collect();
    for job in jobs {
        job.await.unwrap().unwrap();
    }
    // Less would be wrong; how much more depends on who else uses the machine.
    assert!(start.elapsed() >= Duration::from_millis(490), "{:?}", start.elapsed());
    assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
}

#[tokio::test]
async fn a_job_beyond_the_queue_is_refused_at_once() {
    let upstream = upstream(1, 1000);
    let in_service = send(&upstream);
    tokio::time::sleep(Duration::from_millis(20)).await;
    let waiting: Vec<_> = (0..3).map(|_| send(&upstream)).collect();
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert_eq!((upstream.busy(), upstream.queue_length()), (1, 3));
    assert_eq!(upstream.serve().await, Err(NotServed::QueueFull));
    for job in waiting {
        job.abort();
    }
    assert_eq!(in_service.await.unwrap(), Ok(()));
}

#[tokio::test]
async fn a_restart_finishes_the_job_in_service_and_keeps_the_queue() {
    let upstream = upstream(2, 50);
    let jobs: Vec<_> = (0..6).map(|_| send(&upstream)).collect();
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert_eq!(upstream.busy(), 2);
    assert_eq!(upstream.restart().await, 2);
    for job in jobs {
        assert_eq!(job.await.unwrap(), Ok(()));
    }
    assert_eq!((upstream.running(), upstream.busy(), upstream.queue_length()), (2, 0, 0));
}

#[tokio::test]
async fn a_restart_goes_on_when_its_caller_hangs_up() {
    let upstream = upstream(1, 100);
    let job = send(&upstream);
    tokio::time::sleep(Duration::from_millis(20)).await;
    let abandoned = tokio::time::timeout(Duration::from_millis(10), upstream.restart()).await;
    assert!(abandoned.is_err());
    assert_eq!(job.await.unwrap(), Ok(()));
    assert_eq!(send(&upstream).await.unwrap(), Ok(()));
}

#[tokio::test]
async fn a_stop_tells_those_who_wait() {
    let upstream = upstream(1, 50);
    let jobs: Vec<_> = (0..3).map(|_| send(&upstream)).collect();
    tokio::time::sleep(Duration::from_millis(20)).await;
    upstream.stop().await;
    let mut answers = Vec::new();
    for job in jobs {
        answers.push(job.await.unwrap());
    }
    assert_eq!(answers, [Ok(()), Err(NotServed::Stopped), Err(NotServed::Stopped)]);
    assert_eq!(upstream.serve().await, Err(NotServed::Stopped));
}
