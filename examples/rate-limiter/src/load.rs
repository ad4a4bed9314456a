//! The load generator: each tenant's requests, evenly paced, whether or not the answers keep up.
//!
//! The loop is open: a slow answer does not slow the sender, as it would not slow a crowd of callers. What would have
//! to wait for a free place in flight is not sent, and is counted as skipped.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use reqwest::{Client, StatusCode, Url};
use thiserror::Error;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use crate::rate::{Rate, RateError};
use crate::tenant::{TenantName, TenantNameError};

mod pace;
mod totals;

pub use totals::{TenantTotals, Totals};

use pace::Pace;
use totals::Tally;

/// The longest one load may run.
pub const RUN_TIME_MAX: Duration = Duration::from_secs(3600);

/// The most requests in flight at once, over all tenants. Each holds a connection, and so two file descriptors when
/// client and server are one process: this stays below the usual limit of 1024.
pub const IN_FLIGHT_MAX: u32 = 400;

/// The highest rate of one tenant, in requests per second.
pub const TENANT_RATE_PER_S_MAX: f64 = 10_000.0;

/// The most tenants in one load.
pub const TENANTS_MAX: usize = 100;

/// The longest wait for one answer: more than the upstream's longest queue and service, 4 s.
pub const ANSWER_TIME_MAX: Duration = Duration::from_secs(5);

/// A load that runs. Dropping it stops it.
#[derive(Debug)]
pub struct Load {
    lanes: BTreeMap<String, Lane>,
    pacers: JoinSet<()>,
    stop: watch::Sender<bool>,
    in_flight: Arc<Semaphore>,
    ends_at: Instant,
}

