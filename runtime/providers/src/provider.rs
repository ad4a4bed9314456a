//! What every backend can do: look at its target, and act on it once with a warrant.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use leeway_engine::{Gap, NotDone, Receipt, Warrant};
use leeway_units::Value;

use crate::page::Page;

/// Serves one target.
#[async_trait]
pub trait Provider: Send + Sync {
    /// Reads the target.
    ///
    /// # Errors
    /// When nothing answered. An answer that is an error or nonsense is something seen.
    async fn observe(&self) -> Result<Seen, Unreachable>;

    /// Does what the warrant permits, and uses it up.
    ///
    /// # Errors
    /// When it was not done, or nobody knows whether it was.
    async fn execute(&self, warrant: Warrant) -> Result<Receipt, NotDone>;
}

/// What one look at a target gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// Facts by name; one that is not named is missing.
    pub facts: BTreeMap<Arc<str>, Result<Value, Gap>>,
    /// The target's version, where it has one.
    pub object_version: Option<Arc<str>>,
    /// The target's own page of metrics, which `scrape` metrics are read from.
    pub page: Result<Page, Gap>,
}

/// Nothing answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct Unreachable {
    /// Why, as far as is known.
    pub why: String,
}
