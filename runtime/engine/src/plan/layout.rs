//! Where the inputs of a plan lie.

use std::collections::BTreeMap;
use std::sync::Arc;

use leeway_ir::Policy;
use leeway_units::Unit;

use super::compile::length;
use super::{FIRST_INPUT, Kind};

/// Where the inputs lie: facts, metrics, parameters by name.
pub(super) struct Layout {
    pub(super) kinds: Vec<Kind>,
    pub(super) parameters: BTreeMap<Arc<str>, u32>,
    pub(super) facts: u32,
}

impl Layout {
    pub(super) fn of(policy: &Policy) -> Layout {
        let facts = policy.facts.iter().map(|fact| Kind::of(&fact.ty));
        let mut kinds: Vec<Kind> =
            facts.chain(policy.metrics.iter().map(|metric| Kind::Quantity(metric.unit))).collect();
        let mut parameters = BTreeMap::new();
        for parameter in policy.actions.iter().flat_map(|action| &action.parameters) {
            let kind = Kind::of(&parameter.ty);
            let slot = *parameters.entry(parameter.name.clone()).or_insert_with(|| {
                kinds.push(kind);
                FIRST_INPUT + length(&kinds) - 1
            });
            // A document says a name before it is known for which action: it can only give what all mean alike.
            if let Some(known) = kinds.get_mut((slot - FIRST_INPUT) as usize) {
                *known = shared(*known, kind);
            }
        }
        Layout { kinds, parameters, facts: length(&policy.facts) }
    }

    pub(super) fn parameter(&self, name: &str) -> Option<u32> {
        self.parameters.get(name).copied()
    }
}

/// What a document may give for parameters of one name: a number is checked for its action once more when it is decided on.
fn shared(one: Kind, other: Kind) -> Kind {
    match (one, other) {
        (one, other) if one == other => one,
        (Kind::Quantity(_), Kind::Quantity(_)) => Kind::Quantity(Unit::Number),
        _ => Kind::Other,
    }
}
