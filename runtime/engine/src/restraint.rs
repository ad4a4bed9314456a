//! A limit that spoke, in words: what it found, how much that is too much, and when it is silent again.

use leeway_ir::LimitKind;
use leeway_units::Quantity;

use crate::blind;
use crate::decision::{Finding, LimitVoice};
use crate::expression::Scope;
use crate::grounds::difference;
use crate::truth::Truth;
use crate::written::{fact, metric, names, span};

/// What the limit found.
pub(crate) fn parts(scope: Scope<'_>, kind: &LimitKind, voice: &LimitVoice) -> Vec<String> {
    let mut parts = match kind {
        LimitKind::Cooldown { duration_ms, actions } => cooldown(scope, *duration_ms, actions, voice),
        LimitKind::AtMost { count, actions, window_ms } => counted(scope, *count, actions, *window_ms, "", voice),
        LimitKind::Pace { count, actions, window_ms } => {
            counted(scope, *count, actions, *window_ms, " for one who asks", voice)
        }
        LimitKind::Drift { fact: id, by, window_ms } => {
            let name = fact(scope, *id);
            let Finding::Drift { was, would_be } = voice.finding else { return Vec::new() };
            let window = span(*window_ms);
            match (was, would_be) {
                (Some(was), Some(would_be)) => {
                    let apart = difference(would_be, was);
                    let over = would_be.minus(was).and_then(|drift| {
                        Quantity::new(drift.unit(), drift.base().abs()).map(|drift| difference(drift, *by))
                    });
                    let over = over.unwrap_or_default();
                    vec![format!(
                        "{name} would be {would_be} and was {was} {window} ago: {apart} apart > {by}, by {over}",
                    )]
                }
                (was, _) => {
                    let gap = blind::gap(&name, scope.snapshot.facts.get(usize::from(id.0)), scope.at);
                    let what = if was.is_none() { "was" } else { "would be" };
                    vec![gap.unwrap_or_else(|| format!("what {name} {what} is not known"))]
                }
            }
        }
        LimitKind::Budget { metric: id, most } => {
            let name = metric(scope, *id);
            match voice.finding {
                Finding::Forecast(Some(forecast)) => {
                    let by = difference(forecast, *most);
                    vec![format!("{name} = {} > {most}, by {by}", forecast.rounded())]
                }
                Finding::Forecast(None) | Finding::Moment | Finding::Began(_) | Finding::Drift { .. } => {
                    blind::gap(&name, scope.snapshot.metrics.get(usize::from(id.0)), scope.at).into_iter().collect()
                }
            }
        }
        LimitKind::Freeze { weekly, .. } => {
            vec![format!("{} is in the freeze, by the clock of {}", scope.at, weekly.zone.name())]
        }
        LimitKind::Breaker { .. } => Vec::new(),
    };
    if let Some(left_ms) = voice.retry_after_ms {
        parts.push(format!("silent again in {}", span(left_ms)));
    }
    parts
}

fn cooldown(scope: Scope<'_>, duration_ms: u64, actions: &[leeway_ir::ActionId], voice: &LimitVoice) -> Vec<String> {
    if voice.truth == Truth::Unknown {
        return vec!["what was done before is not known".to_owned()];
    }
    let left = voice.retry_after_ms.unwrap_or_default();
    let what = names(scope, actions);
    let ago = span(duration_ms.saturating_sub(left));
    let which = if what == "any" { "something".to_owned() } else { format!("one of {what}") };
    vec![format!("{which} began {ago} ago, less than {}", span(duration_ms))]
}

fn counted(
    scope: Scope<'_>,
    most: u32,
    actions: &[leeway_ir::ActionId],
    window_ms: u64,
    whose: &str,
    voice: &LimitVoice,
) -> Vec<String> {
    let (what, window) = (names(scope, actions), span(window_ms));
    match voice.finding {
        Finding::Began(began) => vec![format!("{began} of {what} began in the last {window}, and {most} may{whose}")],
        Finding::Moment | Finding::Drift { .. } | Finding::Forecast(_) => {
            vec!["what was done before is not known".to_owned()]
        }
    }
}
