//! Whether one condition can be true only where another is, so far as their form shows it.

use std::cmp::Ordering;

use leeway_units::Value;

use crate::expr::{Comparison, Expr};

/// How many pairs of parts are looked at; conditions are far smaller, unless somebody wants to see this take long.
const STEPS_MAX: u32 = 10_000;

impl Expr {
    /// Whether this is never truer than `other` (false, unknown, true), whatever the evidence. `false`: its form does not show
    /// it. Both are in normal form ([`Expr::normalize`]) and of one policy.
    pub(crate) fn entails(&self, other: &Expr) -> bool {
        entails(self, other, &mut 0)
    }

    /// Whether it is true or false whatever the evidence: it reads the proposal and the clock, and computes nothing.
    pub(crate) fn is_always_known(&self) -> bool {
        let computes_nothing = match self {
            Expr::Constant(_)
            | Expr::Parameter(_)
            | Expr::Actor(_)
            | Expr::ActionRisk
            | Expr::ActionReversible
            | Expr::During(_)
            | Expr::Not(_)
            | Expr::And(_)
            | Expr::Or(_)
            | Expr::Compare(..)
            | Expr::InRange(..)
            | Expr::InList(..)
            | Expr::StartsWith(..)
            | Expr::EndsWith(..)
            | Expr::Matches(..) => true,
            Expr::Fact(_)
            | Expr::Metric(_)
            | Expr::Quantified { .. }
            | Expr::Element { .. }
            | Expr::Began { .. }
            | Expr::Since { .. }
            | Expr::Change { .. }
            | Expr::Claims
            | Expr::BudgetLeft(_)
            | Expr::Within(..)
            | Expr::Held(..)
            | Expr::Window { .. }
            | Expr::Coalesce(..)
            | Expr::Known(_)
            | Expr::Negate(_)
            | Expr::Arithmetic(..)
            | Expr::AsRatio(_)
            | Expr::Function(..)
            | Expr::If(..) => false,
        };
        computes_nothing && self.children().into_iter().all(Expr::is_always_known)
    }

    /// Writes ranges and lists as the comparisons that they mean.
    pub(crate) fn normalize(&mut self) {
        self.walk_mut(&mut |expr| {
            if let Expr::InRange(value, low, high) = expr {
                let bound = |op, bound: &Expr| Expr::Compare(value.clone(), op, Box::new(bound.clone()));
                *expr = Expr::And(vec![bound(Comparison::GreaterOrEqual, low), bound(Comparison::LessOrEqual, high)]);
            } else if let Expr::InList(value, list) = expr
                && !list.is_empty()
                && list.iter().all(is_single)
            {
                let equal = |one: &Expr| Expr::Compare(value.clone(), Comparison::Equal, Box::new(one.clone()));
                *expr = Expr::Or(list.iter().map(equal).collect());
            }
        });
    }
}

/// Whether it is a constant, but no list of some.
fn is_single(expr: &Expr) -> bool {
    matches!(expr, Expr::Constant(Value::Bool(_) | Value::Quantity(_) | Value::Text(_) | Value::Symbol(_)))
}

/// `and` is the least of its parts and `or` the greatest, `not` turns the order round: so it is of three values, too.
fn entails(one: &Expr, other: &Expr, steps: &mut u32) -> bool {
    *steps += 1;
    if *steps > STEPS_MAX {
        return false;
    }
    match (one, other) {
        _ if one == other => true,
        (Expr::Or(parts), _) => parts.iter().all(|part| entails(part, other, steps)),
        (_, Expr::And(parts)) => parts.iter().all(|part| entails(one, part, steps)),
        (Expr::And(all), Expr::Or(some)) => {
            all.iter().any(|part| entails(part, other, steps)) || some.iter().any(|part| entails(one, part, steps))
        }
        (Expr::And(parts), _) => parts.iter().any(|part| entails(part, other, steps)),
        (_, Expr::Or(parts)) => parts.iter().any(|part| entails(one, part, steps)),
        (Expr::Not(one), Expr::Not(other)) => entails(other, one, steps),
        (Expr::Within(percent, value, of), Expr::Within(theirs, other, of_other)) => {
            value == other && of == of_other && percent.compare(*theirs).is_some_and(Ordering::is_le)
        }
        (Expr::Compare(left, op, right), Expr::Compare(other, wanted, bound)) => {
            left == other && compared(right, bound).is_some_and(|order| bounds(*op, *wanted, order))
        }
        _ => false,
    }
}

/// The order of two constant quantities.
fn compared(one: &Expr, other: &Expr) -> Option<Ordering> {
    match (one, other) {
        (Expr::Constant(one), Expr::Constant(other)) => one.quantity()?.compare(other.quantity()?),
        _ => None,
    }
}

/// Whether `x op a` gives `x wanted b`, where `order` is that of `a` to `b`.
fn bounds(op: Comparison, wanted: Comparison, order: Ordering) -> bool {
    match (op, wanted) {
        (Comparison::Equal, Comparison::Equal) | (Comparison::NotEqual, Comparison::NotEqual) => order.is_eq(),
        (Comparison::Equal, Comparison::NotEqual) => order.is_ne(),
        (Comparison::Equal | Comparison::LessOrEqual, Comparison::Less)
        | (Comparison::LessOrEqual, Comparison::NotEqual) => order.is_lt(),
        (Comparison::Less, Comparison::Less | Comparison::LessOrEqual | Comparison::NotEqual)
        | (Comparison::Equal | Comparison::LessOrEqual, Comparison::LessOrEqual) => order.is_le(),
        (Comparison::Equal | Comparison::GreaterOrEqual, Comparison::Greater)
        | (Comparison::GreaterOrEqual, Comparison::NotEqual) => order.is_gt(),
        (Comparison::Greater, Comparison::Greater | Comparison::GreaterOrEqual | Comparison::NotEqual)
        | (Comparison::Equal | Comparison::GreaterOrEqual, Comparison::GreaterOrEqual) => order.is_ge(),
        (Comparison::NotEqual, _)
        | (
            Comparison::Less | Comparison::LessOrEqual | Comparison::Greater | Comparison::GreaterOrEqual,
            Comparison::Equal,
        )
        | (Comparison::Less | Comparison::LessOrEqual, Comparison::Greater | Comparison::GreaterOrEqual)
        | (Comparison::Greater | Comparison::GreaterOrEqual, Comparison::Less | Comparison::LessOrEqual) => false,
    }
}
