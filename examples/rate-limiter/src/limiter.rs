//! The limiter without its wire: buckets first, the upstream behind them, everything counted.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::bucket::Take;
use crate::limit::Burst;
use crate::metrics::{Metrics, RequestResult};
use crate::tenant::TenantName;
use crate::tenants::{Ruling, Tenants};
use crate::upstream::{NotServed, Upstream};

/// Who was refused is never told to wait longer than this: by then the quota may be another.
pub const RETRY_AFTER_MAX: Duration = Duration::from_secs(3600);

/// Tenants, metrics and, if there is one, the upstream.
#[derive(Debug)]
pub struct Limiter {
    tenants: Arc<Tenants>,
    upstream: Option<Arc<Upstream>>,
    metrics: Metrics,
}

/// How a request is answered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Outcome {
    /// Granted, and served by the upstream if there is one.
    Granted {
        /// Tokens left when it was granted.
        remaining: f64,
    },
    /// Not enough tokens.
    Refused {
        /// When to try again, at most [`RETRY_AFTER_MAX`].
        retry_after: Duration,
    },
    /// Granted, but the upstream had no room. The tokens stay spent, so that callers who try again at once are held
    /// back by their own bucket.
    Overloaded,
    /// The tenant is disabled.
    Disabled,
    /// More tokens than the bucket ever holds. Not counted: the request could never have been granted.
    BeyondBurst {
        /// The most it holds.
        burst: Burst,
    },
}

impl Limiter {
    /// A limiter over `tenants`, with `upstream` behind it.
    #[must_use]
    pub fn new(tenants: Tenants, upstream: Option<Upstream>) -> Self {
        let (tenants, upstream) = (Arc::new(tenants), upstream.map(Arc::new));
        let metrics = Metrics::new(Arc::clone(&tenants), upstream.clone());
        Self { tenants, upstream, metrics }
    }

    /// Decides about `tokens` for `name` now, and waits for the upstream when they are granted. `arrived_at` is when
    /// the request came in; latency is counted from there.
    pub async fn take(&self, name: &TenantName, tokens: NonZeroU32, arrived_at: Instant) -> Outcome {
        let decision = self.tenants.take(name, tokens, Instant::now());
        let tenant = decision.tenant;
        match decision.ruling {
            Ruling::Disabled => {
                self.metrics.count(tenant.as_ref(), RequestResult::Disabled);
                Outcome::Disabled
            }
            Ruling::Answered(Take::BeyondBurst { burst }) => Outcome::BeyondBurst { burst },
            Ruling::Answered(Take::Refused { wait }) => {
                self.metrics.count(tenant.as_ref(), RequestResult::Refused);
                Outcome::Refused { retry_after: wait.unwrap_or(Duration::MAX).min(RETRY_AFTER_MAX) }
            }
            Ruling::Answered(Take::Granted { remaining }) => {
                let granted = self.metrics.granted(tenant, arrived_at);
                let Some(upstream) = &self.upstream else {
                    return Outcome::Granted { remaining };
                };
                match upstream.serve().await {
                    Ok(()) => Outcome::Granted { remaining },
                    Err(NotServed::QueueFull | NotServed::Stopped) => {
                        granted.overloaded();
                        Outcome::Overloaded
                    }
                }
            }
        }
    }

    /// The tenants.
    #[must_use]
    pub fn tenants(&self) -> &Tenants {
        &self.tenants
    }

    /// The stand-in behind the buckets.
    #[must_use]
    pub fn upstream(&self) -> Option<&Arc<Upstream>> {
        self.upstream.as_ref()
    }

    /// What is measured.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }
}
