//! Tests of a policy, compiled: what is the case, what is proposed, and what must come of it.

use std::sync::Arc;

use jiff::Timestamp;
use leeway_units::{Quantity, Value};
use serde::{Deserialize, Serialize};

use crate::action::{ActionId, CallExpr};
use crate::clause::ClauseKind;
use crate::expr::Comparison;
use crate::metric::MetricId;
use crate::origin::Origin;
use crate::policy::{FactId, Policy};
use crate::rule::RuleId;

/// A policy with its tests.
#[derive(Clone, Debug, PartialEq)]
pub struct Suite {
    /// What is tested: a blueprint, or a policy by itself with the defaults of its parameters.
    pub policy: Policy,
    /// The tests, in source order.
    pub scenarios: Vec<Scenario>,
}

/// One test.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scenario {
    /// What it shows.
    pub name: Arc<str>,
    /// The clock.
    pub at: Timestamp,
    /// The facts that are known; all others are missing.
    pub facts: Vec<GivenFact>,
    /// The metrics that are known; all others are missing.
    pub metrics: Vec<GivenMetric>,
    /// Facts and metrics over time, from the clock on: with one, a history is played instead of one moment.
    pub series: Vec<GivenSeries>,
    /// What was done before; nothing means that nobody can say.
    pub history: Option<Vec<GivenOperation>>,
    /// Who proposes; without one a person without roles, or the rule that does.
    pub actor: Option<GivenActor>,
    /// What the proposer says that it saw.
    pub claims: Vec<Claim>,
    /// Whether the breaker is open.
    pub breaker_open: bool,
    /// Whether the target is held.
    pub held: bool,
    /// Whether the kill switch is on.
    pub killed: bool,
    /// Another controller that owns what would be written.
    pub owner: Option<Arc<str>>,
    /// What is proposed; its arguments are computed from what is given.
    pub propose: Option<CallExpr>,
    /// What must come of it, in order.
    pub expect: Vec<Expected>,
    /// Where it stands.
    pub origin: Origin,
}

/// A fact that is known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GivenFact {
    /// Which.
    pub fact: FactId,
    /// What it is.
    pub value: Value,
    /// For how long it has been; nothing: as of now.
    pub held_ms: Option<u64>,
}

/// A metric that is known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GivenMetric {
    /// Which.
    pub metric: MetricId,
    /// What it is.
    pub value: Quantity,
    /// Its value at every sample of that time; nothing: as of now.
    pub held_ms: Option<u64>,
}

/// The values of a fact or metric over time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GivenSeries {
    /// Of what.
    pub of: SeriesOf,
    /// How far the samples lie apart; the first is at the clock of the test.
    pub every_ms: u64,
    /// The samples; nothing where one is missing.
    pub samples: Vec<Option<Quantity>>,
}

/// What a series is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum SeriesOf {
    Fact(FactId),
    Metric(MetricId),
}

/// An operation that was done before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GivenOperation {
    /// What was done.
    pub action: ActionId,
    /// With what, if that is given; in the order of the parameters.
    pub arguments: Option<Vec<Value>>,
    /// Whether it was confirmed; else it failed.
    pub succeeded: bool,
    /// How long ago it began.
    pub ago_ms: u64,
}

/// Who proposes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GivenActor {
    /// The identity: `agent:atlas`.
    pub id: Arc<str>,
    /// What it may act as.
    pub roles: Vec<Arc<str>>,
}

/// What a proposer says that a metric shows; judged on live data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Claim {
    /// The metric.
    pub metric: MetricId,
    /// How it is compared.
    pub comparison: Comparison,
    /// With what.
    pub value: Quantity,
    /// For how long it held.
    pub window_ms: Option<u64>,
}

/// One expectation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Expected {
    /// When, in a test with series; without it at the end.
    pub when: Option<When>,
    /// What must come.
    pub kind: ExpectedKind,
    /// As written: `expect approve by "frontend/approve/scale/1"`.
    pub written: Arc<str>,
    /// Where it stands.
    pub origin: Origin,
}

/// When something is expected, counted from the clock of the test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// So many milliseconds after the beginning.
    At(u64),
    /// At some moment until then.
    Within(u64),
    /// At no moment.
    Never,
}

/// The kinds of expectations.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExpectedKind {
    /// The tier of what the test proposes, or else of what the rule of the expectation before proposed.
    Tier {
        /// The tier, by the word of the clause.
        tier: ClauseKind,
        /// The id of a voice that must speak for it.
        by: Option<Arc<str>>,
    },
    /// A rule proposes exactly this.
    Proposes {
        /// The rule.
        rule: RuleId,
        /// What it proposes.
        call: CallExpr,
    },
    /// A rule proposes nothing.
    Silent {
        /// The rule.
        rule: RuleId,
    },
}
