//! How it is seen that an action worked.

use serde::{Deserialize, Serialize};

use crate::action::ActionId;
use crate::origin::{Condition, Origin};

/// The stages that an action must pass, and what happens when it does not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verification {
    /// Which actions.
    pub actions: Vec<ActionId>,
    /// The stages.
    pub stages: Vec<Stage>,
    /// What happens on failure.
    pub on_failure: OnFailure,
    /// Where it stands.
    pub origin: Origin,
}

/// One stage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stage {
    /// Which kind.
    pub kind: StageKind,
    /// From the end of the action; for a hold from when the other stages are done.
    pub duration_ms: u64,
    /// What must be true.
    pub condition: Condition,
}

impl Stage {
    /// The stage as written: `hold 5s p99 <= 100ms`.
    pub fn text(&self) -> String {
        let word = match self.kind {
            StageKind::At => "at",
            StageKind::Within => "within",
            StageKind::Hold => "hold",
        };
        let duration = leeway_units::Quantity::milliseconds(self.duration_ms);
        format!("{word} {duration} {}", self.condition.written)
    }
}

/// When a stage's condition must be true.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StageKind {
    /// Once, when the time has passed.
    At,
    /// At some moment until then.
    Within,
    /// At every sample for that long, after the other stages.
    Hold,
}

/// What happens when verification fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnFailure {
    /// The action is taken back.
    Rollback,
    /// People are told.
    Escalate,
    /// It is recorded.
    Nothing,
}
