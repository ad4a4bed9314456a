//! A finite number with its unit, kept in base units.

use std::cmp::Ordering;
use std::fmt;

use crate::decimal::rescaled;
use crate::unit::Unit;

/// A number with its unit. Always finite: NaN and infinities are unknown evidence, never values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantity {
    unit: Unit,
    base: f64,
}

impl Quantity {
    /// `base` base units of `unit`, unless that is not finite.
    pub fn new(unit: Unit, base: f64) -> Option<Quantity> {
        // Adding zero turns -0 into 0: equal values must print, and hash, alike.
        base.is_finite().then_some(Quantity { unit, base: base + 0.0 })
    }

    /// A bare sample as metric sources report it: ratio 0..1, seconds, bytes, cores, per second, dollars, dollars per hour.
    pub fn from_sample(unit: Unit, sample: f64) -> Option<Quantity> {
        Quantity::new(unit, rescaled(sample, unit.sample_factor())?)
    }

    /// A whole number of things.
    pub fn count(n: u32) -> Quantity {
        Quantity { unit: Unit::Count, base: f64::from(n) }
    }

    /// A span of time.
    pub fn milliseconds(ms: u32) -> Quantity {
        Quantity { unit: Unit::Duration, base: f64::from(ms) }
    }

    /// What it measures.
    pub fn unit(self) -> Unit {
        self.unit
    }

    /// The number, in base units.
    pub fn base(self) -> f64 {
        self.base
    }

    /// The value as a source or sink outside reports it; the inverse of [`Quantity::from_sample`].
    pub fn to_sample(self) -> f64 {
        self.base / self.unit.sample_factor()
    }

    /// Order by value. Quantities of unlike units have none.
    pub fn compare(self, other: Quantity) -> Option<Ordering> {
        let like = |unit| matches!(unit, Unit::Count | Unit::Number);
        if self.unit == other.unit || (like(self.unit) && like(other.unit)) {
            self.base.partial_cmp(&other.base)
        } else {
            None
        }
    }

    /// The same value rounded to four significant digits, for sentences that people read.
    pub fn rounded(self) -> Quantity {
        const SIGNIFICANT: i32 = 4;
        let (text, number) = self.printed_in();
        if number == 0.0 || number.fract() == 0.0 {
            return self;
        }
        #[expect(clippy::cast_possible_truncation, reason = "the logarithm of a finite double is within ±400")]
        let magnitude = number.abs().log10().floor() as i32;
        let places = usize::try_from((SIGNIFICANT - 1 - magnitude).clamp(0, 12)).unwrap_or(0);
        let dollar = if self.unit.has_dollar() { "$" } else { "" };
        let literal = format!("{dollar}{:.places$}{text}", number.abs());
        let literal =
            if self.unit == Unit::Number && !literal.contains('.') { format!("{literal}.0") } else { literal };
        let sign = if self.base < 0.0 { -1.0 } else { 1.0 };
        crate::literal::parse_literal(&literal)
            .ok()
            .and_then(|rounded| Quantity::new(self.unit, sign * rounded.base))
            .unwrap_or(self)
    }

    /// The suffix to print in, and the number to print before it.
    fn printed_in(self) -> (&'static str, f64) {
        match self.unit {
            Unit::Count | Unit::Number => return ("", self.base),
            Unit::Money => return ("", self.base / 100.0),
            Unit::Ratio | Unit::Duration | Unit::Bytes | Unit::Cpu | Unit::Rate | Unit::Spend => {}
        }
        let printed = || self.unit.suffixes().iter().filter(|suffix| suffix.printed);
        let reads_back = |number: f64, factor: f64| rescaled(number, factor) == Some(self.base);
        // Rates are mostly per second: `100.5/s` reads better than `6030/min`.
        let fits = |number: f64| number.fract() == 0.0 || (self.unit == Unit::Rate && number.abs() >= 1.0);
        let natural = printed().find(|suffix| {
            let number = self.base / suffix.factor;
            number.abs() >= 1.0 && fits(number) && reads_back(number, suffix.factor)
        });
        // Whatever fits nowhere is printed in the base unit, which always reads back.
        let fallback = || printed().find(|suffix| suffix.factor == 1.0).or_else(|| printed().next());
        match natural.or_else(fallback) {
            Some(suffix) => (suffix.text, self.base / suffix.factor),
            None => ("", self.base),
        }
    }
}

/// Writes the value as the language writes it: `250mcpu`, `80%`, `$450/month`.
impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (suffix, number) = self.printed_in();
        let sign = if number < 0.0 { "-" } else { "" };
        let dollar = if self.unit.has_dollar() { "$" } else { "" };
        let point = if self.unit == Unit::Number && number.fract() == 0.0 { ".0" } else { "" };
        write!(f, "{sign}{dollar}{}{point}{suffix}", number.abs())
    }
}

impl serde::Serialize for Quantity {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        crate::Value::Quantity(*self).serialize(serializer)
    }
}

impl<'de> serde::Deserialize<'de> for Quantity {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = crate::Value::deserialize(deserializer)?;
        value.quantity().ok_or_else(|| serde::de::Error::custom("expected a quantity"))
    }
}
