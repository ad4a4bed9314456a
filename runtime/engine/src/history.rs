//! What was done before, as far as it is known.

use jiff::Timestamp;
use leeway_ir::ActionId;
use serde::{Deserialize, Serialize};

use crate::operation::{OperationId, State};

/// How many operations are remembered; the oldest go first.
const OPERATIONS_MAX: usize = 10_000;

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
    /// Its number, where it has one.
    pub operation: Option<OperationId>,
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

impl Ended {
    /// How an operation in this state ended; nothing while it is open, or if it never began.
    pub fn of(state: State) -> Option<Ended> {
        match state {
            State::Confirmed => Some(Ended::Confirmed),
            State::Partial => Some(Ended::Partial),
            State::Failed => Some(Ended::Failed),
            State::RolledBack => Some(Ended::RolledBack),
            State::RollbackFailed => Some(Ended::RollbackFailed),
            State::Superseded => Some(Ended::Superseded),
            State::Proposed
            | State::Decided
            | State::Refused
            | State::Recorded
            | State::AwaitingApproval
            | State::Warranted
            | State::Rejected
            | State::Expired
            | State::Revoked
            | State::Executing
            | State::Verifying
            | State::Inconclusive
            | State::RollingBack => None,
        }
    }
}

impl Default for History {
    /// Nothing was done, and that is known.
    fn default() -> History {
        History::Complete(Vec::new())
    }
}

impl History {
    /// An operation began.
    pub fn begin(&mut self, past: PastOperation) {
        match self {
            History::Complete(operations) => {
                if operations.len() >= OPERATIONS_MAX {
                    operations.remove(0);
                }
                operations.push(past);
            }
            History::Unknown => {}
        }
    }

    /// An operation ended. Whether it had begun.
    pub fn end(&mut self, operation: OperationId, ended: Ended) -> bool {
        let began = match self {
            History::Complete(operations) => operations.iter_mut().rev().find(|past| past.operation == Some(operation)),
            History::Unknown => None,
        };
        began.map(|past| past.ended = Some(ended)).is_some()
    }

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
