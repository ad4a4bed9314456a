//! Clauses: `any` and `disruptive` spelt out, `else` halves written out, and an id for each.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use leeway_ir as ir;
use leeway_ir::ActionId;
use leeway_syntax::ast::ClauseKind;

use super::Lowering;
use crate::hir::{ActionMeaning, ActionRef, Clause, Target, slot};

/// The actions that `refs` mean in a clause of that kind. In an `allow`, `any` and `disruptive` leave out what cannot be undone.
pub(crate) fn spelt_out(refs: &[ActionRef], kind: ClauseKind, target: &Target) -> BTreeSet<u16> {
    let mut found = BTreeSet::new();
    for (at, action) in target.actions.iter().enumerate() {
        let in_group = kind != ClauseKind::Allow || !action.irreversible();
        let meant = refs.iter().any(|one| match one.meaning {
            ActionMeaning::Any => in_group,
            ActionMeaning::Disruptive => in_group && action.disruptive,
            ActionMeaning::One(id) => id.0 == slot(at),
        });
        if meant {
            found.insert(slot(at));
        }
    }
    found
}

/// The same as ids, in the order of the actions' declaration.
pub(super) fn action_ids(refs: &[ActionRef], kind: ClauseKind, target: &Target) -> Vec<ActionId> {
    spelt_out(refs, kind, target).into_iter().map(ActionId).collect()
}

impl Lowering<'_> {
    pub(super) fn clauses(&self) -> Vec<ir::Clause> {
        let mut ordinals = BTreeMap::new();
        let mut lowered = Vec::new();
        for clause in &self.blueprint.clauses {
            let when = clause.when.as_ref().map(|when| self.condition(when));
            lowered.push(self.clause(clause, clause.kind.node, when, &mut ordinals));
            if let (Some(otherwise), Some(when)) = (&clause.otherwise, &clause.when) {
                lowered.push(self.clause(clause, otherwise.node, Some(self.negated(when)), &mut ordinals));
            }
        }
        lowered
    }

    /// One voice of a clause. Reasons, suggestions, approvers and the name belong to both halves.
    fn clause(
        &self,
        clause: &Clause,
        kind: ClauseKind,
        when: Option<ir::Condition>,
        ordinals: &mut BTreeMap<(&'static str, Arc<str>), usize>,
    ) -> ir::Clause {
        let blueprint = &self.blueprint.name.node;
        let id = match &clause.name {
            Some(name) => format!("{blueprint}/{}/{}", kind.word(), name.node),
            None => {
                let action = clause.actions.first().map_or_else(|| "any".into(), |first| first.name.clone());
                let ordinal = ordinals.entry((kind.word(), action.clone())).or_insert(0);
                *ordinal += 1;
                format!("{blueprint}/{}/{action}/{ordinal}", kind.word())
            }
        };
        ir::Clause {
            id: id.into(),
            named: clause.name.is_some(),
            kind: match kind {
                ClauseKind::Allow => ir::ClauseKind::Allow,
                ClauseKind::Approve => ir::ClauseKind::Approve,
                ClauseKind::Forbid => ir::ClauseKind::Forbid,
            },
            actions: action_ids(&clause.actions, kind, self.target),
            when,
            because: clause.because.as_ref().map(|reason| self.because(reason)),
            suggest: clause.suggest.as_ref().map(|call| self.call(call)),
            by: clause.by.iter().map(|group| group.node.clone()).collect(),
            origin: self.origin(clause.kind.span),
        }
    }
}
