//! What would have been allowed: found by trying, never guessed.

use std::sync::Arc;

use leeway_ir::{CallExpr, Clause, ClauseKind, Expr, Parameter, Policy};
use leeway_units::{Call, Quantity, Suffix, Type, Unit, Value};

use crate::decision::Decision;
use crate::expression::Scope;
use crate::proposal::Proposal;
use crate::tier::Tier;

/// How many calls are tried at the most.
const EVALUATIONS_MAX: usize = 1_000;

/// How many boundaries of each argument are tried when two are moved together.
const JOINT_BOUNDARIES_MAX: usize = 20;

/// A boundary of more figures than this is suggested in whole units, if these do.
const FIGURES_MAX: usize = 3;

/// And whole units may have so many figures.
const WHOLE_FIGURES_MAX: usize = 5;

/// Whole units are those of which there are at least so many: then they are within 1% of the boundary.
const WHOLE_UNITS_MIN: f64 = 100.0;

/// Calls that fare better than the one decided on: what its author suggests if that would be allowed, or else the nearest
/// arguments that would, or else the author's suggestion if it is at least not forbidden.
pub(crate) fn suggest(scope: Scope<'_>, decision: &Decision, mut decide: impl FnMut(Proposal) -> Tier) -> Vec<Call> {
    if decision.tier() == Tier::Allowed {
        return Vec::new();
    }
    let policy = scope.policy;
    let mut tier = |call: &Call| decide(Proposal { call: call.clone(), ..(*decision.proposal).clone() });
    let authors = authors_calls(policy, scope, decision);
    let (allowed, rest): (Vec<Call>, Vec<Call>) = authors.into_iter().partition(|call| tier(call) == Tier::Allowed);
    if !allowed.is_empty() {
        return allowed;
    }
    // A hold, a claim or a ceiling stands in the way whatever the arguments are.
    let moves = if decision.guards().is_empty() { moves(policy, scope, decision) } else { Vec::new() };
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

/// An argument and the values to which it could be moved, nearest first.
struct Move {
    name: Arc<str>,
    wanted: Value,
    bounds: Vec<Bound>,
}

struct Bound {
    to: Value,
    /// How far what a clause states is from what was wanted, in base units. No word is nearer than another, or than a number.
    apart: f64,
}

fn moves(policy: &Policy, scope: Scope<'_>, decision: &Decision) -> Vec<Move> {
    let Some((id, action)) = decision.bound.ok().and_then(|id| Some((id, policy.action(id)?))) else {
        return Vec::new();
    };
    let about = |clause: &&Clause| clause.actions.contains(&id);
    let conditions: Vec<&Expr> =
        policy.clauses.iter().filter(about).filter_map(|clause| Some(&clause.when.as_ref()?.expr)).collect();
    let moved = |(at, (parameter, wanted)): (usize, (&Parameter, &Value))| {
        let mut stated = Vec::new();
        conditions.iter().for_each(|expr| expr.walk(&mut |expr| stated.extend(boundaries_of(expr, at, scope))));
        let bounds = match wanted.quantity() {
            Some(wanted) => numbers(wanted, &stated),
            None => words(&parameter.ty, wanted, stated),
        };
        Move { name: parameter.name.clone(), wanted: wanted.clone(), bounds }
    };
    action.parameters.iter().zip(&decision.arguments).enumerate().map(moved).collect()
}

/// The numbers around those that clauses state.
fn numbers(wanted: Quantity, stated: &[Value]) -> Vec<Bound> {
    let mut bounds = Vec::new();
    for boundary in stated.iter().filter_map(Value::quantity).flat_map(|stated| around(stated, wanted.unit())) {
        let apart = (boundary.base() - wanted.base()).abs();
        let figures = in_few_figures(boundary).into_iter().filter(|to| to.base() >= 0.0 && to.base() != wanted.base());
        bounds.extend(figures.map(|to| Bound { to: Value::Quantity(to), apart }));
    }
    bounds.sort_by(|one, other| one.apart.total_cmp(&other.apart));
    bounds.dedup_by(|one, other| one.to == other.to);
    bounds
}

/// The other words that an argument could be: those of an enum, and of texts those that clauses state.
fn words(ty: &Type, wanted: &Value, stated: Vec<Value>) -> Vec<Bound> {
    let all = match ty {
        Type::Bool => [true, false].map(Value::Bool).to_vec(),
        Type::Enum(of) => of.words.iter().cloned().map(Value::Symbol).collect(),
        Type::Text => stated.into_iter().filter(|value| value.is_a(ty)).collect(),
        Type::Quantity(_) | Type::List(_) | Type::Records(_) => Vec::new(),
    };
    all.into_iter().filter(|to| to != wanted).map(|to| Bound { to, apart: f64::INFINITY }).collect()
}

/// The call with one argument moved, nearest first.
fn nearest_calls(moves: &[Move], decision: &Decision) -> Vec<Call> {
    let one = |moved: &Move| -> Vec<(f64, Call)> {
        let to = |bound: &Bound| (bound.apart, with(&decision.proposal.call, &[(moved.name.as_ref(), &bound.to)]));
        moved.bounds.iter().map(to).collect()
    };
    let mut candidates: Vec<(f64, Call)> = moves.iter().flat_map(one).collect();
    candidates.sort_by(|(left, _), (right, _)| left.total_cmp(right));
    candidates.into_iter().map(|(_, call)| call).collect()
}

/// The call with two arguments moved, for when no single one is enough: nearest first, each by its part of what was wanted.
fn joint_calls(moves: &[Move], decision: &Decision) -> Vec<Call> {
    let part = |moved: &Move, bound: &Bound| match (moved.wanted.quantity(), bound.to.quantity()) {
        (Some(wanted), Some(to)) => bound.apart / wanted.base().abs().max(to.base().abs()),
        _ => 1.0,
    };
    let mut candidates: Vec<(f64, Call)> = Vec::new();
    for (at, one) in moves.iter().enumerate() {
        for other in moves.iter().skip(at + 1) {
            for first in one.bounds.iter().take(JOINT_BOUNDARIES_MAX) {
                for second in other.bounds.iter().take(JOINT_BOUNDARIES_MAX) {
                    let moved = [(one.name.as_ref(), &first.to), (other.name.as_ref(), &second.to)];
                    candidates.push((part(one, first) + part(other, second), with(&decision.proposal.call, &moved)));
                }
            }
        }
    }
    candidates.sort_by(|(left, _), (right, _)| left.total_cmp(right));
    candidates.into_iter().map(|(_, call)| call).collect()
}

/// The call with these arguments in place of its own.
fn with(call: &Call, moved: &[(&str, &Value)]) -> Call {
    let argument = |(name, value): &(Arc<str>, Value)| {
        let to = moved.iter().find(|(known, _)| *known == name.as_ref());
        (name.clone(), to.map_or(value, |(_, to)| to).clone())
    };
    Call { action: call.action.clone(), arguments: call.arguments.iter().map(argument).collect() }
}

/// The values at which `expr` may change its truth when parameter `at` moves.
fn boundaries_of(expr: &Expr, at: usize, scope: Scope<'_>) -> Vec<Value> {
    let is_parameter = |expr: &Expr| matches!(expr, Expr::Parameter(known) if usize::from(*known) == at);
    if let Expr::Compare(left, _, right) = expr {
        let other = if is_parameter(left) { Some(right) } else { is_parameter(right).then_some(left) };
        return other.and_then(|other| scope.value(other)).into_iter().collect();
    }
    if let Expr::InRange(value, low, high) = expr
        && is_parameter(value)
    {
        return [scope.value(low), scope.value(high)].into_iter().flatten().collect();
    }
    if let Expr::InList(value, list) = expr
        && is_parameter(value)
    {
        let listed = list.iter().filter_map(|entry| scope.value(entry));
        return listed
            .flat_map(|entry| if let Value::List(all) = entry { all.to_vec() } else { vec![entry] })
            .collect();
    }
    if let Expr::Within(percent, value, of) = expr
        && is_parameter(value)
        && let Some(of) = scope.value(of).and_then(|of| of.quantity())
    {
        // The division comes last: the edge itself is within, and must not be missed by a rounding.
        let edges = [100.0 - percent.base(), 100.0, 100.0 + percent.base()];
        let edge = |points: &f64| Quantity::new(of.unit(), of.base() * points / 100.0).map(Value::Quantity);
        return edges.iter().filter_map(edge).collect();
    }
    Vec::new()
}

/// The boundary itself and its neighbours, one base unit away: `<` and `>` leave the boundary out. Of counts only whole ones.
fn around(boundary: Quantity, unit: Unit) -> impl Iterator<Item = Quantity> {
    let base = if unit == Unit::Count { boundary.base().round() } else { boundary.base() };
    [0.0, -1.0, 1.0].into_iter().filter_map(move |step| Quantity::new(unit, base + step))
}

/// The boundary as people would write it: where it has many figures (`241591910.4B`), first the whole units below and above it
/// (`230Mi`, `231Mi`).
fn in_few_figures(boundary: Quantity) -> Vec<Quantity> {
    if figures(boundary) <= FIGURES_MAX {
        return vec![boundary];
    }
    let whole = |suffix: &&Suffix, units: f64| Quantity::new(boundary.unit(), units * suffix.factor);
    let units = |suffix: &&Suffix| boundary.base() / suffix.factor;
    // `5999/min` is whole, and is written `99.98333333333333/s`.
    let is_short = |suffix: &&Suffix| {
        whole(suffix, units(suffix).floor()).is_some_and(|whole| figures(whole) <= WHOLE_FIGURES_MAX)
    };
    let mut short = boundary.unit().suffixes().iter().filter(|suffix| suffix.printed).filter(is_short);
    let Some(suffix) = short.clone().find(|suffix| units(suffix).ceil() >= WHOLE_UNITS_MIN).or(short.next_back())
    else {
        return vec![boundary];
    };
    let around = [units(&suffix).floor(), units(&suffix).ceil()].map(|units| whole(&suffix, units));
    around.into_iter().chain([Some(boundary)]).flatten().collect()
}

/// How many digits it is written with.
fn figures(quantity: Quantity) -> usize {
    quantity.to_string().chars().filter(char::is_ascii_digit).count()
}
