//! The values of a series in the notation of promtool: `40%x10 40%+5%x10 _x3 95%`.
//!
//! `AxN` is `A` and N more of it; `A+BxN` and `A-BxN` go on from `A` in N steps of `B`; `_` is a gap, and `_xN` are N gaps.

use std::ops::Range;

use leeway_units::{Quantity, Type, Unit, Value};

/// How many samples one series of a test may have: a week at one in 15 s, and some.
pub(crate) const SAMPLES_MAX: usize = 50_000;

/// What is wrong with a notation, and where in it (in bytes).
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NotationError {
    pub(crate) message: String,
    pub(crate) place: Range<usize>,
}

/// The samples that `text` writes, each in `unit`; nothing where there is a gap.
pub(crate) fn samples(text: &str, unit: Unit) -> Result<Vec<Option<Quantity>>, NotationError> {
    let mut samples = Vec::new();
    for (from, word) in words(text) {
        let wrong = |message: String| NotationError { message, place: from..from + word.len() };
        let (values, times) =
            repeated(word).ok_or_else(|| wrong(format!("`{word}` is not how often it is repeated")))?;
        if samples.len().saturating_add(times.unwrap_or(0)) >= SAMPLES_MAX {
            return Err(wrong(format!("a series has at most {SAMPLES_MAX} samples")));
        }
        if values == "_" {
            samples.extend(std::iter::repeat_n(None, times.unwrap_or(1)));
            continue;
        }
        let quantity = |written: &str| quantity(written, unit).map_err(&wrong);
        let (start, step) = match stepped(values) {
            Some((start, sign, step)) => (quantity(start)?, sign * quantity(step)?.base()),
            None => (quantity(values)?, 0.0),
        };
        for number in 0..=times.unwrap_or(0) {
            #[expect(clippy::cast_precision_loss, reason = "at most 50,000")]
            let base = start.base() + step * number as f64;
            let sample = Quantity::new(unit, base).ok_or_else(|| wrong(format!("`{word}` grows beyond all bounds")))?;
            samples.push(Some(sample.settled()));
        }
    }
    if samples.is_empty() {
        return Err(NotationError { message: "a series has at least one sample".to_owned(), place: 0..text.len() });
    }
    Ok(samples)
}

/// The words of a text, each with where it begins.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split_whitespace().map(|word| (word.as_ptr() as usize - text.as_ptr() as usize, word))
}

/// What is repeated, and how often if that is written; nothing where no number follows the `x`.
fn repeated(word: &str) -> Option<(&str, Option<usize>)> {
    match word.rsplit_once('x') {
        Some((values, times)) => Some((values, Some(times.parse().ok()?))),
        None => Some((word, None)),
    }
}

/// `A+B` or `A-B`.
fn stepped(values: &str) -> Option<(&str, f64, &str)> {
    let at = values.char_indices().skip(1).find(|(_, c)| matches!(c, '+' | '-')).map(|(at, _)| at)?;
    let (start, step) = values.split_at_checked(at)?;
    let sign = if step.starts_with('-') { -1.0 } else { 1.0 };
    Some((start, sign, step.get(1..)?))
}

fn quantity(written: &str, unit: Unit) -> Result<Quantity, String> {
    let value = Value::parse_as(&Type::Quantity(unit), written).ok().and_then(|value| value.quantity());
    value.ok_or_else(|| format!("`{written}` is no `{}`", unit.name()))
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
        assert_eq!(wrong("40% 5%xx").0, "5%xx");
        assert_eq!(wrong("40%+x5").0, "40%+x5");
        assert_eq!(wrong("40% 1%x49999"), ("1%x49999".to_owned(), "a series has at most 50000 samples".to_owned()));
        assert_eq!(wrong("1%+1%x99999999999999999999").0, "1%+1%x99999999999999999999");
        assert_eq!(wrong("").1, "a series has at least one sample");
    }
}
