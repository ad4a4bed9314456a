//! Writes every step to the ledger and tells those who watch.

use std::sync::Arc;

use jiff::Timestamp;
use leeway_engine::{Entry, OperationId, Record, RecordId};
use leeway_store::{StoreError, Writer};
use tokio::sync::broadcast;

/// How many events a slow watcher may lag behind before it loses the oldest. The ledger has them all.
const EVENTS_KEPT_MAX: usize = 1_024;

/// A record, as soon as it is written.
#[derive(Clone, Debug)]
pub struct Event {
    /// Its place in the ledger.
    pub id: RecordId,
    /// What was recorded.
    pub entry: Arc<Entry>,
}

/// Receives events as they are written.
pub type EventStream = broadcast::Receiver<Event>;

/// The way into the ledger for one blueprint.
pub(crate) struct Journal {
    writer: Arc<Writer>,
    blueprint: Arc<str>,
    events: broadcast::Sender<Event>,
}

impl Journal {
    pub(crate) fn new(writer: Arc<Writer>, blueprint: Arc<str>) -> Journal {
        let (events, _) = broadcast::channel(EVENTS_KEPT_MAX);
        Journal { writer, blueprint, events }
    }

    pub(crate) fn watch(&self) -> EventStream {
        self.events.subscribe()
    }

    pub(crate) fn writer(&self) -> &Writer {
        &self.writer
    }

    pub(crate) fn blueprint(&self) -> &Arc<str> {
        &self.blueprint
    }

    /// Tells those who watch of a record that was written before they did.
    pub(crate) fn remind(&self, at: Timestamp, operation: OperationId, record: Record) {
        let blueprint = self.blueprint.clone();
        let entry = Arc::new(Entry { at, blueprint, operation: Some(operation), record });
        let _ = self.events.send(Event { id: RecordId(operation.0), entry });
    }

    /// Writes a record. Only when it is on disk does anything follow from it.
    pub(crate) async fn write(
        &self,
        at: Timestamp,
        operation: Option<OperationId>,
        record: Record,
    ) -> Result<RecordId, StoreError> {
        let entry = Entry { at, blueprint: self.blueprint.clone(), operation, record };
        let founds = matches!(entry.record, Record::Proposed { .. });
        let id = self.writer.append(entry.clone()).await?;
        let operation = if founds { Some(OperationId(id.0)) } else { operation };
        // Nobody watching is fine.
        let _ = self.events.send(Event { id, entry: Arc::new(Entry { operation, ..entry }) });
        Ok(id)
    }
}
