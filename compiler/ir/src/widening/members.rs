//! Limits, verifications and invariants: what is gone, or holds back less.

use leeway_units::Quantity;

use super::{Widening, loosened};
use crate::action::ActionId;
use crate::limit::Limit;
use crate::policy::Policy;
use crate::verification::{OnFailure, Stage, StageKind, Verification};

pub(super) fn compare(old: &Policy, new: &Policy, found: &mut Vec<Widening>) {
    for limit in &old.limits {
        if !new.limits.iter().any(|other| other.kind.holds_back_like(&limit.kind)) {
            let now = new.limits.iter().find(|other| replaces(other, limit, old));
            let now = now.map(|now| (format!("limit {}", now.written), &now.origin));
            found.push(loosened(format!("limit {}", limit.written), &limit.origin, now));
        }
    }
    for verification in &old.verifications {
        verifications(verification, old, new, found);
    }
    for invariant in &old.invariants {
        if !new.invariants.iter().any(|other| other.condition.expr.entails(&invariant.condition.expr)) {
            let shown = |one: &crate::Invariant| format!("invariant {}: {}", one.name, one.condition.written);
            let now = new.invariants.iter().find(|other| other.name == invariant.name);
            let now = now.map(|now| (shown(now), &now.origin));
            found.push(loosened(shown(invariant), &invariant.origin, now));
        }
    }
}

/// Whether `other` is what the old limit has become: of its kind, and not one that was there before.
fn replaces(other: &Limit, limit: &Limit, old: &Policy) -> bool {
    std::mem::discriminant(&other.kind) == std::mem::discriminant(&limit.kind)
        && !old.limits.iter().any(|known| known.kind == other.kind)
}

/// What of the old verification its actions are no longer held to.
fn verifications(verification: &Verification, old: &Policy, new: &Policy, found: &mut Vec<Widening>) {
    // The first that names an action holds for it.
    let held = |policy: &Policy, action: ActionId| {
        policy.verifications.iter().position(|other| other.actions.contains(&action))
    };
    let own = old.verifications.iter().position(|other| std::ptr::eq(other, verification));
    for action in verification.actions.iter().copied().filter(|action| held(old, *action) == own) {
        let Some(name) = old.action(action).map(|action| &action.name) else { continue };
        let Some(now) = new.verification(action) else {
            found.push(loosened(format!("verify {name}"), &verification.origin, None));
            continue;
        };
        let mut missing: Vec<String> = verification
            .stages
            .iter()
            .filter(|stage| !now.stages.iter().any(|other| shows_as_much(other, stage)))
            .map(Stage::text)
            .collect();
        if rank(now.on_failure) < rank(verification.on_failure) {
            missing.push(format!("else {}", word(verification.on_failure)));
        }
        for part in missing {
            let replaced = (format!("verify {name} … else {}", word(now.on_failure)), &now.origin);
            found.push(loosened(format!("verify {name}: {part}"), &verification.origin, Some(replaced)));
        }
    }
}

/// Whether what passes this stage passes the other.
fn shows_as_much(one: &Stage, other: &Stage) -> bool {
    let in_time = match (one.kind, other.kind) {
        (StageKind::At, StageKind::At) => one.duration_ms == other.duration_ms,
        (StageKind::At | StageKind::Within, StageKind::Within) => one.duration_ms <= other.duration_ms,
        (StageKind::Hold, StageKind::Hold) => one.duration_ms >= other.duration_ms,
        (StageKind::At | StageKind::Within, StageKind::Hold)
        | (StageKind::Within | StageKind::Hold, StageKind::At)
        | (StageKind::Hold, StageKind::Within) => false,
    };
    in_time && one.condition.expr.entails(&other.condition.expr)
}

/// How much is done about a failure.
fn rank(on_failure: OnFailure) -> u8 {
    match on_failure {
        OnFailure::Nothing => 0,
        OnFailure::Escalate => 1,
        OnFailure::Rollback => 2,
    }
}

fn word(on_failure: OnFailure) -> &'static str {
    match on_failure {
        OnFailure::Rollback => "rollback",
        OnFailure::Escalate => "escalate",
        OnFailure::Nothing => "nothing",
    }
}

/// A duration as people write it.
pub(super) fn duration(ms: u64) -> String {
    Quantity::milliseconds(ms).to_string()
}
