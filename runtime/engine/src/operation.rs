//! An operation's life: the only state machine of the runtime.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The operation's number: the id of the ledger record that proposed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OperationId(pub u64);

impl fmt::Display for OperationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

/// Where an operation stands. The names are those on the wire, in the ledger and on every page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the contract's")]
pub enum State {
    Proposed,
    Decided,
    Refused,
    Recorded,
    AwaitingApproval,
    Warranted,
    Rejected,
    Expired,
    Revoked,
    Superseded,
    Executing,
    Verifying,
    Failed,
    Confirmed,
    Partial,
    Inconclusive,
    RollingBack,
    RolledBack,
    RollbackFailed,
}

impl State {
    /// Every state.
    pub const ALL: [State; 19] = [
        State::Proposed,
        State::Decided,
        State::Refused,
        State::Recorded,
        State::AwaitingApproval,
        State::Warranted,
        State::Rejected,
        State::Expired,
        State::Revoked,
        State::Superseded,
        State::Executing,
        State::Verifying,
        State::Failed,
        State::Confirmed,
        State::Partial,
        State::Inconclusive,
        State::RollingBack,
        State::RolledBack,
        State::RollbackFailed,
    ];

    /// The states that may follow.
    pub fn next(self) -> &'static [State] {
        use State::{
            AwaitingApproval, Confirmed, Decided, Executing, Expired, Failed, Inconclusive, Partial, Recorded, Refused,
            Rejected, Revoked, RollbackFailed, RolledBack, RollingBack, Superseded, Verifying, Warranted,
        };
        match self {
            State::Proposed => &[Decided],
            Decided => &[Refused, Recorded, AwaitingApproval, Warranted],
            AwaitingApproval => &[Warranted, Rejected, Expired, Revoked, Superseded],
            Warranted => &[Executing, Expired, Superseded],
            Executing => &[Verifying, Failed],
            Verifying => &[Confirmed, Partial, Inconclusive, RollingBack, Failed, Superseded],
            Inconclusive => &[Confirmed, Partial, Failed, RollingBack, RolledBack, RollbackFailed],
            Confirmed | Partial => &[RollingBack],
            RollingBack => &[RolledBack, RollbackFailed, Inconclusive],
            Refused | Recorded | Rejected | Expired | Revoked | Superseded | Failed | RolledBack | RollbackFailed => {
                &[]
            }
        }
    }

    /// Whether the operation still wants something: approval, execution, verification or taking back.
    pub fn is_open(self) -> bool {
        match self {
            State::Proposed
            | State::Decided
            | State::AwaitingApproval
            | State::Warranted
            | State::Executing
            | State::Verifying
            | State::Inconclusive
            | State::RollingBack => true,
            State::Refused
            | State::Recorded
            | State::Rejected
            | State::Expired
            | State::Revoked
            | State::Superseded
            | State::Failed
            | State::Confirmed
            | State::Partial
            | State::RolledBack
            | State::RollbackFailed => false,
        }
    }

    /// The name in the contract: `awaiting_approval`.
    pub fn name(self) -> &'static str {
        match self {
            State::Proposed => "proposed",
            State::Decided => "decided",
            State::Refused => "refused",
            State::Recorded => "recorded",
            State::AwaitingApproval => "awaiting_approval",
            State::Warranted => "warranted",
            State::Rejected => "rejected",
            State::Expired => "expired",
            State::Revoked => "revoked",
            State::Superseded => "superseded",
            State::Executing => "executing",
            State::Verifying => "verifying",
            State::Failed => "failed",
            State::Confirmed => "confirmed",
            State::Partial => "partial",
            State::Inconclusive => "inconclusive",
            State::RollingBack => "rolling_back",
            State::RolledBack => "rolled_back",
            State::RollbackFailed => "rollback_failed",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// An operation and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    id: OperationId,
    state: State,
}

/// A move that the state machine does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("operation {operation} is `{from}` and cannot become `{to}`")]
pub struct IllegalMove {
    /// The operation.
    pub operation: OperationId,
    /// Where it stands.
    pub from: State,
    /// Where it was to go.
    pub to: State,
}

impl Operation {
    /// A new operation, proposed.
    pub fn proposed(id: OperationId) -> Operation {
        Operation { id, state: State::Proposed }
    }

    /// Its number.
    pub fn id(&self) -> OperationId {
        self.id
    }

    /// Where it stands.
    pub fn state(&self) -> State {
        self.state
    }

    /// Moves on. A warrant is used in the breath it is given, so `executing` may follow at once on what admits a warrant.
    ///
    /// # Errors
    /// When the state machine has no such move.
    pub fn advance(&mut self, to: State) -> Result<(), IllegalMove> {
        let through_warrant = to == State::Executing && self.state.next().contains(&State::Warranted);
        if through_warrant || self.state.next().contains(&to) {
            self.state = to;
            Ok(())
        } else {
            Err(IllegalMove { operation: self.id, from: self.state, to })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_closed_moves_only_to_be_taken_back() {
        for state in State::ALL.into_iter().filter(|state| !state.is_open()) {
            assert!(state.next().iter().all(|next| *next == State::RollingBack), "{state}");
        }
    }

    #[test]
    fn nothing_executes_without_a_warrant() {
        for state in State::ALL {
            assert_eq!(state.next().contains(&State::Executing), state == State::Warranted, "{state}");
        }
    }
}
