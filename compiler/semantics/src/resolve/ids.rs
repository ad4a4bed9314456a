//! The ids of clauses, limits and ceilings: stable under everything but the order of those that are alike.

use std::collections::BTreeMap;
use std::sync::Arc;

use leeway_syntax::ast::ClauseKind;

use crate::hir::{Blueprint, Clause};

/// How many unnamed clauses there were of each layer, kind and first action.
type Ordinals = BTreeMap<(usize, &'static str, Arc<str>), usize>;

/// Gives each clause, limit and ceiling of `blueprint` its id.
pub(super) fn number(blueprint: &mut Blueprint) {
    let name = &blueprint.name.node;
    let base = |prefix: &str| if prefix.is_empty() { name.to_string() } else { format!("{name}/{prefix}") };
    let bases: Vec<String> = blueprint.layers.iter().map(|layer| base(&layer.prefix)).collect();
    let base = |layer: usize| bases.get(layer).map_or("", String::as_str);
    let mut ordinals = Ordinals::new();
    for clause in &mut blueprint.clauses {
        clause.id = clause_id(base(clause.layer), clause, clause.kind.node, &mut ordinals);
        let otherwise = clause.otherwise.as_ref().map(|otherwise| otherwise.node);
        clause.otherwise_id = otherwise.map(|kind| clause_id(base(clause.layer), clause, kind, &mut ordinals));
    }
    let mut ordinals: BTreeMap<(usize, &'static str), usize> = BTreeMap::new();
    for limit in &mut blueprint.limits {
        let ordinal = ordinals.entry((limit.layer, limit.kind.word())).or_insert(0);
        *ordinal += 1;
        limit.id = format!("{}/limit/{}/{ordinal}", base(limit.layer), limit.kind.word()).into();
    }
    for ceiling in &mut blueprint.ceilings {
        ceiling.id = format!("{}/autonomy", base(ceiling.layer)).into();
    }
}

/// `frontend/forbid/scale/1`, or with a name `frontend/forbid/zero`.
fn clause_id(base: &str, clause: &Clause, kind: ClauseKind, ordinals: &mut Ordinals) -> Arc<str> {
    if let Some(name) = &clause.name {
        return format!("{base}/{}/{}", kind.word(), name.node).into();
    }
    let action = clause.actions.first().map_or_else(|| "any".into(), |first| first.name.clone());
    let ordinal = ordinals.entry((clause.layer, kind.word(), action.clone())).or_insert(0);
    *ordinal += 1;
    format!("{base}/{}/{action}/{ordinal}", kind.word()).into()
}

/// The ids of all voices of a blueprint, for `expect … by`.
pub(super) fn voices(blueprint: &Blueprint) -> Vec<Arc<str>> {
    let clauses = blueprint.clauses.iter();
    let clauses = clauses.flat_map(|clause| std::iter::once(&clause.id).chain(clause.otherwise_id.as_ref()));
    let limits = blueprint.limits.iter().map(|limit| &limit.id);
    clauses.chain(limits).chain(blueprint.ceilings.iter().map(|ceiling| &ceiling.id)).cloned().collect()
}
