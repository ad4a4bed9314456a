//! Looking back: functions over the samples of a window, and `E for D`.

use leeway_ir::{Expr, MetricId, WindowFunction};
use leeway_units::Quantity;

use crate::band::lasting;
use crate::expression::Scope;
use crate::series::{Series, ms_before};
use crate::totals::{Extremes, SAMPLES_MAX};
use crate::truth::Truth;
use crate::unit::window_unit;

/// A forecast looks back over so many windows for each that it looks ahead.
const FORECAST_WINDOWS: u64 = 4;

/// How far back a function over a window looks.
pub(crate) fn looks_back_ms(function: WindowFunction, window_ms: u64) -> u64 {
    match function {
        WindowFunction::Forecast => window_ms.saturating_mul(FORECAST_WINDOWS),
        WindowFunction::Average
        | WindowFunction::Minimum
        | WindowFunction::Maximum
        | WindowFunction::Delta
        | WindowFunction::Quantile(_) => window_ms,
    }
}

/// Which extremes of its window it is computed from.
pub(crate) fn asks_for(function: WindowFunction) -> Extremes {
    match function {
        WindowFunction::Minimum => Extremes::LOW,
        WindowFunction::Maximum => Extremes::HIGH,
        WindowFunction::Average | WindowFunction::Delta | WindowFunction::Forecast | WindowFunction::Quantile(_) => {
            Extremes::NONE
        }
    }
}

/// A function over the samples of the last `window_ms`. Unknown unless the samples cover the window: the first no later than
/// its start plus `stale`, the last no older than `stale`, no gap longer than `stale`, and none unknown.
pub(crate) fn over(scope: Scope<'_>, function: WindowFunction, metric: MetricId, window_ms: u64) -> Option<Quantity> {
    let unit = window_unit(scope.policy.metric(metric)?.unit, function);
    let series = scope.snapshot.metrics.get(usize::from(metric.0))?;
    let looks_back_ms = looks_back_ms(function, window_ms);
    // When an act is judged, a window that reaches back before it says nothing about it.
    if scope.since.is_some_and(|since| ms_before(scope.at, looks_back_ms) < since) {
        return None;
    }
    let totals = series.totals(scope.at, looks_back_ms, asks_for(function))?;
    if !totals.cover() {
        return None;
    }
    let samples = || series.bases(scope.at, looks_back_ms);
    let result = match function {
        WindowFunction::Average => totals.mean()?,
        WindowFunction::Minimum => totals.low,
        WindowFunction::Maximum => totals.high,
        WindowFunction::Delta => totals.last? - totals.first?,
        WindowFunction::Forecast => forecast(samples, totals.mean()?, totals.sum.known, window_ms)?,
        WindowFunction::Quantile(q) => match series.sorted(scope.at, looks_back_ms) {
            Some(sorted) => quantile_of(sorted, q)?,
            None => quantile(samples().map(|(_, base)| base).collect(), q)?,
        },
    };
    Quantity::new(unit, result)
}

/// The least-squares line through samples of times before now, read `ahead_ms` after it; one sample makes no line.
fn forecast<I: Iterator<Item = (f64, f64)>>(
    samples: impl Fn() -> I,
    mean_base: f64,
    count: i64,
    ahead_ms: u64,
) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "windows are far below 2^53 ms, and hold fewer samples")]
    let (ahead, count) = (ahead_ms as f64, count as f64);
    let mean_time = samples().map(|(time, _)| time).sum::<f64>() / count;
    let mut products = 0.0;
    let mut squares = 0.0;
    for (time, base) in samples() {
        let off = time - mean_time;
        products += off * (base - mean_base);
        squares += off * off;
    }
    (squares > 0.0).then(|| mean_base + products / squares * (ahead - mean_time))
}

/// The value below which a part `q` (0..1) of the samples lies, interpolated linearly between neighbours: of n sorted samples
/// the one at `q × (n − 1)`, counted from 0.
fn quantile(mut bases: Vec<f64>, q: f64) -> Option<f64> {
    let (below, part) = place(bases.len(), q)?;
    let (_, low, above) = bases.select_nth_unstable_by(below, f64::total_cmp);
    let low = *low;
    let high = above.iter().copied().min_by(f64::total_cmp).unwrap_or(low);
    Some(low + (high - low) * part)
}

