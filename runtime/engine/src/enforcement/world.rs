//! What enforcement acts on: a clock, a ledger and a target.

use jiff::Timestamp;

use crate::operation::{IllegalMove, OperationId};
use crate::receipt::Receipt;
use crate::record::{Record, RecordId};
use crate::warrant::Warrant;

/// A clock, a ledger and a target: real ones, or those of a simulation.
pub trait World: Send {
    /// Why a record was not written.
    type Error: From<IllegalMove> + Send;

    /// The time of this turn: it goes on when something reaches the enforcement, and not while that thinks.
    fn now(&self) -> Timestamp;

    /// Writes a record. Only when it is safe does anything follow from it.
    ///
    /// # Errors
    /// When it cannot be written.
    fn write(
        &mut self,
        operation: Option<OperationId>,
        record: Record,
    ) -> impl Future<Output = Result<RecordId, Self::Error>> + Send;

    /// Does what the warrant permits, and uses it up.
    ///
    /// # Errors
    /// When it was not done, or nobody knows whether it was.
    fn execute(&mut self, warrant: Warrant) -> impl Future<Output = Result<Receipt, NotDone>> + Send;
}

/// An act that was not done, or of which nobody knows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct NotDone {
    /// Why.
    pub why: String,
    /// Whether that is certain.
    pub certainty: Certainty,
}

/// Whether an act is known not to have happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// It did not happen.
    NotDone,
    /// The call may have arrived: only the target knows.
    Unknown,
}

impl NotDone {
    /// It did not happen.
    pub fn certain(why: impl Into<String>) -> NotDone {
        NotDone { why: why.into(), certainty: Certainty::NotDone }
    }

    /// Nobody knows whether it happened.
    pub fn unknown(why: impl Into<String>) -> NotDone {
        NotDone { why: why.into(), certainty: Certainty::Unknown }
    }
}
