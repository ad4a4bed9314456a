//! What reads and writes live systems: one file a backend, and the registry that names them.

mod page;
mod provider;
mod ratelimiter;
mod registry;
mod scrape;

pub use page::{PAGE_BYTES_MAX, Page, PageError, SAMPLES_MAX};
pub use provider::{Provider, Seen, Unreachable};
pub use registry::{ConfigError, KINDS, ProviderConfig, provider};
pub use scrape::Scrape;
