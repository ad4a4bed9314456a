//! Looking back: functions over the samples of a window, and `E for D`.

use leeway_ir::{Expr, Input, MetricId, WindowFunction};
use leeway_units::Quantity;

use crate::expression::Scope;
use crate::series::{Series, ms_before, ms_between};
use crate::truth::Truth;

/// A function over the samples of the last `window_ms`. Unknown unless the samples cover the window: the first no later than
/// its start plus `stale`, the last no older than `stale`, no gap longer than `stale`, and none unknown.
pub(crate) fn over(scope: Scope<'_>, function: WindowFunction, metric: MetricId, window_ms: u64) -> Option<Quantity> {
    let series = scope.snapshot.metrics.get(usize::from(metric.0))?;
    let start = ms_before(scope.at, window_ms);
    // When an act is judged, a window that reaches back before it says nothing about it.
    if scope.since.is_some_and(|since| start < since) {
        return None;
    }
    let mut previous = start;
    let mut values = Vec::new();
    for sample in series.between(start, scope.at) {
        if ms_between(previous, sample.at) > series.stale_ms() {
            return None;
        }
        previous = sample.at;
        values.push(sample.value.as_ref().ok()?.quantity()?);
    }
    if ms_between(previous, scope.at) > series.stale_ms() {
        return None;
    }
    let (first, last) = (values.first()?, values.last()?);
    let bases = values.iter().map(|value| value.base());
    let result = match function {
        // Counts stay far below 2^53.
        #[expect(clippy::cast_precision_loss, reason = "a window holds at most a few thousand samples")]
        WindowFunction::Average => bases.sum::<f64>() / values.len() as f64,
        WindowFunction::Minimum => bases.fold(f64::INFINITY, f64::min),
        WindowFunction::Maximum => bases.fold(f64::NEG_INFINITY, f64::max),
        WindowFunction::Delta => last.base() - first.base(),
    };
    Quantity::new(first.unit(), result)
}

/// `E for D`: false if some sample in the last D is false; otherwise unknown if one is unknown, or the samples leave a gap
/// longer than `stale`, or do not reach back D; otherwise true.
pub(crate) fn held(scope: Scope<'_>, condition: &Expr, window_ms: u64) -> Truth {
    let start = ms_before(scope.at, window_ms);
    let inputs = inputs(scope, condition);
    if inputs.is_empty() {
        return scope.truth(condition);
    }
    let mut times: Vec<_> =
        inputs.iter().flat_map(|series| series.between(start, scope.at).map(|sample| sample.at)).collect();
    times.sort_unstable();
    times.dedup();

    let at = |at| Scope { at, ..scope }.truth(condition);
    let mut held = Truth::True;
    for time in &times {
        match at(*time) {
            Truth::False => return Truth::False,
            Truth::Unknown => held = Truth::Unknown,
            Truth::True => {}
        }
    }
    // What held when the window opened was measured before it: unless that is true too, the samples do not reach back D.
    let opening = at(start);
    if times.is_empty() {
        held = opening;
    } else if !opening.is_true() {
        held = Truth::Unknown;
    }
    if held.is_true() && inputs.iter().any(|series| has_gap(series, scope, start)) { Truth::Unknown } else { held }
}

/// Whether the samples around the window leave a gap longer than `stale`.
fn has_gap(series: &Series, scope: Scope<'_>, start: jiff::Timestamp) -> bool {
    let before = series.last_before(start);
    let times = before.into_iter().chain(series.between(start, scope.at).map(|sample| sample.at));
    let mut previous: Option<jiff::Timestamp> = None;
    for time in times.chain([scope.at]) {
        if previous.is_some_and(|previous| ms_between(previous, time) > series.stale_ms()) {
            return true;
        }
        previous = Some(time);
    }
    false
}

/// The series that `condition` reads.
pub(crate) fn inputs<'a>(scope: Scope<'a>, condition: &Expr) -> Vec<&'a Series> {
    let series = |input| match input {
        Input::Fact(id) => scope.snapshot.facts.get(usize::from(id.0)),
        Input::Metric(id) | Input::Window(id) => scope.snapshot.metrics.get(usize::from(id.0)),
    };
    condition.inputs().into_iter().filter_map(series).collect()
}