/// Why a load does not start, or a rate is not changed.
#[derive(Debug, Error)]
pub enum LoadError {
    /// The target is not a URL.
    #[error("`{0}` is not a URL; write one as in `http://127.0.0.1:7070`")]
    NotAUrl(String),
    /// The target is somewhere else.
    #[error("`{0}` is not loopback; load is sent to this machine only, as in `http://127.0.0.1:7070`")]
    NotLoopback(String),
    /// The name is none.
    #[error(transparent)]
    Name(#[from] TenantNameError),
    /// The rate is none.
    #[error(transparent)]
    Rate(#[from] RateError),
    /// Above [`TENANT_RATE_PER_S_MAX`].
    #[error("the load of one tenant is at most 10000/s, not `{0}`")]
    TooFast(Rate),
    /// None, or more than [`TENANTS_MAX`].
    #[error("a load has from 1 to 100 tenants, not {0}")]
    Tenants(usize),
    /// One name twice.
    #[error("tenant `{0}` is given twice")]
    Twice(String),
    /// The load does not send for this tenant.
    #[error("the load has no tenant `{0}`")]
    NoSuchTenant(String),
    /// None, or longer than [`RUN_TIME_MAX`].
    #[error("a load runs for more than nothing and at most 1h, not {0:?}")]
    RunTime(Duration),
    /// There is nothing to run it on.
    #[error("a load is started from within a tokio runtime")]
    NoRuntime,
    /// The HTTP client cannot be built.
    #[error("cannot build the HTTP client: {0}")]
    Client(reqwest::Error),
    /// The table cannot be written.
    #[error("cannot write to standard output: {0}")]
    Print(std::io::Error),
}

/// One tenant's way to the target.
#[derive(Debug)]
struct Lane {
    rate: watch::Sender<Rate>,
    tally: Arc<Tally>,
}

/// What sends one tenant's requests.
#[derive(Debug, Clone)]
struct Sender {
    client: Client,
    url: Url,
    body: Arc<str>,
    tally: Arc<Tally>,
    in_flight: Arc<Semaphore>,
}

impl Load {
    /// Starts to send `rates` (tenant, requests per second) to the data plane at `base_url`, and stops by itself after
    /// `run_time`. Needs a tokio runtime.
    ///
    /// # Errors
    /// When the target is not loopback, or a name, a rate or the time is out of bounds.
    pub fn start(base_url: &str, rates: &[(&str, f64)], run_time: Duration) -> Result<Self, LoadError> {
        let url = take_url(base_url)?;
        if !(1..=TENANTS_MAX).contains(&rates.len()) {
            return Err(LoadError::Tenants(rates.len()));
        }
        if run_time.is_zero() || run_time > RUN_TIME_MAX {
            return Err(LoadError::RunTime(run_time));
        }
        let runtime = tokio::runtime::Handle::try_current().map_err(|_| LoadError::NoRuntime)?;
        let client = client().map_err(LoadError::Client)?;
        let (stop, stopped) = watch::channel(false);
        let in_flight = Arc::new(Semaphore::new(IN_FLIGHT_MAX as usize));
        let ends_at = Instant::now() + run_time;
        let mut senders = Vec::new();
        let mut lanes = BTreeMap::new();
        for &(tenant, rate_per_s) in rates {
            TenantName::parse(tenant)?;
            let (rate, rates) = watch::channel(checked_rate(rate_per_s)?);
            let tally = Arc::new(Tally::default());
            let body = serde_json::json!({ "key": tenant }).to_string().into();
            let (client, url) = (client.clone(), url.clone());
            senders.push((
                Sender { client, url, body, tally: Arc::clone(&tally), in_flight: Arc::clone(&in_flight) },
                rates,
            ));
            if lanes.insert(tenant.to_owned(), Lane { rate, tally }).is_some() {
                return Err(LoadError::Twice(tenant.to_owned()));
            }
        }
        let mut pacers = JoinSet::new();
        for (sender, rates) in senders {
            pacers.spawn_on(send_paced(sender, rates, stopped.clone(), ends_at), &runtime);
        }
        Ok(Self { lanes, pacers, stop, in_flight, ends_at })
    }

    /// Sends `rate_per_s` requests per second for `tenant` from now on; zero pauses it.
    ///
    /// # Errors
    /// When the load has no such tenant or the rate is out of bounds.
    pub fn set_rate(&self, tenant: &str, rate_per_s: f64) -> Result<(), LoadError> {
        let rate = checked_rate(rate_per_s)?;
        let lane = self.lanes.get(tenant).ok_or_else(|| LoadError::NoSuchTenant(tenant.to_owned()))?;
        lane.rate.send_replace(rate);
        Ok(())
    }

    /// What was sent and answered so far.
    #[must_use]
    pub fn totals(&self) -> Totals {
        Totals { tenants: self.lanes.iter().map(|(tenant, lane)| (tenant.clone(), lane.tally.read())).collect() }
    }

    /// When the load stops by itself.
    #[must_use]
    pub fn ends_at(&self) -> Instant {
        self.ends_at
    }

    /// Stops sending, waits for the answers still to come (at most [`ANSWER_TIME_MAX`]), and returns the totals.
    pub async fn stop(mut self) -> Totals {
        self.stop.send_replace(true);
        while self.pacers.join_next().await.is_some() {}
        // All places free means all answered. Every request gives up in time, so this ends.
        drop(self.in_flight.acquire_many(IN_FLIGHT_MAX).await);
        self.totals()
    }
}

async fn send_paced(
    sender: Sender,
    mut rates: watch::Receiver<Rate>,
    mut stopped: watch::Receiver<bool>,
    ends_at: Instant,
) {
    let mut pace = Pace::new(*rates.borrow_and_update(), Instant::now());
    loop {
        let next = pace.next_at().map_or(ends_at, |next| next.min(ends_at));
        tokio::select! {
            biased;
            // Also when the load is dropped, which ends the channel.
            _ = stopped.changed() => return,
            Ok(()) = rates.changed() => pace.change(*rates.borrow_and_update(), Instant::now()),
            () = sleep_until(next) => {
                let now = Instant::now();
                if now >= ends_at {
                    return;
                }
                let due = pace.due(now);
                sender.tally.skipped(due.missed);
                for _ in 0..due.send {
                    sender.send();
                }
            }
        }
    }
}

impl Sender {
    fn send(&self) {
        let Ok(place) = Arc::clone(&self.in_flight).try_acquire_owned() else {
            self.tally.skipped(1);
            return;
        };
        self.tally.sent();
        let sender = self.clone();
        tokio::spawn(async move {
            let status = sender.answer().await;
            match status {
                Ok(StatusCode::OK) => sender.tally.granted(),
                // A disabled tenant is refused as well, only for another reason.
                Ok(StatusCode::TOO_MANY_REQUESTS | StatusCode::FORBIDDEN) => sender.tally.refused(),
                Ok(_) | Err(_) => sender.tally.failed(),
            }
            drop(place);
        });
    }

    async fn answer(&self) -> Result<StatusCode, reqwest::Error> {
        let request = self.client.post(self.url.clone()).body(self.body.to_string());
        let response = request.header(reqwest::header::CONTENT_TYPE, "application/json").send().await?;
        let status = response.status();
        // Read to its end, so that the connection can serve again.
        response.bytes().await?;
        Ok(status)
    }
}

fn client() -> Result<Client, reqwest::Error> {
    // `localhost` is this machine whatever the resolver says, and neither a proxy nor a redirect leads away from it.
    let here = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)].map(|ip| SocketAddr::new(ip, 0));
    Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .resolve_to_addrs("localhost", &here)
        .timeout(ANSWER_TIME_MAX)
        .pool_max_idle_per_host(IN_FLIGHT_MAX as usize)
        .tcp_nodelay(true)
        .build()
}

fn take_url(base_url: &str) -> Result<Url, LoadError> {
    let not_a_url = || LoadError::NotAUrl(base_url.to_owned());
    let mut url = Url::parse(base_url).map_err(|_| not_a_url())?;
    let host = url.host_str().filter(|_| url.scheme() == "http").ok_or_else(not_a_url)?;
    let ip = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    if host != "localhost" && !ip.is_ok_and(|ip| ip.is_loopback()) {
        return Err(LoadError::NotLoopback(host.to_owned()));
    }
    url.set_path("/v1/take");
    url.set_query(None);
    url.set_fragment(None);
    Ok(url)
}

fn checked_rate(rate_per_s: f64) -> Result<Rate, LoadError> {
    let rate = Rate::per_second(rate_per_s)?;
    if rate.as_per_second() > TENANT_RATE_PER_S_MAX { Err(LoadError::TooFast(rate)) } else { Ok(rate) }
}

#[cfg(test)]
mod tests;
