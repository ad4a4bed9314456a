//! The world of a daemon: the clock of this machine, the ledger, and a live target.

use jiff::Timestamp;
use leeway_engine::{Certainty, NotDone, OperationId, Receipt, Record, RecordId, Warrant, World};
use leeway_providers::Provider;

use crate::enforcer::EnforceError;
use crate::journal::Journal;

/// A live target and the ledger about it.
pub(crate) struct Live {
    pub(crate) provider: Box<dyn Provider>,
    pub(crate) journal: Journal,
    /// The time of this turn. It goes on only when something reaches the enforcer, so that whatever is decided in a turn is decided
    /// at the very time that its records bear, and can be decided again from them.
    at: Timestamp,
}

impl Live {
    pub(crate) fn new(provider: Box<dyn Provider>, journal: Journal) -> Live {
        Live { provider, journal, at: Timestamp::now() }
    }

    /// Something reached the enforcer: what it saw, what somebody said, or the answer to a call.
    pub(crate) fn turn(&mut self) -> Timestamp {
        self.at = Timestamp::now();
        self.at
    }

    /// Tells those who watch of a question that was asked before they did.
    pub(crate) fn remind(&self, operation: OperationId, question: Record) {
        self.journal.remind(self.at, operation, question);
    }
}

impl World for Live {
    type Error = EnforceError;

    fn now(&self) -> Timestamp {
        self.at
    }

    async fn write(&mut self, operation: Option<OperationId>, record: Record) -> Result<RecordId, EnforceError> {
        let is_intent = matches!(record, Record::Intended { .. });
        let id = self.journal.write(self.at, operation, record).await?;
        if is_intent {
            fail::fail_point!("intent-written");
        }
        Ok(id)
    }

    async fn execute(&mut self, warrant: Warrant) -> Result<Receipt, NotDone> {
        let (operation, epoch) = (warrant.intent().operation, warrant.intent().epoch);
        // A ledger may take long to write the intent: what counts here is the time that it is.
        if !warrant.is_valid(Timestamp::now(), epoch) {
            self.turn();
            return Err(NotDone::certain("the warrant expired before it was used"));
        }
        let result = self.provider.execute(warrant).await;
        match &result {
            Ok(_) => {
                self.turn();
                fail::fail_point!("receipt-not-written");
            }
            Err(NotDone { why, certainty: Certainty::Unknown }) => {
                tracing::warn!(%operation, why, "the call may have arrived; looking at the target");
            }
            Err(NotDone { certainty: Certainty::NotDone, .. }) => {
                self.turn();
            }
        }
        result
    }
}
