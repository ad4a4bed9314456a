//! The policy that the runtime enforces: names resolved to slots, sugar gone, units inside the values. Data and nothing else.

mod action;
mod approval;
pub mod bundle;
mod clause;
mod entailment;
mod expr;
mod fingerprint;
mod hexadecimal;
mod limit;
mod metric;
mod origin;
mod pattern;
mod policy;
mod response;
mod rule;
mod scenario;
mod slo;
mod verification;
mod weekly;
mod well_formed;
mod widening;

pub use action::{Action, ActionId, CallExpr, Effect, Parameter, Risk, Undo};
pub use approval::{APPROVAL_TIMEOUT_MS, ApprovalBlock, Autonomy, Ceiling, Escalation};
pub use clause::{Clause, ClauseKind};
pub use expr::{
    ActorField, ArithmeticOp, Comparison, EXPRESSION_DEPTH_MAX, Expr, Function, Input, Quantifier, WindowFunction,
};
pub use fingerprint::{Fingerprint, canonical_digest};
pub use limit::{Limit, LimitKind};
pub use metric::{Metric, MetricId, Reading, ReadingKind, Source};
pub use origin::{Because, Condition, Named, Origin, Piece};
pub use pattern::Pattern;
pub use policy::{Fact, FactId, Policy, Target};
pub use response::{Given, Response, in_order, response_order};
pub use rule::{Objective, Rule, RuleId};
pub use scenario::{
    Claim, Expected, ExpectedKind, GivenActor, GivenFact, GivenMetric, GivenOperation, GivenSeries, Scenario, SeriesOf,
    Suite, When,
};
pub use slo::{Burn, Invariant, Severity, Slo, SloId};
pub use verification::{OnFailure, Stage, StageKind, Verification};
pub use weekly::{DAY_MINUTES, WEEK_MINUTES, WeekSpan, Weekly, Zone};
pub use well_formed::{Malformed, well_formed};
pub use widening::{Counterpart, Widening, WideningKind, widenings};
