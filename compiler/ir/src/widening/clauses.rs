//! Clauses: grants that are new, restraints that are gone; action by action, so that how clauses share actions says nothing.

use super::agreement::asks_as_many;
use super::{Counterpart, Widening, WideningKind, loosened};
use crate::action::ActionId;
use crate::clause::{Clause, ClauseKind};
use crate::expr::Expr;
use crate::policy::Policy;

pub(super) fn compare(old: &Policy, new: &Policy, found: &mut Vec<Widening>) {
    for clause in new.clauses.iter().filter(|clause| clause.kind != ClauseKind::Forbid) {
        let granted: Vec<ActionId> =
            clause.actions.iter().copied().filter(|action| !was_granted(old, new, clause, *action)).collect();
        if !granted.is_empty() {
            let before = counterpart(clause, &granted, old, new);
            found.push(Widening {
                kind: WideningKind::Granted,
                member: shown(clause, &granted, new),
                origin: Some(clause.origin.clone()),
                counterpart: before.map(|before| Counterpart {
                    member: shown(before, &before.actions, old),
                    origin: Some(before.origin.clone()),
                }),
            });
        }
    }
    for clause in old.clauses.iter().filter(|clause| clause.kind != ClauseKind::Allow) {
        let free: Vec<ActionId> =
            clause.actions.iter().copied().filter(|action| !is_restrained(old, new, clause, *action)).collect();
        if !free.is_empty() {
            let now = counterpart(clause, &free, new, old);
            let now = now.map(|now| (shown(now, &now.actions, new), &now.origin));
            found.push(loosened(shown(clause, &free, old), &clause.origin, now));
        }
    }
}

/// Whether the old policy lets the action pass wherever this clause of the new one does, after asking no more people.
fn was_granted(old: &Policy, new: &Policy, clause: &Clause, action: ActionId) -> bool {
    let grants = about(old, action).filter(|other| match (clause.kind, other.kind) {
        (_, ClauseKind::Allow) => true,
        (ClauseKind::Approve, ClauseKind::Approve) => asks_as_many((new, clause), (old, other)),
        (ClauseKind::Allow | ClauseKind::Forbid, ClauseKind::Approve) | (_, ClauseKind::Forbid) => false,
    });
    is_covered(condition(clause), &grants.map(condition).collect::<Vec<_>>())
}

/// Whether the new policy holds the action back wherever this clause of the old one does, and as much. An `approve` holds back
/// only what an `allow` would let pass: without one it grants, and less without it.
fn is_restrained(old: &Policy, new: &Policy, clause: &Clause, action: ActionId) -> bool {
    let asks = clause.kind == ClauseKind::Approve;
    if asks && !about(new, action).any(|other| other.kind == ClauseKind::Allow) {
        return true;
    }
    let restrains = about(new, action).filter(|other| match other.kind {
        ClauseKind::Forbid => true,
        ClauseKind::Approve => asks && asks_as_many((new, other), (old, clause)),
        ClauseKind::Allow => false,
    });
    is_covered(condition(clause), &restrains.map(condition).collect::<Vec<_>>())
}

fn about(policy: &Policy, action: ActionId) -> impl Iterator<Item = &Clause> {
    policy.clauses.iter().filter(move |clause| clause.actions.contains(&action))
}

fn condition(clause: &Clause) -> Option<&Expr> {
    clause.when.as_ref().map(|when| &when.expr)
}

/// Whether one of the conditions is always as true; one that is not there is always true.
fn is_covered(condition: Option<&Expr>, by: &[Option<&Expr>]) -> bool {
    by.contains(&None)
        || is_everything(by)
        || match condition {
            None => false,
            // Each part may be covered by another one.
            Some(Expr::Or(parts)) => parts.iter().all(|part| is_covered(Some(part), by)),
            Some(one) => by.iter().flatten().any(|other| one.entails(other)),
        }
}

/// Whether one of the conditions is always true, as what `allow … else approve` grants: if it is known, it or its contrary.
fn is_everything(all: &[Option<&Expr>]) -> bool {
    all.iter().flatten().any(|one| {
        let Expr::Not(contrary) = one else { return false };
        contrary.is_always_known() && all.iter().flatten().any(|other| contrary.entails(other))
    })
}

/// The clause of `other` that was probably changed into this one of `own`, or from it: one like it that `own` has not.
fn counterpart<'a>(clause: &Clause, actions: &[ActionId], other: &'a Policy, own: &Policy) -> Option<&'a Clause> {
    let same = |one: &Clause, two: &Clause| {
        (one.kind, &one.by, &one.actions) == (two.kind, &two.by, &two.actions) && condition(one) == condition(two)
    };
    other.clauses.iter().find(|one| {
        one.kind == clause.kind
            && one.actions.iter().any(|action| actions.contains(action))
            && !own.clauses.iter().any(|known| same(known, one))
    })
}

/// The clause as people read it, of these actions.
fn shown(clause: &Clause, actions: &[ActionId], policy: &Policy) -> String {
    let word = match clause.kind {
        ClauseKind::Allow => "allow",
        ClauseKind::Approve => "approve",
        ClauseKind::Forbid => "forbid",
    };
    let names: Vec<&str> =
        actions.iter().filter_map(|id| policy.action(*id)).map(|action| action.name.as_ref()).collect();
    let when = clause.when.as_ref().map(|when| format!(" when {}", when.written)).unwrap_or_default();
    let by: Vec<String> = clause.by.iter().map(|group| format!("\"{group}\"")).collect();
    let by = if by.is_empty() { String::new() } else { format!(" by {}", by.join(", ")) };
    format!("{word} {}{when}{by}", names.join(", "))
}
