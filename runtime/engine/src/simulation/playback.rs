//! The world of a simulation: its clock is that of the history, its ledger is memory, and every act does what it declares; of a
//! recorded run, what it came to then.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;
use leeway_units::Value;
use serde::{Deserialize, Serialize};

use crate::enforcement::{NotDone, World};
use crate::intent::{Facts, Purpose};
use crate::operation::{IllegalMove, OperationId};
use crate::receipt::Receipt;
use crate::record::{Record, RecordId};
use crate::warrant::Warrant;

/// A record with when it was written and what it belongs to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Happening {
    /// When.
    pub at: Timestamp,
    /// Its place in the ledger, which may be a simulated one.
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
    /// What is recorded of this turn, in the replay of a run.
    recorded: Option<Recorded>,
}

/// What a recorded turn decides beforehand.
#[derive(Debug, Default)]
struct Recorded {
    /// The numbers that its proposals were given.
    numbers: VecDeque<RecordId>,
    /// What its calls came to.
    outcomes: Vec<Outcome>,
}

/// What a call came to.
#[derive(Debug)]
struct Outcome {
    of: (Option<OperationId>, Purpose),
    at: Timestamp,
    /// When it began and ended, or why it was not done.
    came: Result<(Timestamp, Timestamp), String>,
}

impl Playback {
    pub(super) fn new(at: Timestamp) -> Playback {
        Playback {
            at,
            last: RecordId(0),
            happened: Vec::new(),
            written: Vec::new(),
            asked: BTreeMap::new(),
            recorded: None,
        }
    }

    /// Plays the turn of which this is recorded.
    pub(super) fn replay(&mut self, run: &[Happening]) {
        let proposed = run.iter().filter(|happening| matches!(happening.record, Record::Proposed { .. }));
        self.recorded = Some(Recorded {
            numbers: proposed.map(|proposed| proposed.id).collect(),
            outcomes: run.iter().filter_map(Outcome::of).collect(),
        });
    }

    /// From here on nothing is recorded: every act does what it declares.
    pub(super) fn stop_replaying(&mut self) {
        self.recorded = None;
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
        let founds = matches!(record, Record::Proposed { .. });
        let recorded = self.recorded.as_mut().filter(|_| founds).and_then(|recorded| recorded.numbers.pop_front());
        self.last = RecordId(self.last.0 + 1).max(recorded.unwrap_or(self.last));
        let founded = founds.then_some(OperationId(self.last.0));
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
        let Some(recorded) = &mut self.recorded else {
            self.written.extend(warrant.intent().written.iter().cloned());
            return Ok(warrant.done(self.at, self.at));
        };
        let of = (Some(warrant.intent().operation), warrant.intent().purpose);
        let Some(place) = recorded.outcomes.iter().position(|outcome| outcome.of == of) else {
            return Err(NotDone::unknown("the recording has no answer to this call"));
        };
        let Outcome { at, came, .. } = recorded.outcomes.remove(place);
        self.turn_to(at);
        came.map(|(began, ended)| warrant.done(began, ended)).map_err(NotDone::certain)
    }
}

impl Outcome {
    /// What a record says of a call, if it is an answer to one.
    fn of(happening: &Happening) -> Option<Outcome> {
        let (purpose, came) = if let Record::Done { purpose, began, ended, .. } = &happening.record {
            (*purpose, Ok((*began, *ended)))
        } else if let Record::NotDone { purpose, why } = &happening.record {
            (*purpose, Err(why.clone()))
        } else {
            return None;
        };
        Some(Outcome { of: (happening.operation, purpose), at: happening.at, came })
    }
}
