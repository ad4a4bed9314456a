//! When a row was: RFC 3339, a date and time that is UTC, or Unix seconds.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::decide::reading::cut;
use crate::series::cell::Cell;

/// What a time may look like.
const WRITTEN: &str = "expected a time such as `2026-01-01T12:00:00Z`, `2026-01-01 12:00:00` (UTC) or Unix seconds";

/// From here on no date has four digits for its year: it was milliseconds, or finer.
const SECONDS_MAX: f64 = 253_402_300_799.0;

/// The time that the cell says.
pub(crate) fn time(cell: Cell<'_>) -> Result<Timestamp, String> {
    match cell {
        Cell::Empty => Err(format!("no time; {WRITTEN}")),
        Cell::Bool(_) => Err(WRITTEN.to_owned()),
        Cell::Number(seconds) => unix(seconds, &seconds.to_string()),
        Cell::Text(text) => read(text),
    }
}

fn read(text: &str) -> Result<Timestamp, String> {
    let no_time = || format!("`{}` is no time; {WRITTEN}", cut(text));
    if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return seconds(text).map_or_else(|| unix(text.parse().map_err(|_| no_time())?, text), Ok);
    }
    if let Ok(at) = text.parse() {
        return Ok(at);
    }
    // Zones and offsets that stand behind would be passed over by what reads a date and time.
    let bare = text.bytes().all(|byte| byte.is_ascii_digit() || b"-: .T".contains(&byte));
    match text.parse::<DateTime>() {
        Ok(civil) if bare => TimeZone::UTC.to_timestamp(civil).map_err(|_| no_time()),
        Ok(_) => Err(no_time()),
        Err(_) => text.parse().ok().map_or_else(|| Err(no_time()), |seconds| unix(seconds, text)),
    }
}

/// Digits, perhaps with a fraction of a second, exactly.
fn seconds(text: &str) -> Option<Timestamp> {
    const DIGITS: usize = 9;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut nanoseconds: i32 = 0;
    let digits = fraction.bytes().chain(std::iter::repeat(b'0')).take(DIGITS);
    for digit in digits {
        nanoseconds = nanoseconds * 10 + i32::from(digit.checked_sub(b'0')?);
    }
    Timestamp::new(whole.parse().ok()?, nanoseconds).ok()
}

/// Seconds as a double, to the microsecond: it holds no more.
fn unix(seconds: f64, text: &str) -> Result<Timestamp, String> {
    if seconds > SECONDS_MAX && seconds.is_finite() {
        return Err(format!("`{}` is no time in Unix seconds: is it in milliseconds? divide it", cut(text)));
    }
    #[expect(clippy::cast_possible_truncation, reason = "saturates beyond all times")]
    let at = seconds.is_finite().then(|| Timestamp::from_microsecond((seconds * 1e6).round() as i64).ok()).flatten();
    at.ok_or_else(|| format!("`{}` is no time; {WRITTEN}", cut(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> String {
        read(text).map_or_else(|message| message, |at| at.to_string())
    }

    #[test]
    fn times_are_read_as_they_are_commonly_written() {
        for (text, at) in [
            ("2014-05-14 01:14:00", "2014-05-14T01:14:00Z"),
            ("2014-05-14T01:14:00", "2014-05-14T01:14:00Z"),
            ("2014-05-14 01:14:00.5", "2014-05-14T01:14:00.5Z"),
            ("2014-05-14T01:14:00Z", "2014-05-14T01:14:00Z"),
            ("2014-05-14T01:14:00+02:00", "2014-05-13T23:14:00Z"),
            ("2014-05-14 01:14:00-05:00", "2014-05-14T06:14:00Z"),
            ("1400030040", "2014-05-14T01:14:00Z"),
            ("1400030040.000", "2014-05-14T01:14:00Z"),
            ("1400030040.123456789", "2014-05-14T01:14:00.123456789Z"),
            ("1.40003004e9", "2014-05-14T01:14:00Z"),
            ("0", "1970-01-01T00:00:00Z"),
        ] {
            assert_eq!(written(text), at, "{text}");
        }
        let number = |seconds| time(Cell::Number(seconds)).map(|at| at.to_string());
        assert_eq!(number(1_400_030_040.1), Ok("2014-05-14T01:14:00.1Z".to_owned()));
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in
            ["yesterday", "", ".", "1.2.3", "2014-13-01 00:00:00", "2014-05-14T01:14[Europe/Berlin]", "NaN", "inf"]
        {
            assert!(written(text).contains("no time; expected"), "{text}: {}", written(text));
        }
        for text in ["1400030040000", "1400030040000000000", "1.4e12"] {
            assert!(written(text).contains("in milliseconds?"), "{text}: {}", written(text));
        }
    }
}
