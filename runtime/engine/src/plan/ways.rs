//! The ways in which a condition can be true, each a set of comparisons.

use leeway_ir::Comparison;

use super::draft::Operand;
use super::{EQUAL, GREATER, LESS};

/// Ways of being true, each a set of comparisons that must all be; no way is never, an empty way is always.
pub(super) type Dnf = Vec<Vec<Literal>>;

/// A comparison of two operands, with its mask.
pub(super) type Literal = (Operand, Operand, u32);

/// A condition with more ways than this is left to the reference evaluator.
const WAYS_MAX: usize = 16;

/// All of these; nothing if there are too many ways.
pub(super) fn all_of(conditions: Vec<Dnf>) -> Option<Dnf> {
    let mut ways: Dnf = vec![vec![]];
    for condition in conditions {
        let joined = |way: &Vec<Literal>| {
            let both = |more: &Vec<Literal>| {
                let mut both = [way.as_slice(), more.as_slice()].concat();
                both.sort_unstable();
                both.dedup();
                both
            };
            condition.iter().map(both).collect::<Vec<_>>()
        };
        ways = ways.iter().flat_map(joined).collect();
        if ways.len() > WAYS_MAX {
            return None;
        }
    }
    Some(ways)
}

/// One of these; nothing if there are too many ways.
pub(super) fn one_of(conditions: Vec<Dnf>) -> Option<Dnf> {
    let ways: Dnf = conditions.into_iter().flatten().collect();
    (ways.len() <= WAYS_MAX).then_some(ways)
}

/// The comparison itself, or its opposite.
pub(super) fn turned((left, right, mask): Literal, wanted: bool) -> Literal {
    (left, right, if wanted { mask } else { mask ^ (LESS | EQUAL | GREATER) })
}

/// The outcomes of a comparison for which it is true.
pub(super) fn mask(comparison: Comparison) -> u32 {
    match comparison {
        Comparison::Equal => EQUAL,
        Comparison::NotEqual => LESS | GREATER,
        Comparison::Less => LESS,
        Comparison::LessOrEqual => LESS | EQUAL,
        Comparison::Greater => GREATER,
        Comparison::GreaterOrEqual => GREATER | EQUAL,
    }
}
