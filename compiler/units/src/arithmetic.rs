//! What multiplying and dividing does to units: one table for the checker and for evaluation.

use crate::quantity::Quantity;
use crate::unit::Unit;

/// The unit of a product, or `None` where the language has none.
pub fn multiplied_unit(left: Unit, right: Unit) -> Option<Unit> {
    use Unit::{Bytes, Count, Cpu, Duration, Money, Number, Rate, Ratio, Spend};
    match (left, right) {
        (Ratio, Ratio) => Some(Ratio),
        (Count, Count) => Some(Count),
        (Count | Number, Count | Number | Ratio) | (Ratio, Count | Number) => Some(Number),
        (unit, Count | Number | Ratio) | (Count | Number | Ratio, unit) => Some(unit),
        (Rate, Duration) | (Duration, Rate) => Some(Number),
        (Spend, Duration) | (Duration, Spend) => Some(Money),
        (Duration | Bytes | Cpu | Rate | Money | Spend, Duration | Bytes | Cpu | Rate | Money | Spend) => None,
    }
}

/// The unit of a quotient, or `None` where the language has none.
pub fn divided_unit(left: Unit, right: Unit) -> Option<Unit> {
    use Unit::{Count, Duration, Money, Number, Rate, Ratio, Spend};
    match (left, right) {
        (left, right) if left == right => Some(Number),
        (Count | Number, Count | Number | Ratio) => Some(Number),
        (unit, Count | Number | Ratio) => Some(unit),
        (Count | Number, Duration) => Some(Rate),
        (Count | Number, Rate) => Some(Duration),
        (Money, Duration) => Some(Spend),
        (Money, Spend) => Some(Duration),
        (
            Count | Number | Ratio | Duration | Unit::Bytes | Unit::Cpu | Rate | Money | Spend,
            Duration | Unit::Bytes | Unit::Cpu | Rate | Money | Spend,
        ) => None,
    }
}

/// Milliseconds in one hour and in one month: rates and spends count per those.
const MS_PER_HOUR: f64 = 3_600_000.0;
const MS_PER_MONTH: f64 = 2_629_800_000.0;

/// A percentage as a factor is its points over this; the division comes last, so that whole results stay whole.
const POINTS: f64 = 100.0;

/// By what the product of the base units is divided, so that it counts base units of the product.
pub fn product_divisor(left: Unit, right: Unit) -> f64 {
    use Unit::{Duration, Rate, Ratio, Spend};
    match (left, right) {
        (Ratio, _) | (_, Ratio) => POINTS,
        (Rate, Duration) | (Duration, Rate) => MS_PER_HOUR,
        (Spend, Duration) | (Duration, Spend) => MS_PER_MONTH,
        _ => 1.0,
    }
}

/// By what the dividend's base units are multiplied, so that the quotient counts base units of its own.
pub fn quotient_factor(left: Unit, right: Unit) -> f64 {
    use Unit::{Count, Duration, Money, Number, Rate, Ratio, Spend};
    match (left, right) {
        (left, right) if left == right => 1.0,
        (_, Ratio) => POINTS,
        (Count | Number, Duration | Rate) => MS_PER_HOUR,
        (Money, Duration | Spend) => MS_PER_MONTH,
        _ => 1.0,
    }
}

impl Quantity {
    /// The sum of like quantities.
    pub fn plus(self, other: Quantity) -> Option<Quantity> {
        Quantity::new(sum_unit(self.unit(), other.unit())?, self.base() + other.base())
    }

    /// The difference of like quantities.
    pub fn minus(self, other: Quantity) -> Option<Quantity> {
        Quantity::new(sum_unit(self.unit(), other.unit())?, self.base() - other.base())
    }

    /// The product; `None` where units have none or it is not finite.
    pub fn times(self, other: Quantity) -> Option<Quantity> {
        let base = self.base() * other.base() / product_divisor(self.unit(), other.unit());
        Quantity::new(multiplied_unit(self.unit(), other.unit())?, base)
    }

    /// The quotient; `None` where units have none, for division by zero, or when it is not finite.
    pub fn over(self, other: Quantity) -> Option<Quantity> {
        if other.base() == 0.0 {
            return None;
        }
        let base = self.base() * quotient_factor(self.unit(), other.unit()) / other.base();
        Quantity::new(divided_unit(self.unit(), other.unit())?, base)
    }

    /// A computed dimensionless number as a ratio: 0.8 is 80%.
    pub fn as_ratio(self) -> Option<Quantity> {
        match self.unit() {
            Unit::Number | Unit::Count => Quantity::new(Unit::Ratio, self.base() * POINTS),
            Unit::Ratio => Some(self),
            Unit::Duration | Unit::Bytes | Unit::Cpu | Unit::Rate | Unit::Money | Unit::Spend => None,
        }
    }

    /// `x within P% of y`: `100 * abs(x - y) <= P * abs(y)`, so that the bound itself is within.
    pub fn is_within(self, percent: Quantity, of: Quantity) -> Option<bool> {
        let difference = self.minus(of)?.base().abs();
        Some(POINTS * difference <= percent.base() * of.base().abs())
    }
}

/// Like may be added to like; a count and a number are like.
fn sum_unit(left: Unit, right: Unit) -> Option<Unit> {
    match (left, right) {
        (left, right) if left == right => Some(left),
        (Unit::Count, Unit::Number) | (Unit::Number, Unit::Count) => Some(Unit::Number),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use crate::parse_literal;

    #[test]
    fn products_and_quotients_carry_their_units() {
        let q = |text| parse_literal(text).unwrap();
        assert_eq!(q("100/s").times(q("110%")).unwrap(), q("110/s"));
        assert_eq!(q("128Mi").times(q("2")).unwrap(), q("256Mi"));
        assert_eq!(q("50%").times(q("50%")).unwrap(), q("25%"));
        assert_eq!(q("10/s").over(q("40/s")).unwrap().as_ratio().unwrap(), q("25%"));
        assert_eq!(q("60").over(q("1m")).unwrap(), q("1/s"));
        assert_eq!(q("$450").over(q("30d")).unwrap().times(q("30d")).unwrap(), q("$450"));
        assert_eq!(q("10").over(q("0")), None);
        assert_eq!(q("10s").times(q("10s")), None);
        assert_eq!(q("10s").plus(q("10/s")), None);
        assert!(q("110/s").is_within(q("10%"), q("100/s")).unwrap());
        assert!(!q("110.1/s").is_within(q("10%"), q("100/s")).unwrap());
    }
}
