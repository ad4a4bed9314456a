//! Acts on a warrant: the intent is written, the call is made, the receipt is written.

use crate::enforcement::open_operation::Waits;
use crate::enforcement::{Certainty, Enforcement, Mode, World};
use crate::intent::{Intent, Purpose};
use crate::operation::{OperationId, State};
use crate::receipt::Receipt;
use crate::record::Record;
use crate::warrant::Warrant;

impl<W: World> Enforcement<W> {
    /// Does what the warrant permits. `act` is what a taking back takes back.
    pub(super) async fn execute(
        &mut self,
        id: OperationId,
        warrant: Warrant,
        act: Option<Receipt>,
    ) -> Result<(), W::Error> {
        if self.mode == Mode::DryRun {
            return Ok(());
        }
        let intent = warrant.intent().clone();
        self.will_write(&intent);
        // The ledger is written before the call: a crash must leave a trace, not a surprise.
        self.step(id, Record::Intended { intent: Box::new(intent.clone()) }).await?;
        if act.is_none() {
            self.began(id, &intent);
        }
        let since = self.world.now();
        if !warrant.is_valid(since, self.epoch) {
            return self.not_done(id, &intent, "the warrant expired before it was used".to_owned()).await;
        }
        match self.world.execute(warrant).await {
            Ok(receipt) => self.done(id, receipt, false).await,
            Err(not_done) => match not_done.certainty {
                Certainty::NotDone => self.not_done(id, &intent, not_done.why).await,
                Certainty::Unknown => {
                    self.wait(id, Waits::Sight { intent: Box::new(intent), act, since: self.world.now() });
                    Ok(())
                }
            },
        }
    }

    /// The act happened: wait for evidence of what it did.
    pub(super) async fn done(&mut self, id: OperationId, receipt: Receipt, found: bool) -> Result<(), W::Error> {
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

    pub(super) async fn not_done(&mut self, id: OperationId, intent: &Intent, why: String) -> Result<(), W::Error> {
        self.step(id, Record::NotDone { purpose: intent.purpose, why }).await
    }

    /// A later operation on the same fact ends the earlier verification.
    async fn supersede_others(&mut self, id: OperationId, receipt: &Receipt) -> Result<(), W::Error> {
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
