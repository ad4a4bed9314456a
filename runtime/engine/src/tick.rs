//! A moment as a series keeps it: nanoseconds since 1970. A tenth of what a `Timestamp` costs to add to, and half its room.

use jiff::Timestamp;

const NS_PER_S: i64 = 1_000_000_000;
const NS_PER_MS: i64 = 1_000_000;

/// Nanoseconds since 1970. What lies before 1677 or after 2262 is at the first or last of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Tick(i64);

impl Tick {
    pub(crate) const FIRST: Tick = Tick(i64::MIN);

    pub(crate) fn of(at: Timestamp) -> Tick {
        let second = at.as_second();
        let beyond = if second < 0 { i64::MIN } else { i64::MAX };
        let ns = second.checked_mul(NS_PER_S).and_then(|ns| ns.checked_add(i64::from(at.subsec_nanosecond())));
        Tick(ns.unwrap_or(beyond))
    }

    pub(crate) fn timestamp(self) -> Timestamp {
        // The remainder of a division by 10^9 always fits.
        let ns = i32::try_from(self.0 % NS_PER_S).unwrap_or_default();
        Timestamp::new(self.0 / NS_PER_S, ns).unwrap_or(Timestamp::MIN)
    }

    /// Nanoseconds since an earlier moment.
    pub(crate) fn since(self, earlier: Tick) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Milliseconds from another moment to this; negative if this is earlier.
    pub(crate) fn ms_after(self, other: Tick) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "of windows of years some nanoseconds are lost")]
        let ns = self.since(other) as f64;
        ns / 1e6
    }

    pub(crate) fn after(self, ns: i64) -> Tick {
        Tick(self.0.saturating_add(ns))
    }

    pub(crate) fn before(self, ns: i64) -> Tick {
        Tick(self.0.saturating_sub(ns))
    }
}

/// So many milliseconds in nanoseconds, or 292 years.
pub(crate) fn ns(ms: u64) -> i64 {
    i64::try_from(ms).unwrap_or(i64::MAX).saturating_mul(NS_PER_MS)
}

/// So many nanoseconds in whole milliseconds.
pub(crate) fn ms(ns: i64) -> i64 {
    ns / NS_PER_MS
}
