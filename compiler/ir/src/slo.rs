//! Service level objectives and invariants: what opens tickets.

use std::sync::Arc;

use leeway_units::Quantity;
use serde::{Deserialize, Serialize};

use crate::metric::MetricId;
use crate::origin::{Because, Condition, Origin};

/// A slot of [`crate::Policy::slos`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SloId(pub u16);

/// A service level objective. Slots follow names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Slo {
    /// Its name.
    pub name: Arc<str>,
    /// Which part of the events must be good, a ratio below 100%.
    pub objective: Quantity,
    /// Over how long.
    pub window_ms: u64,
    /// Good events per second: the metric `NAME.good`, a `rate`.
    pub good: MetricId,
    /// All events per second: the metric `NAME.total`, a `rate`.
    pub total: MetricId,
    /// Fewer events in the long window are no evidence.
    pub min_events: f64,
    /// When it burns too fast, as written or the pairs of the SRE workbook.
    pub burns: Vec<Burn>,
    /// Where it stands.
    pub origin: Origin,
}

/// A pair of windows. It burns when both exceed (strictly) the factor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Burn {
    /// How many times faster than the budget admits (dimensionless).
    pub factor: f64,
    /// The long window.
    pub long_ms: u64,
    /// The short window.
    pub short_ms: u64,
    /// How bad it is.
    pub severity: Severity,
}

/// How bad a ticket is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the language's")]
pub enum Severity {
    Medium,
    High,
}

/// What must always hold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Invariant {
    /// Its name.
    pub name: Arc<str>,
    /// What must hold.
    pub condition: Condition,
    /// Unknown for longer than this counts as broken: the longest `stale` it reads.
    pub unknown_max_ms: u64,
    /// Why, for people.
    pub because: Option<Because>,
    /// Where it stands.
    pub origin: Origin,
}
