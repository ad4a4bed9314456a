//! How fast an error budget is spent, and what is left of it.

use leeway_ir::{Slo, SloId, WindowFunction};
use leeway_units::{Quantity, Unit};

use crate::expression::Scope;
use crate::truth::Truth;
use crate::window;

/// Milliseconds in an hour: rates count per hour.
const MS_PER_HOUR: f64 = 3_600_000.0;

/// All of it, in percent points.
const ALL: f64 = 100.0;

/// How many parts of a percent point are told apart.
const POINTS: f64 = 1e12;

/// The part of the error budget that is left, a ratio of it: below zero when more was spent. With `bad = 1 − good/total` over the
/// window of the objective: `1 − bad/(1 − objective)`. Unknown unless both rates cover the window, when nothing happened, and
/// when fewer than `min events` did.
pub(crate) fn left(scope: Scope<'_>, slo: SloId) -> Option<Quantity> {
    let slo = scope.policy.slos.get(usize::from(slo.0))?;
    let spent = bad(scope, slo, slo.window_ms, slo.min_events)? / admitted(slo);
    Some(Quantity::new(Unit::Ratio, ALL - ALL * spent)?.settled())
}

/// Whether events were bad in the last `window_ms` more than `factor` times (strictly) as often as the objective admits:
/// `bad/(1 − objective) > factor` with `bad = 1 − good/total`. Unknown unless both rates cover the window, when nothing happened,
/// and when fewer than `events_min` did.
pub(crate) fn burns(scope: Scope<'_>, slo: &Slo, factor: f64, window_ms: u64, events_min: f64) -> Truth {
    let bad = bad(scope, slo, window_ms, events_min);
    bad.map_or(Truth::Unknown, |bad| Truth::from(bad > points(factor * admitted(slo))))
}

/// How many events of a hundred were bad.
fn bad(scope: Scope<'_>, slo: &Slo, window_ms: u64, events_min: f64) -> Option<f64> {
    let average = |metric| window::over(scope, WindowFunction::Average, metric, window_ms).map(Quantity::base);
    let (good, total) = (average(slo.good)?, average(slo.total)?);
    if total <= 0.0 || events(window_ms, total) < events_min {
        return None;
    }
    // Two scrapes are never of quite the same moment: more good events than events are all of them.
    Some(points(ALL * (total - good) / total).max(0.0))
}

/// How many of a hundred may be.
fn admitted(slo: &Slo) -> f64 {
    points(ALL - slo.objective.base())
}

/// Percent points to twelve decimals: what is lost to the rounding of doubles lies below, so that what is just admitted is.
fn points(percent: f64) -> f64 {
    (percent * POINTS).round() / POINTS
}

/// How many events the window holds at a rate per hour.
fn events(window_ms: u64, per_hour: f64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "windows are far below 2^53 ms")]
    let window_ms = window_ms as f64;
    per_hour * window_ms / MS_PER_HOUR
}
