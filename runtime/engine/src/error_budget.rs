//! How fast an error budget is spent, and what is left of it.

use leeway_ir::{Slo, SloId, WindowFunction};
use leeway_units::{Quantity, Unit, settled};

use crate::expression::Scope;
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
    let spent = burn_rate(scope, slo, slo.window_ms, slo.min_events)?;
    Some(Quantity::new(Unit::Ratio, ALL - ALL * spent)?.settled())
}

/// How many times faster than the objective admits events were bad in the last `window_ms` (dimensionless):
/// `bad/(1 − objective)` with `bad = 1 − good/total`. Unknown unless both rates cover the window, when nothing happened, and when
/// fewer than `events_min` did.
pub(crate) fn burn_rate(scope: Scope<'_>, slo: &Slo, window_ms: u64, events_min: f64) -> Option<f64> {
    let average = |metric| window::over(scope, WindowFunction::Average, metric, window_ms).map(Quantity::base);
    let (good, total) = (average(slo.good)?, average(slo.total)?);
    if total <= 0.0 || events(window_ms, total) < events_min {
        return None;
    }
    // Two scrapes are never of quite the same moment: more good events than events are all of them.
    let bad = points(ALL * (total - good) / total).max(0.0);
    Some(settled(bad / points(ALL - slo.objective.base())))
}

/// Percent points to twelve decimals: what is lost to the rounding of doubles lies below, and a burn of just the factor is one.
fn points(percent: f64) -> f64 {
    (percent * POINTS).round() / POINTS
}

/// How many events the window holds at a rate per hour.
fn events(window_ms: u64, per_hour: f64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "windows are far below 2^53 ms")]
    let window_ms = window_ms as f64;
    per_hour * window_ms / MS_PER_HOUR
}
