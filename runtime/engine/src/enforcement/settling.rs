//! Each round: what waits for people, for sight of the target or for evidence is looked at again.

use jiff::Timestamp;
use leeway_ir::OnFailure;

use crate::enforcement::open_operation::Waits;
use crate::enforcement::{Enforcement, Mode, World};
use crate::intent::{Intent, Purpose};
use crate::operation::{OperationId, State};
use crate::receipt::{Receipt, UndoRefusal};
use crate::record::Record;
use crate::verify::{Outcome, verify};

/// How long after the turn of an unanswered call the target must be watched before "nothing happened" is believed, in
/// milliseconds: five seconds more than any provider waits for an answer.
const SILENCE_MS: i64 = 7_000;

impl<W: World> Enforcement<W> {
    /// Settles what can be settled.
    pub(crate) async fn settle(&mut self) -> Result<(), W::Error> {
        // A dry run leaves what an earlier run began as it is: settling may mean acting.
        if self.mode == Mode::DryRun {
            return Ok(());
        }
        self.refresh();
        let ids: Vec<OperationId> = self.open.keys().copied().collect();
        for id in ids {
            let Some(open) = self.open.get_mut(&id) else { continue };
            match std::mem::replace(&mut open.waits, Waits::Nothing) {
                Waits::Nothing => {}
                Waits::Decision => self.decide_on(id).await?,
                waits @ Waits::Approval { .. } => {
                    self.wait(id, waits);
                    self.look_at_approval(id).await?;
                }
                Waits::Sight { intent, act, since } => self.look_for(id, *intent, act, since).await?,
                Waits::Verification { receipt } => self.look_at_act(id, receipt).await?,
                Waits::RollbackVerification { undo } => self.look_at_rollback(id, undo).await?,
            }
            self.refresh();
        }
        Ok(())
    }

    async fn look_at_approval(&mut self, id: OperationId) -> Result<(), W::Error> {
        let Some(open) = self.open.get(&id) else { return Ok(()) };
        let Waits::Approval { expires, .. } = &open.waits else { return Ok(()) };
        if self.snapshot.at > *expires {
            self.declined(id);
            return self.moved(id, State::Expired, Some("nobody answered in time".to_owned())).await;
        }
        self.weigh_approval(id).await
    }

    /// Nobody knows whether a call arrived: the target knows. It is read, and the call is not repeated.
    async fn look_for(
        &mut self,
        id: OperationId,
        intent: Intent,
        act: Option<Receipt>,
        since: Timestamp,
    ) -> Result<(), W::Error> {
        if intent.written.is_empty() {
            let why = "the answer was lost, and nothing that the action writes can be seen: nobody can tell whether it was done";
            return self.not_done(id, &intent, why.to_owned()).await;
        }
        let versions = (&self.snapshot.object_version, &intent.object_version);
        let moved_on = matches!(versions, (Some(now), Some(then)) if now != then);
        let same = matches!(versions, (Some(now), Some(then)) if now == then);
        match Receipt::shows(self.policy(), &intent, &self.snapshot, since) {
            // Not seen since: keep looking.
            None => self.wait(id, Waits::Sight { intent: Box::new(intent), act, since }),
            Some(true) if !same => {
                self.done(id, Receipt::found(intent, self.snapshot.at), true).await?;
            }
            Some(false) if moved_on => {
                let why = "the answer was lost, and the target shows what somebody else wrote since".to_owned();
                self.not_done(id, &intent, why).await?;
            }
            Some(_) if self.snapshot.at.duration_since(since).as_millis() < i128::from(SILENCE_MS) => {
                // It may still be on its way.
                self.wait(id, Waits::Sight { intent: Box::new(intent), act, since });
            }
            Some(_) => {
                let why = "the target shows that the call never arrived".to_owned();
                self.not_done(id, &intent, why).await?;
            }
        }
        Ok(())
    }

    async fn look_at_act(&mut self, id: OperationId, mut receipt: Receipt) -> Result<(), W::Error> {
        let progress = verify(self.policy(), &receipt, &self.snapshot, &self.history);
        let Some(outcome) = progress.outcome else {
            self.wait(id, Waits::Verification { receipt });
            return Ok(());
        };
        let record = Record::Verified { purpose: Purpose::Act, outcome, stages: progress.stages };
        match outcome {
            Outcome::Confirmed | Outcome::Partial => self.step(id, record).await,
            Outcome::Inconclusive => self.hold(id, record, receipt, Purpose::Act).await,
            Outcome::Failed => match progress.on_failure {
                OnFailure::Escalate | OnFailure::Nothing => {
                    self.step(id, record).await?;
                    self.moved(id, State::Failed, Some("verification failed".to_owned())).await
                }
                OnFailure::Rollback => match receipt.undo(self.policy(), &self.snapshot, self.epoch) {
                    Ok(warrant) => {
                        self.step(id, record).await?;
                        self.execute(id, warrant, Some(receipt)).await
                    }
                    // It will be seen again, or the drift will.
                    Err(UndoRefusal::Unseen(_)) => {
                        self.wait(id, Waits::Verification { receipt });
                        Ok(())
                    }
                    Err(refusal @ (UndoRefusal::NoUndo(_) | UndoRefusal::AlreadyUndone | UndoRefusal::Drifted(_))) => {
                        self.step(id, record).await?;
                        let why = format!("verification failed, and it is not taken back: {refusal}");
                        self.moved(id, State::Failed, Some(why)).await
                    }
                },
            },
        }
    }

    async fn look_at_rollback(&mut self, id: OperationId, undo: Receipt) -> Result<(), W::Error> {
        let progress = verify(self.policy(), &undo, &self.snapshot, &self.history);
        let Some(outcome) = progress.outcome else {
            self.wait(id, Waits::RollbackVerification { undo });
            return Ok(());
        };
        let record = Record::Verified { purpose: Purpose::Undo, outcome, stages: progress.stages };
        match outcome {
            Outcome::Confirmed | Outcome::Partial | Outcome::Failed => self.step(id, record).await,
            Outcome::Inconclusive => self.hold(id, record, undo, Purpose::Undo).await,
        }
    }

    /// The evidence cannot decide: no rollback on a blind eye, but the target is held until fresh evidence does.
    async fn hold(
        &mut self,
        id: OperationId,
        record: Record,
        receipt: Receipt,
        purpose: Purpose,
    ) -> Result<(), W::Error> {
        let held_already = self.open.get(&id).is_some_and(|open| open.operation.state() == State::Inconclusive);
        if !held_already {
            self.step(id, record).await?;
        }
        let receipt = receipt.reconsidered(self.snapshot.at);
        self.wait(
            id,
            match purpose {
                Purpose::Act => Waits::Verification { receipt },
                Purpose::Undo => Waits::RollbackVerification { undo: receipt },
            },
        );
        Ok(())
    }
}
