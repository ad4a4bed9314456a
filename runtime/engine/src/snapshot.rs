//! All that a decision may look at, apart from what was done before.

use std::sync::Arc;

use jiff::Timestamp;
use leeway_ir::{FactId, MetricId, Policy};
use serde::{Deserialize, Serialize};

use crate::evidence::Evidence;
use crate::lookback::Lookbacks;
use crate::series::Series;

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

    /// What is known of a fact at `at`.
    pub fn fact(&self, id: FactId, at: Timestamp) -> Evidence<'_> {
        self.facts.get(usize::from(id.0)).map_or(Evidence::Missing, |series| series.at(at))
    }

    /// What is known of a metric at `at`.
    pub fn metric(&self, id: MetricId, at: Timestamp) -> Evidence<'_> {
        self.metrics.get(usize::from(id.0)).map_or(Evidence::Missing, |series| series.at(at))
    }
}
