//! What is measured, where its samples come from, and service level objectives.

use leeway_diagnostics::{Span, Spanned};
use leeway_units::Quantity;

use super::{Amount, Expr, Ident, Text, Typed};

/// `metric NAME: TYPE = SOURCE [every D] [stale D] [untrusted] [responds EXPR]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Metric {
    /// Name and type.
    pub typed: Typed,
    /// Where its samples come from.
    pub sampled: Sampled,
    /// `untrusted`: an outsider can write its labels or values.
    pub untrusted: Option<Span>,
    /// What it is in the closed loop of a simulation.
    pub responds: Option<Expr>,
}

/// `SOURCE [every D] [stale D]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Sampled {
    /// Where the samples come from.
    pub source: Source,
    /// How often one is taken.
    pub every: Option<Amount>,
    /// How old one may be.
    pub stale: Option<Amount>,
}

/// Where samples come from.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// Which kind, and what it asks.
    pub kind: SourceKind,
    /// The whole.
    pub span: Span,
}

/// The kinds of sources.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "sources are few, and each is read once")]
pub enum SourceKind {
    /// `` prometheus `PROMQL` ``.
    Prometheus(Text),
    /// `scrape A [/ B]`: readings of the target's own `/metrics`.
    Scrape(Scrape, Option<Scrape>),
    /// `http_json "PATH" at "/json/pointer"`.
    HttpJson {
        /// The path on the target.
        path: Text,
        /// The JSON pointer to the number.
        pointer: Text,
    },
    /// `constant LITERAL`.
    Constant(Expr),
}

/// One reading of a target's own `/metrics`.
#[derive(Clone, Debug, PartialEq)]
pub enum Scrape {
    /// `"gauge{…}"`.
    Gauge(Text),
    /// `sum("gauge{…}")`.
    Sum(Text),
    /// `rate("counter{…}", D)`.
    Rate(Text, Amount),
    /// `quantile(Q, "histogram{…}", D)`.
    Quantile(Spanned<Quantity>, Text, Amount),
    /// `mean("histogram{…}", D)`.
    Mean(Text, Amount),
}

/// `slo NAME P% over D { good = SAMPLED total = SAMPLED [min events N] [burn F LONG SHORT SEVERITY]… }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Slo {
    /// The name.
    pub name: Ident,
    /// Which part of the events must be good.
    pub objective: Amount,
    /// Over how long.
    pub over: Amount,
    /// How many good events there are per second.
    pub good: Sampled,
    /// How many events there are per second.
    pub total: Sampled,
    /// Fewer events in the long window are no evidence.
    pub min_events: Option<Amount>,
    /// When it burns too fast; none: the pairs of the SRE workbook.
    pub burns: Vec<Burn>,
}

/// `burn F LONG SHORT SEVERITY`.
#[derive(Clone, Debug, PartialEq)]
pub struct Burn {
    /// How many times faster than the budget admits.
    pub factor: Amount,
    /// The long window.
    pub long: Amount,
    /// The short window.
    pub short: Amount,
    /// `high` or `medium`, as written.
    pub severity: Ident,
}
