//! How it is seen that an action worked.

use leeway_diagnostics::Spanned;

use super::{ActionRef, Amount, Expr};

/// `verify ACTIONS { … } else …`.
#[derive(Clone, Debug, PartialEq)]
pub struct Verify {
    /// Which actions.
    pub actions: Vec<ActionRef>,
    /// The stages, in order.
    pub stages: Vec<Stage>,
    /// What happens when it fails.
    pub otherwise: Spanned<Failure>,
}

/// What happens when verification fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// `else rollback`.
    Rollback,
    /// `else escalate`.
    Escalate,
    /// `else nothing`.
    Nothing,
}

/// `at D E`, `within D E` or `hold D E`.
#[derive(Clone, Debug, PartialEq)]
pub struct Stage {
    /// Which of the three.
    pub kind: StageKind,
    /// How long, from the end of the action (`hold`: from when the others are done).
    pub duration: Amount,
    /// What must be true.
    pub condition: Expr,
}

/// The kinds of stages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StageKind {
    /// Once, after the time.
    At,
    /// At some time until then.
    Within,
    /// At every sample for that long, after the others.
    Hold,
}
