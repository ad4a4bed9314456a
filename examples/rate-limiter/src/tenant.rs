//! A tenant: its name, what it was configured with, what it is now, and what a write may change.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::limit::{Burst, Limit};
use crate::rate::Rate;

/// The longest name, in bytes.
pub const NAME_BYTES_MAX: usize = 256;

/// The label under which the metrics gather every key that is no configured tenant.
pub const OTHER: &str = "other";

/// A tenant's name, which is also the key its callers send: from one byte to [`NAME_BYTES_MAX`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TenantName(Arc<str>);

/// Why a text is not a [`TenantName`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TenantNameError {
    /// Nothing was sent.
    #[error("a tenant's name may not be empty")]
    Empty,
    /// Longer than [`NAME_BYTES_MAX`].
    #[error("a tenant's name has at most 256 bytes, not {0}")]
    TooLong(usize),
}

/// A tenant as the operator configures it. It starts enabled, at version 1.
#[derive(Debug, Clone, PartialEq)]
pub struct TenantConfig {
    /// Its name.
    pub name: TenantName,
    /// Its quota and burst.
    pub limit: Limit,
}

/// A tenant as it is at one moment; every field is from the same write.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TenantState {
    /// Its name.
    pub tenant: String,
    /// Tokens per second.
    pub quota_per_s: f64,
    /// The most tokens held.
    pub burst: u32,
    /// Whether it is served at all.
    pub enabled: bool,
    /// Raised by one on each write.
    pub version: u64,
}

/// What a write changes, and from which version.
#[derive(Debug, Clone, PartialEq)]
pub struct TenantChange {
    /// The version the writer saw; any other refuses the write.
    pub expected_version: u64,
    /// A new quota.
    pub quota: Option<Rate>,
    /// A new burst.
    pub burst: Option<Burst>,
    /// Whether it is served at all.
    pub enabled: Option<bool>,
}

impl TenantName {
    /// Takes `text` as a name.
    ///
    /// # Errors
    /// When it is empty or longer than [`NAME_BYTES_MAX`].
    pub fn parse(text: &str) -> Result<Self, TenantNameError> {
        match text.len() {
            0 => Err(TenantNameError::Empty),
            1..=NAME_BYTES_MAX => Ok(Self(text.into())),
            bytes => Err(TenantNameError::TooLong(bytes)),
        }
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TenantName {
    type Err = TenantNameError;

    fn from_str(text: &str) -> Result<Self, TenantNameError> {
        Self::parse(text)
    }
}

impl fmt::Display for TenantName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
