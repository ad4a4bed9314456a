//! What a column records: a fact or a metric of the policy, by its place in a moment.

use leeway_engine::{Gap, Moment};
use leeway_ir::Policy;
use leeway_units::{Type, Value};

/// What was seen, or why nothing was.
pub(crate) type Seen = Result<Value, Gap>;

/// A fact or a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slot {
    Fact(usize),
    Metric(usize),
}

impl Slot {
    /// The slot of that name, with its type.
    pub(crate) fn named(policy: &Policy, name: &str) -> Option<(Slot, Type)> {
        let metric = policy.metrics.iter().position(|metric| metric.name.as_ref() == name);
        let fact = || policy.facts.iter().position(|fact| fact.name.as_ref() == name);
        match metric {
            Some(at) => Some((Slot::Metric(at), Type::Quantity(policy.metrics.get(at)?.unit))),
            None => fact().and_then(|at| Some((Slot::Fact(at), policy.facts.get(at)?.ty.clone()))),
        }
    }

    /// All names that there are.
    pub(crate) fn names(policy: &Policy) -> impl Iterator<Item = &str> {
        let metrics = policy.metrics.iter().map(|metric| metric.name.as_ref());
        metrics.chain(policy.facts.iter().map(|fact| fact.name.as_ref()))
    }

    /// Puts into its place what a moment saw of it.
    pub(crate) fn put(self, moment: &mut Moment, seen: Seen) {
        let place = match self {
            Slot::Fact(at) => moment.facts.get_mut(at),
            Slot::Metric(at) => moment.metrics.get_mut(at),
        };
        if let Some(place) = place {
            *place = Some(seen);
        }
    }
}
