//! Conditions that hold of a metric within bounds: the smallest and the largest sample tell whether all of them lie there.

use leeway_ir::{Comparison, Expr, MetricId};
use leeway_units::{Quantity, Unit, Value};

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

    /// Whether so many base units lie within.
    pub(crate) fn holds(&self, base: f64) -> bool {
        match self {
            Band::Compared(comparison, bound) => match comparison {
                Comparison::Less => base < bound.base(),
                Comparison::LessOrEqual => base <= bound.base(),
                Comparison::Greater => base > bound.base(),
                Comparison::GreaterOrEqual => base >= bound.base(),
                Comparison::Equal => base == bound.base(),
                Comparison::NotEqual => base != bound.base(),
            },
            Band::Range(low, high) => base >= low.base() && base <= high.base(),
        }
    }
}

fn metric(expr: &Expr) -> Option<MetricId> {
    if let Expr::Metric(id) = expr { Some(*id) } else { None }
}

fn constant(expr: &Expr) -> Option<Quantity> {
    if let Expr::Constant(Value::Quantity(quantity)) = expr { Some(*quantity) } else { None }
}
