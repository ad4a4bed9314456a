//! Conditions that hold of a metric within bounds: the smallest and the largest sample tell whether all of them lie there.

use leeway_ir::{Comparison, Expr, MetricId};
use leeway_units::{Quantity, Unit, Value};

use crate::totals::Extremes;

/// Bounds of a metric.
pub(crate) enum Band {
    /// On this side of a value, or at it.
    Compared(Comparison, Quantity),
    /// Between two, both included.
    Range(Quantity, Quantity),
}

/// The metric that a condition is about, if it holds of values within bounds and of no others.
pub(crate) fn lasting(condition: &Expr) -> Option<(MetricId, Band)> {
    if let Expr::Compare(metric, comparison, bound) = condition {
        // What differs from a value lies on both sides of it.
        let within = *comparison != Comparison::NotEqual;
        return within.then_some((self::metric(metric)?, Band::Compared(*comparison, constant(bound)?)));
    }
    if let Expr::InRange(metric, low, high) = condition {
        return Some((self::metric(metric)?, Band::Range(constant(low)?, constant(high)?)));
    }
    None
}

impl Band {
    pub(crate) fn is_of(&self, unit: Unit) -> bool {
        match self {
            Band::Compared(_, bound) => bound.unit() == unit,
            Band::Range(low, high) => low.unit() == unit && high.unit() == unit,
        }
    }

    /// By which extreme it is told whether all lie within.
    pub(crate) fn asks_for(&self) -> Extremes {
        match self {
            Band::Compared(Comparison::Less | Comparison::LessOrEqual, _) => Extremes::HIGH,
            Band::Compared(Comparison::Greater | Comparison::GreaterOrEqual, _) => Extremes::LOW,
            Band::Compared(Comparison::Equal | Comparison::NotEqual, _) | Band::Range(..) => Extremes::BOTH,
        }
    }

    /// Whether all that is from `low` to `high`, in base units, lies within.
    pub(crate) fn holds(&self, low: f64, high: f64) -> bool {
        match self {
            Band::Compared(comparison, bound) => match comparison {
                Comparison::Less => high < bound.base(),
                Comparison::LessOrEqual => high <= bound.base(),
                Comparison::Greater => low > bound.base(),
                Comparison::GreaterOrEqual => low >= bound.base(),
                Comparison::Equal => low == bound.base() && high == bound.base(),
                Comparison::NotEqual => high < bound.base() || low > bound.base(),
            },
            Band::Range(from, to) => low >= from.base() && high <= to.base(),
        }
    }
}

fn metric(expr: &Expr) -> Option<MetricId> {
    if let Expr::Metric(id) = expr { Some(*id) } else { None }
}

fn constant(expr: &Expr) -> Option<Quantity> {
    if let Expr::Constant(Value::Quantity(quantity)) = expr { Some(*quantity) } else { None }
}
