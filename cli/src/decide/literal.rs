//! Values, times and durations as documents write them.

use jiff::{SignedDuration, Timestamp};
use leeway_engine::RECORDS_MAX;
use leeway_units::{COUNT_MAX, Field, Quantity, Record, Type, Unit, Value, parse_literal};

use crate::decide::document::{DocumentError, Node, cut};
use crate::decide::members::{Members, Read, wanted};

/// Ten years: farther back no decision looks.
const DURATION_MS_MAX: i64 = 10 * 366 * 86_400_000;

/// A value of `ty`: a literal in a text, or bare where the type is `count`, `number` or `bool`.
pub(crate) fn value(path: &str, node: &Node, ty: &Type) -> Read<Value> {
    let bare = |unit: Unit| matches!(unit, Unit::Count | Unit::Number);
    let read = match (node, ty) {
        (Node::Text(text), _) => {
            Value::parse_as(ty, text).map_err(|error| DocumentError::new(path, error.to_string()))?
        }
        (Node::Bool(value), Type::Bool) => Value::Bool(*value),
        (Node::Number(number), Type::Quantity(unit)) if bare(*unit) => {
            if *unit == Unit::Count && number.fract() != 0.0 {
                return Err(DocumentError::new(path, format!("expected a whole number, got {number}")));
            }
            if *unit == Unit::Count && number.abs() > COUNT_MAX {
                return Err(DocumentError::new(path, format!("{number} is too large for a count")));
            }
            let quantity = Quantity::new(*unit, *number);
            Value::Quantity(quantity.ok_or_else(|| DocumentError::new(path, "the number is not finite"))?)
        }
        (Node::Number(number), Type::Quantity(unit)) => {
            let message = format!(
                "expected a `{ty}` with its unit, such as \"{}\", got the bare number {number}",
                unit.example()
            );
            return Err(DocumentError::new(path, message));
        }
        (Node::List(elements), Type::Records(fields)) => return records(path, elements, fields),
        (other, _) => return Err(wanted(path, &format!("a `{ty}`"), other)),
    };
    match read.quantity() {
        Some(quantity) if !quantity.unit().can_measure(quantity.base()) => {
            Err(DocumentError::new(path, format!("a `{ty}` is never below zero, got {quantity}")))
        }
        Some(_) | None => Ok(read),
    }
}

/// A collection: objects with some of these fields. A field that is not named, or `"missing"`, is not known.
fn records(path: &str, elements: &[Node], fields: &[Field]) -> Read<Value> {
    if elements.len() > RECORDS_MAX {
        return Err(DocumentError::new(path, format!("a collection of over {RECORDS_MAX} records")));
    }
    let record = |(at, node): (usize, &Node)| {
        let mut members = Members::of(&format!("{path}[{at}]"), node)?;
        let mut known = Vec::new();
        for field in fields {
            if let Some(node) = members.take(&field.name).filter(|node| !is_missing(node)) {
                known.push((field.name.clone(), value(&members.path(&field.name), node, &field.ty)?));
            }
        }
        members.done("field")?;
        Ok(Value::Record(Record::new(known)))
    };
    elements.iter().enumerate().map(record).collect::<Read<Vec<_>>>().map(|records| Value::List(records.into()))
}

/// Whether it says that there is no value.
pub(crate) fn is_missing(node: &Node) -> bool {
    matches!(node, Node::Text(word) if word == "missing")
}

pub(crate) fn time(path: &str, node: &Node) -> Read<Timestamp> {
    let text = node.text().ok_or_else(|| wanted(path, "a time such as \"2026-01-01T12:00:00Z\"", node))?;
    text.parse()
        .map_err(|_| DocumentError::new(path, format!("`{}` is no time such as 2026-01-01T12:00:00Z", cut(text))))
}

/// A duration literal in milliseconds, not negative.
pub(crate) fn duration(path: &str, text: &str) -> Read<i64> {
    let wrong = || DocumentError::new(path, format!("`{}` is no duration such as \"30s\"", cut(text)));
    let quantity = parse_literal(text).map_err(|_| wrong())?;
    #[expect(clippy::cast_possible_truncation, reason = "durations are bounded below")]
    let ms = quantity.base() as i64;
    let reaches = (0..=DURATION_MS_MAX).contains(&ms);
    if quantity.unit() == Unit::Duration && reaches { Ok(ms) } else { Err(wrong()) }
}

/// That many milliseconds later.
pub(crate) fn shifted(at: Timestamp, ms: i64) -> Timestamp {
    at.checked_add(SignedDuration::from_millis(ms)).unwrap_or(if ms < 0 { Timestamp::MIN } else { Timestamp::MAX })
}
