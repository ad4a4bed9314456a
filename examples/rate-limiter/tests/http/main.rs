//! The rate limiter over real sockets: every status it answers, its metrics, its upstream, its end.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

mod admin;
mod capacity;
mod data_plane;
mod envoy;
mod kill;
mod metrics;
mod running;
mod shutdown;
mod slow;
mod tenants;
mod upstream;
