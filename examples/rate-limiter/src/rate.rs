//! Events per second, checked once at the edge and then carried as a type.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// The highest rate anyone may ask for, in events per second. Above it a quota is a typing mistake, not a limit.
pub const RATE_PER_S_MAX: f64 = 1e9;

/// A rate in events per second: finite, from zero to [`RATE_PER_S_MAX`].
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Rate(f64);

/// Why a number or a text is not a [`Rate`].
#[derive(Debug, Clone, PartialEq, Error)]
pub enum RateError {
    /// The number is negative, too large or not a number.
    #[error("a rate is from 0 to 1000000000 per second, not `{0}`")]
    OutOfRange(f64),
    /// The text has not the form `100/s`.
    #[error("`{0}` is not a rate; write a number per second, as in `100/s`")]
    NotARate(String),
}

impl Rate {
    /// The rate at which nothing happens.
    pub const ZERO: Rate = Rate(0.0);

    /// A whole number of events per second; any fits.
    #[must_use]
    pub(crate) const fn whole(per_s: u16) -> Self {
        Self(per_s as f64)
    }

    /// Takes `per_s` events per second.
    ///
    /// # Errors
    /// When `per_s` is negative, not finite, or above [`RATE_PER_S_MAX`].
    pub fn per_second(per_s: f64) -> Result<Self, RateError> {
        if (0.0..=RATE_PER_S_MAX).contains(&per_s) {
            // Adding zero turns `-0.0`, which the range admits, into `0.0`.
            Ok(Self(per_s + 0.0))
        } else {
            Err(RateError::OutOfRange(per_s))
        }
    }

    /// Events per second.
    #[must_use]
    pub fn as_per_second(self) -> f64 {
        self.0
    }

    /// Whether nothing ever happens at this rate.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.0 == 0.0
    }
}

impl FromStr for Rate {
    type Err = RateError;

    fn from_str(text: &str) -> Result<Self, RateError> {
        let per_s = text
            .strip_suffix("/s")
            .and_then(|number| number.parse::<f64>().ok())
            .ok_or_else(|| RateError::NotARate(text.to_owned()))?;
        Self::per_second(per_s)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/s", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_written_per_second() {
        assert_eq!("100/s".parse(), Rate::per_second(100.0));
        assert_eq!("0.5/s".parse(), Rate::per_second(0.5));
        assert_eq!("-0/s".parse::<Rate>().map(|rate| rate.to_string()), Ok("0/s".to_owned()));
        for text in ["", "100", "/s", "100/m", "a/s"] {
            assert_eq!(text.parse::<Rate>(), Err(RateError::NotARate(text.to_owned())));
        }
    }

    #[test]
    fn what_is_no_number_is_no_rate() {
        for per_s in [-1.0, f64::NAN, f64::INFINITY, 1e9 + 1.0] {
            assert!(Rate::per_second(per_s).is_err(), "{per_s}");
        }
        assert!(Rate::per_second(1e9).is_ok());
    }
}
