//! Series in tests: their values, and the moments at which something is expected.

use leeway_diagnostics::{Code, Diagnostic, Span};
use leeway_ir as ir;
use leeway_units::{Type, Unit};

use super::infer::Checker;
use super::time::whole;
use crate::hir::{GivenSeries, Scenario, Target, When};
use crate::notation;
use crate::quoted::characters;

impl Checker<'_> {
    /// The series of a test, and when something is expected of it.
    pub(super) fn series(&mut self, scenario: &mut Scenario, target: &Target) {
        let mut known = true;
        let mut length_ms = 0;
        for given in &mut scenario.series {
            match self.one_series(given, target) {
                Some(ms) => length_ms = length_ms.max(ms),
                None => known = false,
            }
        }
        let length = (!scenario.series.is_empty()).then_some(if known { length_ms } else { u64::MAX });
        for expected in &mut scenario.expect {
            let Some(when) = &mut expected.when else { continue };
            let Some(length_ms) = length else {
                let message = "nothing goes on in this test: there is one moment, and no series";
                let finding = Diagnostic::new(Code::E0310, when.span, message);
                let help = "give a metric a series, `given cpu = series \"40%x10 95%x20\" every 15s`, or expect it without a time";
                self.diagnostics.push(finding.help(help));
                continue;
            };
            match &mut when.node {
                When::At(time) | When::Within(time) => {
                    let Some(moment) = self.amount(time, Unit::Duration, "when it is expected") else { continue };
                    if whole(moment).is_none_or(|ms| ms > length_ms) {
                        let message = format!("the series of this test are over before {moment}");
                        let finding = Diagnostic::new(Code::E0310, time.span, message);
                        self.diagnostics.push(finding.help("make the series longer, or expect it earlier"));
                    }
                }
                When::Never => {}
            }
        }
    }

    /// Reads a series; gives when its last sample is taken.
    fn one_series(&mut self, given: &mut GivenSeries, target: &Target) -> Option<u64> {
        let every_ms = self.time(&mut given.every, "how far samples lie apart");
        let (name, ty) = match given.of {
            ir::SeriesOf::Fact(fact) => {
                let fact = target.facts.get(usize::from(fact.0))?;
                (fact.name.node.to_string(), fact.ty.clone()?)
            }
            ir::SeriesOf::Metric(metric) => {
                let ty = self.environment.metrics.get(usize::from(metric.0)).cloned().flatten()?;
                ("the metric".to_owned(), ty)
            }
        };
        let Type::Quantity(unit) = ty else {
            let message = format!("`{name}` is a `{ty}`, and series are of quantities");
            let finding = Diagnostic::new(Code::E0310, given.values.span, message);
            self.diagnostics.push(finding.help("give it one value"));
            return None;
        };
        match notation::samples(&given.values.node, unit) {
            Ok(samples) => given.samples = samples,
            Err(error) => {
                let written = characters(self.sources, &given.values);
                let place = |at: usize| {
                    let mut passed = 0;
                    written.iter().find(|c| {
                        passed += c.value.len_utf8();
                        passed > at
                    })
                };
                let inside = place(error.place.start).zip(place(error.place.end.saturating_sub(1)));
                let span = inside.map_or(given.values.span, |(first, last)| {
                    Span::new(first.span.file, first.span.start as usize, last.span.end as usize)
                });
                let finding = Diagnostic::new(Code::E0310, span, error.message);
                self.diagnostics.push(finding.help(error.help));
                return None;
            }
        }
        let steps = u64::try_from(given.samples.len().saturating_sub(1)).unwrap_or(u64::MAX);
        Some(every_ms?.saturating_mul(steps))
    }
}
