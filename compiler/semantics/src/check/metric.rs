//! A metric's declared type against what its source can give.

use leeway_diagnostics::{Code, Diagnostic};
use leeway_units::{Type, Unit};

use super::infer::Checker;
use crate::hir::{Metric, ReadingKind, Source};

impl Checker<'_> {
    /// Checks a metric.
    pub(super) fn metric(&mut self, metric: &mut Metric) {
        let every = self.metric_times(metric);
        self.environment.every_ms.push(every);
        let Some(ty) = &metric.ty else { return };
        let Some(unit) = ty.unit() else {
            let message = format!("a metric measures a quantity, and `{ty}` is none");
            let finding = Diagnostic::new(Code::E0301, metric.ty_span, message);
            self.diagnostics.push(finding.help("declare it as `count`, `ratio`, `duration` or another quantity"));
            return;
        };
        let (reading, divided_by) = match &mut metric.source {
            Some(Source::Scrape { reading, divided_by }) => (reading, divided_by),
            Some(Source::Prometheus(query)) => return self.promql(query, unit),
            Some(Source::Constant(value)) => {
                self.constant_of(value, &ty.clone(), &format!("metric `{}`", metric.name.node));
                return;
            }
            Some(Source::HttpJson { .. } | Source::Needed) | None => return,
        };
        let (what, fits): (&str, &[Unit]) = if divided_by.is_some() {
            ("a division", &[Unit::Ratio, Unit::Number])
        } else {
            match reading.kind {
                ReadingKind::Rate(_) => ("`rate(…)`", &[Unit::Rate]),
                ReadingKind::Gauge | ReadingKind::Sum | ReadingKind::Quantile(..) | ReadingKind::Mean(_) => {
                    return;
                }
            }
        };
        if let Some(first) = fits.first().filter(|_| !fits.contains(&unit)) {
            let names: Vec<String> = fits.iter().map(|unit| format!("`{}`", unit.name())).collect();
            let message = format!("{what} gives a {}, not a `{}`", names.join(" or a "), Type::Quantity(unit));
            let finding =
                Diagnostic::new(Code::E0302, metric.ty_span, message).label(metric.source_span, "measured here");
            let title = format!("declare it as `{}`", first.name());
            self.diagnostics.push(finding.fix(title, metric.ty_span, first.name()));
        }
    }
}
