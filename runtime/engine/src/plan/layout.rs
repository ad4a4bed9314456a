//! Where the inputs of a plan lie.

use std::collections::BTreeMap;
use std::sync::Arc;

use leeway_ir::Policy;
use leeway_units::{Type, Unit};

use super::compile::length;
use super::{FIRST_INPUT, Kind};

/// Where the inputs lie: facts, metrics, parameters by name.
pub(super) struct Layout {
    pub(super) kinds: Vec<Kind>,
    pub(super) parameters: BTreeMap<Arc<str>, u32>,
    pub(super) facts: u32,
    /// The words of each input that is an enum, by its slot.
    pub(super) symbols: BTreeMap<u32, Vec<Arc<str>>>,
}

impl Layout {
    pub(super) fn of(policy: &Policy) -> Layout {
        let facts = policy.facts.iter().map(|fact| Kind::of(&fact.ty));
        let mut kinds: Vec<Kind> =
            facts.chain(policy.metrics.iter().map(|metric| Kind::Quantity(metric.unit))).collect();
        let facts = (FIRST_INPUT..).zip(&policy.facts);
        let mut symbols: BTreeMap<u32, Vec<Arc<str>>> =
            facts.filter_map(|(slot, fact)| Some((slot, words(&fact.ty)?))).collect();
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
            if let Some(words) = words(&parameter.ty) {
                symbols.entry(slot).and_modify(|known| known.retain(|word| words.contains(word))).or_insert(words);
            }
        }
        Layout { kinds, parameters, facts: length(&policy.facts), symbols }
    }

    pub(super) fn parameter(&self, name: &str) -> Option<u32> {
        self.parameters.get(name).copied()
    }
}

/// The words of an enum.
fn words(ty: &Type) -> Option<Vec<Arc<str>>> {
    match ty {
        Type::Enum(of) => Some(of.words.to_vec()),
        Type::Bool | Type::Quantity(_) | Type::Text | Type::List(_) | Type::Records(_) => None,
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
