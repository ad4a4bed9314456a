//! The two commands, `serve` and `load`, as both the thin binary and `leeway rate-limiter` offer them.

mod load;
mod serve;

pub use load::{LoadArgs, TenantRate, load};
pub use serve::{ServeArgs, TenantQuota, serve};
