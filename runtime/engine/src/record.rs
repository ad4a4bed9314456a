//! What the ledger keeps: one kind of record for every step.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use leeway_ir::{Fingerprint, Target};
use leeway_units::Value;
use serde::{Deserialize, Serialize};

use crate::approval::{Approval, Requirement};
use crate::digest::Binding;
use crate::evidence::Gap;
use crate::intent::{Intent, Purpose};
use crate::operation::{OperationId, State};
use crate::proposal::{Principal, Proposal};
use crate::verdict::Verdict;
use crate::verify::{Outcome, StageReport};

/// A record's place in the ledger, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RecordId(pub u64);

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// A record with what every record has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// When it was written.
    pub at: Timestamp,
    /// The blueprint it belongs to.
    pub blueprint: Arc<str>,
    /// The operation it belongs to, if to one. A `proposed` record founds the operation that bears its number.
    pub operation: Option<OperationId>,
    /// What happened.
    pub record: Record,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Record {
    /// The enforcer began to enforce a policy.
    Started {
        /// Its version.
        version: Option<Arc<str>>,
        /// Its fingerprint.
        fingerprint: Fingerprint,
        /// What it governs.
        target: Target,
        /// Whether it decides and does nothing.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        dry_run: bool,
    },
    /// One round of samples: every one that entered a window.
    Observed {
        /// Facts by name.
        facts: BTreeMap<Arc<str>, Result<Value, Gap>>,
        /// Metrics by name.
        metrics: BTreeMap<Arc<str>, Result<Value, Gap>>,
        /// The provider's version of the target.
        object_version: Option<Arc<str>>,
    },
    /// The target could not be reached: no sample was taken.
    Unreachable {
        /// Why.
        why: String,
    },
    /// The target answers again.
    Reachable {
        /// When it was asked in vain for the last time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        blind: Option<Timestamp>,
    },
    /// What cannot be seen of the target has changed; nothing, when all is known again.
    Unseen {
        /// Facts and metrics by name, each with why.
        unknown: BTreeMap<Arc<str>, Gap>,
    },
    /// Somebody proposed something.
    Proposed {
        /// What, and who.
        proposal: Proposal,
    },
    /// It was decided.
    Decided {
        /// The verdict.
        verdict: Box<Verdict>,
        /// The `observed` records it rests on: from the first to the last.
        observed: Option<(RecordId, RecordId)>,
    },
    /// People are asked.
    ApprovalAsked {
        /// Who must agree.
        required: Vec<Requirement>,
        /// What exactly they are asked to agree to.
        binding: Binding,
        /// Until when.
        expires: Timestamp,
    },
    /// A person agreed.
    Approved {
        /// Who, and to what exactly.
        approval: Approval,
        /// Whether this was a stand-in and no person.
        stand_in: bool,
    },
    /// A person declined.
    Rejected {
        /// Who.
        by: Principal,
        /// Whether this was a stand-in and no person.
        stand_in: bool,
    },
    /// Something is about to be done. Written before the call.
    Intended {
        /// What.
        intent: Box<Intent>,
    },
    /// It was done.
    Done {
        /// Whether it did or took back.
        purpose: Purpose,
        /// When the call began.
        began: Timestamp,
        /// When it ended.
        ended: Timestamp,
        /// Whether the act was found on the target after a crash instead of being answered.
        found: bool,
    },
    /// It was tried and not done.
    NotDone {
        /// Whether it was to do or to take back.
        purpose: Purpose,
        /// Why.
        why: String,
    },
    /// It was seen how it turned out.
    Verified {
        /// Whether the act or the taking back was judged.
        purpose: Purpose,
        /// How.
        outcome: Outcome,
        /// By which stages.
        stages: Vec<StageReport>,
    },
    /// The operation moved on.
    Moved {
        /// Where it stands now.
        state: State,
        /// Why, where that does not follow from the record before.
        why: Option<String>,
    },
    /// So many operations failed in a row that nothing more is done.
    BreakerOpened {
        /// How many.
        failures: u32,
    },
    /// A person closed the breaker.
    BreakerReset {
        /// Who.
        by: Arc<str>,
    },
}

impl Record {
    /// The state that an operation is in after this record; nothing when the record does not move it.
    pub fn state(&self) -> Option<State> {
        match self {
            Record::Proposed { .. } => Some(State::Proposed),
            Record::Decided { .. } => Some(State::Decided),
            Record::ApprovalAsked { .. } => Some(State::AwaitingApproval),
            Record::Rejected { .. } => Some(State::Rejected),
            Record::Intended { intent } => Some(match intent.purpose {
                Purpose::Act => State::Executing,
                Purpose::Undo => State::RollingBack,
            }),
            Record::Done { purpose, .. } => match purpose {
                Purpose::Act => Some(State::Verifying),
                Purpose::Undo => None,
            },
            Record::NotDone { purpose, .. } => Some(match purpose {
                Purpose::Act => State::Failed,
                Purpose::Undo => State::RollbackFailed,
            }),
            Record::Verified { purpose, outcome, .. } => match (purpose, outcome) {
                (_, Outcome::Inconclusive) => Some(State::Inconclusive),
                (Purpose::Act, Outcome::Confirmed) => Some(State::Confirmed),
                (Purpose::Act, Outcome::Partial) => Some(State::Partial),
                // What follows a failure is a record of its own: taken back, or given up.
                (Purpose::Act, Outcome::Failed) => None,
                (Purpose::Undo, Outcome::Confirmed | Outcome::Partial) => Some(State::RolledBack),
                (Purpose::Undo, Outcome::Failed) => Some(State::RollbackFailed),
            },
            Record::Moved { state, .. } => Some(*state),
            Record::Started { .. }
            | Record::Observed { .. }
            | Record::Unreachable { .. }
            | Record::Reachable { .. }
            | Record::Unseen { .. }
            | Record::Approved { .. }
            | Record::BreakerOpened { .. }
            | Record::BreakerReset { .. } => None,
        }
    }

    /// Why it is so, in words, where the record says that.
    pub fn why(&self) -> Option<&str> {
        match self {
            Record::Moved { why, .. } => why.as_deref(),
            Record::NotDone { why, .. } | Record::Unreachable { why } => Some(why),
            Record::Started { .. }
            | Record::Observed { .. }
            | Record::Reachable { .. }
            | Record::Unseen { .. }
            | Record::Proposed { .. }
            | Record::Decided { .. }
            | Record::ApprovalAsked { .. }
            | Record::Approved { .. }
            | Record::Rejected { .. }
            | Record::Intended { .. }
            | Record::Done { .. }
            | Record::Verified { .. }
            | Record::BreakerOpened { .. }
            | Record::BreakerReset { .. } => None,
        }
    }

    /// The kind's name in the ledger.
    pub fn kind(&self) -> &'static str {
        match self {
            Record::Started { .. } => "started",
            Record::Observed { .. } => "observed",
            Record::Unreachable { .. } => "unreachable",
            Record::Reachable { .. } => "reachable",
            Record::Unseen { .. } => "unseen",
            Record::Proposed { .. } => "proposed",
            Record::Decided { .. } => "decided",
            Record::ApprovalAsked { .. } => "approval_asked",
            Record::Approved { .. } => "approved",
            Record::Rejected { .. } => "rejected",
            Record::Intended { .. } => "intended",
            Record::Done { .. } => "done",
            Record::NotDone { .. } => "not_done",
            Record::Verified { .. } => "verified",
            Record::Moved { .. } => "moved",
            Record::BreakerOpened { .. } => "breaker_opened",
            Record::BreakerReset { .. } => "breaker_reset",
        }
    }
}
