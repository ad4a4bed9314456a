//! `test "…" { given … propose CALL … expect … }`.

use leeway_diagnostics::{Span, Spanned};

use super::{Amount, Argument, Call, ClauseKind, Comparison, Expr, Ident, Path, Text};

/// `test "NAME" { given … propose CALL … expect … }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Test {
    /// What it shows.
    pub name: Text,
    /// What is the case, in order.
    pub given: Vec<Spanned<Given>>,
    /// What is proposed.
    pub propose: Option<Call>,
    /// What must come of it, in order; at least one.
    pub expect: Vec<Expect>,
}

/// One thing that is the case.
#[derive(Clone, Debug, PartialEq)]
pub enum Given {
    /// `NAME = VALUE [for D]`: a fact or a metric.
    Value {
        /// The fact or metric; of an included policy's metric its whole path.
        name: Path,
        /// What it is.
        value: GivenValue,
        /// For how long it has been.
        held: Option<Amount>,
    },
    /// `NAME missing`; `history missing` too.
    Missing(Path),
    /// `ACTION succeeded | failed D ago`.
    Past(Past),
    /// `actor KIND "NAME" [roles ["…"]]`.
    Actor {
        /// `rule`, `human` or `agent`, as written.
        kind: Ident,
        /// Who.
        name: Text,
        /// What it may act as.
        roles: Vec<Text>,
    },
    /// `at "2026-01-02T03:04:05Z"`.
    At(Text),
    /// `claim METRIC OP VALUE [for D]`: what the proposer says that it saw.
    Claim(Claim),
    /// `breaker open`.
    BreakerOpen,
    /// `target held`.
    Held,
    /// `target killed`: the kill switch is on.
    Killed,
    /// `owner "NAME"`: another controller owns what would be written.
    Owner(Text),
}

/// The value of a fact or metric.
#[derive(Clone, Debug, PartialEq)]
pub enum GivenValue {
    /// One value.
    One(Expr),
    /// The records of a collection: `[{ name: "a", restarts: 4 }]`. `[]` too.
    Records(Vec<Spanned<Vec<Argument>>>),
    /// `series "40%x10 _x3" every 15s`: its values over time.
    Series {
        /// The values, in the notation of promtool.
        values: Text,
        /// How far they lie apart.
        every: Amount,
    },
}

/// `[at D | within D | never] expect …`.
#[derive(Clone, Debug, PartialEq)]
pub struct Expect {
    /// When; without it at the end of the series, if there are any.
    pub when: Option<Spanned<When>>,
    /// What.
    pub what: Expectation,
    /// The whole.
    pub span: Span,
}

/// When something is expected, in a test with series.
#[derive(Clone, Debug, PartialEq)]
pub enum When {
    /// `at D`: so long after the beginning.
    At(Amount),
    /// `within D`: at some moment until then.
    Within(Amount),
    /// `never`: at no moment.
    Never,
}

/// An operation that was done before.
#[derive(Clone, Debug, PartialEq)]
pub struct Past {
    /// What was done.
    pub action: Ident,
    /// Its arguments, if they are given.
    pub arguments: Option<Vec<Argument>>,
    /// Whether it succeeded.
    pub succeeded: bool,
    /// How long ago it began.
    pub ago: Amount,
}

/// What a proposer says that a metric shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Claim {
    /// The metric.
    pub metric: Path,
    /// How it is compared.
    pub comparison: Spanned<Comparison>,
    /// With what.
    pub value: Expr,
    /// For how long.
    pub held: Option<Amount>,
}

/// What must come of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Expectation {
    /// `expect allow | approve | forbid [by "ID"]`.
    Tier {
        /// The tier.
        tier: Spanned<ClauseKind>,
        /// The voice that must speak for it.
        by: Option<Text>,
    },
    /// `expect rule R proposes CALL`.
    Proposes {
        /// The rule; of an included policy its whole path.
        rule: Path,
        /// What it proposes.
        call: Call,
    },
    /// `expect rule R silent`.
    Silent {
        /// The rule.
        rule: Path,
        /// The whole.
        span: Span,
    },
}
