//! Follows the enforcer's records: tells them, and lets a scene wait for what it promised.

use std::sync::Arc;
use std::time::Duration;

use leeway_controller::{Event, EventStream};
use leeway_engine::{Entry, Record};
use leeway_units::{Quantity, Value};
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::time::Instant;

use crate::narrate::Narrator;
use crate::table::Operations;

/// Reads records in their order, tells them and remembers what the report needs.
pub(crate) struct Watcher {
    events: EventStream,
    narrator: Narrator,
    pub(crate) operations: Operations,
    pub(crate) breaker_is_open: bool,
    /// The quota that the limiter last showed.
    pub(crate) quota: Option<Quantity>,
}

impl Watcher {
    pub(crate) fn new(events: EventStream, narrator: Narrator) -> Watcher {
        Watcher { events, narrator, operations: Operations::default(), breaker_is_open: false, quota: None }
    }

    /// The next record that `wanted` accepts.
    pub(crate) async fn next(
        &mut self,
        what: &str,
        time: Duration,
        wanted: impl Fn(&Entry) -> bool,
    ) -> Result<Arc<Entry>, String> {
        let deadline = Instant::now() + time;
        loop {
            let event = tokio::time::timeout_at(deadline, self.events.recv())
                .await
                .map_err(|_| format!("{what} did not happen within {} s", time.as_secs()))?;
            match event {
                Ok(event) => {
                    self.note(&event);
                    if wanted(&event.entry) {
                        return Ok(event.entry);
                    }
                }
                Err(RecvError::Lagged(missed)) => return Err(format!("{missed} records went by unseen")),
                Err(RecvError::Closed) => return Err("the enforcer stopped".to_owned()),
            }
        }
    }

    /// Takes in what has been written and not read yet.
    pub(crate) fn catch_up(&mut self) {
        loop {
            match self.events.try_recv() {
                Ok(event) => self.note(&event),
                Err(TryRecvError::Lagged(_)) => {}
                Err(TryRecvError::Empty | TryRecvError::Closed) => return,
            }
        }
    }

    fn note(&mut self, event: &Event) {
        self.narrator.show(event);
        self.operations.note(&event.entry);
        match &event.entry.record {
            Record::BreakerOpened { .. } => self.breaker_is_open = true,
            Record::BreakerReset { .. } => self.breaker_is_open = false,
            Record::Observed { facts, .. } => {
                if let Some(Ok(Value::Quantity(quota))) = facts.get("quota") {
                    self.quota = Some(*quota);
                }
            }
            Record::Started { .. }
            | Record::Unreachable { .. }
            | Record::Reachable { .. }
            | Record::Unseen { .. }
            | Record::Proposed { .. }
            | Record::Decided { .. }
            | Record::ApprovalAsked { .. }
            | Record::Approved { .. }
            | Record::Rejected { .. }
            | Record::Intended { .. }
            | Record::Done { .. }
            | Record::NotDone { .. }
            | Record::Verified { .. }
            | Record::Moved { .. } => {}
        }
    }
}
