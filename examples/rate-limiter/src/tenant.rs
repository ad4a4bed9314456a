//! A tenant: its name, what it was configured with, what it is now, and what a write may change.
//!
//! Quota and burst are those of each bucket. Which buckets there are is the tenant's choice: one for each key, or one
//! that all its keys share.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::limit::{Burst, BurstError, Limit};
use crate::pattern::{PATTERNS_MAX, Pattern, PatternError};
use crate::rate::{Rate, RateError};

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

/// What has a bucket of its own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BucketPer {
    /// Each key: quota and burst are what one key gets.
    #[default]
    Key,
    /// The tenant: quota and burst are what all its keys get together.
    Tenant,
}

/// A tenant as the operator configures it. It starts at version 1.
#[derive(Debug, Clone, PartialEq)]
pub struct TenantConfig {
    /// Its name.
    pub name: TenantName,
    /// The quota and burst of each of its buckets.
    pub limit: Limit,
    /// What its requests are called; none stands for its name.
    pub patterns: Vec<Pattern>,
    /// What has a bucket of its own.
    pub bucket_per: BucketPer,
    /// The most keys held for it, if fewer than for everybody.
    pub keys_max: Option<usize>,
    /// Whether it is served at all.
    pub enabled: bool,
}

/// Why a tenant cannot be as it is written.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum TenantError {
    /// The quota.
    #[error("`quota_per_s`: {0}")]
    Quota(RateError),
    /// The burst.
    #[error("`burst`: {0}")]
    Burst(BurstError),
    /// One of the patterns.
    #[error("`match`: {0}")]
    Pattern(#[from] PatternError),
    /// More than [`PATTERNS_MAX`].
    #[error("`match`: a tenant has at most 16 patterns, not {0}")]
    TooManyPatterns(usize),
    /// No key at all.
    #[error("`keys_max`: a tenant holds at least one key; to serve none set `enabled` to false")]
    NoKeys,
    /// The name.
    #[error(transparent)]
    Name(#[from] TenantNameError),
}

/// A tenant as it is at one moment; every field is from the same write.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TenantState {
    /// Its name.
    pub tenant: String,
    /// Tokens per second, for each bucket.
    pub quota_per_s: f64,
    /// The most tokens a bucket holds.
    pub burst: u32,
    /// Whether it is served at all.
    pub enabled: bool,
    /// Raised by one on each write.
    pub version: u64,
    /// What its requests are called; left out where that is its name alone.
    #[serde(rename = "match", default, skip_serializing_if = "Vec::is_empty")]
    pub patterns: Vec<String>,
    /// What has a bucket of its own; left out where that is each key.
    #[serde(default, skip_serializing_if = "BucketPer::is_key")]
    pub bucket_per: BucketPer,
    /// The most keys held for it, if fewer than for everybody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keys_max: Option<usize>,
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
    /// A new cap on its keys.
    pub keys_max: Option<usize>,
}

impl TenantName {
    /// Takes `text` as a name.
    ///
    /// # Errors
    /// When it is empty or longer than [`NAME_BYTES_MAX`].
    pub fn parse(text: &str) -> Result<Self, TenantNameError> {
        Self::check(text).map(|()| Self(text.into()))
    }

    pub(crate) fn check(text: &str) -> Result<(), TenantNameError> {
        match text.len() {
            0 => Err(TenantNameError::Empty),
            1..=NAME_BYTES_MAX => Ok(()),
            bytes => Err(TenantNameError::TooLong(bytes)),
        }
    }

    /// The name under which keys that belong to no tenant are counted.
    pub(crate) fn other() -> Self {
        Self(OTHER.into())
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl BucketPer {
    fn is_key(&self) -> bool {
        matches!(self, Self::Key)
    }
}

impl TenantConfig {
    /// An enabled tenant that is called by its name and has a bucket for each key.
    #[must_use]
    pub fn new(name: TenantName, limit: Limit) -> Self {
        Self { name, limit, patterns: Vec::new(), bucket_per: BucketPer::Key, keys_max: None, enabled: true }
    }

    /// Its patterns; its name where it has none.
    #[must_use]
    pub fn patterns(&self) -> Vec<Pattern> {
        if self.patterns.is_empty() { vec![Pattern::of_name(&self.name)] } else { self.patterns.clone() }
    }

    /// How it is at `version`.
    #[must_use]
    pub fn state(&self, version: u64) -> TenantState {
        TenantState {
            tenant: self.name.as_str().to_owned(),
            quota_per_s: self.limit.quota.as_per_second(),
            burst: self.limit.burst.tokens(),
            enabled: self.enabled,
            version,
            patterns: self.patterns.iter().map(Pattern::to_string).collect(),
            bucket_per: self.bucket_per,
            keys_max: self.keys_max,
        }
    }
}

impl TryFrom<&TenantState> for TenantConfig {
    type Error = TenantError;

    fn try_from(state: &TenantState) -> Result<Self, TenantError> {
        if state.patterns.len() > PATTERNS_MAX {
            return Err(TenantError::TooManyPatterns(state.patterns.len()));
        }
        if state.keys_max == Some(0) {
            return Err(TenantError::NoKeys);
        }
        Ok(Self {
            name: TenantName::parse(&state.tenant)?,
            limit: Limit {
                quota: Rate::per_second(state.quota_per_s).map_err(TenantError::Quota)?,
                burst: Burst::of(state.burst).map_err(TenantError::Burst)?,
            },
            patterns: state.patterns.iter().map(|text| text.parse()).collect::<Result<_, _>>()?,
            bucket_per: state.bucket_per,
            keys_max: state.keys_max,
            enabled: state.enabled,
        })
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
