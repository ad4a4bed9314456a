//! Where operations stand, and why.

use std::collections::BTreeMap;

use jiff::Timestamp;
use leeway_engine::{Happening, OperationId, Outcome, Purpose, Record, StageReport, State, Truth};
use serde::Serialize;

/// Where an operation stands since something happened.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Standing {
    /// Since when.
    pub(crate) t: Timestamp,
    pub(crate) operation: OperationId,
    pub(crate) state: State,
    /// Why, where something is to be said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) why: Option<String>,
}

/// Listens to what happens to operations.
#[derive(Debug, Default)]
pub(crate) struct Standings {
    /// Why the open ones whose verification failed are taken back.
    failed: BTreeMap<OperationId, String>,
}

impl Standings {
    /// Where the operation stands that this moved, if it moved one.
    pub(crate) fn hear(&mut self, happening: &Happening) -> Option<Standing> {
        let Happening { at, operation, record, .. } = happening;
        let operation = (*operation)?;
        if let Record::Verified { purpose: Purpose::Act, outcome: Outcome::Failed, stages } = record {
            self.failed.insert(operation, verification(stages));
        }
        let state = record.state()?;
        let failed =
            if state.is_open() { self.failed.get(&operation).cloned() } else { self.failed.remove(&operation) };
        let why = record.why().map(str::to_owned).or(failed);
        Some(Standing { t: *at, operation, state, why })
    }

    /// The end of an operation, if that is what happened.
    pub(crate) fn ended(&mut self, happening: &Happening) -> Option<Standing> {
        self.hear(happening).filter(|standing| !standing.state.is_open())
    }
}

/// Why a verification failed.
fn verification(stages: &[StageReport]) -> String {
    let stages = stages.iter().filter(|stage| stage.passed == Some(Truth::False)).map(|stage| {
        let values: Vec<String> = stage.values.iter().map(|(name, value)| format!("{name} = {value}")).collect();
        let values = if values.is_empty() { String::new() } else { format!(" [{}]", values.join(", ")) };
        format!("{}{values}", stage.text)
    });
    format!("verification failed: {}", stages.collect::<Vec<_>>().join(", "))
}
