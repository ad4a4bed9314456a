//! A metric over time, and what it is held against.

use leeway_ir::Expr;
use leeway_units::Unit;
use serde::Serialize;

use crate::report::Trace;

/// A metric's course and what it is held against.
#[derive(Debug, Serialize)]
pub(crate) struct Metric {
    /// Its name.
    pub(crate) name: String,
    /// Its unit; all numbers beside it are base units.
    pub(crate) unit: Unit,
    /// What was wanted of it.
    pub(crate) objectives: Vec<Objective>,
    /// The values at which something is said about it.
    pub(crate) thresholds: Vec<Threshold>,
    /// Its course.
    pub(crate) trace: Trace,
    /// What it was computed by where it was not measured, in a sentence; it is drawn as a model then.
    pub(crate) model: Option<String>,
    /// What had been measured where `trace` is a model's.
    pub(crate) recorded: Option<Trace>,
}

impl Metric {
    /// Everything that it is held against.
    pub(crate) fn bounds_mut(&mut self) -> impl Iterator<Item = &mut Bound> {
        let wanted = self.objectives.iter_mut().flat_map(|one| [&mut one.low, &mut one.high]).flatten();
        wanted.chain(self.thresholds.iter_mut().map(|one| &mut one.value))
    }
}

/// What was wanted of a metric: a band, open where a side is missing.
#[derive(Debug, Serialize)]
pub(crate) struct Objective {
    /// As written: `cpu in 50%..80%`.
    pub(crate) text: String,
    /// The least that is wanted.
    pub(crate) low: Option<Bound>,
    /// The most.
    pub(crate) high: Option<Bound>,
}

/// What a metric is held against.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Bound {
    /// A constant, in base units.
    Fixed(f64),
    /// What an expression was over time: `machines * 60`.
    Moving {
        #[serde(skip)]
        of: Expr,
        trace: Trace,
    },
}

impl Bound {
    /// The constant, if it is one.
    pub(crate) fn fixed(&self) -> Option<f64> {
        match self {
            Bound::Fixed(value) => Some(*value),
            Bound::Moving { .. } => None,
        }
    }
}

/// A value at which a rule or a clause speaks.
#[derive(Debug, Serialize)]
pub(crate) struct Threshold {
    /// As written: `cpu > 80% for 2m`.
    pub(crate) text: String,
    /// The value.
    pub(crate) value: Bound,
    /// The rule or clause: `rule scale_out`.
    pub(crate) by: String,
}
