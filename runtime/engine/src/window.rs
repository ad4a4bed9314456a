//! Looking back: functions over the samples of a window, and `E for D`.

use jiff::Timestamp;
use leeway_ir::{Expr, Input, MetricId, WindowFunction};
use leeway_units::Quantity;

use crate::expression::Scope;
use crate::series::{Series, ms_before, ms_between};
use crate::truth::Truth;
use crate::unit::window_unit;

/// A forecast looks back over so many windows for each that it looks ahead.
const FORECAST_WINDOWS: u64 = 4;

/// How many samples a window may hold: 30 days at one a second, and some. A window with more is unknown.
const SAMPLES_MAX: usize = 4_000_000;

/// A function over the samples of the last `window_ms`. Unknown unless the samples cover the window: the first no later than
/// its start plus `stale`, the last no older than `stale`, no gap longer than `stale`, and none unknown.
pub(crate) fn over(scope: Scope<'_>, function: WindowFunction, metric: MetricId, window_ms: u64) -> Option<Quantity> {
    let unit = window_unit(scope.policy.metric(metric)?.unit, function);
    let looks_back_ms = match function {
        WindowFunction::Forecast => window_ms.saturating_mul(FORECAST_WINDOWS),
        WindowFunction::Average
        | WindowFunction::Minimum
        | WindowFunction::Maximum
        | WindowFunction::Delta
        | WindowFunction::Quantile(_) => window_ms,
    };
    let samples = covering(scope, metric, looks_back_ms)?;
    let bases = || samples.all().map(|(_, base)| base);
    let result = match function {
        WindowFunction::Average => samples.average()?,
        WindowFunction::Minimum => bases().fold(f64::INFINITY, f64::min),
        WindowFunction::Maximum => bases().fold(f64::NEG_INFINITY, f64::max),
        WindowFunction::Delta => bases().last()? - bases().next()?,
        WindowFunction::Forecast => samples.forecast(scope.at, window_ms)?,
        WindowFunction::Quantile(q) => quantile(bases().collect(), q)?,
    };
    Quantity::new(unit, result)
}

/// The samples of a window that they cover: at least one, each a quantity.
struct Samples<'a> {
    series: &'a Series,
    from: Timestamp,
    to: Timestamp,
    total: usize,
}

/// The samples of the last `window_ms`, if they cover it.
fn covering(scope: Scope<'_>, metric: MetricId, window_ms: u64) -> Option<Samples<'_>> {
    let series = scope.snapshot.metrics.get(usize::from(metric.0))?;
    let start = ms_before(scope.at, window_ms);
    // When an act is judged, a window that reaches back before it says nothing about it.
    if scope.since.is_some_and(|since| start < since) {
        return None;
    }
    let mut previous = start;
    let mut total = 0;
    for (at, value) in series.between(start, scope.at) {
        if ms_between(previous, at) > series.stale_ms() || total >= SAMPLES_MAX {
            return None;
        }
        previous = at;
        value.as_ref().ok()?.quantity()?;
        total += 1;
    }
    let covered = ms_between(previous, scope.at) <= series.stale_ms() && total > 0;
    covered.then_some(Samples { series, from: start, to: scope.at, total })
}

impl Samples<'_> {
    /// Each with its value in base units, oldest first.
    fn all(&self) -> impl Iterator<Item = (Timestamp, f64)> {
        let samples = self.series.between(self.from, self.to);
        samples.filter_map(|(at, value)| Some((at, value.as_ref().ok()?.quantity()?.base())))
    }

    /// The mean, as the first value and the mean difference from it: what was always the same is its own mean, to the last bit.
    fn average(&self) -> Option<f64> {
        let (_, first) = self.all().next()?;
        let sum: f64 = self.all().map(|(_, base)| base - first).sum();
        Some(first + sum / number(self.total))
    }

    /// The least-squares line through the samples, read `ahead_ms` after `at`; one sample makes no line.
    fn forecast(&self, at: Timestamp, ahead_ms: u64) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "windows are far below 2^53 ms")]
        let (time, ahead) = (|taken: Timestamp| ms_between(at, taken) as f64, ahead_ms as f64);
        let mean_base = self.average()?;
        let mean_time = self.all().map(|(taken, _)| time(taken)).sum::<f64>() / number(self.total);
        let mut products = 0.0;
        let mut squares = 0.0;
        for (taken, base) in self.all() {
            let off = time(taken) - mean_time;
            products += off * (base - mean_base);
            squares += off * off;
        }
        (squares > 0.0).then(|| mean_base + products / squares * (ahead - mean_time))
    }
}

