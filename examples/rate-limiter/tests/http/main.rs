//! The rate limiter over real sockets: every status it answers, its metrics, its upstream, its end.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod admin;
mod data_plane;
mod metrics;
mod running;
mod shutdown;
mod upstream;
