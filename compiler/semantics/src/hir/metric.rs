//! Metrics, what they read, and service level objectives.

use std::collections::BTreeMap;
use std::sync::Arc;

use leeway_diagnostics::Span;
use leeway_ir::{Given, MetricId, Severity};
use leeway_syntax::ast::{Ident, Text};
use leeway_units::Type;

use super::Expr;

#[derive(Debug)]
pub(crate) struct Metric {
    /// With the prefix of its layer: `baseline.autoscale.cpu`.
    pub(crate) name: Ident,
    pub(crate) ty: Option<Type>,
    pub(crate) ty_span: Span,
    /// `None` where a selector is malformed, which was reported.
    pub(crate) source: Option<Source>,
    pub(crate) source_span: Span,
    pub(crate) every: Option<Expr>,
    pub(crate) stale: Option<Expr>,
    pub(crate) untrusted: Option<Span>,
    pub(crate) responds: Option<Response>,
}

/// What a metric is in the closed loop of a simulation.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) value: Expr,
    /// What the parameters in it stand for.
    pub(crate) given: Vec<Given>,
}

/// Where samples come from.
#[derive(Debug)]
pub(crate) enum Source {
    Prometheus(Text),
    Scrape {
        reading: Reading,
        divided_by: Option<Reading>,
    },
    HttpJson {
        path: Arc<str>,
        pointer: Arc<str>,
    },
    Constant(Expr),
    /// A metric that the includer of a policy has: `needs metric cpu: ratio`. Only where the policy stands by itself.
    Needed,
}

#[derive(Debug)]
pub(crate) struct Reading {
    pub(crate) kind: ReadingKind,
    pub(crate) series: Arc<str>,
    pub(crate) labels: BTreeMap<Arc<str>, Arc<str>>,
}

/// How samples become one number; the expressions are windows.
#[derive(Debug)]
pub(crate) enum ReadingKind {
    Gauge,
    Sum,
    Rate(Expr),
    Quantile(f64, Expr),
    Mean(Expr),
}

#[derive(Debug)]
pub(crate) struct Slo {
    /// With the prefix of its layer.
    pub(crate) name: Arc<str>,
    pub(crate) objective: Expr,
    pub(crate) over: Expr,
    pub(crate) good: MetricId,
    pub(crate) total: MetricId,
    pub(crate) min_events: Option<Expr>,
    pub(crate) burns: Vec<Burn>,
    pub(crate) span: Span,
}

#[derive(Debug)]
pub(crate) struct Burn {
    pub(crate) factor: Expr,
    pub(crate) long: Expr,
    pub(crate) short: Expr,
    pub(crate) severity: Severity,
}

impl Metric {
    /// The windows that its readings look over.
    pub(crate) fn windows_mut(&mut self) -> Vec<&mut Expr> {
        let Some(Source::Scrape { reading, divided_by }) = &mut self.source else { return Vec::new() };
        let readings = std::iter::once(reading).chain(divided_by);
        readings.filter_map(|reading| reading.kind.window_mut()).collect()
    }
}

impl ReadingKind {
    fn window_mut(&mut self) -> Option<&mut Expr> {
        match self {
            ReadingKind::Gauge | ReadingKind::Sum => None,
            ReadingKind::Rate(window) | ReadingKind::Quantile(_, window) | ReadingKind::Mean(window) => Some(window),
        }
    }
}
