//! What a bucket is told to hold to: how fast it fills, and how much it holds.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::rate::Rate;

/// The largest burst anyone may ask for, in tokens.
pub const BURST_MAX: u32 = 1_000_000_000;

/// The most tokens a bucket holds: from one to [`BURST_MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Burst(u32);

/// Why a number or a text is not a [`Burst`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BurstError {
    /// A bucket that holds nothing can grant nothing, which a quota of zero says more plainly.
    #[error("a burst is from 1 to 1000000000 tokens, not `{0}`; to grant nothing set the quota to 0")]
    OutOfRange(u32),
    /// The text is not a whole number.
    #[error("`{0}` is not a burst; write a whole number of tokens, as in `20`")]
    NotANumber(String),
}

/// A quota and a burst, which only make sense together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limit {
    /// Tokens per second. At zero nothing is granted, not even what the bucket still holds.
    pub quota: Rate,
    /// The most tokens held, and so the most granted at once.
    pub burst: Burst,
}

impl Burst {
    /// A burst of `tokens`, or of one where that is none; any fits.
    #[must_use]
    pub(crate) const fn whole(tokens: u16) -> Self {
        Self(if tokens == 0 { 1 } else { tokens as u32 })
    }

    /// Takes a burst of `tokens`.
    ///
    /// # Errors
    /// When `tokens` is zero or above [`BURST_MAX`].
    pub fn of(tokens: u32) -> Result<Self, BurstError> {
        if (1..=BURST_MAX).contains(&tokens) { Ok(Self(tokens)) } else { Err(BurstError::OutOfRange(tokens)) }
    }

    /// The tokens.
    #[must_use]
    pub fn tokens(self) -> u32 {
        self.0
    }
}

impl FromStr for Burst {
    type Err = BurstError;

    fn from_str(text: &str) -> Result<Self, BurstError> {
        let tokens = text.parse().map_err(|_| BurstError::NotANumber(text.to_owned()))?;
        Self::of(tokens)
    }
}

impl fmt::Display for Burst {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
