//! The units a quantity can have, and the one table of how each is written.

use serde::{Deserialize, Serialize};

/// What a quantity measures. Two quantities of different units are never compared or added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// A whole number of things.
    Count,
    /// A dimensionless number.
    Number,
    /// A part of a whole; base unit: percent points.
    Ratio,
    /// A span of time; base unit: milliseconds.
    Duration,
    /// An amount of memory or data; base unit: bytes.
    Bytes,
    /// Processor time per time; base unit: millicores.
    Cpu,
    /// Events per time; base unit: per hour.
    Rate,
    /// An amount of money; base unit: cents.
    Money,
    /// Money per time; base unit: cents per month (30.4375 days).
    Spend,
}

/// One way to write a unit: `text` after the number, and how many base units one of it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Suffix {
    /// What stands directly behind the number.
    pub text: &'static str,
    /// Base units in one of these.
    pub factor: f64,
    /// Whether values are printed in it (`MiB` is read, `Mi` is printed).
    pub printed: bool,
}

const fn suffix(text: &'static str, factor: f64) -> Suffix {
    Suffix { text, factor, printed: true }
}

const fn alias(text: &'static str, factor: f64) -> Suffix {
    Suffix { text, factor, printed: false }
}

const KI: f64 = 1024.0;
const HOURS_PER_MONTH: f64 = 730.5;

// Largest first: a value is printed in the first that keeps it whole.
const RATIO: &[Suffix] = &[suffix("%", 1.0)];
const DURATION: &[Suffix] = &[
    alias("w", 604_800_000.0),
    suffix("d", 86_400_000.0),
    suffix("h", 3_600_000.0),
    suffix("m", 60_000.0),
    suffix("s", 1_000.0),
    suffix("ms", 1.0),
];
const BYTES: &[Suffix] = &[
    suffix("Ti", KI * KI * KI * KI),
    alias("TiB", KI * KI * KI * KI),
    suffix("Gi", KI * KI * KI),
    alias("GiB", KI * KI * KI),
    suffix("Mi", KI * KI),
    alias("MiB", KI * KI),
    suffix("Ki", KI),
    alias("KiB", KI),
    suffix("TB", 1e12),
    suffix("GB", 1e9),
    suffix("MB", 1e6),
    suffix("KB", 1e3),
    suffix("B", 1.0),
];
const CPU: &[Suffix] = &[suffix("cpu", 1_000.0), suffix("mcpu", 1.0)];
const RATE: &[Suffix] = &[suffix("/s", 3_600.0), suffix("/min", 60.0), suffix("/h", 1.0)];
const SPEND: &[Suffix] = &[
    suffix("/month", 100.0),
    suffix("/h", 100.0 * HOURS_PER_MONTH),
    suffix("/d", 100.0 * 30.4375),
    alias("/min", 100.0 * HOURS_PER_MONTH * 60.0),
    alias("/s", 100.0 * HOURS_PER_MONTH * 3_600.0),
];

impl Unit {
    /// Every unit, in the order of the language reference.
    pub const ALL: [Unit; 9] = [
        Unit::Count,
        Unit::Number,
        Unit::Ratio,
        Unit::Duration,
        Unit::Bytes,
        Unit::Cpu,
        Unit::Rate,
        Unit::Money,
        Unit::Spend,
    ];

    /// The unit's name as a type is written: `duration`.
    pub const fn name(self) -> &'static str {
        match self {
            Unit::Count => "count",
            Unit::Number => "number",
            Unit::Ratio => "ratio",
            Unit::Duration => "duration",
            Unit::Bytes => "bytes",
            Unit::Cpu => "cpu",
            Unit::Rate => "rate",
            Unit::Money => "money",
            Unit::Spend => "spend",
        }
    }

    /// The ways to write a value of this unit, largest first; empty for those written bare.
    pub const fn suffixes(self) -> &'static [Suffix] {
        match self {
            Unit::Count | Unit::Number | Unit::Money => &[],
            Unit::Ratio => RATIO,
            Unit::Duration => DURATION,
            Unit::Bytes => BYTES,
            Unit::Cpu => CPU,
            Unit::Rate => RATE,
            Unit::Spend => SPEND,
        }
    }

    /// Whether a value starts with `$`.
    pub const fn has_dollar(self) -> bool {
        matches!(self, Unit::Money | Unit::Spend)
    }

    /// Whether something of this unit can measure so many base units: what is counted or filled is never below nothing, and things
    /// are whole. Ratios, numbers and money can be below zero.
    pub fn can_measure(self, base: f64) -> bool {
        match self {
            Unit::Count => base >= 0.0 && base.fract() == 0.0,
            Unit::Duration | Unit::Bytes | Unit::Cpu | Unit::Rate => base >= 0.0,
            Unit::Number | Unit::Ratio | Unit::Money | Unit::Spend => true,
        }
    }

    /// Base units in one unit of a bare sample, as metric sources report them: ratio 0..1, seconds, bytes, cores,
    /// per second, dollars, dollars per hour.
    pub const fn sample_factor(self) -> f64 {
        match self {
            Unit::Count | Unit::Number | Unit::Bytes => 1.0,
            Unit::Ratio | Unit::Money => 100.0,
            Unit::Duration | Unit::Cpu => 1_000.0,
            Unit::Rate => 3_600.0,
            Unit::Spend => 100.0 * HOURS_PER_MONTH,
        }
    }

    /// A literal of this unit, for help texts.
    pub const fn example(self) -> &'static str {
        match self {
            Unit::Count => "3",
            Unit::Number => "2.5",
            Unit::Ratio => "80%",
            Unit::Duration => "200ms",
            Unit::Bytes => "128Mi",
            Unit::Cpu => "250mcpu",
            Unit::Rate => "100/s",
            Unit::Money => "$450",
            Unit::Spend => "$450/month",
        }
    }
}
