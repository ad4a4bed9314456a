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
}

impl World for Live {
    type Error = EnforceError;

    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    async fn write(&mut self, operation: Option<OperationId>, record: Record) -> Result<RecordId, EnforceError> {
        let is_intent = matches!(record, Record::Intended { .. });
        let id = self.journal.write(operation, record).await?;
        if is_intent {
            fail::fail_point!("intent-written");
        }
        Ok(id)
    }

    async fn execute(&mut self, warrant: Warrant) -> Result<Receipt, NotDone> {
        let operation = warrant.intent().operation;
        let result = self.provider.execute(warrant).await;
        match &result {
            Ok(_) => fail::fail_point!("receipt-not-written"),
            Err(NotDone { why, certainty: Certainty::Unknown }) => {
                tracing::warn!(%operation, why, "the call may have arrived; looking at the target");
            }
            Err(NotDone { certainty: Certainty::NotDone, .. }) => {}
        }
        result
    }
}
