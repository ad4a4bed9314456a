//! The backends by name. A new provider is one file and its line here.

use std::path::PathBuf;

use leeway_ir::{Metric, Policy, Source};

use crate::provider::Provider;
use crate::ratelimiter::RateLimiter;

/// How a kind of target is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderConfig {
    /// Where it serves and is measured.
    pub url: String,
    /// Where it is changed.
    pub admin: String,
    /// The file with the token for changing it; read anew for each write.
    pub token_file: PathBuf,
}

/// Why a provider cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// No backend has that name.
    #[error("unknown provider `{0}`; there is {known}", known = NAMES.map(|name| format!("`{name}`")).join(", "))]
    Unknown(String),
    /// The provider does not serve that kind of target.
    #[error("provider `{provider}` serves `{serves}`, not `{kind}`")]
    Kind {
        /// The provider's name.
        provider: &'static str,
        /// The kind it serves.
        serves: &'static str,
        /// The kind wanted.
        kind: String,
    },
    /// It has no way to some metrics yet.
    #[error("provider `{provider}` cannot serve {metrics} yet; it serves `scrape` and `constant`")]
    Unserved {
        /// The provider's name.
        provider: String,
        /// The metrics with their sources, as people read them.
        metrics: String,
    },
    /// The address cannot be used.
    #[error("`{url}` is no address of a provider: {why}")]
    Url {
        /// The address.
        url: String,
        /// What is wrong with it.
        why: String,
    },
}

const NAMES: [&str; 1] = [RateLimiter::NAME];

/// The kinds of target that some provider serves.
pub const KINDS: [&str; 1] = [RateLimiter::KIND];

/// The provider of that name for the target of `policy`.
///
/// # Errors
/// When there is no such provider, it does not serve that kind of target or cannot serve a metric, or its configuration cannot
/// be used.
pub fn provider(name: &str, config: &ProviderConfig, policy: &Policy) -> Result<Box<dyn Provider>, ConfigError> {
    let provider: Box<dyn Provider> = match name {
        RateLimiter::NAME => Box::new(RateLimiter::new(config, policy)?),
        unknown => return Err(ConfigError::Unknown(unknown.to_owned())),
    };
    let unserved: Vec<String> = policy.metrics.iter().filter_map(unserved).collect();
    if unserved.is_empty() {
        Ok(provider)
    } else {
        Err(ConfigError::Unserved { provider: name.to_owned(), metrics: unserved.join(", ") })
    }
}

/// The metric and its source, if no provider can serve it yet.
fn unserved(metric: &Metric) -> Option<String> {
    let source = match &metric.source {
        Source::Scrape { .. } | Source::Constant(_) => return None,
        Source::Prometheus(_) => "prometheus",
        Source::HttpJson { .. } => "http_json",
    };
    Some(format!("metric `{}` ({source})", metric.name))
}

#[cfg(test)]
mod tests {
    use leeway_ir::{Reading, ReadingKind};
    use leeway_units::{Quantity, Unit};

    use super::*;

    #[test]
    fn what_no_provider_serves_yet_is_named_with_its_source() {
        let named = |source| {
            let name = "cpu".into();
            let (every_ms, stale_ms) = (15_000, 60_000);
            unserved(&Metric { name, unit: Unit::Ratio, untrusted: false, source, every_ms, stale_ms, responds: None })
        };
        assert_eq!(named(Source::Prometheus("up".into())).as_deref(), Some("metric `cpu` (prometheus)"));
        let http_json = Source::HttpJson { path: "/load".into(), pointer: "/cpu".into() };
        assert_eq!(named(http_json).as_deref(), Some("metric `cpu` (http_json)"));
        assert_eq!(named(Source::Constant(Quantity::count(1))), None);
        let reading = Reading { kind: ReadingKind::Gauge, series: "cpu".into(), labels: Default::default() };
        assert_eq!(named(Source::Scrape { reading, divided_by: None }), None);
    }
}
