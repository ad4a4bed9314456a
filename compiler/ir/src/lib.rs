//! The policy that the runtime enforces: names resolved to slots, sugar gone, units inside the values. Data and nothing else.

mod action;
mod clause;
mod expr;
mod fingerprint;
mod limit;
mod metric;
mod origin;
mod policy;
mod rule;
mod verification;

pub use action::{Action, ActionId, CallExpr, Effect, Parameter, Risk, Undo};
pub use clause::{Clause, ClauseKind};
pub use expr::{ActorField, ArithmeticOp, Comparison, Expr, Function, Input, WindowFunction};
pub use fingerprint::{Fingerprint, canonical_digest};
pub use limit::Limit;
pub use metric::{Metric, MetricId, Reading, ReadingKind, Source};
pub use origin::{Because, Condition, Named, Origin, Piece};
pub use policy::{Fact, FactId, Policy, Target};
pub use rule::{Objective, Rule, RuleId};
pub use verification::{OnFailure, Stage, StageKind, Verification};
