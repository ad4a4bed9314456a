//! The value of an expression that reads nothing.

use std::cmp::Ordering;

use leeway_syntax::ast::{ArithmeticOp, Comparison};
use leeway_units::{Quantity, Value};

use crate::hir::{Expr, ExprKind, Meaning};

/// The value of `expr`, if it is a constant. `value_of` gives the value of a let that is one; it is not computed anew, since
/// lets that double each other would take for ever.
pub(crate) fn constant(expr: &Expr, value_of: &impl Fn(usize) -> Option<Value>) -> Option<Value> {
    let of = |expr: &Expr| constant(expr, value_of);
    let quantity = |expr: &Expr| of(expr)?.quantity();
    match &expr.kind {
        ExprKind::Constant(value) => Some(value.clone()),
        ExprKind::Name(_, Meaning::Let(at)) => value_of(*at),
        ExprKind::Not(a) => Some(Value::Bool(!of(a)?.bool()?)),
        ExprKind::And(all) => junction(all.iter().map(|one| of(one).and_then(|value| value.bool())), false),
        ExprKind::Or(all) => junction(all.iter().map(|one| of(one).and_then(|value| value.bool())), true),
        ExprKind::Compare(a, comparison, b) => compare(&of(a)?, comparison.node, &of(b)?).map(Value::Bool),
        ExprKind::Negate(a) => {
            let quantity = quantity(a)?;
            Quantity::new(quantity.unit(), -quantity.base()).map(Value::Quantity)
        }
        ExprKind::Arithmetic(a, op, b) => {
            let (a, b) = (quantity(a)?, quantity(b)?);
            let result = match op.node {
                ArithmeticOp::Add => a.plus(b),
                ArithmeticOp::Subtract => a.minus(b),
                ArithmeticOp::Multiply => a.times(b),
                ArithmeticOp::Divide => a.over(b),
            };
            result.map(Value::Quantity)
        }
        ExprKind::AsRatio(a) => quantity(a)?.as_ratio().map(Value::Quantity),
        ExprKind::Broken
        | ExprKind::Symbol(..)
        | ExprKind::List(_)
        | ExprKind::Name(..)
        | ExprKind::For(..)
        | ExprKind::InRange { .. }
        | ExprKind::InList { .. }
        | ExprKind::Within { .. }
        | ExprKind::Coalesce(..)
        | ExprKind::Known(_)
        | ExprKind::If(..)
        | ExprKind::Window(..)
        | ExprKind::Function(..) => None,
    }
}

/// `and` is decided by one `false`, `or` by one `true`; else all must be constant.
fn junction(values: impl Iterator<Item = Option<bool>>, decisive: bool) -> Option<Value> {
    let mut all = true;
    for value in values {
        match value {
            Some(value) if value == decisive => return Some(Value::Bool(decisive)),
            Some(_) => {}
            None => all = false,
        }
    }
    all.then_some(Value::Bool(!decisive))
}

fn compare(a: &Value, comparison: Comparison, b: &Value) -> Option<bool> {
    let ordering = match (a, b) {
        (Value::Quantity(a), Value::Quantity(b)) => a.compare(*b)?,
        (a, b) if a == b => Ordering::Equal,
        // Only equality is asked of what has no order.
        _ => Ordering::Less,
    };
    Some(match comparison {
        Comparison::Equal => ordering.is_eq(),
        Comparison::NotEqual => ordering.is_ne(),
        Comparison::Less => ordering.is_lt(),
        Comparison::LessOrEqual => ordering.is_le(),
        Comparison::Greater => ordering.is_gt(),
        Comparison::GreaterOrEqual => ordering.is_ge(),
    })
}
