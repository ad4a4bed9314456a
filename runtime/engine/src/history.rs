//! What was done before, as far as it is known.

use std::sync::Arc;

use jiff::Timestamp;
use leeway_ir::ActionId;
use serde::{Deserialize, Serialize};

use crate::intent::Facts;
use crate::operation::{OperationId, State};
use crate::series::{ms_after, ms_before, ms_between};

/// How many operations are remembered; the oldest go first, and nobody can say any more what was done before them.
const OPERATIONS_MAX: usize = 10_000;

/// How old a history is that somebody writes down for a test or a decision, unless it goes back farther: 30 days.
const WRITTEN_AGE_MS: u64 = 30 * 86_400_000;

/// The operations that began.
#[derive(Clone, Debug, PartialEq)]
pub enum History {
    /// Every one since then is known, and before it there was none.
    Complete {
        /// Since when it is kept.
        since: Timestamp,
        /// Until when operations that began are no longer known.
        forgotten: Option<Timestamp>,
        /// The operations, the oldest first.
        operations: Vec<PastOperation>,
    },
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
    /// The identities of all who asked; nobody, where that is not known.
    pub actors: Vec<Arc<str>>,
    /// When it began.
    pub began: Timestamp,
    /// What facts were before it, by name; nothing, where that is not known.
    pub before: Option<Facts>,
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

impl History {
    /// Nothing was done yet, and that is known from `since` on.
    pub fn since(since: Timestamp) -> History {
        History::Complete { since, forgotten: None, operations: Vec::new() }
    }

    /// The history that somebody wrote down at `at`: these operations and no others. It is 30 days old, or as old as its oldest
    /// operation.
    pub fn written(at: Timestamp, mut operations: Vec<PastOperation>) -> History {
        operations.sort_by_key(|past| past.began);
        let age = ms_before(at, WRITTEN_AGE_MS);
        let since = operations.first().map_or(age, |oldest| oldest.began.min(age));
        History::Complete { since, forgotten: None, operations }
    }

    /// It was kept at `at` already.
    pub fn kept_at(&mut self, at: Timestamp) {
        match self {
            History::Complete { since, .. } => *since = at.min(*since),
            History::Unknown => {}
        }
    }

    /// An operation began.
    pub fn begin(&mut self, past: PastOperation) {
        match self {
            History::Complete { operations, forgotten, .. } => {
                if operations.len() >= OPERATIONS_MAX {
                    *forgotten = (*forgotten).max(Some(operations.remove(0).began));
                }
                // A clock that was set back puts an operation before those it followed.
                let place = operations.partition_point(|known| known.began <= past.began);
                operations.insert(place, past);
            }
            History::Unknown => {}
        }
    }

    /// An operation ended. Whether it had begun.
    pub fn end(&mut self, operation: OperationId, ended: Ended) -> bool {
        let began = match self {
            History::Complete { operations, .. } => {
                operations.iter_mut().rev().find(|past| past.operation == Some(operation))
            }
            History::Unknown => None,
        };
        began.map(|past| past.ended = Some(ended)).is_some()
    }

    /// What was known when `operation` was proposed, with actions by the numbers that `action` gives them; those that have none
    /// are left out.
    pub(crate) fn before(&self, operation: OperationId, action: impl Fn(ActionId) -> Option<ActionId>) -> History {
        match self {
            History::Complete { since, forgotten, operations } => {
                let earlier = operations.iter().filter(|past| past.operation.is_none_or(|id| id < operation));
                let operations =
                    earlier.filter_map(|past| Some(PastOperation { action: action(past.action)?, ..past.clone() }));
                History::Complete { since: *since, forgotten: *forgotten, operations: operations.collect() }
            }
            History::Unknown => History::Unknown,
        }
    }

    /// The operations of these actions that began after `from`, oldest first. Nothing when nobody can say.
    pub(crate) fn began_after(
        &self,
        from: Timestamp,
        actions: &[ActionId],
    ) -> Option<impl DoubleEndedIterator<Item = &PastOperation> + Clone> {
        match self {
            History::Complete { forgotten, operations, .. } if forgotten.is_none_or(|forgotten| forgotten <= from) => {
                Some(after(operations, from).iter().filter(|past| actions.contains(&past.action)))
            }
            History::Complete { .. } | History::Unknown => None,
        }
    }

    /// When one of the actions last began, or else since when it is known that none did. Nothing when nobody can say.
    pub(crate) fn last_began(&self, actions: &[ActionId], at: Timestamp) -> Option<Timestamp> {
        match self {
            History::Complete { since, forgotten, operations } => {
                let mut latest = operations.iter().rev();
                let last = latest.find(|past| past.began <= at && actions.contains(&past.action));
                last.map(|past| past.began).or_else(|| Some((*forgotten).unwrap_or(*since).min(at)))
            }
            History::Unknown => None,
        }
    }

    /// The operations that began after `from` and until `to`, oldest first. Nothing when it does not go back so far.
    pub(crate) fn covering(&self, from: Timestamp, to: Timestamp) -> Option<impl Iterator<Item = &PastOperation>> {
        match self {
            History::Complete { since, forgotten, operations }
                if *since <= from && forgotten.is_none_or(|forgotten| forgotten <= from) =>
            {
                Some(after(operations, from).iter().take_while(move |past| past.began <= to))
            }
            History::Complete { .. } | History::Unknown => None,
        }
    }
}

/// Those that began after `from`.
fn after(operations: &[PastOperation], from: Timestamp) -> &[PastOperation] {
    operations.get(operations.partition_point(|past| past.began <= from)..).unwrap_or_default()
}

/// Milliseconds from `at` until `ms` after `began`; nothing once that has passed.
pub(crate) fn left_ms(began: Timestamp, ms: u64, at: Timestamp) -> Option<u64> {
    u64::try_from(ms_between(at, ms_after(began, ms))).ok().filter(|left| *left > 0)
}
