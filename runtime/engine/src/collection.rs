//! Quantifiers: what is asked of every element of a collection, in three values.

use leeway_ir::{Expr, FactId, Quantifier};
use leeway_units::{Quantity, Record, Unit, Value};

use crate::expression::Scope;
use crate::truth::Truth;
use crate::unit::unit_of;

/// An element that a quantifier looks at, and the one of the quantifier around it.
#[derive(Clone, Copy)]
pub(crate) struct Element<'a> {
    record: &'a Record,
    outer: Option<&'a Element<'a>>,
}

impl<'a> Element<'a> {
    /// The field of the element `depth` quantifiers further out, if it is known.
    pub(crate) fn field(&self, depth: u16, name: &str) -> Option<&'a Value> {
        match depth {
            0 => self.record.get(name),
            _ => self.outer?.field(depth - 1, name),
        }
    }
}

/// The value of a quantified expression, if it is known.
pub(crate) fn quantified(scope: Scope<'_>, quantifier: Quantifier, over: FactId, body: &Expr) -> Option<Value> {
    let Some(Value::List(elements)) = scope.value(&Expr::Fact(over)) else { return None };
    let records = || {
        elements.iter().filter_map(|element| match element {
            Value::Record(record) => Some(record),
            Value::Bool(_) | Value::Quantity(_) | Value::Text(_) | Value::Symbol(_) | Value::List(_) => None,
        })
    };
    if records().count() < elements.len() {
        return None;
    }
    let outer = scope.element;
    let truths = || records().map(|record| within(scope, record, outer, |scope| scope.truth(body)));
    let quantities = || records().map(|record| within(scope, record, outer, |scope| scope.value(body)?.quantity()));
    match quantifier {
        Quantifier::Any => (!Truth::all(truths().map(|truth| !truth))).value(),
        Quantifier::All => Truth::all(truths()).value(),
        Quantifier::Count => {
            let counted = truths().try_fold(0_u32, |count, truth| Some(count + u32::from(truth.value()?.bool()?)));
            counted.map(|count| Value::Quantity(Quantity::count(count)))
        }
        Quantifier::Sum => {
            let mut all = quantities();
            let Some(first) = all.next() else {
                let unit = unit_of(scope.policy, scope.action, body, &[over]).unwrap_or(Unit::Count);
                return Quantity::new(unit, 0.0).map(Value::Quantity);
            };
            all.try_fold(first?, |sum, next| sum.plus(next?)).map(Value::Quantity)
        }
        Quantifier::Min => extreme(quantities(), std::cmp::Ordering::Less),
        Quantifier::Max => extreme(quantities(), std::cmp::Ordering::Greater),
    }
}

/// What `look` finds with `record` as the innermost element.
fn within<T>(scope: Scope<'_>, record: &Record, outer: Option<&Element<'_>>, look: impl FnOnce(Scope<'_>) -> T) -> T {
    let element = Element { record, outer };
    look(Scope { element: Some(&element), ..scope })
}

/// The one before which all others stand in that order; unknown if one is, and over nothing.
fn extreme(mut quantities: impl Iterator<Item = Option<Quantity>>, wanted: std::cmp::Ordering) -> Option<Value> {
    let first = quantities.next()??;
    let kept = quantities.try_fold(first, |kept, next| {
        let next = next?;
        Some(if next.compare(kept)? == wanted { next } else { kept })
    });
    kept.map(Value::Quantity)
}

/// What people call an element by: the first of these fields that it has.
const CALLED_BY: [&str; 2] = ["address", "name"];

/// The truth of `body` for each element of the collection, with what people call the element, or its place from 1.
pub(crate) fn truths(scope: Scope<'_>, over: FactId, body: &Expr) -> Option<Vec<(String, Truth)>> {
    let Some(Value::List(elements)) = scope.value(&Expr::Fact(over)) else { return None };
    let truth = |(place, element): (usize, &Value)| {
        let Value::Record(record) = element else { return None };
        let label = match CALLED_BY.iter().find_map(|field| record.get(field)) {
            Some(Value::Text(name)) => format!("\"{name}\""),
            Some(_) | None => format!("#{}", place + 1),
        };
        Some((label, within(scope, record, scope.element, |scope| scope.truth(body))))
    };
    elements.iter().enumerate().map(truth).collect()
}
