//! How far apart the samples of a metric lie, and whether a policy can live with that.

use leeway_ir::Metric;
use leeway_units::{Quantity, Unit};

/// The times of one metric's values.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cadence {
    /// In milliseconds since 1970.
    first_ms: Option<i64>,
    last_ms: Option<i64>,
    steps: u32,
    /// Steps over which the value before became stale.
    blind: u32,
}

impl Cadence {
    /// A value was seen.
    pub(crate) fn note(&mut self, at_ms: i64, stale_ms: u64) {
        if let Some(last_ms) = self.last_ms {
            let step_ms = at_ms.abs_diff(last_ms);
            self.steps = self.steps.saturating_add(1);
            self.blind = self.blind.saturating_add(u32::from(step_ms > stale_ms));
        }
        self.first_ms = self.first_ms.or(Some(at_ms));
        self.last_ms = Some(at_ms);
    }

    /// What the policy will not see of a metric that is recorded like this, or of which a server is asked for a sample every
    /// `asked_ms`.
    pub(crate) fn warning(&self, metric: &Metric, asked_ms: Option<u64>) -> Option<String> {
        let name = &metric.name;
        let (Some(first_ms), Some(last_ms)) = (self.first_ms, self.last_ms) else {
            return Some(format!("metric `{name}` has no value in all of this history"));
        };
        if u64::from(self.blind) * 2 <= u64::from(self.steps) {
            return None;
        }
        let stale = duration(metric.stale_ms);
        if let Some(asked) = asked_ms.filter(|asked_ms| *asked_ms > metric.stale_ms).map(duration) {
            return Some(format!(
                "`--step` asks for a sample of metric `{name}` every {asked}, and each counts for {stale}: between them it is \
                 unknown, and so is every window over it; give `--step {stale}` or less, or let it be `stale {asked}` or more in \
                 the blueprint"
            ));
        }
        let apart_ms = last_ms.abs_diff(first_ms) / u64::from(self.steps.max(1));
        let apart = duration(apart_ms.div_ceil(1_000) * 1_000);
        Some(format!(
            "the samples of metric `{name}` lie {apart} apart, and each counts for {stale}: between them it is unknown, and so is \
             every window over it; for this history it would need `stale {apart}` or more"
        ))
    }
}

#[expect(clippy::cast_precision_loss, reason = "for people")]
fn duration(ms: u64) -> String {
    Quantity::new(Unit::Duration, ms as f64).map_or_else(String::new, |quantity| quantity.to_string())
}
