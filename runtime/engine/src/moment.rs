//! One moment of a recorded history: what was measured then, and in the recording of an enforcer what else reached it.

use jiff::Timestamp;
use leeway_ir::Policy;
use leeway_units::Value;

use crate::evidence::Gap;
use crate::recording::Turn;

/// What a recording says of one moment, by the slots of a policy.
#[derive(Clone, Debug, PartialEq)]
pub struct Moment {
    /// When.
    pub at: Timestamp,
    /// For each fact what was seen, or why nothing was; nothing at all where the recording has no sample of it then.
    pub facts: Vec<Option<Result<Value, Gap>>>,
    /// The same for each metric.
    pub metrics: Vec<Option<Result<Value, Gap>>>,
    /// What an enforcer did then, if one recorded it.
    pub turn: Option<Turn>,
}

impl Moment {
    /// A moment of which nothing is recorded yet.
    pub fn empty(policy: &Policy, at: Timestamp) -> Moment {
        Moment { at, facts: vec![None; policy.facts.len()], metrics: vec![None; policy.metrics.len()], turn: None }
    }

    /// Forgets what is recorded, and is of another time.
    pub fn begin(&mut self, at: Timestamp) {
        self.at = at;
        for slot in self.facts.iter_mut().chain(&mut self.metrics) {
            *slot = None;
        }
        self.turn = None;
    }
}
