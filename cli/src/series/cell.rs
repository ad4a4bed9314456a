//! A cell of a table becomes what was seen, or says why it cannot be read.

use std::sync::Arc;

use leeway_engine::{Gap, measured};
use leeway_units::{Type, Unit, Value};

use crate::decide::reading::{Node, value};
use crate::series::slot::{Seen, Slot};

/// Bare ratios above this are percent points more likely than parts of a whole.
const RATIO_LIKELY_MAX: f64 = 10.0;

/// A cell as its file holds it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cell<'a> {
    Empty,
    Text(&'a str),
    Number(f64),
    Bool(bool),
}

/// One column, and what it records.
#[derive(Debug)]
pub(crate) struct Column {
    /// Its name in the file.
    pub(crate) name: Arc<str>,
    pub(crate) slot: Slot,
    ty: Type,
    /// The unit of bare numbers, where somebody named it.
    named_unit: Option<String>,
    /// Base units in one of a bare number.
    factor: f64,
    written: Written,
    ratio_max: f64,
    /// How many numbers can be no value of the type, and the first of them.
    impossible: u64,
    first_impossible: f64,
}

/// How a column writes its numbers. One that does both is ambiguous: is `0.95` below `95%` a part of a whole?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Written {
    Unseen,
    Bare,
    WithUnits,
}

impl Column {
    /// A column that records `slot`. `named` is a unit and its factor, for bare numbers.
    pub(crate) fn new(name: Arc<str>, slot: Slot, ty: Type, named: Option<(String, f64)>) -> Column {
        let written = if named.is_some() { Written::Bare } else { Written::Unseen };
        let (named_unit, factor) = match named {
            Some((unit, factor)) => (Some(unit), factor),
            None => (None, ty.unit().map_or(1.0, Unit::sample_factor)),
        };
        let (ratio_max, impossible, first_impossible) = (0.0, 0, 0.0);
        Column { name, slot, ty, named_unit, factor, written, ratio_max, impossible, first_impossible }
    }

    /// What the cell says, or why it says nothing that can be read.
    pub(crate) fn read(&mut self, cell: Cell<'_>) -> Result<Seen, String> {
        match (cell, &self.ty) {
            (Cell::Empty, _) => Ok(Err(Gap::Missing)),
            (Cell::Number(number), Type::Quantity(unit)) => self.bare(*unit, number),
            (Cell::Text(text), Type::Quantity(unit)) => match text.parse() {
                Ok(number) => self.bare(*unit, number),
                Err(_) => self.with_unit(text),
            },
            (Cell::Bool(bool), Type::Bool) => Ok(Ok(Value::Bool(bool))),
            // As a gauge has it, and as other tools write it.
            (Cell::Number(number), Type::Bool) if number == 0.0 || number == 1.0 => Ok(Ok(Value::Bool(number == 1.0))),
            (Cell::Text("1" | "True" | "TRUE"), Type::Bool) => Ok(Ok(Value::Bool(true))),
            (Cell::Text("0" | "False" | "FALSE"), Type::Bool) => Ok(Ok(Value::Bool(false))),
            (Cell::Text(text), Type::Bool | Type::Text | Type::Enum(_)) => {
                Value::parse_as(&self.ty, text).map(Ok).map_err(|error| error.to_string())
            }
            (Cell::Text(text), Type::List(_) | Type::Records(_)) => {
                let node = Node::parse(text);
                node.and_then(|node| value("$", &node, &self.ty)).map(Ok).map_err(|error| error.to_string())
            }
            (Cell::Number(number), _) => Err(format!("expected a `{}`, got the number {number}", self.ty)),
            (Cell::Bool(bool), _) => Err(format!("expected a `{}`, got `{bool}`", self.ty)),
        }
    }

    /// Warnings about what was read so far.
    pub(crate) fn warnings(&self) -> impl Iterator<Item = String> {
        let impossible = (self.impossible > 0).then(|| {
            let numbers = if self.impossible == 1 { "number that can" } else { "numbers that can" };
            let (name, ty, first) = (&self.name, &self.ty, self.first_impossible);
            format!("column `{name}` has {} {numbers} be no `{ty}`, the first `{first}`: unknown then", self.impossible)
        });
        let suspicious = likely_percent(self.ratio_max).filter(|_| self.named_unit.is_none());
        let suspicious =
            suspicious.map(|seen| format!("column `{}` {seen}; if these are percent, bind it with `@%`", self.name));
        impossible.into_iter().chain(suspicious)
    }

    fn bare(&mut self, unit: Unit, number: f64) -> Result<Seen, String> {
        match self.written {
            Written::Bare => {}
            Written::Unseen => self.written = Written::Bare,
            Written::WithUnits => return Err(format!("`{number}` has no unit, and cells before it have one")),
        }
        if unit == Unit::Ratio && number.is_finite() {
            self.ratio_max = self.ratio_max.max(number);
        }
        let seen = measured(unit, self.factor, number);
        match (self.slot, &seen) {
            // A fact is told, not measured: what cannot be was never the case.
            (Slot::Fact(_), Err(_)) => {
                Err(format!("expected a `{}`, such as `{}`, got `{number}`", self.ty, unit.example()))
            }
            (Slot::Metric(_), Err(_)) if number.is_finite() => {
                if self.impossible == 0 {
                    self.first_impossible = number;
                }
                self.impossible += 1;
                Ok(seen)
            }
            (Slot::Fact(_) | Slot::Metric(_), _) => Ok(seen),
        }
    }

    fn with_unit(&mut self, text: &str) -> Result<Seen, String> {
        let value = Value::parse_as(&self.ty, text).map_err(|error| error.to_string())?;
        if value.quantity().is_some_and(|quantity| !quantity.unit().can_measure(quantity.base())) {
            return Err(format!("a `{}` is never below zero, got {value}", self.ty));
        }
        match (self.written, &self.named_unit) {
            (Written::WithUnits, _) => {}
            (Written::Unseen, _) => self.written = Written::WithUnits,
            (Written::Bare, Some(named)) => return Err(format!("`{text}` has a unit already; leave out `@{named}`")),
            (Written::Bare, None) => return Err(format!("`{text}` has a unit, and cells before it have none")),
        }
        Ok(Ok(value))
    }
}

/// That the largest number read as parts of a whole is likely no such, where it is.
pub(crate) fn likely_percent(ratio_max: f64) -> Option<String> {
    (ratio_max > RATIO_LIKELY_MAX)
        .then(|| format!("reaches {ratio_max}, read as parts of a whole: {}%", ratio_max * 100.0))
}
