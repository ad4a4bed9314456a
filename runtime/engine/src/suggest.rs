//! What would have been allowed: found by trying, never guessed.

use std::sync::Arc;

use leeway_ir::{CallExpr, ClauseKind, Expr, Policy};
use leeway_units::{Call, Quantity, Unit, Value};

use crate::decision::Decision;
use crate::expression::Scope;
use crate::proposal::Proposal;
use crate::tier::Tier;

/// How many calls are tried at the most.
const EVALUATIONS_MAX: usize = 1_000;

/// How many boundaries of each argument are tried when two are moved together.
const JOINT_BOUNDARIES_MAX: usize = 20;

/// Calls that fare better than the one decided on: what its author suggests if that would be allowed, or else the nearest
/// arguments that would, or else the author's suggestion if it is at least not forbidden.
pub(crate) fn suggest(scope: Scope<'_>, decision: &Decision, mut decide: impl FnMut(Proposal) -> Tier) -> Vec<Call> {
    if decision.tier() == Tier::Allowed {
        return Vec::new();
    }
    let policy = scope.policy;
    let Proposal { actors, claims, .. } = &*decision.proposal;
    let mut tier = |call: &Call| {
        let (actors, claims) = (actors.clone(), claims.clone());
        decide(Proposal { call: call.clone(), actors, claims, because: None, conflicts_with: None })
    };
    let authors = authors_calls(policy, scope, decision);
    let (allowed, rest): (Vec<Call>, Vec<Call>) = authors.into_iter().partition(|call| tier(call) == Tier::Allowed);
    if !allowed.is_empty() {
        return allowed;
    }
    let moves = moves(policy, scope, decision);
    let joint = std::iter::once_with(|| joint_calls(&moves, decision)).flatten();
    let nearest = nearest_calls(&moves, decision).into_iter().chain(joint);
    if let Some(call) = nearest.take(EVALUATIONS_MAX).find(|call| tier(call) == Tier::Allowed) {
        return vec![call];
    }
    rest.into_iter().filter(|call| tier(call) < decision.tier()).collect()
}

/// A call whose arguments can all be computed.
pub(crate) fn call(policy: &Policy, scope: Scope<'_>, call: &CallExpr) -> Option<Call> {
    let action = policy.action(call.action)?;
    let arguments = action.parameters.iter().zip(&call.arguments).map(|(parameter, value)| {
        let value = match (scope.value(value)?, parameter.ty.unit()) {
            // A part of one is no count, and nobody asked to round it.
            (Value::Quantity(quantity), Some(Unit::Count)) if quantity.settled().base().fract() != 0.0 => return None,
            // A whole number passes for a `number`; keep the declared unit.
            (Value::Quantity(quantity), Some(unit)) => Value::Quantity(Quantity::new(unit, quantity.base())?.settled()),
            (value, _) => value,
        };
        Some((parameter.name.clone(), value))
    });
    Some(Call { action: action.name.clone(), arguments: arguments.collect::<Option<_>>()? })
}

/// What the restraints that spoke suggest.
fn authors_calls(policy: &Policy, scope: Scope<'_>, decision: &Decision) -> Vec<Call> {
    let spoke = policy.clauses.iter().zip(decision.clauses().iter()).filter(|(clause, truth)| match clause.kind {
        ClauseKind::Allow => false,
        ClauseKind::Approve | ClauseKind::Forbid => truth.restrains(),
    });
    let mut calls: Vec<Call> = Vec::new();
    for suggested in spoke.filter_map(|(clause, _)| call(policy, scope, clause.suggest.as_ref()?)) {
        if suggested != decision.proposal.call && !calls.contains(&suggested) {
            calls.push(suggested);
        }
    }
    calls
}

/// A numeric argument and the values that some clause states as boundaries for it, nearest first.
struct Move {
    name: Arc<str>,
    wanted: Quantity,
    boundaries: Vec<Quantity>,
}

fn moves(policy: &Policy, scope: Scope<'_>, decision: &Decision) -> Vec<Move> {
    let Ok(action) = decision.bound else { return Vec::new() };
    let mut moves = Vec::new();
    for (at, (name, value)) in bound_arguments(policy, decision).into_iter().enumerate() {
        let Some(wanted) = value.quantity() else { continue };
        let mut stated = Vec::new();
        for clause in policy.clauses.iter().filter(|clause| clause.actions.contains(&action)) {
            if let Some(when) = &clause.when {
                when.expr.walk(&mut |expr| stated.extend(boundaries_of(expr, at, scope)));
            }
        }
        let mut boundaries: Vec<Quantity> =
            stated.into_iter().flat_map(|boundary| around(boundary, wanted.unit())).collect();
        boundaries.retain(|boundary| boundary.base() >= 0.0 && boundary.base() != wanted.base());
        boundaries.sort_by(|one, other| apart(*one, wanted).total_cmp(&apart(*other, wanted)));
        boundaries.dedup();
        moves.push(Move { name, wanted, boundaries });
    }
    moves
}

