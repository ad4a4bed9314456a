//! The numbers of a summary as people read them, the most telling first.

use std::collections::BTreeMap;

use jiff::Timestamp;
use leeway_engine::Summary;

use crate::report::{Figure, Part, counted, span};

/// A history shorter than this has no "a day".
const DAY_MS: u64 = 86_400_000;

/// Numbers from here on are written with a power of ten.
const PLAIN_MAX: f64 = 1e9;

const MS_PER_S: f64 = 1_000.0;

/// How often each outcome was.
type Outcomes = BTreeMap<&'static str, u64>;

/// All of them. `done` are the outcomes of what was carried out, `asked` is how often people were.
pub(crate) fn figures(summary: &Summary, done: &Outcomes, asked: u64, parts: &[Part]) -> Vec<Figure> {
    let figure = |label: &str, value: String, detail: Option<String>| Figure { label: label.to_owned(), value, detail };
    let mut figures = Vec::new();
    if !summary.objectives.is_empty() {
        let unknown = (summary.unknown_objectives_s > 0.0)
            .then(|| format!("unknown for {}", span(milliseconds(summary.unknown_objectives_s))));
        figures.push(figure("time outside objectives", span(milliseconds(summary.outside_objectives_s)), unknown));
    }
    let of_done = |state: &str| done.get(state).copied().unwrap_or(0);
    let not_done = summary.outcomes.iter().map(|(state, times)| (*state, times.saturating_sub(of_done(state))));
    let not_done: Outcomes = not_done.collect();
    for (label, outcomes) in [("operations done", done), ("not done", &not_done)] {
        figures.push(figure(label, counted(outcomes.values().sum::<u64>()), told(outcomes)));
    }
    figures.push(approvals(summary, asked));
    let pairs = "an act that was turned back within an hour".to_owned();
    figures.push(figure("oscillations", counted(summary.oscillations), Some(pairs)));
    for (fact, hours) in &summary.fact_hours {
        figures.push(figure(&format!("{fact} × hours"), tenths(*hours), None));
    }
    if summary.tickets > 0 {
        figures.push(figure(Figure::TICKETS, counted(summary.tickets), None));
    }
    let unused = parts.iter().filter(|part| part.times == 0).count();
    figures.push(figure(
        "never used",
        format!("{unused} of {}", parts.len()),
        Some("rules, clauses and limits".to_owned()),
    ));
    figures
}

/// With one digit behind the point, or with a power of ten where nobody counts digits.
fn tenths(number: f64) -> String {
    if number < PLAIN_MAX { format!("{number:.1}") } else { format!("{number:.3e}") }
}

/// How often people were asked: a day, or in all where that is shorter.
fn approvals(summary: &Summary, asked: u64) -> Figure {
    let length = |from: Timestamp, to: Timestamp| u64::try_from(to.duration_since(from).as_millis()).unwrap_or(0);
    let ms = summary.from.zip(summary.to).map_or(0, |(from, to)| length(from, to));
    let (label, value, detail) = if ms < DAY_MS {
        ("approvals asked", counted(asked), format!("in {}", span(ms)))
    } else {
        ("approvals per day", format!("{:.1}", summary.approvals_per_day), format!("{} asked", counted(asked)))
    };
    Figure { label: label.to_owned(), value, detail: Some(detail) }
}

/// `4 confirmed, 3 partial`
fn told(outcomes: &Outcomes) -> Option<String> {
    let parts: Vec<String> = outcomes
        .iter()
        .filter(|(_, times)| **times > 0)
        .map(|(state, times)| format!("{} {}", counted(*times), state.replace('_', " ")))
        .collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// Seconds of a summary as whole milliseconds.
pub(crate) fn milliseconds(seconds: f64) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a history is far shorter, and not negative"
    )]
    let ms = (seconds * MS_PER_S).max(0.0) as u64;
    ms
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;
    use leeway_engine::ObjectiveTally;

    fn summary(outcomes: &[(&'static str, u64)], to: &str) -> Summary {
        Summary {
            from: Some("2026-03-02T10:00:00Z".parse().unwrap()),
            to: Some(to.parse().unwrap()),
            outcomes: outcomes.iter().copied().collect(),
            approvals_per_day: 1440.0,
            ..Summary::default()
        }
    }

    fn found(summary: &Summary, label: &str) -> Option<(String, Option<String>)> {
        let done = [("confirmed", 4), ("partial", 3), ("superseded", 1)].into();
        let all = figures(summary, &done, 5, &[]);
        all.into_iter().find(|figure| figure.label == label).map(|figure| (figure.value, figure.detail))
    }

    #[test]
    fn what_was_done_and_what_was_not_adds_up() {
        let outcomes = [("confirmed", 4), ("expired", 2), ("partial", 3), ("refused", 1_200), ("superseded", 3)];
        let summary = summary(&outcomes, "2026-03-02T10:05:00Z");
        let told = |label| found(&summary, label).unwrap();
        assert_eq!(told("operations done"), ("8".to_owned(), Some("4 confirmed, 3 partial, 1 superseded".to_owned())));
        assert_eq!(told("not done"), ("1,204".to_owned(), Some("2 expired, 1,200 refused, 2 superseded".to_owned())));
    }

    #[test]
    fn hours_of_any_size_are_short() {
        let mut summary = summary(&[], "2026-03-02T10:05:00Z");
        summary.fact_hours =
            [("few".into(), 12.25), ("many".into(), 123_456_789.0), ("most".into(), 1.2345e300)].into();
        let told = ["few", "many", "most"].map(|fact| found(&summary, &format!("{fact} × hours")).unwrap().0);
        assert_eq!(told, ["12.2", "123456789.0", "1.234e300"]);
    }

    #[test]
    fn what_is_unknown_is_no_part_of_what_was_outside() {
        let mut summary = summary(&[], "2026-03-02T10:05:00Z");
        summary.objectives =
            vec![ObjectiveTally { objective: "cpu < 80%".into(), outside_s: 0.0, unknown_s: 19_500.0 }];
        assert_eq!(found(&summary, "time outside objectives").unwrap(), ("0s".to_owned(), None));
        summary.unknown_objectives_s = 19_500.0;
        let told = found(&summary, "time outside objectives").unwrap();
        assert_eq!(told, ("0s".to_owned(), Some("unknown for 5h 25m".to_owned())));
    }

    #[test]
    fn a_short_history_has_no_days() {
        let short = summary(&[], "2026-03-02T10:05:00Z");
        assert_eq!(found(&short, "approvals asked").unwrap(), ("5".to_owned(), Some("in 5m".to_owned())));
        assert_eq!(found(&short, "approvals per day"), None);
        let day = summary(&[], "2026-03-03T10:00:00Z");
        assert_eq!(found(&day, "approvals per day").unwrap(), ("1440.0".to_owned(), Some("5 asked".to_owned())));
    }
}
