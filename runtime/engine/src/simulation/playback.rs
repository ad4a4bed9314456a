//! The world of a simulation: its clock is that of the history, its ledger is memory, and every act does what it declares.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use leeway_units::Value;

use crate::enforcement::{NotDone, World};
use crate::intent::Facts;
use crate::operation::{IllegalMove, OperationId};
use crate::receipt::Receipt;
use crate::record::{Record, RecordId};
use crate::warrant::Warrant;

/// A record with when it was written and what it belongs to.
#[derive(Clone, Debug, PartialEq)]
pub struct Happening {
    /// When.
    pub at: Timestamp,
    /// Its place in the simulated ledger.
    pub id: RecordId,
    /// The operation it belongs to, if to one.
    pub operation: Option<OperationId>,
    /// What happened.
    pub record: Record,
}

pub(super) struct Playback {
    at: Timestamp,
    last: RecordId,
    happened: Vec<Happening>,
    written: Facts,
    /// Since when people are asked about an operation.
    asked: BTreeMap<OperationId, Timestamp>,
}

impl Playback {
    pub(super) fn new(at: Timestamp) -> Playback {
        Playback { at, last: RecordId(0), happened: Vec::new(), written: Vec::new(), asked: BTreeMap::new() }
    }

    pub(super) fn turn_to(&mut self, at: Timestamp) {
        self.at = self.at.max(at);
    }

    pub(super) fn time(&self) -> Timestamp {
        self.at
    }

    pub(super) fn happened(&mut self) -> Vec<Happening> {
        std::mem::take(&mut self.happened)
    }

    /// What was written since this was asked last, in order.
    pub(super) fn written(&mut self) -> Vec<(Arc<str>, Value)> {
        std::mem::take(&mut self.written)
    }

    pub(super) fn asked_at(&self, operation: OperationId) -> Option<Timestamp> {
        self.asked.get(&operation).copied()
    }
}

impl World for Playback {
    type Error = IllegalMove;

    fn now(&self) -> Timestamp {
        self.at
    }

    async fn write(&mut self, operation: Option<OperationId>, record: Record) -> Result<RecordId, IllegalMove> {
        self.last = RecordId(self.last.0 + 1);
        let founded = matches!(record, Record::Proposed { .. }).then_some(OperationId(self.last.0));
        let operation = founded.or(operation);
        if let Some(operation) = operation {
            if matches!(record, Record::ApprovalAsked { .. }) {
                self.asked.insert(operation, self.at);
            } else if record.state().is_some() {
                self.asked.remove(&operation);
            }
        }
        self.happened.push(Happening { at: self.at, id: self.last, operation, record });
        Ok(self.last)
    }

    async fn execute(&mut self, warrant: Warrant) -> Result<Receipt, NotDone> {
        self.written.extend(warrant.intent().written.iter().cloned());
        Ok(warrant.done(self.at, self.at))
    }
}
