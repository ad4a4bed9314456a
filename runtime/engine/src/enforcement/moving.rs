//! An operation moves on: checked, written, then believed; and when it ends it is counted.

use crate::enforcement::open_operation::Waits;
use crate::enforcement::{Enforcement, World};
use crate::history::{Ended, PastOperation};
use crate::intent::Intent;
use crate::operation::{OperationId, State};
use crate::record::Record;

impl<W: World> Enforcement<W> {
    /// Writes a record of an operation and moves the operation where the record says.
    pub(super) async fn step(&mut self, id: OperationId, record: Record) -> Result<(), W::Error> {
        if let (Some(state), Some(open)) = (record.state(), self.open.get(&id)) {
            // Checked before it is written: the ledger holds no step that the state machine does not have.
            open.operation.clone().advance(state)?;
        }
        self.write(Some(id), record.clone()).await?;
        if let Some(state) = record.state() {
            self.arrived(id, state).await?;
        }
        Ok(())
    }

    pub(super) async fn moved(&mut self, id: OperationId, state: State, why: Option<String>) -> Result<(), W::Error> {
        self.step(id, Record::Moved { state, why }).await
    }

    /// The operation is in a new state: close it if that is an end, and count it.
    async fn arrived(&mut self, id: OperationId, state: State) -> Result<(), W::Error> {
        if let Some(open) = self.open.get_mut(&id) {
            open.operation.advance(state)?;
        }
        if state.is_open() {
            return Ok(());
        }
        if matches!(state, State::Refused | State::Recorded) {
            self.came_to_nothing = Some(id);
        }
        self.open.remove(&id);
        if !self.ended(id, state) {
            return Ok(());
        }
        self.watch_breaker().await
    }

    /// Opens the breaker when so many operations have failed in a row.
    pub(super) async fn watch_breaker(&mut self) -> Result<(), W::Error> {
        if !self.breaker_open && self.breaker.opens(self.policy()) {
            self.breaker_open = true;
            self.write(None, Record::BreakerOpened { failures: self.breaker.failures }).await?;
        }
        Ok(())
    }

    pub(super) fn began(&mut self, id: OperationId, intent: &Intent) {
        if let Some((action, _)) = self.policy().action_named(&intent.call.action) {
            self.history.begin(PastOperation {
                operation: Some(id),
                action,
                actors: intent.asked_by.clone(),
                began: intent.at,
                before: Some(intent.before.clone()),
                ended: None,
            });
        }
    }

    /// Counts an operation that began and ended so. Whether it is one that counts.
    pub(super) fn ended(&mut self, id: OperationId, state: State) -> bool {
        let Some(ended) = Ended::of(state) else { return false };
        let began = self.history.end(id, ended);
        if began {
            self.breaker = self.breaker.after(ended);
            self.unrecovered = match ended {
                Ended::RollbackFailed => true,
                Ended::Confirmed | Ended::Partial => false,
                Ended::Failed | Ended::RolledBack | Ended::Superseded => self.unrecovered,
            };
        }
        began
    }

    pub(super) fn wait(&mut self, id: OperationId, waits: Waits) {
        if let Some(open) = self.open.get_mut(&id) {
            open.waits = waits;
        }
    }
}