/// The value below which a part `q` (0..1) of the samples lies, interpolated linearly between neighbours: of n sorted samples
/// the one at `q × (n − 1)`, counted from 0.
fn quantile(mut bases: Vec<f64>, q: f64) -> Option<f64> {
    if !(0.0..=1.0).contains(&q) {
        return None;
    }
    bases.sort_unstable_by(f64::total_cmp);
    let place = q * number(bases.len().checked_sub(1)?);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and the number of samples")]
    let below = place.floor() as usize;
    let low = *bases.get(below)?;
    let high = bases.get(below + 1).copied().unwrap_or(low);
    Some(low + (high - low) * place.fract())
}

#[expect(clippy::cast_precision_loss, reason = "a window holds far fewer than 2^53 samples")]
fn number(count: usize) -> f64 {
    count as f64
}

/// `E for D`: false if some sample in the last D is false; otherwise unknown if one is unknown, or the samples leave a gap
/// longer than `stale`, or do not reach back D; otherwise true.
pub(crate) fn held(scope: Scope<'_>, condition: &Expr, window_ms: u64) -> Truth {
    let start = ms_before(scope.at, window_ms);
    let (mut constant, mut samples) = (true, 0);
    each_input(scope, condition, &mut |series| {
        constant = false;
        samples += series.between(start, scope.at).take(SAMPLES_MAX + 1).count();
    });
    if constant {
        return scope.truth(condition);
    }
    if samples > SAMPLES_MAX {
        return Truth::Unknown;
    }
    let at = |at| Scope { at, ..scope }.truth(condition);
    let mut held = Truth::True;
    each_input(scope, condition, &mut |series| {
        for (time, _) in series.between(start, scope.at) {
            if held == Truth::False {
                return;
            }
            held = Truth::all([held, at(time)]);
        }
    });
    if held == Truth::False {
        return held;
    }
    // What held when the window opened was measured before it: unless that is true too, the samples do not reach back D.
    let opening = at(start);
    if samples == 0 {
        held = opening;
    } else if !opening.is_true() {
        held = Truth::Unknown;
    }
    let mut gap = false;
    each_input(scope, condition, &mut |series| gap |= held.is_true() && has_gap(series, scope, start));
    if gap { Truth::Unknown } else { held }
}

/// Whether the samples around the window leave a gap longer than `stale`.
fn has_gap(series: &Series, scope: Scope<'_>, start: Timestamp) -> bool {
    let before = series.last_until(start);
    let times = before.into_iter().chain(series.between(start, scope.at).map(|(at, _)| at));
    let mut previous: Option<Timestamp> = None;
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
    let mut inputs = Vec::new();
    each_input(scope, condition, &mut |series| inputs.push(series));
    inputs
}

/// Looks at each series that `condition` reads.
fn each_input<'a>(scope: Scope<'a>, condition: &Expr, look: &mut dyn FnMut(&'a Series)) {
    let fact = |id: leeway_ir::FactId| scope.snapshot.facts.get(usize::from(id.0));
    let metric = |id: MetricId| scope.snapshot.metrics.get(usize::from(id.0));
    condition.walk(&mut |expr| {
        let series = match expr.input() {
            Some(Input::Fact(id) | Input::Past(id)) => [fact(id), None],
            Some(Input::Metric(id) | Input::Window(id)) => [metric(id), None],
            Some(Input::Budget(id)) => {
                let slo = scope.policy.slos.get(usize::from(id.0));
                [slo.and_then(|slo| metric(slo.good)), slo.and_then(|slo| metric(slo.total))]
            }
            Some(Input::History | Input::Claims) | None => [None, None],
        };
        series.into_iter().flatten().for_each(&mut *look);
    });
}
