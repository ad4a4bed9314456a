//! Clauses: `any` and `disruptive` spelt out, and `else` halves written out.

use std::collections::BTreeSet;
use std::sync::Arc;

use leeway_ir as ir;
use leeway_ir::ActionId;
use leeway_syntax::ast::ClauseKind;
use leeway_units::Value;

use super::Lowering;
use crate::hir::{Action, ActionMeaning, ActionRef, Clause, Expr, Target, slot};

/// The actions that `refs` mean in a clause of that kind. In an `allow`, `any` and `disruptive` leave out what cannot be undone.
pub(crate) fn spelt_out(refs: &[ActionRef], kind: ClauseKind, target: &Target) -> BTreeSet<u16> {
    let group = |all: &dyn Fn(&Action) -> bool| {
        let meant = |action: &Action| (kind != ClauseKind::Allow || !action.irreversible()) && all(action);
        let places = target.actions.iter().enumerate().filter(|(_, action)| meant(action)).map(|(at, _)| slot(at));
        places.collect::<Vec<u16>>()
    };
    let meant = |one: &ActionRef| match one.meaning {
        ActionMeaning::Any => group(&|_| true),
        ActionMeaning::Disruptive => group(&|action| action.disruptive),
        ActionMeaning::One(id) => vec![id.0],
    };
    refs.iter().flat_map(meant).collect()
}

/// The same as ids, in the order of the actions' declaration.
pub(super) fn action_ids(refs: &[ActionRef], kind: ClauseKind, target: &Target) -> Vec<ActionId> {
    spelt_out(refs, kind, target).into_iter().map(ActionId).collect()
}

impl Lowering<'_> {
    pub(super) fn clauses(&self) -> Vec<ir::Clause> {
        let mut lowered = Vec::new();
        for clause in &self.blueprint.clauses {
            let when = clause.when.as_ref().map(|when| self.condition(when));
            lowered.push(self.clause(clause, clause.kind.node, &clause.id, when));
            if let (Some(otherwise), Some(when), Some(id)) = (&clause.otherwise, &clause.when, &clause.otherwise_id) {
                lowered.push(self.clause(clause, otherwise.node, id, Some(self.negated(when))));
            }
        }
        lowered
    }

    /// One voice of a clause. Reasons, suggestions, approvers and the name belong to both halves.
    fn clause(&self, clause: &Clause, kind: ClauseKind, id: &Arc<str>, when: Option<ir::Condition>) -> ir::Clause {
        ir::Clause {
            id: id.clone(),
            named: clause.name.is_some(),
            kind: clause_kind(kind),
            actions: action_ids(&clause.actions, kind, self.target),
            when,
            because: clause.because.as_ref().map(|reason| self.because(reason)),
            suggest: clause.suggest.as_ref().map(|call| self.call(call)),
            by: self.texts(&clause.by),
            origin: self.origin(clause.kind.span),
        }
    }

    /// Texts that are constants to the checker.
    pub(super) fn texts(&self, all: &[Expr]) -> Vec<Arc<str>> {
        all.iter().filter_map(|one| self.text(one)).collect()
    }

    /// A text that is a constant to the checker.
    pub(super) fn text(&self, expr: &Expr) -> Option<Arc<str>> {
        if let Some(Value::Text(text)) = self.constant(expr) { Some(text) } else { None }
    }
}

pub(super) fn clause_kind(kind: ClauseKind) -> ir::ClauseKind {
    match kind {
        ClauseKind::Allow => ir::ClauseKind::Allow,
        ClauseKind::Approve => ir::ClauseKind::Approve,
        ClauseKind::Forbid => ir::ClauseKind::Forbid,
    }
}
