//! Parts of the week as texts say them: `Mon-Fri 09:00-17:00`, `Fri 16:00`.

use leeway_ir::{DAY_MINUTES, WEEK_MINUTES, WeekSpan};

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// The parts of the week that `text` names, sorted: days (`Mon-Fri`, `Sat,Sun`, `Wed`), times (`09:00-17:00`), or both. Without
/// days it is every day, without times the whole of each. What runs past midnight belongs to the day on which it begins.
///
/// # Errors
/// What is wrong with the text, and what to write instead.
pub(crate) fn weekly_window(text: &str) -> Result<Vec<WeekSpan>, String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let (days, times) = match words.as_slice() {
        [days, times] => (Some(*days), Some(*times)),
        [times] if times.contains(':') => (None, Some(*times)),
        [days] => (Some(*days), None),
        _ => return Err(format!("`{text}` is no part of the week; write it as in `Mon-Fri 09:00-17:00`")),
    };
    let days = days.map_or_else(|| Ok((0..7).collect()), listed_days)?;
    let (from, until) = times.map_or(Ok((0, DAY_MINUTES)), hours)?;
    let span = |day: u16| {
        let midnight = day * DAY_MINUTES;
        let end = midnight + until + if until <= from { DAY_MINUTES } else { 0 };
        WeekSpan { from: midnight + from, until: if end > WEEK_MINUTES { end - WEEK_MINUTES } else { end } }
    };
    let mut spans: Vec<WeekSpan> = days.into_iter().map(span).collect();
    spans.sort();
    Ok(spans)
}

/// The minute of the week that `text` names: `Fri 16:00`.
///
/// # Errors
/// What is wrong with the text, and what to write instead.
pub(crate) fn week_minute(text: &str) -> Result<u16, String> {
    match text.split_whitespace().collect::<Vec<_>>().as_slice() {
        [day, time] => Ok(day_named(day)? * DAY_MINUTES + minute(time)?),
        _ => Err(format!("`{text}` is no moment of the week; write it as in `Fri 16:00`")),
    }
}

/// The minute of the week at which something ends: as [`week_minute`], but `24:00` may stand, too.
///
/// # Errors
/// What is wrong with the text, and what to write instead.
pub(crate) fn week_end(text: &str) -> Result<u16, String> {
    match text.split_whitespace().collect::<Vec<_>>().as_slice() {
        [day, "24:00"] => Ok((day_named(day)? + 1) % 7 * DAY_MINUTES),
        _ => week_minute(text),
    }
}

/// The days in a list, as places in [`DAYS`].
fn listed_days(text: &str) -> Result<Vec<u16>, String> {
    let mut days = Vec::new();
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last) = (day_named(first)?, day_named(last)?);
        // `Sat-Mon` runs over the end of the week.
        for step in 0..=(last + 7 - first) % 7 {
            let day = (first + step) % 7;
            if days.contains(&day) {
                let name = DAYS.get(usize::from(day)).copied().unwrap_or_default();
                return Err(format!("`{name}` stands twice in `{text}`; take one out"));
            }
            days.push(day);
        }
    }
    Ok(days)
}

fn day_named(text: &str) -> Result<u16, String> {
    let place = DAYS.iter().position(|day| *day == text).and_then(|at| u16::try_from(at).ok());
    place.ok_or_else(|| {
        let capital = DAYS.iter().find(|day| text.get(..3).is_some_and(|start| start.eq_ignore_ascii_case(day)));
        match capital {
            Some(day) => format!("`{text}` is no day; did you mean `{day}`?"),
            None => format!("`{text}` is no day; the days are `Mon` `Tue` `Wed` `Thu` `Fri` `Sat` `Sun`"),
        }
    })
}

/// `09:00-17:00`, as minutes of the day.
fn hours(text: &str) -> Result<(u16, u16), String> {
    let Some((from, until)) = text.split_once('-') else {
        return Err(format!("`{text}` has no end; write it as in `09:00-17:00`"));
    };
    let begin = minute(from)?;
    let end = if until == "24:00" { DAY_MINUTES } else { minute(until)? };
    if begin == end {
        return Err(format!("`{text}` ends where it begins; the whole day is `00:00-24:00`"));
    }
    Ok((begin, end))
}

/// `16:00`, as a minute of the day.
fn minute(text: &str) -> Result<u16, String> {
    let two = |digits: &str, limit: u16| -> Option<u16> {
        let plain = digits.len() == 2 && digits.bytes().all(|c| c.is_ascii_digit());
        digits.parse().ok().filter(|number| plain && *number < limit)
    };
    let read = text.split_once(':').and_then(|(hours, minutes)| Some(two(hours, 24)? * 60 + two(minutes, 60)?));
    read.ok_or_else(|| format!("`{text}` is no time of the day; write it as in `09:30`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans(text: &str) -> Vec<(u16, u16)> {
        weekly_window(text).map_or_else(|_| vec![], |all| all.iter().map(|one| (one.from, one.until)).collect())
    }

    #[test]
    fn windows_are_days_and_times() {
        let weekdays: Vec<(u16, u16)> = (0..5).map(|day| (day * 1_440 + 540, day * 1_440 + 1_020)).collect();
        assert_eq!(spans("Mon-Fri 09:00-17:00"), weekdays);
        assert_eq!(spans("Sun,Sat"), [(7_200, 8_640), (8_640, 10_080)]);
        assert_eq!(spans("Wed 00:00-24:00"), [(2_880, 4_320)]);
        assert_eq!(spans("Sat-Mon 08:00-09:00").len(), 3);
        assert_eq!(spans("06:30-07:00").len(), 7);
    }

    #[test]
    fn a_night_belongs_to_the_day_on_which_it_begins() {
        assert_eq!(spans("Mon 22:00-06:00"), [(1_320, 1_800)]);
        assert_eq!(spans("Sun 22:00-06:00"), [(9_960, 360)]);
        assert_eq!(spans("Sun 22:00-00:00"), [(9_960, 10_080)]);
    }

    #[test]
    fn moments_are_minutes_of_the_week() {
        assert_eq!(week_minute("Fri 16:00"), Ok(4 * 1_440 + 960));
        assert_eq!(week_end("Fri 24:00"), Ok(5 * 1_440));
        assert_eq!(week_end("Sun 24:00"), Ok(0));
        assert!(week_minute("Fri 24:00").is_err());
    }

    #[test]
    fn what_is_no_part_of_the_week_says_what_to_write() {
        for (text, said) in [
            ("", "`Mon-Fri 09:00-17:00`"),
            ("mon 09:00-17:00", "did you mean `Mon`?"),
            ("Friday 09:00-17:00", "did you mean `Fri`?"),
            ("Mon 9:00-17:00", "`9:00` is no time of the day"),
            ("Mon 09:00", "has no end"),
            ("Mon 09:00-25:00", "`25:00` is no time"),
            ("Mon 09:00-09:00", "ends where it begins"),
            ("Mon,Mon-Tue 09:00-17:00", "stands twice"),
            ("Mon to Fri", "is no part of the week"),
            ("Mön 09:00-10:00", "is no day"),
        ] {
            let error = weekly_window(text).err().unwrap_or_default();
            assert!(error.contains(said), "{text}: {error}");
        }
        assert!(week_minute("16:00").err().unwrap_or_default().contains("`Fri 16:00`"));
    }
}
