//! What was done before, as far as it is known.

use jiff::Timestamp;
use leeway_ir::ActionId;
use serde::{Deserialize, Serialize};

/// The operations that began, oldest first.
#[derive(Clone, Debug, PartialEq)]
pub enum History {
    /// Every one is known.
    Complete(Vec<PastOperation>),
    /// Nobody can say.
    Unknown,
}

/// An operation that began.
#[derive(Clone, Debug, PartialEq)]
pub struct PastOperation {
    /// What was done.
    pub action: ActionId,
    /// When it began.
    pub began: Timestamp,
    /// How it ended, if it has.
    pub ended: Option<Ended>,
}

/// How an operation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// It did what it said.
    Confirmed,
    /// It did what it said, and an objective is still unmet.
    Partial,
    /// It did not.
    Failed,
    /// It was taken back.
    RolledBack,
    /// Taking it back did not work.
    RollbackFailed,
    /// A later operation took its place.
    Superseded,
}

impl History {
    /// When one of the actions last began. `Err` when nobody can say.
    pub fn last_began(&self, actions: &[ActionId]) -> Result<Option<Timestamp>, UnknownHistory> {
        match self {
            History::Complete(operations) => {
                Ok(operations.iter().filter(|past| actions.contains(&past.action)).map(|past| past.began).max())
            }
            History::Unknown => Err(UnknownHistory),
        }
    }
}

/// The history is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownHistory;
