//! What a scrape shows: requests counted, latency, and the tenants' and the upstream's state as gauges.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{
    DescriptorEncoder, EncodeLabelSet, EncodeLabelValue, EncodeMetric, LabelValueEncoder,
};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::tenant::{OTHER, TenantName, TenantState};
use crate::tenants::Tenants;
use crate::upstream::Upstream;

/// The media type of what [`Metrics::text`] returns.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The latency histogram's upper bounds, in seconds: fine where a healthy upstream answers, up to its longest wait.
pub const DURATION_BUCKETS_S: [f64; 15] =
    [0.005, 0.01, 0.015, 0.02, 0.03, 0.04, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1.0, 2.0, 4.0];

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RequestResult {
    /// Granted, and served.
    Allowed,
    /// The bucket had not enough tokens.
    Refused,
    /// Granted, but the upstream's queue was full.
    Overloaded,
    /// The tenant is disabled.
    Disabled,
}

/// The measurements of one limiter.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    duration: Histogram,
}

/// A granted request under way. However it ends, by an answer or by a caller who hangs up, it is measured when this is
/// dropped: were the impatient left out, latency would look best when it is worst.
#[derive(Debug)]
pub(crate) struct Granted<'a> {
    metrics: &'a Metrics,
    tenant: Option<TenantName>,
    arrived_at: Instant,
    result: RequestResult,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    tenant: String,
    result: RequestResult,
}

/// Reads the tenants and the upstream at the moment of the scrape.
#[derive(Debug)]
struct Facts {
    tenants: Arc<Tenants>,
    upstream: Option<Arc<Upstream>>,
}

impl Metrics {
    /// Metrics over `tenants` and `upstream`; each configured tenant's counters are there from the start, at zero.
    #[must_use]
    pub fn new(tenants: Arc<Tenants>, upstream: Option<Arc<Upstream>>) -> Self {
        let requests = Family::<RequestLabels, Counter>::default();
        let configured = tenants.states().into_iter().map(|state| state.tenant);
        for tenant in configured.chain([OTHER.to_owned()]) {
            for result in RequestResult::ALL {
                drop(requests.get_or_create(&RequestLabels { tenant: tenant.clone(), result }));
            }
        }
        let duration = Histogram::new(DURATION_BUCKETS_S);
        let mut registry = Registry::default();
        registry.register("ratelimiter_requests", "Requests by tenant and result", requests.clone());
        registry.register_with_unit(
            "ratelimiter_request_duration",
            "Time of granted requests from arrival until answered, with the wait for the upstream",
            Unit::Seconds,
            duration.clone(),
        );
        registry.register_collector(Box::new(Facts { tenants, upstream }));
        Self { registry, requests, duration }
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

    /// Counts a request of `tenant`, where `None` is one that is not configured.
    pub(crate) fn count(&self, tenant: Option<&TenantName>, result: RequestResult) {
        let tenant = tenant.map_or(OTHER, TenantName::as_str).to_owned();
        self.requests.get_or_create(&RequestLabels { tenant, result }).inc();
    }

    /// Begins to measure a granted request that arrived at `arrived_at`.
    pub(crate) fn granted(&self, tenant: Option<TenantName>, arrived_at: Instant) -> Granted<'_> {
        Granted { metrics: self, tenant, arrived_at, result: RequestResult::Allowed }
    }
}

impl RequestResult {
    const ALL: [RequestResult; 4] = [Self::Allowed, Self::Refused, Self::Overloaded, Self::Disabled];

    fn label(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Refused => "refused",
            Self::Overloaded => "overloaded",
            Self::Disabled => "disabled",
        }
    }
}

impl EncodeLabelValue for RequestResult {
    fn encode(&self, encoder: &mut LabelValueEncoder) -> fmt::Result {
        EncodeLabelValue::encode(&self.label(), encoder)
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
        self.metrics.count(self.tenant.as_ref(), self.result);
        if self.result == RequestResult::Allowed {
            self.metrics.duration.observe(self.arrived_at.elapsed().as_secs_f64());
        }
    }
}

impl Collector for Facts {
    fn encode(&self, mut encoder: DescriptorEncoder) -> fmt::Result {
        // Read once, under one lock, so that a tenant's quota and version in one scrape are from the same write.
        let tenants = self.tenants.states();
        tenant_gauges(&mut encoder, &tenants, "quota_per_second", "Tokens per second", |tenant| tenant.quota_per_s)?;
        tenant_gauges(&mut encoder, &tenants, "burst", "The most tokens held", |tenant| tenant.burst)?;
        let enabled = |tenant: &TenantState| u32::from(tenant.enabled);
        tenant_gauges(&mut encoder, &tenants, "enabled", "Whether the tenant is served (1) or not (0)", enabled)?;
        tenant_gauges(&mut encoder, &tenants, "version", "Raised by one on each write", |tenant| tenant.version)?;

        let upstream = self.upstream.as_deref();
        let of = |read: fn(&Upstream) -> usize| upstream.map_or(0, read);
        let configured = of(|upstream| upstream.config().workers());
        gauge(&mut encoder, "ratelimiter_upstream_queue_length", "Jobs that wait", of(Upstream::queue_length))?;
        gauge(&mut encoder, "ratelimiter_upstream_workers", "Workers the upstream is configured with", configured)?;
        gauge(&mut encoder, "ratelimiter_upstream_busy_workers", "Workers with a job in service", of(Upstream::busy))?;
        gauge(&mut encoder, "ratelimiter_workers", "Upstream workers that run now", of(Upstream::running))
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
