//! What is measured, and where its samples come from.

use std::collections::BTreeMap;
use std::sync::Arc;

use leeway_units::{Quantity, Unit};
use serde::{Deserialize, Serialize};

use crate::response::Response;

/// A slot of [`crate::Policy::metrics`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MetricId(pub u16);

/// A metric.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Metric {
    /// Its name.
    pub name: Arc<str>,
    /// What it measures.
    pub unit: Unit,
    /// Whether an outsider can write its labels or values.
    pub untrusted: bool,
    /// Where its samples come from.
    pub source: Source,
    /// How often it is sampled.
    pub every_ms: u64,
    /// How old a sample may be.
    pub stale_ms: u64,
    /// How it responds to what is done, in the closed loop of a simulation; nothing else reads it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub responds: Option<Response>,
}

/// Where samples come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// An instant query that yields one sample.
    Prometheus(Arc<str>),
    /// A reading of the target's own `/metrics`, or two divided.
    Scrape {
        /// What is read.
        reading: Reading,
        /// By what it is divided.
        divided_by: Option<Reading>,
    },
    /// A number in a JSON document that the target serves.
    HttpJson {
        /// The path.
        path: Arc<str>,
        /// The JSON pointer to the number.
        pointer: Arc<str>,
    },
    /// Always the same.
    Constant(Quantity),
}

/// One reading of an exposition page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// How samples become one number.
    pub kind: ReadingKind,
    /// The name of the series; of a histogram without `_bucket`.
    pub series: Arc<str>,
    /// Labels that must be equal.
    pub labels: BTreeMap<Arc<str>, Arc<str>>,
}

/// How the samples of a page become one number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadingKind {
    /// The value of the one series.
    Gauge,
    /// The sum over all series.
    Sum,
    /// Increase per second over the window, resets handled, summed over all series.
    Rate {
        /// The window.
        window_ms: u64,
    },
    /// The quantile of a histogram's increase over the window, interpolated linearly within a bucket.
    Quantile {
        /// 0..1.
        q: f64,
        /// The window.
        window_ms: u64,
    },
    /// The mean of a histogram's increase over the window.
    Mean {
        /// The window.
        window_ms: u64,
    },
}
