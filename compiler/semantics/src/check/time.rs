//! Times and limits that cannot work, and windows over what is not sampled.

use leeway_diagnostics::{Code, Diagnostic, Spanned};
use leeway_units::{Quantity, Unit};

use super::infer::Checker;
use crate::hir::{Metric, Stage};

/// How often a metric is sampled unless said.
pub(crate) const EVERY_MS_DEFAULT: u64 = 15_000;

/// How old a sample or a fact may be unless said.
pub(crate) const STALE_MS_DEFAULT: u64 = 60_000;

/// No time in a blueprint is longer than ten years; sums of times then stay far from overflowing.
const TIME_MS_MAX: u64 = 315_576_000_000;

/// The quantity as a whole number of base units, if it is one.
pub(crate) fn whole(quantity: Quantity) -> Option<u64> {
    // A double without a fraction prints as digits alone.
    quantity.base().to_string().parse().ok()
}

/// The milliseconds of a time that can work: whole, more than none, at most ten years.
pub(crate) fn milliseconds(quantity: Quantity) -> Option<u64> {
    let ms = whole(quantity).filter(|_| quantity.unit() == Unit::Duration)?;
    (1..=TIME_MS_MAX).contains(&ms).then_some(ms)
}

/// The milliseconds of a time, or what holds unless one is said.
pub(crate) fn time_or(time: Option<Quantity>, default_ms: u64) -> u64 {
    time.and_then(milliseconds).unwrap_or(default_ms)
}

/// A time as the language writes it.
fn written(ms: u64) -> String {
    Quantity::milliseconds(ms).to_string()
}

impl Checker<'_> {
    /// How old a fact may be.
    pub(super) fn fact_stale(&mut self, time: Option<&Spanned<Quantity>>) {
        if let Some(time) = time.filter(|time| milliseconds(time.node).is_none()) {
            let message = format!("`{}` is not a time that can work", self.sources.text(time.span));
            let finding = Diagnostic::new(Code::E0501, time.span, message);
            self.diagnostics.push(finding.help("write whole milliseconds, at least `1ms` and at most ten years"));
        }
    }

    /// The times of a metric, beside each other; gives how often it is sampled.
    pub(super) fn metric_times(&mut self, metric: &mut Metric) -> u64 {
        let every = metric.every.as_mut().and_then(|every| self.time(every, "how often a metric is sampled"));
        let stale = metric.stale.as_mut().and_then(|stale| self.time(stale, "how old a sample may be"));
        let (every, stale) = (every.unwrap_or(EVERY_MS_DEFAULT), stale.unwrap_or(STALE_MS_DEFAULT));
        if every > stale {
            let place = metric.stale.as_ref().or(metric.every.as_ref()).map_or(metric.name.span, |time| time.span);
            let message = format!(
                "`{}` is sampled every {}, but a sample may be at most {} old",
                metric.name.node,
                written(every),
                written(stale)
            );
            let finding = Diagnostic::new(Code::E0501, place, message);
            self.diagnostics.push(finding.help("make `stale` longer than `every`, best a few times as long"));
        }
        for window in metric.windows_mut() {
            let Some(ms) = self.time(window, "the window of a reading") else { continue };
            if ms < every {
                let message =
                    format!("a window of {} is shorter than the {} between two samples", written(ms), written(every));
                let finding = Diagnostic::new(Code::E0501, window.span, message);
                self.diagnostics.push(finding.help("make the window longer, or `every` shorter"));
            }
        }
        every
    }

    /// A stage that is over before its evidence can arrive.
    pub(super) fn stage_time(&mut self, stage: &mut Stage) {
        let Some(ms) = self.time(&mut stage.duration, "the time of a stage") else { return };
        let read = self.environment.metrics_read(&stage.condition);
        let slowest = read.iter().filter_map(|metric| self.environment.every_ms.get(usize::from(*metric))).max();
        if let Some(every) = slowest.filter(|every| ms < **every) {
            let message = format!(
                "the stage is over after {}, but a metric it reads is sampled every {}",
                written(ms),
                written(*every)
            );
            let finding = Diagnostic::new(Code::E0501, stage.duration.span, message);
            let help = format!("give the stage at least {}, or sample the metric more often", written(*every));
            self.diagnostics.push(finding.help(help));
        }
    }
}
