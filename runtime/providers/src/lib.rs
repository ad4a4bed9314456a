//! What reads and writes live systems: one file a backend, and the registry that names them.

mod answer;
mod body;
mod page;
mod prometheus;
mod provider;
mod ratelimiter;
mod registry;
mod scrape;

pub use page::{PAGE_BYTES_MAX, Page, PageError, SAMPLES_MAX};
pub use prometheus::{
    ANSWER_BYTES_MAX, ATTEMPTS_MAX, History, POINTS_MAX, Prometheus, PrometheusError, REMARKS_MAX, SERIES_MAX, Steps,
    Why,
};
pub use provider::{Provider, Seen, Unreachable};
pub use registry::{ConfigError, KINDS, ProviderConfig, provider};
pub use scrape::Scrape;
