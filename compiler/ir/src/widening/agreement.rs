//! Who must agree, how many of them and how soon; and how far rules and agents go without anybody.

use std::sync::Arc;

use super::{Counterpart, Widening, WideningKind, loosened};
use crate::approval::{APPROVAL_TIMEOUT_MS, ApprovalBlock, Autonomy, Ceiling};
use crate::clause::Clause;
use crate::policy::Policy;

/// Groups of which one person must agree; none: anybody who may approve.
type Group = [Arc<str>];

pub(super) fn compare(old: &Policy, new: &Policy, found: &mut Vec<Widening>) {
    groups(old, new, found);
    quorum(old, new, found);
    timeout(old, new, found);
    escalations(old, new, found);
    ceilings(old, new, found);
}

/// Whether whoever may agree to what `one` asks for may agree to what `other` does: then `one` asks no fewer people.
pub(super) fn asks_as_many(one: (&Policy, &Clause), other: (&Policy, &Clause)) -> bool {
    if one.1.by.is_empty() && other.1.by.is_empty() {
        // Both ask whom the `approval` blocks name, which are compared by themselves.
        return true;
    }
    let asked = |(policy, clause): (&Policy, &Clause)| match clause.by.as_slice() {
        [] => named(policy).into_iter().map(<[_]>::to_vec).collect::<Vec<_>>(),
        by => vec![by.to_vec()],
    };
    let (mine, theirs) = (asked(one), asked(other));
    theirs.iter().all(|group| is_asked(group, mine.iter().map(Vec::as_slice)))
}

/// The groups that the `approval` blocks name; each must be met.
fn named(policy: &Policy) -> Vec<&Group> {
    policy.approvals.iter().map(|block| block.by.as_slice()).filter(|by| !by.is_empty()).collect()
}

/// Whether one of these is at least as hard to meet as `group`.
fn is_asked<'a>(group: &Group, mut by: impl Iterator<Item = &'a Group>) -> bool {
    group.is_empty() || by.any(|other| !other.is_empty() && other.iter().all(|one| group.contains(one)))
}

fn groups(old: &Policy, new: &Policy, found: &mut Vec<Widening>) {
    for block in &old.approvals {
        if !is_asked(&block.by, named(new).into_iter()) {
            let now = new.approvals.iter().find(|other| !other.by.is_empty()).or(new.approvals.first());
            let now = now.map(|now| (shown_by(now), &now.origin));
            found.push(loosened(shown_by(block), &block.origin, now));
        }
    }
}

fn shown_by(block: &ApprovalBlock) -> String {
    let names: Vec<String> = block.by.iter().map(|group| format!("\"{group}\"")).collect();
    if names.is_empty() { "approval by anybody".to_owned() } else { format!("approval by {}", names.join(", ")) }
}

/// The larger holds.
fn quorum(old: &Policy, new: &Policy, found: &mut Vec<Widening>) {
    let largest = |policy: &Policy| policy.approvals.iter().filter_map(|block| block.quorum).max().unwrap_or(1);
    let (before, now) = (largest(old), largest(new));
    if let Some(block) = old.approvals.iter().find(|block| block.quorum == Some(before) && before > now) {
        let held_by = new.approvals.iter().find(|block| block.quorum == Some(now));
        let now = held_by.map(|block| (format!("quorum {now}"), &block.origin));
        found.push(loosened(format!("approval quorum {before}"), &block.origin, now));
    }
}

/// The shorter holds.
fn timeout(old: &Policy, new: &Policy, found: &mut Vec<Widening>) {
    let shortest = |policy: &Policy| {
        policy.approvals.iter().filter_map(|block| block.timeout_ms).min().unwrap_or(APPROVAL_TIMEOUT_MS)
    };
    let (before, now) = (shortest(old), shortest(new));
    if now <= before {
        return;
    }
    let member = |ms: u64| format!("approval timeout {}", super::members::duration(ms));
    let of = |policy: &'_ Policy, ms| policy.approvals.iter().position(|block| block.timeout_ms == Some(ms));
    let held_by = of(new, now).and_then(|at| new.approvals.get(at)).map(|block| (member(now), &block.origin));
    match of(old, before).and_then(|at| old.approvals.get(at)) {
        Some(block) => found.push(loosened(member(before), &block.origin, held_by)),
        // An hour, which nobody had to write.
        None => found.extend(held_by.map(|(member, origin)| Widening {
            kind: WideningKind::Granted,
            member,
            origin: Some(origin.clone()),
            counterpart: Some(Counterpart { member: super::members::duration(before), origin: None }),
        })),
    }
}

/// Whoever is asked too, or sooner.
fn escalations(old: &Policy, new: &Policy, found: &mut Vec<Widening>) {
    let all =
        |policy: &Policy| policy.approvals.iter().filter_map(|block| block.escalation.clone()).collect::<Vec<_>>();
    let before = all(old);
    if named(old).is_empty() {
        // Anybody could agree.
        return;
    }
    for block in &new.approvals {
        let Some(one) = &block.escalation else { continue };
        if !before.iter().any(|known| known.group == one.group && known.after_ms <= one.after_ms) {
            found.push(Widening {
                kind: WideningKind::Granted,
                member: format!("escalate \"{}\" after {}", one.group, super::members::duration(one.after_ms)),
                origin: Some(block.origin.clone()),
                counterpart: None,
            });
        }
    }
}

/// The strictest holds.
fn ceilings(old: &Policy, new: &Policy, found: &mut Vec<Widening>) {
    let strictest = |ceilings: &[Ceiling]| ceilings.iter().min_by_key(|ceiling| ceiling.level).cloned();
    let level = |ceiling: &Option<Ceiling>| ceiling.as_ref().map_or(Autonomy::Act, |ceiling| ceiling.level);
    let (before, now) = (strictest(&old.ceilings), strictest(&new.ceilings));
    if level(&now) > level(&before)
        && let Some(ceiling) = &before
    {
        let now = now.as_ref().map(|now| (shown_ceiling(now), &now.origin));
        found.push(loosened(shown_ceiling(ceiling), &ceiling.origin, now));
    }
}

fn shown_ceiling(ceiling: &Ceiling) -> String {
    let word = match ceiling.level {
        Autonomy::Observe => "observe",
        Autonomy::Suggest => "suggest",
        Autonomy::Approve => "approve",
        Autonomy::Act => "act",
    };
    format!("autonomy {word}")
}
