//! How far apart the samples of a metric lie, and whether a policy can live with that.

use jiff::Timestamp;
use leeway_ir::Metric;
use leeway_units::{Quantity, Unit};

/// The times of one metric's values.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cadence {
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    steps: u32,
    /// Steps over which the value before became stale.
    blind: u32,
}

impl Cadence {
    /// A value was seen.
    pub(crate) fn note(&mut self, at: Timestamp, stale_ms: u64) {
        if let Some(last) = self.last {
            let step_ms = u64::try_from(at.as_millisecond() - last.as_millisecond()).unwrap_or_default();
            self.steps = self.steps.saturating_add(1);
            self.blind = self.blind.saturating_add(u32::from(step_ms > stale_ms));
        }
        self.first = self.first.or(Some(at));
        self.last = Some(at);
    }

    /// What the policy will not see of a metric that is recorded like this.
    pub(crate) fn warning(&self, metric: &Metric) -> Option<String> {
        let name = &metric.name;
        let (Some(first), Some(last)) = (self.first, self.last) else {
            return Some(format!("metric `{name}` has no value in all of this history"));
        };
        if u64::from(self.blind) * 2 <= u64::from(self.steps) {
            return None;
        }
        let step_s = last.duration_since(first).as_secs_f64() / f64::from(self.steps.max(1));
        let (apart, stale) = (duration(step_s.ceil() * 1_000.0), duration(metric.stale_ms as f64));
        Some(format!(
            "the samples of metric `{name}` lie {apart} apart, and each counts for {stale}: between them it is unknown, and so is \
             every window over it; for this history it would need `stale {apart}` or more"
        ))
    }
}

fn duration(ms: f64) -> String {
    Quantity::new(Unit::Duration, ms).map_or_else(String::new, |quantity| quantity.to_string())
}
