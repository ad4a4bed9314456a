//! Reading a literal with its unit: `250mcpu`, `80%`, `$450/month`.

use crate::decimal::scaled;
use crate::quantity::Quantity;
use crate::unit::Unit;

/// The longest literal that is read, in bytes.
pub const LITERAL_LENGTH_MAX: usize = 64;

/// The largest count, 2^53 - 1: up to here no other whole number is read as the same double.
pub const COUNT_MAX: f64 = 9_007_199_254_740_991.0;

/// Why a text is no quantity.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LiteralError {
    /// Not a digit where the number should begin, or too long.
    #[error("`{0}` is not a number with a unit")]
    NotANumber(String),
    /// The number is followed by something that is no unit.
    #[error("`{suffix}` is not a unit")]
    UnknownUnit {
        /// What stands behind the number.
        suffix: String,
    },
    /// The number cannot be represented.
    #[error("`{0}` is too large")]
    TooLarge(String),
}

/// Reads one literal: `3`, `2.5`, `80%`, `200ms`, `128Mi`, `100mcpu`, `1000/s`, `$450`, `$450/month`.
///
/// # Errors
/// When the text is no literal; the error says which part is wrong.
pub fn parse_literal(text: &str) -> Result<Quantity, LiteralError> {
    let not_a_number = || LiteralError::NotANumber(text.chars().take(LITERAL_LENGTH_MAX).collect());
    if text.len() > LITERAL_LENGTH_MAX {
        return Err(not_a_number());
    }
    let (dollar, rest) = match text.strip_prefix('$') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
    let (number, suffix) = rest.split_at(end);
    let read = |unit, factor| {
        let base = scaled(number, factor).ok_or_else(not_a_number)?;
        Quantity::new(unit, base).ok_or_else(|| LiteralError::TooLarge(text.to_owned()))
    };
    match (dollar, suffix) {
        (true, "") => read(Unit::Money, 100.0),
        (false, "") if number.contains('.') => read(Unit::Number, 1.0),
        (false, "") => {
            let count = read(Unit::Count, 1.0)?;
            if count.base() > COUNT_MAX { Err(LiteralError::TooLarge(text.to_owned())) } else { Ok(count) }
        }
        (_, suffix) => {
            let found = Unit::ALL.into_iter().filter(|unit| unit.has_dollar() == dollar).find_map(|unit| {
                unit.suffixes().iter().find(|known| known.text == suffix).map(|known| (unit, known.factor))
            });
            match found {
                Some((unit, factor)) => read(unit, factor),
                None if number.is_empty() => Err(not_a_number()),
                None => Err(LiteralError::UnknownUnit { suffix: suffix.to_owned() }),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;
    use proptest::prelude::*;

    #[test]
    fn literals_of_the_reference_keep_their_value() {
        for (text, unit, base) in [
            ("3", Unit::Count, 3.0),
            ("2.5", Unit::Number, 2.5),
            ("0.5%", Unit::Ratio, 0.5),
            ("57%", Unit::Ratio, 57.0),
            ("0.57s", Unit::Duration, 570.0),
            ("2w", Unit::Duration, 1_209_600_000.0),
            ("100mcpu", Unit::Cpu, 100.0),
            ("2cpu", Unit::Cpu, 2_000.0),
            ("128Mi", Unit::Bytes, 134_217_728.0),
            ("500MB", Unit::Bytes, 500_000_000.0),
            ("1KiB", Unit::Bytes, 1_024.0),
            ("1000/s", Unit::Rate, 3_600_000.0),
            ("50/min", Unit::Rate, 3_000.0),
            ("10/h", Unit::Rate, 10.0),
            ("$0.12", Unit::Money, 12.0),
            ("$450/month", Unit::Spend, 45_000.0),
            ("$2/h", Unit::Spend, 146_100.0),
            ("$9/d", Unit::Spend, 27_393.75),
        ] {
            assert_eq!(parse_literal(text).unwrap(), Quantity::new(unit, base).unwrap(), "{text}");
        }
    }

    #[test]
    fn what_is_no_literal_is_refused() {
        for text in [
            "9007199254740992",
            "9007199254740993",
            "",
            "%",
            "1h30m",
            "2cpus",
            "1e6",
            ".5",
            "5.",
            "1.2.3",
            "$",
            "100m/s",
            "-3",
            "٣",
        ] {
            assert!(parse_literal(text).is_err(), "{text}");
        }
    }

    #[test]
    fn values_are_printed_in_their_natural_unit() {
        for text in ["3", "2.0", "80%", "200ms", "90s", "1.5ms", "1d", "14d", "128Mi", "500MB", "250mcpu", "2cpu"] {
            assert_eq!(parse_literal(text).unwrap().to_string(), text);
        }
        for text in ["100/s", "100.5/s", "7.001/s", "0/s", "0s", "30/min", "10/h", "$450", "$0.12", "$450/month"] {
            assert_eq!(parse_literal(text).unwrap().to_string(), text);
        }
        for (unit, sample, text) in [
            (Unit::Duration, 0.012_345_678, "12.35ms"),
            (Unit::Duration, 123.456_7, "123.5s"),
            (Unit::Rate, 23.675_777_7, "23.68/s"),
            (Unit::Rate, 0.4, "24/min"),
            (Unit::Ratio, 0.123_456, "12.35%"),
        ] {
            assert_eq!(Quantity::from_sample(unit, sample).unwrap().rounded().to_string(), text);
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_back(unit in prop::sample::select(Unit::ALL.to_vec()), whole in 0u32..2_000_000, thousandth in 0u32..1000) {
            let base = f64::from(whole) + if unit == Unit::Count { 0.0 } else { f64::from(thousandth) / 1000.0 };
            let quantity = Quantity::new(unit, base).unwrap();
            let read = parse_literal(&quantity.to_string()).unwrap();
            prop_assert_eq!(read.unit(), unit);
            prop_assert!((read.base() - base).abs() <= base.abs() * 1e-15);
        }

        /// A sample is what its digits say in the source's unit, not what its double is off: 0.57 is 57%.
        #[test]
        fn samples_are_read_digit_by_digit(unit in prop::sample::select(Unit::ALL.to_vec()), n in 0u64..1_000_000_000, places in 0usize..9) {
            let digits = format!("{n:0>10}");
            let (whole, fraction) = digits.split_at(digits.len() - places);
            let text = if places == 0 { whole.to_owned() } else { format!("{whole}.{fraction}") };
            let expected = crate::decimal::scaled(&text, unit.sample_factor()).and_then(|base| Quantity::new(unit, base));
            prop_assert_eq!(Quantity::from_sample(unit, text.parse().unwrap()), expected, "{}", text);
        }

        /// What is sent in the unit of a system outside comes back as it was, however it was computed.
        #[test]
        fn what_goes_out_comes_back(unit in prop::sample::select(Unit::ALL.to_vec()), base in 0.001f64..1e9, step in 0.5f64..2.0) {
            let settled = Quantity::new(unit, base * step).unwrap().settled();
            prop_assert_eq!(Quantity::from_sample(unit, settled.to_sample()).unwrap(), settled);
        }

        #[test]
        fn any_text_is_answered(text in ".{0,80}") {
            let _ = parse_literal(&text);
        }
    }
}
