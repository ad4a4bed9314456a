//! A token-bucket rate limiter, a service by itself and the reference target that Leeway governs.
//!
//! It listens on two loopback ports. The data plane answers `POST /v1/take` and Envoy's rate-limit service, and is measured
//! at `/metrics`; the admin plane changes tenants behind a bearer token, and keeps what it changed in a journal. Behind
//! the buckets may stand an [`upstream`], which is a stand-in for a real service: it takes time and nothing else. [`load`]
//! drives the whole.

mod admin;
mod book;
pub mod bucket;
pub mod buckets;
pub mod capacity;
pub mod command;
mod connections;
mod data_plane;
mod deadline;
mod descriptors;
pub mod envoy;
mod evictor;
mod journal;
mod json_body;
pub mod key;
mod limit;
mod limit_headers;
pub mod limiter;
mod listener;
pub mod load;
mod log;
pub mod metrics;
pub mod pattern;
mod problem;
mod rate;
pub mod server;
mod settings;
pub mod slots;
pub mod talkers;
pub mod tenant;
pub mod tenants;
pub mod tick;
pub mod token;
pub mod traffic;
pub mod upstream;

pub use buckets::Buckets;
pub use capacity::{Capacity, CapacityError, WhenFull};
pub use journal::JournalError;
pub use key::{Key, KeyError, Subject};
pub use limit::{BURST_MAX, Burst, BurstError, Limit};
pub use load::{Load, LoadError, TenantTotals, Totals};
pub use pattern::{Pattern, PatternError};
pub use rate::{RATE_PER_S_MAX, Rate, RateError};
pub use server::{ServeError, Server, ServerConfig};
pub use settings::SettingsError;
pub use tenant::{BucketPer, TenantChange, TenantConfig, TenantName, TenantNameError, TenantState};
pub use upstream::{UpstreamConfig, UpstreamError};
