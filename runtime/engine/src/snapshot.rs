//! All that a decision may look at, apart from what was done before.

use std::sync::Arc;

use jiff::Timestamp;
use leeway_ir::{FactId, MetricId, Policy};
use leeway_units::Value;
use serde::{Deserialize, Serialize};

use crate::evidence::{Evidence, Gap};
use crate::lookback::Lookbacks;
use crate::series::Series;
use crate::tick::Tick;

/// The evidence of one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// The moment; the only now there is.
    pub at: Timestamp,
    /// The samples of each fact, by [`FactId`].
    pub facts: Vec<Series>,
    /// The samples of each metric, by [`MetricId`].
    pub metrics: Vec<Series>,
    /// What stands in the way whatever the policy says.
    pub safety: Safety,
    /// The provider's version of the target, where it has one.
    pub object_version: Option<Arc<str>>,
}

/// What stands in the way of acting, whatever the policy says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Safety {
    /// Whether the breaker is open.
    pub breaker_open: bool,
    /// Whether the target is held: an outcome could not be judged.
    pub held: bool,
    /// Whether somebody pulled the kill switch.
    pub killed: bool,
    /// Another controller that owns what would be written.
    pub owner: Option<Arc<str>>,
}

impl Snapshot {
    /// A snapshot in which nothing is known yet.
    pub fn empty(policy: &Policy, at: Timestamp) -> Snapshot {
        let Lookbacks { facts, metrics, .. } = Lookbacks::of(policy);
        let facts = policy.facts.iter().zip(&facts);
        let metrics = policy.metrics.iter().zip(&metrics);
        Snapshot {
            at,
            facts: facts.map(|(fact, back)| Series::watched(fact.stale_ms, None, back)).collect(),
            metrics: metrics.map(|(metric, back)| Series::watched(metric.stale_ms, Some(metric.unit), back)).collect(),
            safety: Safety::default(),
            object_version: None,
        }
    }

    /// What a history says of the facts at that moment; what it does not name gives no sample.
    pub(crate) fn see_facts(&mut self, at: Timestamp, facts: &[Option<Result<Value, Gap>>]) {
        keep(&mut self.facts, at, facts.iter().map(Option::as_ref));
    }

    /// What a history says of the metrics at that moment; what it does not name gives no sample.
    pub(crate) fn see_metrics(&mut self, at: Timestamp, metrics: &[Option<Result<Value, Gap>>]) {
        keep(&mut self.metrics, at, metrics.iter().map(Option::as_ref));
    }

    /// What is known of a fact at `at`.
    pub fn fact(&self, id: FactId, at: Timestamp) -> Evidence<'_> {
        self.facts.get(usize::from(id.0)).map_or(Evidence::Missing, |series| series.at(at))
    }

    /// What is known of a metric at `at`.
    pub fn metric(&self, id: MetricId, at: Timestamp) -> Evidence<'_> {
        self.metrics.get(usize::from(id.0)).map_or(Evidence::Missing, |series| series.at(at))
    }
}

/// Adds a sample to each series of which there is one.
pub(crate) fn keep<'a>(
    all: &mut [Series],
    at: Timestamp,
    values: impl Iterator<Item = Option<&'a Result<Value, Gap>>>,
) {
    let at = Tick::of(at);
    for (series, value) in all.iter_mut().zip(values) {
        if let Some(value) = value {
            series.take(at, value);
        }
    }
}
