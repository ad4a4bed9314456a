//! How many keys are held, how many of one tenant, and what becomes of a new key for which there is no room.

use serde::Deserialize;
use thiserror::Error;

use crate::buckets::KEYS_MAX;

/// How many keys are held where nothing else is said: 31 MB.
pub const KEYS_USUALLY: usize = 1_000_000;

/// A tenant without a cap of its own holds at most this part of all keys, so that none can fill the table alone.
const TENANT_PART: usize = 2;

/// The bounds of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capacity {
    keys_max: usize,
    when_full: WhenFull,
}

/// What becomes of a new key when the table is full of buckets in use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum WhenFull {
    /// Fail closed: it is refused, with 503. Nobody passes uncounted.
    #[default]
    Refuse,
    /// Fail open: it is granted and not remembered. Nobody is refused for want of room.
    Grant,
}

/// Why a number of keys cannot be held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a limiter holds from 1 to 67108864 keys, not {0}")]
pub struct CapacityError(usize);

impl Capacity {
    /// Room for `keys_max` keys.
    ///
    /// # Errors
    /// When that is none, or more than [`KEYS_MAX`].
    pub fn of(keys_max: usize, when_full: WhenFull) -> Result<Self, CapacityError> {
        if (1..=KEYS_MAX).contains(&keys_max) { Ok(Self { keys_max, when_full }) } else { Err(CapacityError(keys_max)) }
    }

    /// The most keys held.
    #[must_use]
    pub fn keys_max(&self) -> usize {
        self.keys_max
    }

    /// What becomes of a new key when there is no room.
    #[must_use]
    pub fn when_full(&self) -> WhenFull {
        self.when_full
    }

    /// The most keys of a tenant whose cap is `asked`.
    #[must_use]
    pub fn tenant_keys_max(&self, asked: Option<usize>) -> usize {
        asked.unwrap_or_else(|| self.keys_max.div_ceil(TENANT_PART)).min(self.keys_max)
    }
}

impl Default for Capacity {
    fn default() -> Self {
        Self { keys_max: KEYS_USUALLY, when_full: WhenFull::default() }
    }
}
