//! Why an input was unknown, and since when: the samples that are missing, too old, or no values.

use jiff::Timestamp;
use leeway_ir::{Expr, Input, MetricId};

use crate::evidence::{Evidence, Gap};
use crate::expression::Scope;
use crate::history::History;
use crate::series::{Series, ms_before, ms_between};
use crate::written::{fact, metric, span};

/// What `expr` reads and does not know, each input in words.
pub(crate) fn inside(scope: Scope<'_>, expr: &Expr) -> Vec<String> {
    let mut found = Vec::new();
    collect(scope, expr, false, &mut found);
    found
}

/// What of the inputs of `condition` leaves the time since `start` uncovered.
pub(crate) fn over(scope: Scope<'_>, condition: &Expr, start: Timestamp) -> Vec<String> {
    let mut found = Vec::new();
    condition.walk(&mut |expr| {
        let (name, series) = match expr.input() {
            Some(Input::Metric(id) | Input::Window(id)) => (metric(scope, id), metric_series(scope, id)),
            Some(Input::Fact(id) | Input::Past(id)) => (fact(scope, id), scope.snapshot.facts.get(usize::from(id.0))),
            Some(Input::History | Input::Claims | Input::Budget(_)) | None => return,
        };
        if let Some(why) = series.and_then(|series| uncovered(series, start, scope.at, true)) {
            found.push(format!("`{name}` is not known for all of the last {}: {why}", ago(start, scope.at)));
        }
    });
    if found.is_empty() {
        found = inside(scope, condition);
    }
    if found.is_empty() {
        found.push(format!("it is not known for all of the last {}", ago(start, scope.at)));
    }
    found
}

/// Inside a quantifier there is no element to look at: only whether the collection is known can be said.
fn collect(scope: Scope<'_>, expr: &Expr, quantified: bool, found: &mut Vec<String>) {
    if let Some(input) = expr.input() {
        let undecided = !quantified && scope.value(expr).is_none();
        let why = match input {
            Input::Fact(id) => {
                let series = scope.snapshot.facts.get(usize::from(id.0));
                let gap = gap(&fact(scope, id), series, scope.at);
                gap.or_else(|| undecided.then(|| format!("a field of `{}` is missing", fact(scope, id))))
            }
            Input::Metric(id) => gap(&metric(scope, id), metric_series(scope, id), scope.at),
            Input::Window(id) if undecided => Some(window(scope, expr, id)),
            Input::History if undecided => Some("what was done before is not known".to_owned()),
            Input::Past(id) if undecided => {
                let series = scope.snapshot.facts.get(usize::from(id.0));
                let now = gap(&fact(scope, id), series, scope.at);
                now.or_else(|| Some(format!("what `{}` was is not known{}", fact(scope, id), because(scope))))
            }
            Input::Claims if undecided => Some("a claim is not known to be true or false".to_owned()),
            Input::Budget(_) if undecided => Some("too little is known of what was good and what was all".to_owned()),
            Input::Window(_) | Input::History | Input::Past(_) | Input::Claims | Input::Budget(_) => None,
        };
        found.extend(why);
    }
    let inside = quantified || matches!(expr, Expr::Quantified { .. });
    expr.children().for_each(|child| collect(scope, child, inside, found));
}

fn because(scope: Scope<'_>) -> &'static str {
    match scope.history {
        Some(History::Complete { .. }) => "",
        Some(History::Unknown) | None => ": what was done before is not known",
    }
}

/// Why the present value is not known; nothing, if it is.
pub(crate) fn gap(name: &str, series: Option<&Series>, at: Timestamp) -> Option<String> {
    let series = series?;
    let last = || series.last_until(at).map(|last| ago(last, at)).unwrap_or_default();
    match series.at(at) {
        Evidence::Known { .. } => None,
        Evidence::Missing => Some(format!("`{name}` is missing")),
        Evidence::Stale => {
            let stale = span(u64::try_from(series.stale_ms()).unwrap_or_default());
            Some(format!("`{name}` is stale: its last sample is {} old and counts for {stale}", last()))
        }
        Evidence::Invalid => Some(format!("`{name}` is invalid: what was measured {} ago cannot be a value", last())),
        Evidence::Failed => Some(format!("`{name}` failed: its source answered with an error {} ago", last())),
    }
}

fn window(scope: Scope<'_>, expr: &Expr, id: MetricId) -> String {
    let name = metric(scope, id);
    let window_ms = if let Expr::Window { window_ms, .. } = expr { *window_ms } else { 0 };
    let start = ms_before(scope.at, window_ms);
    let series = metric_series(scope, id);
    let why = series.and_then(|series| uncovered(series, start, scope.at, false));
    why.map_or_else(
        || format!("`{}` cannot be computed from the samples of `{name}`", crate::written::written(scope, expr)),
        |why| format!("the samples of `{name}` do not cover the last {}: {why}", span(window_ms)),
    )
}

/// Why the samples do not cover the time from `start` to `at`. `opens`: something must be known when it begins.
fn uncovered(series: &Series, start: Timestamp, at: Timestamp, opens: bool) -> Option<String> {
    if series.first().is_none() {
        return Some("there is none".to_owned());
    }
    let before = series.last_until(start);
    if opens && before.is_none() {
        return series.first().map(|first| format!("the first is of {} ago", ago(first, at)));
    }
    let mut previous = if opens { before.unwrap_or(start) } else { start };
    for (taken, value) in series.between(start, at) {
        if ms_between(previous, taken) > series.stale_ms() {
            return Some(format!("none between {} and {} ago", ago(previous, at), ago(taken, at)));
        }
        match value {
            Ok(_) => previous = taken,
            Err(Gap::Missing) => return Some(format!("that of {} ago is missing", ago(taken, at))),
            Err(Gap::Invalid) => return Some(format!("that of {} ago cannot be a value", ago(taken, at))),
            Err(Gap::Failed) => return Some(format!("that of {} ago is an error", ago(taken, at))),
        }
    }
    (ms_between(previous, at) > series.stale_ms()).then(|| format!("the last is of {} ago", ago(previous, at)))
}

fn metric_series<'a>(scope: Scope<'a>, id: MetricId) -> Option<&'a Series> {
    scope.snapshot.metrics.get(usize::from(id.0))
}

fn ago(then: Timestamp, at: Timestamp) -> String {
    span(u64::try_from(ms_between(then, at)).unwrap_or_default())
}
