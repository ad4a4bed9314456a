//! The token bucket: grants at most `burst + quota × time` over any interval.
//!
//! Tokens are counted in whole units of 2⁻²⁴, time in whole nanoseconds, and what comes in is rounded down: the law holds
//! to the last digit and nothing can overflow. Time comes in as an argument. Calls may carry times slightly out of order, since a caller reads
//! the clock before it gets its turn; the bucket then simply does not fill, so the law holds whatever the order.

use std::num::NonZeroU32;
use std::time::Duration;

use crate::limit::{Burst, Limit};
use crate::tick::{NANOS_PER_S, Tick};

/// A token has 2²⁴ units, so that the slowest quota is one token in half a year.
const UNITS_PER_TOKEN_LOG2: u32 = 24;

/// The largest burst, 10⁹ tokens, has fewer units than this many bits can tell.
pub(crate) const UNITS_BITS: u32 = 54;

/// What a bucket is short of being full, and since when. It is filled lazily: it counts only when asked for some.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bucket {
    missing_units: u64,
    filled_at: Tick,
}

/// A [`Limit`] in the units that buckets count in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FixedLimit {
    burst: Burst,
    burst_units: u64,
    units_per_s: u64,
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
        /// Tokens held.
        remaining: f64,
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
    pub fn full(now: Tick) -> Self {
        Self { missing_units: 0, filled_at: now }
    }

    /// Takes `tokens` if they are there. A refusal changes nothing.
    pub fn take(&mut self, limit: &FixedLimit, tokens: NonZeroU32, now: Tick) -> Take {
        if tokens.get() > limit.burst.tokens() {
            return Take::BeyondBurst { burst: limit.burst };
        }
        let missing_units = self.missing_units_at(limit, now);
        let wanted_units = missing_units + units(tokens.get());
        let remaining = tokens_of(limit.burst_units.saturating_sub(missing_units));
        if limit.units_per_s == 0 {
            return Take::Refused { remaining, wait: None };
        }
        match wanted_units.checked_sub(limit.burst_units) {
            None | Some(0) => {
                // Never back: time credited once must not be credited again.
                *self = Self { missing_units: wanted_units, filled_at: self.filled_at.max(now) };
                Take::Granted { remaining: tokens_of(limit.burst_units.saturating_sub(wanted_units)) }
            }
            Some(lacking_units) => {
                let nanos =
                    (u128::from(lacking_units) * u128::from(NANOS_PER_S)).div_ceil(u128::from(limit.units_per_s));
                Take::Refused { remaining, wait: Some(past_the_millisecond(nanos)) }
            }
        }
    }

    /// Changes the limit from `now` on. What was held stays held, up to the new burst.
    pub fn change_limit(&mut self, from: &FixedLimit, to: &FixedLimit, now: Tick) {
        // Time already passed is credited at the old quota.
        let held_units = from.burst_units.saturating_sub(self.missing_units_at(from, now));
        let missing_units = to.burst_units.saturating_sub(held_units);
        *self = Self { missing_units, filled_at: self.filled_at.max(now) };
    }

    /// The tokens that are there at `now`.
    #[must_use]
    pub fn tokens_at(&self, limit: &FixedLimit, now: Tick) -> f64 {
        tokens_of(limit.burst_units.saturating_sub(self.missing_units_at(limit, now)))
    }

    /// Whether the bucket holds its whole burst at `now`, so that a new one would do as well.
    #[must_use]
    pub fn is_full_at(&self, limit: &FixedLimit, now: Tick) -> bool {
        self.missing_units_at(limit, now) == 0
    }

    /// When it last granted something, or when it was made or its limit was changed.
    #[must_use]
    pub fn used_at(&self) -> Tick {
        self.filled_at
    }

    pub(crate) fn from_parts(missing_units: u64, filled_at: Tick) -> Self {
        Self { missing_units, filled_at }
    }

    pub(crate) fn missing_units(&self) -> u64 {
        self.missing_units
    }

    fn missing_units_at(&self, limit: &FixedLimit, now: Tick) -> u64 {
        let come_in = come_in(limit.units_per_s, now.0.saturating_sub(self.filled_at.0));
        self.missing_units.saturating_sub(come_in)
    }
}

impl FixedLimit {
    /// The same limit, its quota rounded down to units; a quota above zero stays above zero.
    #[must_use]
    pub fn of(limit: Limit) -> Self {
        let scale = f64::from(1_u32 << UNITS_PER_TOKEN_LOG2);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rate is from 0 to 10⁹")]
        let units_per_s = (limit.quota.as_per_second() * scale) as u64;
        let least = u64::from(!limit.quota.is_zero());
        Self { burst: limit.burst, burst_units: units(limit.burst.tokens()), units_per_s: units_per_s.max(least) }
    }

    /// What a bucket of this limit that holds everything says to `tokens` without being asked: whether they can ever be
    /// granted.
    pub(crate) fn never_grants(&self, tokens: NonZeroU32) -> Option<Take> {
        if tokens.get() > self.burst.tokens() {
            Some(Take::BeyondBurst { burst: self.burst })
        } else if self.units_per_s == 0 {
            Some(Take::Refused { remaining: tokens_of(self.burst_units), wait: None })
        } else {
            None
        }
    }
}

fn units(tokens: u32) -> u64 {
    u64::from(tokens) << UNITS_PER_TOKEN_LOG2
}

fn tokens_of(units: u64) -> f64 {
    let whole = u32::try_from(units >> UNITS_PER_TOKEN_LOG2).unwrap_or(u32::MAX);
    let part = u32::try_from(units & ((1 << UNITS_PER_TOKEN_LOG2) - 1)).unwrap_or(u32::MAX);
    f64::from(whole) + f64::from(part) / f64::from(1_u32 << UNITS_PER_TOKEN_LOG2)
}

/// What comes in over `nanos`, rounded down.
fn come_in(units_per_s: u64, nanos: u64) -> u64 {
    let (seconds, nanos) = (nanos / NANOS_PER_S, nanos % NANOS_PER_S);
    let of_the_second = match nanos.checked_mul(units_per_s) {
        Some(product) => product / NANOS_PER_S,
        // From about 1000 tokens per second on; slower, and less than a second's worth, so it fits.
        None => {
            u64::try_from(u128::from(nanos) * u128::from(units_per_s) / u128::from(NANOS_PER_S)).unwrap_or(u64::MAX)
        }
    };
    seconds.saturating_mul(units_per_s).saturating_add(of_the_second)
}

/// Rounded up past the next millisecond, which is all that a caller is told.
fn past_the_millisecond(nanos: u128) -> Duration {
    Duration::from_millis(u64::try_from(nanos / 1_000_000 + 1).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests;
