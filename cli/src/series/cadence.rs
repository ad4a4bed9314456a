//! How far apart the samples of a metric lie, and whether a policy can live with that.

use leeway_ir::Metric;
use leeway_units::{Quantity, Unit};

/// What `--step` does to a history, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Every sample is read, and the policy is evaluated this often.
    Evaluated(u64),
    /// A server is asked for a sample this often.
    Asked(u64),
}

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

    /// What the policy will not see of a metric that is recorded like this and gone through in such steps.
    pub(crate) fn warning(&self, metric: &Metric, step: Option<Step>) -> Option<String> {
        let (name, stale_ms) = (&metric.name, metric.stale_ms);
        let (Some(first_ms), Some(last_ms)) = (self.first_ms, self.last_ms) else {
            return Some(format!("metric `{name}` has no value in all of this history"));
        };
        let (span_ms, stale) = (last_ms.abs_diff(first_ms), duration(stale_ms));
        let remedy =
            |step: &str| format!("give `--step {stale}` or less, or let it be `stale {step}` or more in the blueprint");
        let is_seldom = u64::from(self.blind) * 2 > u64::from(self.steps);
        match step {
            Some(Step::Asked(step_ms)) if is_seldom && step_ms > stale_ms => {
                let step = duration(step_ms);
                Some(format!(
                    "`--step` asks for a sample of metric `{name}` every {step}, and each counts for {stale}: between them it is \
                     unknown, and so is every window over it; {}",
                    remedy(&step)
                ))
            }
            Some(Step::Evaluated(step_ms)) if !is_seldom && step_ms > stale_ms && span_ms > stale_ms => {
                let step = duration(step_ms);
                Some(format!(
                    "`--step` looks at metric `{name}` every {step}, and each sample counts for {stale}: windows over it have all \
                     samples, and its objectives and its line in the report are unknown in between; {}",
                    remedy(&step)
                ))
            }
            Some(Step::Asked(_) | Step::Evaluated(_)) | None if is_seldom => {
                let apart_ms = span_ms / u64::from(self.steps.max(1));
                let apart = duration(apart_ms.div_ceil(1_000) * 1_000);
                Some(format!(
                    "the samples of metric `{name}` lie {apart} apart, and each counts for {stale}: between them it is unknown, and \
                     so is every window over it; for this history it would need `stale {apart}` or more"
                ))
            }
            Some(Step::Asked(_) | Step::Evaluated(_)) | None => None,
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "for people")]
fn duration(ms: u64) -> String {
    Quantity::new(Unit::Duration, ms as f64).map_or_else(String::new, |quantity| quantity.to_string())
}
