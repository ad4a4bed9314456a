//! Service level objectives and invariants.

use leeway_ir as ir;
use leeway_ir::{Input, Severity};
use leeway_units::Quantity;

use super::Lowering;
use crate::check::STALE_MS_DEFAULT;
use crate::hir::{Burn, Invariant, Slo};

/// Without any event there is no evidence.
const MIN_EVENTS_DEFAULT: f64 = 1.0;

const MINUTE_MS: u32 = 60_000;
const HOUR_MS: u32 = 60 * MINUTE_MS;
const DAY_MS: u32 = 24 * HOUR_MS;

/// The pairs of windows unless said: which percentage of the error budget is spent in the long one when it burns. Source:
/// Google SRE workbook, chapter 5, table 5-8.
const BURNS_DEFAULT: [(f64, u32, u32, Severity); 4] = [
    (2.0, HOUR_MS, 5 * MINUTE_MS, Severity::High),
    (5.0, 6 * HOUR_MS, 30 * MINUTE_MS, Severity::High),
    (10.0, DAY_MS, 2 * HOUR_MS, Severity::Medium),
    (10.0, 3 * DAY_MS, 6 * HOUR_MS, Severity::Medium),
];

impl Lowering<'_> {
    pub(super) fn slos(&self) -> Vec<ir::Slo> {
        self.blueprint.slos.iter().filter_map(|slo| self.slo(slo)).collect()
    }

    fn slo(&self, slo: &Slo) -> Option<ir::Slo> {
        let over = self.quantity(&slo.over)?;
        let burns = if slo.burns.is_empty() {
            default_burns(over)
        } else {
            slo.burns.iter().filter_map(|burn| self.burn(burn)).collect()
        };
        Some(ir::Slo {
            name: slo.name.clone(),
            objective: self.quantity(&slo.objective)?,
            window_ms: self.ms(&slo.over),
            good: slo.good,
            total: slo.total,
            min_events: slo
                .min_events
                .as_ref()
                .and_then(|events| self.quantity(events))
                .map_or(MIN_EVENTS_DEFAULT, Quantity::base),
            burns,
            origin: self.origin(slo.span),
        })
    }

    fn burn(&self, burn: &Burn) -> Option<ir::Burn> {
        Some(ir::Burn {
            factor: self.quantity(&burn.factor)?.base(),
            long_ms: self.ms(&burn.long),
            short_ms: self.ms(&burn.short),
            severity: burn.severity,
        })
    }

    pub(super) fn invariants(&self, facts: &[ir::Fact], metrics: &[ir::Metric]) -> Vec<ir::Invariant> {
        let invariant = |one: &Invariant| {
            let condition = self.condition(&one.condition);
            let fact = |id: &ir::FactId| facts.get(usize::from(id.0)).map(|fact| fact.stale_ms);
            let metric = |id: &ir::MetricId| metrics.get(usize::from(id.0)).map(|metric| metric.stale_ms);
            let inputs = condition.expr.inputs();
            let stale = inputs.iter().filter_map(|input| match input {
                Input::Fact(id) | Input::Past(id) => fact(id),
                Input::Metric(id) | Input::Window(id) => metric(id),
                Input::Budget(id) => self.blueprint.slos.get(usize::from(id.0)).and_then(|slo| metric(&slo.total)),
                Input::History | Input::Claims => None,
            });
            ir::Invariant {
                name: one.name.clone(),
                unknown_max_ms: stale.max().unwrap_or(STALE_MS_DEFAULT),
                condition,
                because: one.because.as_ref().map(|reason| self.because(reason)),
                origin: self.origin(one.span),
            }
        };
        self.blueprint.invariants.iter().map(invariant).collect()
    }
}

/// The pairs of windows of an objective over `over`: factor = budget share × SLO window / long window.
fn default_burns(over: Quantity) -> Vec<ir::Burn> {
    let burn = |(percent, long, short, severity): (f64, u32, u32, Severity)| ir::Burn {
        factor: percent * over.base() / f64::from(long) / 100.0,
        long_ms: long.into(),
        short_ms: short.into(),
        severity,
    };
    BURNS_DEFAULT.map(burn).to_vec()
}
