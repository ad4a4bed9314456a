//! A number that somebody measured becomes evidence, the same wherever it comes from: a live target or a recorded history.

use leeway_units::{Quantity, Unit, Value};

use crate::evidence::Gap;

/// The sample as a value of `unit`, where one of what the source reports is `factor` base units
/// ([`Unit::sample_factor`] unless the source says otherwise).
///
/// # Errors
/// [`Gap::Invalid`] for what can be no value of that unit: what is not finite, a part of a count, or below zero
/// where nothing is ([`Unit::can_measure`]).
pub fn measured(unit: Unit, factor: f64, sample: f64) -> Result<Value, Gap> {
    Quantity::from_sample_in(unit, factor, sample)
        .filter(|quantity| unit.can_measure(quantity.base()))
        .map(Value::Quantity)
        .ok_or(Gap::Invalid)
}