/// The same of samples that are sorted.
fn quantile_of(sorted: &[f64], q: f64) -> Option<f64> {
    let (below, part) = place(sorted.len(), q)?;
    let low = *sorted.get(below)?;
    let high = sorted.get(below + 1).copied().unwrap_or(low);
    Some(low + (high - low) * part)
}

/// Which of so many sorted samples lies at `q × (n − 1)` or before, and what part of the way to the next is left.
fn place(samples: usize, q: f64) -> Option<(usize, f64)> {
    let highest = samples.checked_sub(1)?;
    if !(0.0..=1.0).contains(&q) {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "a window holds far fewer than 2^53 samples")]
    let place = q * highest as f64;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and the number of samples")]
    let below = place.floor() as usize;
    Some((below.min(highest), place.fract()))
}

/// `E for D`: false if some sample in the last D is false; otherwise unknown if one is unknown, or the samples leave a gap
/// longer than `stale`, or do not reach back D; otherwise true.
pub(crate) fn held(scope: Scope<'_>, condition: &Expr, window_ms: u64) -> Truth {
    if let Some(held) = held_within(scope, condition, window_ms) {
        return held;
    }
    let start = ms_before(scope.at, window_ms);
    let (mut constant, mut samples) = (true, 0_i64);
    each_input(scope, condition, &mut |series| {
        constant = false;
        samples = samples.saturating_add(series.count_between(start, scope.at));
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
        // The newest first: what is not so now was not so all the time.
        for (time, _) in series.between(start, scope.at).rev() {
            if held == Truth::False {
                return;
            }
            held = Truth::all([held, at(time)]);
        }
    });
    let samples = (samples > 0).then_some(held);
    opened(
        samples,
        || at(start),
        || {
            let mut gap = false;
            each_input(scope, condition, &mut |series| gap |= series.has_gap(start, scope.at));
            gap
        },
    )
}

/// What was held, given what all samples in the window say, if there is one. What held when it opened was measured before it:
/// unless that is true too, the samples do not reach back D.
fn opened(samples: Option<Truth>, opening: impl FnOnce() -> Truth, has_gap: impl FnOnce() -> bool) -> Truth {
    match samples {
        Some(held @ (Truth::False | Truth::Unknown)) => held,
        Some(Truth::True) | None => match opening() {
            Truth::True if !has_gap() => Truth::True,
            Truth::False if samples.is_none() => Truth::False,
            Truth::True | Truth::False | Truth::Unknown => Truth::Unknown,
        },
    }
}

/// The same for a condition that asks of one metric whether it lies within bounds: the smallest and the largest sample tell.
fn held_within(scope: Scope<'_>, condition: &Expr, window_ms: u64) -> Option<Truth> {
    let (metric, band) = lasting(condition)?;
    let series = scope.snapshot.metrics.get(usize::from(metric.0))?;
    // Judging an act, samples of before it say nothing; and what has another unit is within no bounds.
    if scope.since.is_some() || !band.is_of(scope.policy.metric(metric)?.unit) {
        return None;
    }
    let totals = series.watched_totals(scope.at, window_ms, band.asks_for())?;
    let samples = match () {
        () if totals.is_empty() => None,
        () if totals.sum.known > 0 && !band.holds(totals.low, totals.high) => Some(Truth::False),
        () if totals.sum.unknown > 0 => Some(Truth::Unknown),
        () => Some(Truth::True),
    };
    let start = ms_before(scope.at, window_ms);
    let opening = || Scope { at: start, ..scope }.truth(condition);
    Some(opened(samples, opening, || series.has_gap(start, scope.at)))
}

/// The series that `condition` reads.
pub(crate) fn inputs<'a>(scope: Scope<'a>, condition: &Expr) -> Vec<&'a Series> {
    let mut inputs = Vec::new();
    each_input(scope, condition, &mut |series| inputs.push(series));
    inputs
}

/// Looks at each series that `condition` reads.
fn each_input<'a>(scope: Scope<'a>, condition: &Expr, look: &mut dyn FnMut(&'a Series)) {
    condition.walk(&mut |expr| {
        let Some(input) = expr.input() else { return };
        let fact = input.fact().and_then(|id| scope.snapshot.facts.get(usize::from(id.0)));
        let metrics = scope.policy.metrics_of(input).filter_map(|id| scope.snapshot.metrics.get(usize::from(id.0)));
        fact.into_iter().chain(metrics).for_each(&mut *look);
    });
}
