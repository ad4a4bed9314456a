//! What the samples of a window come to.

use leeway_units::{Unit, Value};

use crate::evidence::Gap;
use crate::run::Run;
use crate::sums::Sum;
use crate::tick::Tick;

/// How many samples a window may hold: 30 days at one a second, and some. A window with more is unknown.
pub(crate) const SAMPLES_MAX: i64 = 4_000_000;

/// Which of the smallest and the largest are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Extremes {
    pub(crate) low: bool,
    pub(crate) high: bool,
}

impl Extremes {
    pub(crate) const NONE: Extremes = Extremes { low: false, high: false };
    pub(crate) const LOW: Extremes = Extremes { low: true, high: false };
    pub(crate) const HIGH: Extremes = Extremes { low: false, high: true };
    pub(crate) const BOTH: Extremes = Extremes { low: true, high: true };
}

/// The samples of a window in sum. What is watched beside a series and what walks over it give the same, to the last bit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Totals {
    pub(crate) sum: Sum,
    /// The oldest and the newest, where they are quantities.
    pub(crate) first: Option<f64>,
    pub(crate) last: Option<f64>,
    /// The smallest and the largest of the quantities, where these are asked for.
    pub(crate) low: f64,
    pub(crate) high: f64,
    /// Whether they leave a gap longer than `stale`, before the first, between two or after the last, or there is none.
    pub(crate) gap: bool,
}

impl Totals {
    pub(crate) fn none() -> Totals {
        Totals { sum: Sum::default(), first: None, last: None, low: f64::INFINITY, high: f64::NEG_INFINITY, gap: true }
    }

    /// The totals of runs that all lie from `from` to `to`; nothing, if they hold too many samples.
    pub(crate) fn of(runs: impl Iterator<Item = Run>, from: Tick, to: Tick, stale_ns: i64) -> Option<Totals> {
        let mut totals = Totals { gap: false, ..Totals::none() };
        let mut previous = from;
        for run in runs {
            totals.gap |= run.first().since(previous) > stale_ns || run.step_ns() > stale_ns;
            let base = base(run.value());
            totals.sum.add(base, run.count());
            if let Some(base) = base {
                (totals.low, totals.high) = (totals.low.min(base), totals.high.max(base));
            }
            if totals.count() == run.count() {
                totals.first = base;
            }
            totals.last = base;
            previous = run.last();
            if totals.count() > SAMPLES_MAX {
                return None;
            }
        }
        totals.gap |= totals.is_empty() || to.since(previous) > stale_ns;
        Some(totals)
    }

    pub(crate) fn count(&self) -> i64 {
        self.sum.known.saturating_add(self.sum.unknown)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.count() == 0
    }

    /// Whether they cover the window: the first no later than its start plus `stale`, the last no older than `stale`, no gap
    /// longer than `stale`, and none unknown.
    pub(crate) fn cover(&self) -> bool {
        self.sum.known > 0 && self.sum.unknown == 0 && !self.gap
    }

    pub(crate) fn mean(&self) -> Option<f64> {
        self.sum.exact.mean(self.first?, self.sum.known)
    }
}

/// The number of a sample in base units.
pub(crate) fn base(value: &Result<Value, Gap>) -> Option<f64> {
    match value {
        Ok(Value::Quantity(quantity)) => Some(quantity.base()),
        Ok(Value::Bool(_) | Value::Text(_) | Value::Symbol(_) | Value::List(_) | Value::Record(_)) | Err(_) => None,
    }
}

/// Whether it is a quantity of another unit than what is measured.
pub(crate) fn is_odd(value: &Result<Value, Gap>, unit: Unit) -> bool {
    value.as_ref().ok().and_then(Value::quantity).is_some_and(|quantity| quantity.unit() != unit)
}
