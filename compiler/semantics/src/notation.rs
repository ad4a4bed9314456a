//! The values of a series in the notation of promtool: `40%x10 40%+5%x10 _x3 95%`.
//!
//! `AxN` is `A` and N more of it; `A+BxN` and `A-BxN` go on from `A` in N steps of `B`; `_` is a gap, and `_xN` are N gaps.

use std::ops::Range;

use leeway_units::{Quantity, Type, Unit, Value};

/// How many samples one series of a test may have: a week at one in 15 s, and some.
pub(crate) const SAMPLES_MAX: usize = 50_000;

/// What is wrong with a notation, what to write instead, and where (in bytes).
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NotationError {
    pub(crate) message: String,
    pub(crate) help: String,
    pub(crate) place: Range<usize>,
}

/// What to write where a value cannot be read.
const VALUES: &str =
    "write values of its unit: `40%x10` is `40%` and ten more, `40%+5%x3` climbs in three steps, `_x3` are three gaps";

/// What is wrong with a word, and what to write instead.
type Wrong = (String, String);

/// The samples that `text` writes, each in `unit`; nothing where there is a gap.
pub(crate) fn samples(text: &str, unit: Unit) -> Result<Vec<Option<Quantity>>, NotationError> {
    let mut samples = Vec::new();
    let mut before = None;
    for (from, word) in words(text) {
        let wrong = |(message, help): Wrong| NotationError { message, help, place: from..from + word.len() };
        let run = Run::read(word, before, unit).map_err(wrong)?;
        if samples.len().saturating_add(run.count) > SAMPLES_MAX {
            let message = format!("a series has at most {SAMPLES_MAX} samples");
            return Err(wrong((message, "repeat it less often".to_owned())));
        }
        for number in 0..run.count {
            let grown = || (format!("`{word}` grows beyond all bounds"), "take fewer steps".to_owned());
            samples.push(run.sample(number).ok_or_else(|| wrong(grown()))?);
        }
        before = Some(word);
    }
    if samples.is_empty() {
        let message = "a series has at least one sample".to_owned();
        return Err(NotationError { message, help: VALUES.to_owned(), place: 0..text.len() });
    }
    Ok(samples)
}

/// What one word stands for: so many samples, or gaps if there is no `start`.
struct Run {
    start: Option<Quantity>,
    /// How much more each is than the one before, in base units.
    step: f64,
    count: usize,
}

impl Run {
    /// Reads `word`, which stands behind the word `before`.
    fn read(word: &str, before: Option<&str>, unit: Unit) -> Result<Run, Wrong> {
        let (values, times) = match word.rsplit_once('x') {
            Some((values, times)) => {
                let value = values.trim_end_matches('x');
                let count = number(times);
                match (value, count) {
                    ("", _) => return Err(alone(word, before.filter(|_| values.is_empty() && count.is_some()))),
                    (_, Some(count)) if value == values => (values, Some(count)),
                    (_, Some(_) | None) => {
                        let message = format!("`{word}` does not say how often: behind the `x` stands a whole number");
                        return Err((message, format!("write `{value}x{}`", count.unwrap_or(3))));
                    }
                }
            }
            None => (word, None),
        };
        if values == "stale" {
            let message = "a series in a test has no `stale`".to_owned();
            return Err((message, "write `_` for a gap: what is measured then is unknown".to_owned()));
        }
        if values == "_" {
            return Ok(Run { start: None, step: 0.0, count: times.unwrap_or(1) });
        }
        let quantity = |written: &str| match quantity(written, unit) {
            Some(quantity) => Ok(quantity),
            None if written.is_empty() => Err((format!("a value is missing in `{word}`"), VALUES.to_owned())),
            None => Err((format!("`{written}` is no `{}`", unit.name()), VALUES.to_owned())),
        };
        let more = times.unwrap_or(0).saturating_add(1);
        let Some((start, sign, step)) = stepped(values) else {
            return Ok(Run { start: Some(quantity(values)?), step: 0.0, count: more });
        };
        let run = Run { start: Some(quantity(start)?), step: sign * quantity(step)?.base(), count: more };
        let endless = || (format!("`{word}` does not say how many steps"), format!("write `{word}x10` for ten steps"));
        times.map(|_| run).ok_or_else(endless)
    }

    /// The sample of that number, a gap being one; nothing if no quantity is so large.
    fn sample(&self, number: usize) -> Option<Option<Quantity>> {
        let Some(start) = self.start else { return Some(None) };
        #[expect(clippy::cast_precision_loss, reason = "at most 50,000")]
        let base = start.base() + self.step * number as f64;
        Quantity::new(start.unit(), base).map(|sample| Some(sample.settled()))
    }
}

