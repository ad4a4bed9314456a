//! Acts on a warrant: the intent is written, the call is made, the receipt is written.

use jiff::Timestamp;
use leeway_engine::{Intent, OperationId, Purpose, Receipt, Record, State, Warrant};
use leeway_providers::Certainty;

use crate::enforcer::{EnforceError, Enforcer};
use crate::open_operation::Waits;

impl Enforcer {
    /// Does what the warrant permits. `act` is what a taking back takes back.
    pub(crate) async fn execute(
        &mut self,
        id: OperationId,
        warrant: Warrant,
        act: Option<Receipt>,
    ) -> Result<(), EnforceError> {
        if self.settings.dry_run {
            return Ok(());
        }
        let intent = warrant.intent().clone();
        // The ledger is written before the call: a crash must leave a trace, not a surprise.
        self.step(id, Record::Intended { intent: Box::new(intent.clone()) }).await?;
        fail::fail_point!("intent-written");
        if act.is_none() {
            self.began(id, &intent);
        }
        let since = Timestamp::now();
        if !warrant.is_valid(since, self.epoch) {
            return self.not_done(id, &intent, "the warrant expired before it was used".to_owned()).await;
        }
        match self.provider.execute(warrant).await {
            Ok(receipt) => {
                fail::fail_point!("receipt-not-written");
                self.done(id, receipt, false).await
            }
            Err(not_done) => match not_done.certainty {
                Certainty::NotDone => self.not_done(id, &intent, not_done.why).await,
                Certainty::Unknown => {
                    tracing::warn!(operation = %id, why = not_done.why, "the call may have arrived; looking at the target");
                    self.wait(id, Waits::Sight { intent: Box::new(intent), act, since: Timestamp::now() });
                    Ok(())
                }
            },
        }
    }

    /// The act happened: wait for evidence of what it did.
    pub(crate) async fn done(&mut self, id: OperationId, receipt: Receipt, found: bool) -> Result<(), EnforceError> {
        let purpose = receipt.intent().purpose;
        let (began, ended) = (receipt.began(), receipt.ended());
        self.step(id, Record::Done { purpose, began, ended, found }).await?;
        match purpose {
            Purpose::Act => {
                self.supersede_others(id, &receipt).await?;
                self.wait(id, Waits::Verification { receipt });
            }
            Purpose::Undo => self.wait(id, Waits::RollbackVerification { undo: receipt }),
        }
        Ok(())
    }

    pub(crate) async fn not_done(&mut self, id: OperationId, intent: &Intent, why: String) -> Result<(), EnforceError> {
        self.step(id, Record::NotDone { purpose: intent.purpose, why }).await
    }

    /// A later operation on the same fact ends the earlier verification.
    async fn supersede_others(&mut self, id: OperationId, receipt: &Receipt) -> Result<(), EnforceError> {
        let overtaken: Vec<OperationId> = self
            .open
            .values()
            .filter(|open| open.operation.id() != id && open.operation.state() == State::Verifying)
            .filter(|open| match &open.waits {
                Waits::Verification { receipt: other } => {
                    other.began() <= receipt.began() && other.writes_the_same(receipt)
                }
                Waits::Decision
                | Waits::Nothing
                | Waits::Approval { .. }
                | Waits::Sight { .. }
                | Waits::RollbackVerification { .. } => false,
            })
            .map(|open| open.operation.id())
            .collect();
        for other in overtaken {
            self.moved(other, State::Superseded, Some(format!("operation {id} wrote the same fact"))).await?;
        }
        Ok(())
    }
}
