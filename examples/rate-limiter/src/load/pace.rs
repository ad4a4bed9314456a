//! When the next request is due: evenly, and without a flood after a pause.

use std::time::Duration;

use tokio::time::Instant;

use super::RUN_TIME_MAX;
use crate::rate::Rate;

/// Requests later than this are not made up for: a machine that stalled must not answer with a flood of its own.
const LATENESS_MAX: Duration = Duration::from_millis(200);

/// The even pace of one tenant.
#[derive(Debug)]
pub(super) struct Pace {
    /// `None` at a rate of zero.
    gap: Option<Duration>,
    /// When the last request was due, which is not quite when it was sent.
    last_at: Instant,
}

/// What has come due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Due {
    /// Send this many now.
    pub(super) send: u64,
    /// This many are too late.
    pub(super) missed: u64,
}

impl Pace {
    /// A pace whose first request is due one gap after `now`.
    pub(super) fn new(rate: Rate, now: Instant) -> Self {
        Self { gap: gap(rate), last_at: now }
    }

    /// When the next request is due; `None` at a rate of zero.
    pub(super) fn next_at(&self) -> Option<Instant> {
        Some(self.last_at + self.gap?)
    }

    /// Goes on at `rate`. What a slower pace left waiting for longer than the new gap is due now, once.
    pub(super) fn change(&mut self, rate: Rate, now: Instant) {
        self.gap = gap(rate);
        let earliest = now.checked_sub(self.gap.unwrap_or_default()).unwrap_or(now);
        self.last_at = self.last_at.max(earliest);
    }

    /// Takes what has come due by `now`.
    pub(super) fn due(&mut self, now: Instant) -> Due {
        let Some(gap) = self.gap else {
            return Due { send: 0, missed: 0 };
        };
        let by = |moment: Instant, since: Instant| {
            let gaps = moment.saturating_duration_since(since).as_nanos().checked_div(gap.as_nanos()).unwrap_or(0);
            u32::try_from(gaps).unwrap_or(u32::MAX)
        };
        let too_late = now.checked_sub(LATENESS_MAX).unwrap_or(self.last_at);
        let missed = by(too_late, self.last_at);
        self.last_at += gap.saturating_mul(missed);
        let send = by(now, self.last_at);
        self.last_at += gap.saturating_mul(send);
        Due { send: send.into(), missed: missed.into() }
    }
}

/// The time between two requests, at most [`RUN_TIME_MAX`]: a longer one never comes to its end.
fn gap(rate: Rate) -> Option<Duration> {
    if rate.is_zero() {
        return None;
    }
    let gap = Duration::try_from_secs_f64(1.0 / rate.as_per_second()).unwrap_or(RUN_TIME_MAX);
    Some(gap.clamp(Duration::from_nanos(1), RUN_TIME_MAX))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

    use super::*;

    fn rate(per_s: f64) -> Rate {
        Rate::per_second(per_s).unwrap()
    }

    #[test]
    fn a_second_at_a_hundred_is_a_hundred_requests_ten_milliseconds_apart() {
        let start = Instant::now();
        let mut pace = Pace::new(rate(100.0), start);
        for number in 1..=100 {
            assert_eq!(pace.next_at(), Some(start + Duration::from_millis(10) * number));
            assert_eq!(pace.due(pace.next_at().unwrap()), Due { send: 1, missed: 0 });
        }
    }

    #[test]
    fn a_late_wake_is_made_up_for_and_a_stall_is_not() {
        let start = Instant::now();
        let mut pace = Pace::new(rate(100.0), start);
        assert_eq!(pace.due(start + Duration::from_millis(35)), Due { send: 3, missed: 0 });
        assert_eq!(pace.due(start + Duration::from_millis(1035)), Due { send: 20, missed: 80 });
    }

    #[test]
    fn after_a_pause_one_request_is_due_and_not_the_whole_pause() {
        let start = Instant::now();
        let mut pace = Pace::new(rate(0.0), start);
        assert_eq!(pace.next_at(), None);
        let later = start + Duration::from_secs(100);
        assert_eq!(pace.due(later), Due { send: 0, missed: 0 });
        pace.change(rate(10.0), later);
        assert_eq!(pace.due(later), Due { send: 1, missed: 0 });
        assert_eq!(pace.next_at(), Some(later + Duration::from_millis(100)));
    }
}