/// What is wrong with a repeat that stands alone behind the word `before`.
fn alone(word: &str, before: Option<&str>) -> Wrong {
    let message = format!("`{word}` stands by itself, with nothing before it to repeat");
    let help = before
        .filter(|before| !before.contains('x'))
        .map(|before| format!("write it without a space: `{before}{word}`"));
    (message, help.unwrap_or_else(|| VALUES.to_owned()))
}

/// The words of a text, each with where it begins.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split_whitespace().map(|word| (word.as_ptr() as usize - text.as_ptr() as usize, word))
}

/// A whole number; one that no computer counts to is the largest.
fn number(digits: &str) -> Option<usize> {
    let all = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
    all.then(|| digits.parse().unwrap_or(usize::MAX))
}

/// `A+B` or `A-B`.
fn stepped(values: &str) -> Option<(&str, f64, &str)> {
    let at = values.char_indices().skip(1).find(|(_, c)| matches!(c, '+' | '-')).map(|(at, _)| at)?;
    let (start, step) = values.split_at_checked(at)?;
    let sign = if step.starts_with('-') { -1.0 } else { 1.0 };
    Some((start, sign, step.get(1..)?))
}

fn quantity(written: &str, unit: Unit) -> Option<Quantity> {
    Value::parse_as(&Type::Quantity(unit), written).ok()?.quantity()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a panic is a failed test")]
mod tests {
    use super::*;

    fn bases(text: &str) -> Result<Vec<Option<f64>>, NotationError> {
        samples(text, Unit::Ratio).map(|all| all.into_iter().map(|one| one.map(Quantity::base)).collect())
    }

    #[test]
    fn it_is_the_notation_of_promtool() {
        assert_eq!(bases("40% 50%x2").unwrap(), [Some(40.0), Some(50.0), Some(50.0), Some(50.0)]);
        assert_eq!(bases("40%+5%x2 9%-0.1%x1").unwrap(), [Some(40.0), Some(45.0), Some(50.0), Some(9.0), Some(8.9)]);
        assert_eq!(bases("_ 1% _x2").unwrap(), [None, Some(1.0), None, None]);
    }

    #[test]
    fn what_is_wrong_is_shown_where_it_stands() {
        let wrong = |text: &str| {
            let error = bases(text).unwrap_err();
            (text[error.place].to_owned(), error.message)
        };
        assert_eq!(wrong("40% 5s"), ("5s".to_owned(), "`5s` is no `ratio`".to_owned()));
        assert_eq!(wrong("40%+x5"), ("40%+x5".to_owned(), "a value is missing in `40%+x5`".to_owned()));
        assert_eq!(wrong("40% 1%x49999"), ("1%x49999".to_owned(), "a series has at most 50000 samples".to_owned()));
        assert!(wrong("1%+1%x99999999999999999999").1.starts_with("a series has at most"));
        assert_eq!(wrong("").1, "a series has at least one sample");
    }

    #[test]
    fn what_says_too_little_is_told_what_to_write() {
        for (text, place, message, help) in [
            ("78%+5%", "78%+5%", "`78%+5%` does not say how many steps", "write `78%+5%x10` for ten steps"),
            ("1% 95%-50% 2%", "95%-50%", "`95%-50%` does not say how many steps", "write `95%-50%x10` for ten steps"),
            (
                "95% x3",
                "x3",
                "`x3` stands by itself, with nothing before it to repeat",
                "write it without a space: `95%x3`",
            ),
            (
                "_ x3",
                "x3",
                "`x3` stands by itself, with nothing before it to repeat",
                "write it without a space: `_x3`",
            ),
            ("_x2 x3", "x3", "`x3` stands by itself, with nothing before it to repeat", VALUES),
            ("1% x", "x", "`x` stands by itself, with nothing before it to repeat", VALUES),
            ("1% xx", "xx", "`xx` stands by itself, with nothing before it to repeat", VALUES),
            ("x3", "x3", "`x3` stands by itself, with nothing before it to repeat", VALUES),
            (
                "95%xx4",
                "95%xx4",
                "`95%xx4` does not say how often: behind the `x` stands a whole number",
                "write `95%x4`",
            ),
            (
                "1% stale",
                "stale",
                "a series in a test has no `stale`",
                "write `_` for a gap: what is measured then is unknown",
            ),
            (
                "95%x-1",
                "95%x-1",
                "`95%x-1` does not say how often: behind the `x` stands a whole number",
                "write `95%x3`",
            ),
            ("95%xx", "95%xx", "`95%xx` does not say how often: behind the `x` stands a whole number", "write `95%x3`"),
        ] {
            let error = bases(text).unwrap_err();
            assert_eq!((&text[error.place], error.message.as_str(), error.help.as_str()), (place, message, help));
        }
        for times in ["+3", "1.5", ""] {
            assert!(bases(&format!("95%x{times}")).is_err(), "{times}");
        }
    }
}
