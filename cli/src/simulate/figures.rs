//! The numbers of a summary as people read them, the most telling first.

use jiff::Timestamp;
use leeway_engine::{State, Summary};

use crate::report::{Figure, Part, counted, span};

/// A history shorter than this has no "a day".
const DAY_MS: u64 = 86_400_000;

const MS_PER_S: f64 = 1_000.0;

/// All of them; `asked` is how often people were.
pub(crate) fn figures(summary: &Summary, asked: u64, parts: &[Part]) -> Vec<Figure> {
    let figure = |label: &str, value: String, detail: Option<String>| Figure { label: label.to_owned(), value, detail };
    let mut figures = Vec::new();
    if !summary.objectives.is_empty() {
        let unknown = (summary.unknown_objectives_s > 0.0)
            .then(|| format!("and {} of which nobody knows", span(milliseconds(summary.unknown_objectives_s))));
        figures.push(figure("time outside objectives", span(milliseconds(summary.outside_objectives_s)), unknown));
    }
    let (done, not_done) = ends(summary);
    figures.push(figure("operations done", counted(summary.done), told(&done)));
    figures.push(figure("not done", counted(not_done.iter().map(|(_, times)| times).sum::<u64>()), told(&not_done)));
    figures.push(approvals(summary, asked));
    let pairs = "an act that was turned back within an hour".to_owned();
    figures.push(figure("oscillations", counted(summary.oscillations), Some(pairs)));
    for (fact, hours) in &summary.fact_hours {
        figures.push(figure(&format!("{fact} × hours"), format!("{hours:.1}"), None));
    }
    if summary.tickets > 0 {
        figures.push(figure("tickets", counted(summary.tickets), None));
    }
    let unused = parts.iter().filter(|part| part.times == 0).count();
    figures.push(figure(
        "never used",
        format!("{unused} of {}", parts.len()),
        Some("rules, clauses and limits".to_owned()),
    ));
    figures
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

/// How many operations ended in each way, or stand in it: those that were done, and those that were not.
fn ends(summary: &Summary) -> (Vec<(&'static str, u64)>, Vec<(&'static str, u64)>) {
    let times = |state: State| summary.outcomes.get(state.name()).copied().unwrap_or(0);
    let (mut done, mut not_done) = (Vec::new(), Vec::new());
    for state in State::ALL {
        match was_done(state) {
            Some(true) => done.push((state.name(), times(state))),
            Some(false) => not_done.push((state.name(), times(state))),
            None => {}
        }
    }
    // Of what was superseded, some had been done: what is left of all that was.
    let superseded = times(State::Superseded);
    let told: u64 = done.iter().map(|(_, times)| times).sum();
    let after_it_was_done = summary.done.saturating_sub(told).min(superseded);
    done.push((State::Superseded.name(), after_it_was_done));
    not_done.push((State::Superseded.name(), superseded - after_it_was_done));
    (done, not_done)
}

/// Whether an operation in that state was done; nothing where it may have been.
fn was_done(state: State) -> Option<bool> {
    match state {
        State::Proposed
        | State::Decided
        | State::Refused
        | State::Recorded
        | State::AwaitingApproval
        | State::Warranted
        | State::Rejected
        | State::Expired
        | State::Revoked => Some(false),
        State::Executing
        | State::Verifying
        | State::Failed
        | State::Confirmed
        | State::Partial
        | State::Inconclusive
        | State::RollingBack
        | State::RolledBack
        | State::RollbackFailed => Some(true),
        State::Superseded => None,
    }
}

/// `4 confirmed, 3 partial`
fn told(ends: &[(&str, u64)]) -> Option<String> {
    let parts: Vec<String> = ends
        .iter()
        .filter(|(_, times)| *times > 0)
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

    fn summary(done: u64, outcomes: &[(&'static str, u64)], to: &str) -> Summary {
        Summary {
            from: Some("2026-03-02T10:00:00Z".parse().unwrap()),
            to: Some(to.parse().unwrap()),
            done,
            outcomes: outcomes.iter().copied().collect(),
            approvals_per_day: 1440.0,
            ..Summary::default()
        }
    }

    fn found(summary: &Summary, label: &str) -> Option<(String, Option<String>)> {
        let all = figures(summary, 5, &[]);
        all.into_iter().find(|figure| figure.label == label).map(|figure| (figure.value, figure.detail))
    }

    #[test]
    fn what_was_done_and_what_was_not_adds_up() {
        let outcomes = [("confirmed", 4), ("expired", 2), ("partial", 3), ("refused", 1_200), ("superseded", 3)];
        let summary = summary(8, &outcomes, "2026-03-02T10:05:00Z");
        let told = |label| found(&summary, label).unwrap();
        assert_eq!(told("operations done"), ("8".to_owned(), Some("4 confirmed, 3 partial, 1 superseded".to_owned())));
        assert_eq!(told("not done"), ("1,204".to_owned(), Some("1,200 refused, 2 expired, 2 superseded".to_owned())));
    }

    #[test]
    fn a_short_history_has_no_days() {
        let short = summary(0, &[], "2026-03-02T10:05:00Z");
        assert_eq!(found(&short, "approvals asked").unwrap(), ("5".to_owned(), Some("in 5m".to_owned())));
        assert_eq!(found(&short, "approvals per day"), None);
        let day = summary(0, &[], "2026-03-03T10:00:00Z");
        assert_eq!(found(&day, "approvals per day").unwrap(), ("1440.0".to_owned(), Some("5 asked".to_owned())));
    }
}
