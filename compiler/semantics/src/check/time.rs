//! Times and limits that cannot work, and windows over what is not sampled.

use leeway_diagnostics::{Code, Diagnostic, Spanned};
use leeway_ir::MetricId;
use leeway_units::{Quantity, Unit, Value};

use super::infer::Checker;
use crate::hir::{Expr, Meaning, Metric, Stage};

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

/// How often `metric` is sampled.
pub(crate) fn every_ms(metric: &Metric) -> u64 {
    metric.every.as_ref().and_then(|every| milliseconds(every.node)).unwrap_or(EVERY_MS_DEFAULT)
}

/// How old a sample of `metric` may be.
pub(crate) fn stale_ms(stale: Option<&Spanned<Quantity>>) -> u64 {
    stale.and_then(|stale| milliseconds(stale.node)).unwrap_or(STALE_MS_DEFAULT)
}

/// A time as the language writes it.
fn written(ms: u64) -> String {
    u32::try_from(ms).map_or_else(|_| format!("{ms}ms"), |ms| Quantity::milliseconds(ms).to_string())
}

impl Checker<'_> {
    /// Reports a time that cannot work.
    pub(super) fn time(&mut self, time: Option<&Spanned<Quantity>>) {
        if let Some(time) = time.filter(|time| milliseconds(time.node).is_none()) {
            let message = format!("`{}` is not a time that can work", self.sources.text(time.span));
            let finding = Diagnostic::new(Code::E0501, time.span, message);
            self.diagnostics.push(finding.help("write whole milliseconds, at least `1ms` and at most ten years"));
        }
    }

    /// Reports a breaker that no failure, or a part of one, would open.
    pub(super) fn failures(&mut self, failures: &Spanned<Quantity>) {
        let fits = whole(failures.node).is_some_and(|n| n >= 1 && u32::try_from(n).is_ok());
        if failures.node.unit() != Unit::Count || !fits {
            let message = format!("`{}` is not a number of failures that can work", failures.node);
            let finding = Diagnostic::new(Code::E0501, failures.span, message);
            self.diagnostics.push(finding.help("write how many failures in a row open the breaker, at least 1"));
        }
    }

    /// The times of a metric, beside each other.
    pub(super) fn metric_times(&mut self, metric: &Metric) {
        self.time(metric.every.as_ref());
        self.time(metric.stale.as_ref());
        let (every, stale) = (every_ms(metric), stale_ms(metric.stale.as_ref()));
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
        for window in &metric.windows {
            self.time(Some(window));
            if milliseconds(window.node).is_some_and(|window| window < every) {
                let message =
                    format!("a window of {} is shorter than the {} between two samples", window.node, written(every));
                let finding = Diagnostic::new(Code::E0501, window.span, message);
                self.diagnostics.push(finding.help("make the window longer, or `every` shorter"));
            }
        }
    }

    /// A stage that is over before its evidence can arrive.
    pub(super) fn stage_time(&mut self, stage: &Stage) {
        self.time(Some(&stage.duration));
        let Some(ms) = milliseconds(stage.duration.node) else { return };
        let read = self.environment.metrics_read(&stage.condition);
        let slowest = read.iter().filter_map(|metric| self.environment.every_ms.get(usize::from(*metric))).max();
        if let Some(every) = slowest.filter(|every| ms < **every) {
            let message = format!(
                "the stage is over after {}, but a metric it reads is sampled every {}",
                stage.duration.node,
                written(*every)
            );
            let finding = Diagnostic::new(Code::E0501, stage.duration.span, message);
            let help = format!("give the stage at least {}, or sample the metric more often", written(*every));
            self.diagnostics.push(finding.help(help));
        }
    }

    /// How far a window looks back: a time that is constant.
    pub(super) fn window(&mut self, window: &mut Expr) {
        let Some(found) = self.infer(window) else { return };
        if found.ty.unit() != Some(Unit::Duration) {
            self.mismatch(window, &found, &leeway_units::Type::Quantity(Unit::Duration), "the window");
            return;
        }
        match self.environment.constant(window) {
            Some(Value::Quantity(time)) => {
                if milliseconds(time).is_none() {
                    let message = format!("`{time}` is not a time that can work");
                    let finding = Diagnostic::new(Code::E0501, window.span, message);
                    self.diagnostics
                        .push(finding.help("write whole milliseconds, at least `1ms` and at most ten years"));
                }
            }
            _ => {
                let finding = Diagnostic::new(Code::E0502, window.span, "how far a window looks back must be constant");
                self.diagnostics
                    .push(finding.help("write a duration such as `2m`, or the name of a `let` that is one"));
            }
        }
    }

    /// `E for D`: everything in E must have a past.
    pub(super) fn held(&mut self, held: &Expr) {
        let mut sampled = false;
        let mut found = Vec::new();
        held.walk(&mut |expr| {
            sampled |= expr.is_broken();
            let Some((name, meaning)) = expr.name() else { return };
            match meaning {
                Meaning::Fact(_) | Meaning::Metric(MetricId(_)) => sampled = true,
                Meaning::Let(_) => sampled |= self.environment.constant(expr).is_none(),
                Meaning::Parameter(..) | Meaning::Actor(_) | Meaning::ActionRisk | Meaning::ActionReversible => {
                    sampled = true;
                    let message = format!("`{name}` has no past that `for` could look at");
                    let finding = Diagnostic::new(Code::E0502, expr.span, message);
                    found.push(finding.help(
                        "before `for` only metrics, facts and constants can stand; put the rest beside it with `and`",
                    ));
                }
            }
        });
        if self.environment.holds_for(held) {
            // Each level would multiply the work of every decision by the samples of its window.
            let finding = Diagnostic::new(Code::E0502, held.span, "a `for` looks back over another `for`");
            found.push(finding.help("one `for` is enough: give it the longer of the two times"));
        }
        if !sampled {
            let finding =
                Diagnostic::new(Code::E0502, held.span, "nothing here is sampled, so `for` has nothing to look at");
            found.push(finding.help("read a metric or a fact, or leave `for` out"));
        }
        self.diagnostics.append(&mut found);
    }
}
