//! The token bucket: grants at most `burst + quota × time` over any interval.
//!
//! Time comes in as an argument. Calls may carry times slightly out of order, since a caller reads the clock before it
//! gets its turn; the bucket then simply does not fill, so the law holds whatever the order.

use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use crate::limit::{Burst, Limit};

/// A bucket that is filled lazily: it counts its tokens only when asked for some.
#[derive(Debug, Clone)]
pub struct Bucket {
    limit: Limit,
    /// From zero to the burst.
    tokens: f64,
    filled_at: Instant,
}

/// What a bucket answers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Take {
    /// The tokens are taken.
    Granted {
        /// Tokens still held.
        remaining: f64,
    },
    /// Not enough tokens; none was taken.
    Refused {
        /// After this time, with nobody else taking, there are enough. `None` at a quota of zero: never.
        wait: Option<Duration>,
    },
    /// More was asked for than the bucket can ever hold.
    BeyondBurst {
        /// The most it holds.
        burst: Burst,
    },
}

impl Bucket {
    /// A bucket that starts with its whole burst.
    #[must_use]
    pub fn full(limit: Limit, now: Instant) -> Self {
        Self { limit, tokens: f64::from(limit.burst.tokens()), filled_at: now }
    }

    /// Takes `tokens` if they are there.
    pub fn take(&mut self, tokens: NonZeroU32, now: Instant) -> Take {
        let Limit { quota, burst } = self.limit;
        if tokens.get() > burst.tokens() {
            return Take::BeyondBurst { burst };
        }
        self.fill(now);
        if quota.is_zero() {
            return Take::Refused { wait: None };
        }
        let missing = f64::from(tokens.get()) - self.tokens;
        if missing <= 0.0 {
            self.tokens = -missing;
            return Take::Granted { remaining: self.tokens };
        }
        Take::Refused { wait: Some(wait_for(missing, quota.as_per_second())) }
    }

    /// Changes the limit from `now` on. What was held stays held, up to the new burst.
    pub fn set_limit(&mut self, limit: Limit, now: Instant) {
        // Time already passed is credited at the old quota.
        self.fill(now);
        self.limit = limit;
        self.tokens = self.tokens.min(f64::from(limit.burst.tokens()));
    }

    /// The tokens that are there at `now`.
    #[must_use]
    pub fn tokens_at(&self, now: Instant) -> f64 {
        let elapsed_s = now.saturating_duration_since(self.filled_at).as_secs_f64();
        let burst = f64::from(self.limit.burst.tokens());
        (self.tokens + elapsed_s * self.limit.quota.as_per_second()).min(burst)
    }

    /// Whether the bucket holds its whole burst at `now`, so that a new one would do as well.
    #[must_use]
    pub fn is_full_at(&self, now: Instant) -> bool {
        self.tokens_at(now) >= f64::from(self.limit.burst.tokens())
    }

    /// The limit it holds to.
    #[must_use]
    pub fn limit(&self) -> Limit {
        self.limit
    }

    fn fill(&mut self, now: Instant) {
        self.tokens = self.tokens_at(now);
        // Never back: time credited once must not be credited again.
        self.filled_at = self.filled_at.max(now);
    }
}

/// The time until `missing` tokens have come in, rounded up past the next millisecond so that rounding in the last
/// digit cannot refuse a caller who waited as told.
fn wait_for(missing: f64, quota_per_s: f64) -> Duration {
    let wait_ms = (missing / quota_per_s * 1000.0).floor() + 1.0;
    Duration::try_from_secs_f64(wait_ms / 1000.0).unwrap_or(Duration::MAX)
}

#[cfg(test)]
mod tests;
