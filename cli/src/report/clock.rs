//! How finely a report tells time, alike in all its tables.

use jiff::Timestamp;
use serde::Serialize;

const MINUTE_MS: i64 = 60_000;
const SECOND_MS: i64 = 1_000;

/// The last place of a moment as it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Clock {
    Minutes,
    Seconds,
    Milliseconds,
}

impl Clock {
    /// The coarsest that tells all of these moments apart, and each to the second.
    pub(crate) fn of(moments: impl IntoIterator<Item = Timestamp>) -> Clock {
        let mut moments: Vec<i64> = moments.into_iter().map(Timestamp::as_millisecond).collect();
        moments.sort_unstable();
        moments.dedup();
        let seconds = moments.iter().map(|ms| ms.div_euclid(SECOND_MS));
        if moments.iter().all(|ms| ms.rem_euclid(MINUTE_MS) == 0) {
            Clock::Minutes
        } else if seconds.clone().zip(seconds.skip(1)).all(|(one, next)| one != next) {
            Clock::Seconds
        } else {
            Clock::Milliseconds
        }
    }

    /// A moment, in UTC.
    pub(crate) fn told(self, moment: &Timestamp) -> String {
        let format = match self {
            Clock::Minutes => "%Y-%m-%d %H:%M",
            Clock::Seconds => "%Y-%m-%d %H:%M:%S",
            Clock::Milliseconds => "%Y-%m-%d %H:%M:%S.%3f",
        };
        moment.strftime(format).to_string()
    }
}

/// A time in its two largest units: `2d 3h`, `4h 5m`, `1m`, `8s`.
pub(crate) fn span(ms: u64) -> String {
    let units = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];
    let largest = units.iter().position(|(_, size)| ms >= *size);
    let mut rest = ms;
    let parts = units.iter().skip(largest.unwrap_or(units.len())).take(2).filter_map(|(name, size)| {
        let whole = rest / size;
        rest %= size;
        (whole > 0).then(|| format!("{whole}{name}"))
    });
    let parts: Vec<String> = parts.collect();
    if parts.is_empty() { "0s".to_owned() } else { parts.join(" ") }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;

    fn told(moments: &[&str]) -> Vec<String> {
        let moments: Vec<Timestamp> = moments.iter().map(|text| text.parse().unwrap()).collect();
        let clock = Clock::of(moments.iter().copied());
        moments.iter().map(|moment| clock.told(moment)).collect()
    }

    #[test]
    fn moments_that_differ_are_told_apart() {
        assert_eq!(told(&["2026-03-02T10:00:00Z", "2026-03-02T10:05:00Z"]), ["2026-03-02 10:00", "2026-03-02 10:05"]);
        assert_eq!(
            told(&["2026-03-02T10:00:00Z", "2026-03-02T10:00:15Z"]),
            ["2026-03-02 10:00:00", "2026-03-02 10:00:15"]
        );
        // A second is fine enough until two moments share one.
        assert_eq!(told(&["2026-03-02T10:00:00.25Z"]), ["2026-03-02 10:00:00"]);
        assert_eq!(
            told(&["2026-03-02T10:00:01.25Z", "2026-03-02T10:00:01Z"]),
            ["2026-03-02 10:00:01.250", "2026-03-02 10:00:01.000"]
        );
        assert_eq!(told(&["1969-12-31T23:59:00Z", "1969-12-31T23:59:30Z"]).len(), 2);
    }

    #[test]
    fn spans_have_two_units_at_most() {
        let minute = 60_000;
        let spans = [0, 7, 1_500, 15_000, minute, 61_500, 60 * minute, 90 * minute, 1_441 * minute, 1_500 * minute];
        let told = ["0s", "7ms", "1s 500ms", "15s", "1m", "1m 1s", "1h", "1h 30m", "1d", "1d 1h"];
        assert_eq!(spans.map(span), told);
    }
}
