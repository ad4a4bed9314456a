//! An operation that still wants something, with what it needs to go on.

use std::sync::Arc;

use jiff::Timestamp;

use crate::approval::{Approval, Requirement};
use crate::digest::Binding;
use crate::intent::Intent;
use crate::operation::{Operation, State};
use crate::proposal::Proposal;
use crate::receipt::Receipt;

/// An operation in flight.
#[derive(Debug)]
pub(super) struct OpenOperation {
    /// Its number and where it stands.
    pub(super) operation: Operation,
    /// What was proposed.
    pub(super) proposal: Arc<Proposal>,
    /// What it waits for.
    pub(super) waits: Waits,
}

/// What an operation waits for.
#[derive(Debug)]
pub(super) enum Waits {
    /// To be decided: it was proposed.
    Decision,
    /// Nothing that could be named: it is just being settled.
    Nothing,
    /// People.
    Approval { required: Vec<Requirement>, binding: Binding, expires: Timestamp, approvals: Vec<Approval> },
    /// The target: the call was made or may have been, and nobody knows whether it arrived.
    Sight {
        /// What was to be done.
        intent: Box<Intent>,
        /// The act to be taken back, when this is the taking back.
        act: Option<Receipt>,
        /// Since when nobody knows: evidence before it says nothing.
        since: Timestamp,
    },
    /// Evidence of what the act did.
    Verification { receipt: Receipt },
    /// Evidence that the taking back worked.
    RollbackVerification { undo: Receipt },
}

impl OpenOperation {
    /// Whether nobody knows what the target is like because of this: then every proposal needs a person.
    pub(super) fn holds_target(&self) -> bool {
        let unknown = matches!(self.waits, Waits::Sight { .. });
        unknown || self.operation.state() == State::Inconclusive
    }
}
