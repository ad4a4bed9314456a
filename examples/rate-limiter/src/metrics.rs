//! What a scrape shows: requests counted, latency, and the tenants' and the upstream's state as gauges.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::tenant::{OTHER, TenantName, TenantState};
use crate::tenants::Tenants;
use crate::traffic::{RequestResult, Traffic};
use crate::upstream::Upstream;

/// The media type of what [`Metrics::text`] returns.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The latency histogram's upper bounds, in seconds: fine where a healthy upstream answers, up to its longest wait.
pub const DURATION_BUCKETS_S: [f64; 15] =
    [0.005, 0.01, 0.015, 0.02, 0.03, 0.04, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1.0, 2.0, 4.0];

/// The measurements of one limiter.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    duration: Histogram,
}

/// A granted request under way. However it ends, by an answer or by a caller who hangs up, it is measured when this is
/// dropped: were the impatient left out, latency would look best when it is worst.
#[derive(Debug)]
pub(crate) struct Granted<'a> {
    metrics: &'a Metrics,
    traffic: Arc<Traffic>,
    arrived_at: Instant,
    result: RequestResult,
}

/// Reads the tenants and the upstream at the moment of the scrape.
#[derive(Debug)]
struct Facts {
    tenants: Arc<Tenants>,
    upstream: Option<Arc<Upstream>>,
    draining: Arc<AtomicBool>,
}

impl Metrics {
    /// Metrics over `tenants` and `upstream`; each configured tenant's counters are there from the start, at zero.
    #[must_use]
    pub fn new(tenants: Arc<Tenants>, upstream: Option<Arc<Upstream>>, draining: Arc<AtomicBool>) -> Self {
        let requests = tenants.requests().family();
        let duration = Histogram::new(DURATION_BUCKETS_S);
        let mut registry = Registry::default();
        registry.register("ratelimiter_requests", "Requests by tenant and result", requests);
        registry.register_with_unit(
            "ratelimiter_request_duration",
            "Time of granted requests from arrival until answered, with the wait for the upstream",
            Unit::Seconds,
            duration.clone(),
        );
        registry.register_collector(Box::new(Facts { tenants, upstream, draining }));
        Self { registry, duration }
    }

    /// The metrics in the OpenMetrics text format, of type [`CONTENT_TYPE`].
    ///
    /// # Errors
    /// When a value cannot be written in that format.
    pub fn text(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }

    /// Begins to measure a granted request that arrived at `arrived_at`.
    pub(crate) fn granted(&self, traffic: Arc<Traffic>, arrived_at: Instant) -> Granted<'_> {
        traffic.begin();
        Granted { metrics: self, traffic, arrived_at, result: RequestResult::Allowed }
    }
}

impl Granted<'_> {
    /// The upstream had no room: the request counts as overloaded, and its time is not measured.
    pub(crate) fn overloaded(mut self) {
        self.result = RequestResult::Overloaded;
    }
}

impl Drop for Granted<'_> {
    fn drop(&mut self) {
        self.traffic.count(self.result);
        self.traffic.end();
        if self.result == RequestResult::Allowed {
            self.metrics.duration.observe(self.arrived_at.elapsed().as_secs_f64());
        }
    }
}

impl Collector for Facts {
    fn encode(&self, mut encoder: DescriptorEncoder) -> fmt::Result {
        // Read once, under one lock, so that a tenant's quota and version in one scrape are from the same write.
        let tenants = self.tenants.states();
        tenant_gauges(&mut encoder, &tenants, "quota_per_second", "Tokens per second, for each bucket", |tenant| {
            tenant.quota_per_s
        })?;
        tenant_gauges(&mut encoder, &tenants, "burst", "The most tokens a bucket holds", |tenant| tenant.burst)?;
        let enabled = |tenant: &TenantState| u32::from(tenant.enabled);
        tenant_gauges(&mut encoder, &tenants, "enabled", "Whether the tenant is served (1) or not (0)", enabled)?;
        tenant_gauges(&mut encoder, &tenants, "version", "Raised by one on each write", |tenant| tenant.version)?;

        self.keys(&mut encoder)?;
        let ready = usize::from(!self.draining.load(Ordering::Acquire));
        gauge(&mut encoder, "ratelimiter_ready", "Whether new callers should be sent here (1) or not (0)", ready)?;

        let upstream = self.upstream.as_deref();
        let of = |read: fn(&Upstream) -> usize| upstream.map_or(0, read);
        let configured = of(|upstream| upstream.config().workers());
        gauge(&mut encoder, "ratelimiter_upstream_queue_length", "Jobs that wait", of(Upstream::queue_length))?;
        gauge(&mut encoder, "ratelimiter_upstream_workers", "Workers the upstream is configured with", configured)?;
        gauge(&mut encoder, "ratelimiter_upstream_busy_workers", "Workers with a job in service", of(Upstream::busy))?;
        gauge(&mut encoder, "ratelimiter_workers", "Upstream workers that run now", of(Upstream::running))
    }
}

impl Facts {
    fn keys(&self, encoder: &mut DescriptorEncoder) -> fmt::Result {
        let help = sentence("Keys held, by tenant");
        let mut family = encoder.encode_descriptor("ratelimiter_keys", &help, None, MetricType::Gauge)?;
        for (tenant, keys) in self.tenants.keys() {
            let labels = [("tenant", tenant.as_ref().map_or(OTHER, TenantName::as_str))];
            ConstGauge::new(i64::try_from(keys).unwrap_or(i64::MAX)).encode(family.encode_family(&labels)?)?;
        }
        let buckets = self.tenants.buckets();
        gauge(encoder, "ratelimiter_keys_max", "The most keys held", buckets.keys_max())?;
        gauge(encoder, "ratelimiter_table_bytes", "The most memory the keys take", buckets.table_bytes())?;
        let help = sentence("Keys whose idle bucket was forgotten to make room for a new one");
        let evicted = encoder.encode_descriptor("ratelimiter_evicted_keys", &help, None, MetricType::Counter)?;
        ConstCounter::new(buckets.evicted()).encode(evicted)
    }
}

fn tenant_gauges<Value>(
    encoder: &mut DescriptorEncoder,
    tenants: &[TenantState],
    what: &str,
    help: &str,
    value: impl Fn(&TenantState) -> Value,
) -> fmt::Result
where
    ConstGauge<Value>: EncodeMetric,
{
    let name = format!("ratelimiter_tenant_{what}");
    let help = sentence(help);
    let mut family = encoder.encode_descriptor(&name, &help, None, MetricType::Gauge)?;
    for tenant in tenants {
        let labels = [("tenant", tenant.tenant.as_str())];
        ConstGauge::new(value(tenant)).encode(family.encode_family(&labels)?)?;
    }
    Ok(())
}

fn gauge(encoder: &mut DescriptorEncoder, name: &str, help: &str, value: usize) -> fmt::Result {
    let value = i64::try_from(value).unwrap_or(i64::MAX);
    ConstGauge::new(value).encode(encoder.encode_descriptor(name, &sentence(help), None, MetricType::Gauge)?)
}

/// Ends with a full stop, as the registry ends the help of what is registered with it.
fn sentence(help: &str) -> String {
    format!("{help}.")
}
