//! A token-bucket rate limiter: the reference target that Leeway governs.
//!
//! It listens on two loopback ports. The data plane answers `POST /v1/take` and is measured at `/metrics`; the admin
//! plane changes tenants behind a bearer token. Behind the bucket may stand an [`upstream`], which is a stand-in for
//! a real service: it takes time and nothing else. [`load`] drives the whole.

mod admin;
pub mod bucket;
pub mod command;
mod data_plane;
mod deadline;
mod json_body;
mod limit;
pub mod limiter;
mod listener;
pub mod load;
pub mod metrics;
mod others;
mod problem;
mod rate;
pub mod server;
pub mod tenant;
pub mod tenants;
pub mod token;
pub mod upstream;

pub use limit::{BURST_MAX, Burst, BurstError, Limit};
pub use load::{Load, LoadError, TenantTotals, Totals};
pub use rate::{RATE_PER_S_MAX, Rate, RateError};
pub use server::{ServeError, Server, ServerConfig};
pub use tenant::{TenantChange, TenantConfig, TenantName, TenantNameError, TenantState};
pub use upstream::{UpstreamConfig, UpstreamError};
