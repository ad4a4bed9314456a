//! The value of an expression that reads nothing.

use std::cmp::Ordering;

use leeway_ir::{Function, Pattern};
use leeway_syntax::ast::{ArithmeticOp, Comparison, TextTest};
use leeway_units::{Quantity, Unit, Value};

use crate::hir::{Expr, ExprKind, Meaning};
use crate::resolve::Words;

/// The value of `expr`, if it is a constant. `value_of` gives the value of a let that is one; it is not computed anew, since
/// lets that double each other would take for ever.
pub(crate) fn constant(expr: &Expr, value_of: &impl Fn(usize) -> Option<Value>) -> Option<Value> {
    let of = |expr: &Expr| constant(expr, value_of);
    let quantity = |expr: &Expr| of(expr)?.quantity();
    match &expr.kind {
        ExprKind::Constant(value) => Some(value.clone()),
        ExprKind::Symbol(word, _) => Some(Value::Symbol(word.clone())),
        ExprKind::List(all) => Some(Value::List(all.iter().map(of).collect::<Option<_>>()?)),
        ExprKind::Name(_, Meaning::Let(at)) => value_of(*at),
        ExprKind::Not(a) => Some(Value::Bool(!of(a)?.bool()?)),
        ExprKind::And(all) => junction(all.iter().map(|one| of(one).and_then(|value| value.bool())), false),
        ExprKind::Or(all) => junction(all.iter().map(|one| of(one).and_then(|value| value.bool())), true),
        ExprKind::Compare(a, comparison, b) => compare(&of(a)?, comparison.node, &of(b)?).map(Value::Bool),
        ExprKind::InRange { value, low, high, negated } => {
            let value = of(value)?;
            let bound = |bound, comparison| of(bound).and_then(|bound| compare(&value, comparison, &bound));
            let sides = [bound(low, Comparison::GreaterOrEqual), bound(high, Comparison::LessOrEqual)];
            let inside = junction(sides.into_iter(), false)?.bool()?;
            Some(Value::Bool(inside != *negated))
        }
        ExprKind::InList { value, list, negated } => {
            let value = of(value)?;
            let entry = |entry: Option<Value>| compare(&value, Comparison::Equal, &entry?);
            let found = match (&list.kind, of(list)) {
                (_, Some(Value::List(all))) => junction(all.iter().map(|one| entry(Some(one.clone()))), true),
                (ExprKind::List(all), _) => junction(all.iter().map(|one| entry(of(one))), true),
                _ => None,
            };
            Some(Value::Bool(found?.bool()? != *negated))
        }
        ExprKind::Within { value, percent, of } => {
            quantity(value)?.is_within(quantity(percent)?, quantity(of)?).map(Value::Bool)
        }
        ExprKind::TextTest(a, test, b) => match (of(a)?, of(b)?) {
            (Value::Text(a), Value::Text(b)) => {
                let found = match test.node {
                    TextTest::StartsWith => a.starts_with(b.as_ref()),
                    TextTest::EndsWith => a.ends_with(b.as_ref()),
                    TextTest::Matches => Pattern::new(&b).ok()?.matches(&a),
                };
                Some(Value::Bool(found))
            }
            _ => None,
        },
        ExprKind::Coalesce(a, _) => of(a),
        ExprKind::Known(a) => of(a).map(|_| Value::Bool(true)),
        ExprKind::If(condition, a, b) => of(if of(condition)?.bool()? { a } else { b }),
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
        ExprKind::Function(function, _, arguments) => {
            let arguments: Vec<Quantity> = arguments.iter().map(quantity).collect::<Option<_>>()?;
            call(*function, &arguments).map(Value::Quantity)
        }
        ExprKind::Broken
        | ExprKind::Opaque(_)
        | ExprKind::Name(..)
        | ExprKind::For(..)
        | ExprKind::Quantified { .. }
        | ExprKind::Window(..)
        | ExprKind::Quantile(..)
        | ExprKind::Began(..)
        | ExprKind::Since(_)
        | ExprKind::Change(..)
        | ExprKind::During(..)
        | ExprKind::Budget(_) => None,
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

/// The outcome of a comparison of constants.
pub(super) fn compare(a: &Value, comparison: Comparison, b: &Value) -> Option<bool> {
    let rank = |word: &str| Words::Risk.all().iter().position(|known| *known == word);
    let ordering = match (a, b) {
        (Value::Quantity(a), Value::Quantity(b)) => a.compare(*b)?,
        (Value::Symbol(a), Value::Symbol(b)) => match (rank(a), rank(b)) {
            (Some(a), Some(b)) => a.cmp(&b),
            _ => a.cmp(b),
        },
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

/// What a function gives for constants; as the runtime computes it.
fn call(function: Function, arguments: &[Quantity]) -> Option<Quantity> {
    let first = *arguments.first()?;
    let argument = |at: usize| arguments.get(at).copied();
    // Rounded to 9 digits first, so that 0.1 + 0.2 does not round up.
    let nearly = (first.base() * 1e9).round() / 1e9;
    match function {
        Function::Abs => Quantity::new(first.unit(), first.base().abs()),
        Function::Least => {
            argument(1).and_then(|second| Some(if second.compare(first)?.is_lt() { second } else { first }))
        }
        Function::Greatest => {
            argument(1).and_then(|second| Some(if second.compare(first)?.is_gt() { second } else { first }))
        }
        Function::Clamp => {
            let (low, high) = (argument(1)?, argument(2)?);
            let at_least = if first.compare(low)?.is_lt() { low } else { first };
            Some(if at_least.compare(high)?.is_gt() { high } else { at_least })
        }
        Function::Round => Quantity::new(Unit::Count, nearly.round()),
        Function::Ceil => Quantity::new(Unit::Count, nearly.ceil()),
        Function::Floor => Quantity::new(Unit::Count, nearly.floor()),
    }
}
