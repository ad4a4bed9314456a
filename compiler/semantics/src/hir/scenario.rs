//! A `test`: what is the case, what is proposed, and what must come of it.

use std::sync::Arc;

use jiff::Timestamp;
use leeway_diagnostics::{Span, Spanned};
use leeway_ir as ir;
use leeway_ir::{ActionId, FactId, MetricId, RuleId};
use leeway_syntax::ast::{ClauseKind, Comparison, Ident, Text};
use leeway_units::Quantity;

use super::{Call, Expr};

#[derive(Debug)]
pub(crate) struct Scenario {
    pub(crate) name: Arc<str>,
    /// The clock, if it is given.
    pub(crate) at: Option<Timestamp>,
    pub(crate) facts: Vec<GivenFact>,
    pub(crate) metrics: Vec<GivenMetric>,
    pub(crate) series: Vec<GivenSeries>,
    /// `None` for `history missing`.
    pub(crate) history: Option<Vec<GivenOperation>>,
    pub(crate) actor: Option<ir::GivenActor>,
    pub(crate) claims: Vec<Claim>,
    pub(crate) breaker_open: bool,
    pub(crate) held: bool,
    pub(crate) killed: bool,
    pub(crate) owner: Option<Arc<str>>,
    pub(crate) propose: Option<Call>,
    pub(crate) expect: Vec<Expected>,
    pub(crate) span: Span,
}

#[derive(Debug)]
pub(crate) struct GivenFact {
    pub(crate) fact: FactId,
    pub(crate) value: GivenValue,
    pub(crate) held: Option<Expr>,
}

#[derive(Debug)]
pub(crate) enum GivenValue {
    One(Expr),
    Records(Spanned<Records>),
}

/// Fields with their values, for each record.
pub(crate) type Records = Vec<Vec<(Ident, Expr)>>;

#[derive(Debug)]
pub(crate) struct GivenMetric {
    pub(crate) metric: MetricId,
    pub(crate) value: Expr,
    pub(crate) held: Option<Expr>,
}

#[derive(Debug)]
pub(crate) struct GivenSeries {
    pub(crate) of: ir::SeriesOf,
    pub(crate) values: Text,
    pub(crate) every: Expr,
    /// What `values` say, once that is read.
    pub(crate) samples: Vec<Option<Quantity>>,
}

#[derive(Debug)]
pub(crate) struct GivenOperation {
    pub(crate) action: ActionId,
    pub(crate) arguments: Option<Call>,
    pub(crate) succeeded: bool,
    pub(crate) ago: Expr,
}

#[derive(Debug)]
pub(crate) struct Claim {
    pub(crate) metric: MetricId,
    pub(crate) comparison: Comparison,
    pub(crate) value: Expr,
    pub(crate) held: Option<Expr>,
}

#[derive(Debug)]
pub(crate) struct Expected {
    pub(crate) when: Option<Spanned<When>>,
    pub(crate) kind: ExpectedKind,
    pub(crate) span: Span,
}

#[derive(Debug)]
pub(crate) enum When {
    At(Expr),
    Within(Expr),
    Never,
}

#[derive(Debug)]
pub(crate) enum ExpectedKind {
    Tier { tier: ClauseKind, by: Option<Arc<str>> },
    Proposes { rule: RuleId, call: Call },
    Silent { rule: RuleId },
}
