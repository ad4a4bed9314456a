//! A number that somebody measured becomes evidence, the same wherever it comes from: a live target or a recorded history.

use leeway_units::{Quantity, Unit, Value};

use crate::evidence::Gap;

/// The sample as a value of `unit`, where one of what the source reports is `factor` base units
/// ([`Unit::sample_factor`] unless the source says otherwise).
///
/// # Errors
/// [`Gap::Invalid`] for what can be no value of that unit: what is not finite, or a part of a count.
pub fn measured(unit: Unit, factor: f64, sample: f64) -> Result<Value, Gap> {
    // Counts are whole; a part of one is no value of that type.
    let fits = unit != Unit::Count || sample.fract() == 0.0;
    Quantity::from_sample_in(unit, factor, sample).filter(|_| fits).map(Value::Quantity).ok_or(Gap::Invalid)
}
