//! The facts and metrics of several policies as those of one, so that a history is read once for all of them.

use leeway_engine::Moment;
use leeway_ir::{Fact, Metric, Policy, Source};
use leeway_units::Type;

use crate::exit::Failure;

/// Policies that are played through one history.
pub(crate) struct Joined {
    policy: Option<Policy>,
    /// Whether a server is asked, by the queries of the policies.
    is_queried: bool,
    conflict: Option<Failure>,
}

/// Where the facts and metrics of one policy stand in the moments that are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Slots {
    facts: Vec<usize>,
    metrics: Vec<usize>,
}

impl Joined {
    pub(crate) fn new(is_queried: bool) -> Joined {
        Joined { policy: None, is_queried, conflict: None }
    }

    /// Adds the facts and metrics that are not there yet.
    pub(crate) fn add(&mut self, policy: &Policy) -> Slots {
        let all = self.policy.get_or_insert_with(|| policy.clone());
        for fact in &policy.facts {
            let known = all.facts.iter().find(|known| known.name == fact.name && known.ty != fact.ty);
            self.conflict = self.conflict.take().or_else(|| Some(differs(&fact.name, &known?.ty, &fact.ty)));
        }
        for metric in &policy.metrics {
            let known = all.metrics.iter().find(|known| known.name == metric.name && known.unit != metric.unit);
            self.conflict = self.conflict.take().or_else(|| Some(differs(&metric.name, &of(known?), &of(metric))));
        }
        let facts = policy.facts.iter().map(|fact| place(&mut all.facts, fact, |known: &Fact| known.name == fact.name));
        let facts = facts.collect();
        let metrics = policy.metrics.iter().map(|metric| {
            let is_it = |known: &Metric| known.name == metric.name && is_read_alike(known, metric, self.is_queried);
            let slot = place(&mut all.metrics, metric, is_it);
            // What is warned of is what the stricter of them does not see.
            all.metrics.get_mut(slot).into_iter().for_each(|all| all.stale_ms = all.stale_ms.min(metric.stale_ms));
            slot
        });
        Slots { facts, metrics: metrics.collect() }
    }

    /// A policy with all of them.
    ///
    /// # Errors
    /// When a name has two types.
    pub(crate) fn policy(self) -> Result<Policy, Failure> {
        match (self.conflict, self.policy) {
            (Some(conflict), _) => Err(conflict),
            (None, Some(policy)) => Ok(policy),
            (None, None) => Err(Failure::usage("no blueprint is named")),
        }
    }
}

impl Slots {
    pub(crate) fn facts(&self) -> &[usize] {
        &self.facts
    }

    pub(crate) fn metrics(&self) -> &[usize] {
        &self.metrics
    }

    /// What the moment says of the policy with these slots.
    pub(crate) fn of(&self, moment: &Moment) -> Moment {
        let (facts, metrics) = (picked(&self.facts, &moment.facts), picked(&self.metrics, &moment.metrics));
        Moment { at: moment.at, facts, metrics, turn: moment.turn.clone() }
    }
}

fn picked<T: Clone>(slots: &[usize], from: &[Option<T>]) -> Vec<Option<T>> {
    slots.iter().map(|slot| from.get(*slot).cloned().flatten()).collect()
}

fn place<T: Clone>(all: &mut Vec<T>, one: &T, is_it: impl Fn(&T) -> bool) -> usize {
    all.iter().position(is_it).unwrap_or_else(|| {
        all.push(one.clone());
        all.len() - 1
    })
}

/// Whether one reading serves both: a file says what a metric was whatever it is asked by, a server does not.
fn is_read_alike(one: &Metric, other: &Metric, is_queried: bool) -> bool {
    let is_constant = |metric: &Metric| matches!(metric.source, Source::Constant(_));
    one.source == other.source || !is_queried && !is_constant(one) && !is_constant(other)
}

fn of(metric: &Metric) -> Type {
    Type::Quantity(metric.unit)
}

fn differs(name: &str, one: &Type, other: &Type) -> Failure {
    Failure::errors(format!("`{name}` is a `{one}` in one of the blueprints and a `{other}` in the other"))
        .help("one history cannot say both: rename it in one of them")
}
