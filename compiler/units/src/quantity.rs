//! A finite number with its unit, kept in base units.

use std::cmp::Ordering;
use std::fmt;
use std::io::Write as _;

use crate::decimal::{rounded, scaled};
use crate::unit::{Suffix, Unit};

const MS_PER_SECOND: f64 = 1_000.0;

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
        Quantity::from_sample_in(unit, unit.sample_factor(), sample)
    }

    /// The same of a source that reports another unit: one of its units is `factor` base units, as in [`Suffix::factor`].
    pub fn from_sample_in(unit: Unit, factor: f64, sample: f64) -> Option<Quantity> {
        // What a measured double and its product are off cannot reach the 15th digit.
        Some(Quantity::new(unit, sample * factor)?.settled())
    }

    /// A whole number of things.
    pub fn count(n: u32) -> Quantity {
        Quantity { unit: Unit::Count, base: f64::from(n) }
    }

    /// A span of time.
    pub fn milliseconds(ms: u64) -> Quantity {
        #[expect(clippy::cast_precision_loss, reason = "spans are far below 2^53 ms")]
        let base = ms as f64;
        Quantity { unit: Unit::Duration, base }
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

    /// The same value with 15 significant digits. What was sent to a system in its own unit and read back differs by the last
    /// bit of a double; settled values are equal again. Whole values stay as they are.
    #[must_use]
    pub fn settled(self) -> Quantity {
        Quantity::new(self.unit, settled(self.base)).unwrap_or(self)
    }

    /// The same value rounded to four significant digits, for sentences that people read.
    #[must_use]
    pub fn rounded(self) -> Quantity {
        const SIGNIFICANT: i32 = 4;
        let (_, digits) = self.written();
        if !digits.contains('.') && self.base.fract() == 0.0 {
            return self;
        }
        let base = self.base.abs();
        // Of times people read seconds; minutes and hours only when they are whole.
        let reads =
            |suffix: &&Suffix| suffix.printed && (self.unit != Unit::Duration || suffix.factor <= MS_PER_SECOND);
        let mut suffixes = self.unit.suffixes().iter().filter(reads);
        let factor = suffixes.find(|suffix| base >= suffix.factor).map_or(1.0, |suffix| suffix.factor);
        let number = base / factor;
        #[expect(clippy::cast_possible_truncation, reason = "the logarithm of a finite double is within ±400")]
        let magnitude = if number > 0.0 { number.log10().floor() as i32 } else { 0 };
        let places = usize::try_from((SIGNIFICANT - 1 - magnitude).clamp(0, 12)).unwrap_or(0);
        let rounded = scaled(&format!("{number:.places$}"), factor);
        let signed = rounded.map(|rounded| if self.base < 0.0 { -rounded } else { rounded });
        signed.and_then(|base| Quantity::new(self.unit, base)).unwrap_or(self)
    }

    /// The suffix to print in, and the digits of the magnitude before it.
    fn written(self) -> (&'static str, String) {
        let base = self.base.abs();
        match self.unit {
            Unit::Count | Unit::Number => return ("", base.to_string()),
            Unit::Money => return ("", shortest(base, 100.0).unwrap_or_else(|| (base / 100.0).to_string())),
            Unit::Ratio | Unit::Duration | Unit::Bytes | Unit::Cpu | Unit::Rate | Unit::Spend => {}
        }
        let printed = || self.unit.suffixes().iter().filter(|suffix| suffix.printed);
        // `100.5/s` reads better than `6030/min`, and `1.5s` better than `1500ms`.
        let broken = |suffix: &Suffix| matches!((self.unit, suffix.text), (Unit::Rate, _) | (Unit::Duration, "s"));
        let fits = |suffix: &Suffix| (base / suffix.factor).fract() == 0.0 || broken(suffix);
        let natural = printed().filter(|suffix| base >= suffix.factor && fits(suffix));
        let natural = natural.filter_map(|suffix| Some((suffix.text, shortest(base, suffix.factor)?))).next();
        natural.unwrap_or_else(|| match (self.unit, base == 0.0) {
            (Unit::Rate, true) => ("/s", "0".to_owned()),
            (Unit::Duration, true) => ("s", "0".to_owned()),
            // Whatever fits nowhere is printed in the base unit, which always reads back.
            _ => {
                let suffix = printed().find(|suffix| suffix.factor == 1.0).or_else(|| printed().next());
                suffix.map_or(("", base.to_string()), |suffix| (suffix.text, (base / suffix.factor).to_string()))
            }
        })
    }
}

/// The same number with 15 significant digits; see [`Quantity::settled`]. Whole numbers stay as they are, and what is not finite.
/// It allocates nothing: decisions settle their arguments.
pub fn settled(base: f64) -> f64 {
    // A sign, 15 digits and the point, and an exponent of up to five characters.
    const LENGTH_MAX: usize = 32;
    if base.fract() == 0.0 || !base.is_finite() {
        return base;
    }
    if let Some(rounded) = rounded(base) {
        return rounded;
    }
    let mut text = [0_u8; LENGTH_MAX];
    let mut rest = text.as_mut_slice();
    let written = write!(rest, "{base:.14e}").map(|()| LENGTH_MAX - rest.len());
    let digits = written.ok().and_then(|length| std::str::from_utf8(text.get(..length)?).ok());
    digits.and_then(|digits| digits.parse().ok()).unwrap_or(base)
}

/// The fewest digits that read back as `base` when scaled by `factor`: 7.001 and not 7.0009999999999994.
fn shortest(base: f64, factor: f64) -> Option<String> {
    const PLACES_MAX: usize = 17;
    let number = base / factor;
    (0..=PLACES_MAX).map(|places| format!("{number:.places$}")).find(|digits| scaled(digits, factor) == Some(base))
}

/// Writes the value as the language writes it: `250mcpu`, `80%`, `$450/month`.
impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (suffix, digits) = self.written();
        let sign = if self.base < 0.0 { "-" } else { "" };
        let dollar = if self.unit.has_dollar() { "$" } else { "" };
        let point = if self.unit == Unit::Number && !digits.contains('.') { ".0" } else { "" };
        write!(f, "{sign}{dollar}{digits}{point}{suffix}")
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