fn apart(one: Quantity, other: Quantity) -> f64 {
    (one.base() - other.base()).abs()
}

/// The call with one argument moved, nearest first.
fn nearest_calls(moves: &[Move], decision: &Decision) -> Vec<Call> {
    let one = |moved: &Move| -> Vec<(f64, Call)> {
        let to = |boundary: &Quantity| {
            (apart(*boundary, moved.wanted), with(&decision.proposal.call, &[(moved.name.as_ref(), *boundary)]))
        };
        moved.boundaries.iter().map(to).collect()
    };
    let mut candidates: Vec<(f64, Call)> = moves.iter().flat_map(one).collect();
    candidates.sort_by(|(left, _), (right, _)| left.total_cmp(right));
    candidates.into_iter().map(|(_, call)| call).collect()
}

/// The call with two arguments moved, for when no single one is enough: nearest first, each by its part of what was wanted.
fn joint_calls(moves: &[Move], decision: &Decision) -> Vec<Call> {
    let part = |moved: &Move, to: Quantity| apart(to, moved.wanted) / moved.wanted.base().abs().max(to.base().abs());
    let mut candidates: Vec<(f64, Call)> = Vec::new();
    for (at, one) in moves.iter().enumerate() {
        for other in moves.iter().skip(at + 1) {
            for first in one.boundaries.iter().take(JOINT_BOUNDARIES_MAX) {
                for second in other.boundaries.iter().take(JOINT_BOUNDARIES_MAX) {
                    let moved = [(one.name.as_ref(), *first), (other.name.as_ref(), *second)];
                    candidates.push((part(one, *first) + part(other, *second), with(&decision.proposal.call, &moved)));
                }
            }
        }
    }
    candidates.sort_by(|(left, _), (right, _)| left.total_cmp(right));
    candidates.into_iter().map(|(_, call)| call).collect()
}

/// The call with these arguments in place of its own.
fn with(call: &Call, moved: &[(&str, Quantity)]) -> Call {
    let argument = |(name, value): &(Arc<str>, Value)| {
        let to = moved.iter().find(|(known, _)| *known == name.as_ref());
        (name.clone(), to.map_or_else(|| value.clone(), |(_, to)| Value::Quantity(*to)))
    };
    Call { action: call.action.clone(), arguments: call.arguments.iter().map(argument).collect() }
}

fn bound_arguments(policy: &Policy, decision: &Decision) -> Vec<(Arc<str>, Value)> {
    let action = decision.bound.ok().and_then(|id| policy.action(id));
    let parameters = action.map(|action| action.parameters.as_slice()).unwrap_or_default();
    parameters.iter().map(|parameter| parameter.name.clone()).zip(decision.arguments.iter().cloned()).collect()
}

/// The values at which `expr` may change its truth when parameter `at` moves.
fn boundaries_of(expr: &Expr, at: usize, scope: Scope<'_>) -> Vec<Quantity> {
    let is_parameter = |expr: &Expr| matches!(expr, Expr::Parameter(known) if usize::from(*known) == at);
    let quantity = |expr: &Expr| scope.value(expr).and_then(|value| value.quantity());
    if let Expr::Compare(left, _, right) = expr {
        let other = if is_parameter(left) { Some(right) } else { is_parameter(right).then_some(left) };
        return other.and_then(|other| quantity(other)).into_iter().collect();
    }
    if let Expr::InRange(value, low, high) = expr
        && is_parameter(value)
    {
        return [quantity(low), quantity(high)].into_iter().flatten().collect();
    }
    if let Expr::InList(value, list) = expr
        && is_parameter(value)
    {
        return list.iter().filter_map(quantity).collect();
    }
    if let Expr::Within(percent, value, of) = expr
        && is_parameter(value)
        && let Some(of) = quantity(of)
    {
        // The division comes last: the edge itself is within, and must not be missed by a rounding.
        let edges = [100.0 - percent.base(), 100.0, 100.0 + percent.base()];
        return edges.iter().filter_map(|points| Quantity::new(of.unit(), of.base() * points / 100.0)).collect();
    }
    Vec::new()
}

/// The boundary itself and, for whole things, its neighbours: `<` and `>` leave the boundary out.
fn around(boundary: Quantity, unit: Unit) -> Vec<Quantity> {
    let steps: &[f64] = if unit == Unit::Count { &[0.0, -1.0, 1.0] } else { &[0.0] };
    let base = |step: &f64| if unit == Unit::Count { boundary.base().round() + step } else { boundary.base() };
    steps.iter().filter_map(|step| Quantity::new(unit, base(step))).collect()
}
