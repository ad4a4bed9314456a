//! What a policy would have done over a history: what the page (`--report`) and the terminal tell of it.

#[cfg(all(test, feature = "browser"))]
mod browser;
mod change;
mod clock;
mod decision;
mod metric;
mod page;
mod part;
#[cfg(test)]
pub(crate) mod sample;
mod shown;
mod sparkline;
mod terminal;
mod trace;
mod words;

use jiff::fmt::serde::timestamp::millisecond;
use jiff::{SignedDuration, Timestamp};
use leeway_ir::{Origin, Policy};
use leeway_units::Unit;
use serde::Serialize;

pub(crate) use crate::report::change::{Change, Changes};
pub(crate) use crate::report::clock::{Clock, span};
pub(crate) use crate::report::decision::{Decision, Outcome};
pub(crate) use crate::report::metric::{Bound, Metric, Objective, Threshold};
pub(crate) use crate::report::page::{counted, page};
pub(crate) use crate::report::part::{Part, PartKind};
pub(crate) use crate::report::shown::{Counts, Proposals, Shown};
pub(crate) use crate::report::terminal::summary;
pub(crate) use crate::report::trace::Trace;
pub(crate) use crate::report::words::Words;

/// A history, and what one policy would have done over it, or two.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    /// What the page is about, in a few words.
    pub(crate) title: String,
    /// What was governed: `kubernetes.deployment("shop/frontend")`.
    pub(crate) target: String,
    /// The first moment of the history.
    #[serde(with = "millisecond::required")]
    pub(crate) from: Timestamp,
    /// The last.
    #[serde(with = "millisecond::required")]
    pub(crate) to: Timestamp,
    /// The time between two evaluations, in milliseconds; nothing where they were as the samples came.
    pub(crate) step_ms: Option<u64>,
    /// How finely moments are told.
    pub(crate) clock: Clock,
    /// What the policy would have done; of two, the new one.
    pub(crate) run: Run,
    /// The old one beside it.
    pub(crate) comparison: Option<Comparison>,
}

impl Report {
    /// The report of `run`, which is of this policy and went through this span of time.
    pub(crate) fn of(
        policy: &Policy,
        span: Option<(Timestamp, Timestamp)>,
        step_ms: Option<u64>,
        run: Run,
        mut comparison: Option<Comparison>,
    ) -> Report {
        comparison.iter_mut().for_each(|comparison| comparison.before.leave_out_what_is_as_in(&run));
        let (from, to) = span.unwrap_or_default();
        let title = match &comparison {
            Some(comparison) => format!("{} → {}", comparison.before.name(), run.name()),
            None => run.name(),
        };
        let target = target(policy);
        let step = step_ms.and_then(|ms| from.checked_add(SignedDuration::from_millis(ms.try_into().ok()?)).ok());
        let compared = comparison.iter().flat_map(Comparison::moments);
        let clock = Clock::of([from, to].into_iter().chain(step).chain(run.moments()).chain(compared));
        Report { title, target, from, to, step_ms, clock, run, comparison }
    }
}

/// What a policy governs, as it is written in its blueprint.
pub(crate) fn target(policy: &Policy) -> String {
    format!("{}(\"{}\")", policy.target.kind, policy.target.name)
}

/// What one policy would have done.
#[derive(Debug, Serialize)]
pub(crate) struct Run {
    /// The blueprint's name.
    pub(crate) blueprint: String,
    /// Its version, if it states one.
    pub(crate) version: Option<String>,
    /// The policy's fingerprint.
    pub(crate) fingerprint: String,
    /// What a reader must know before believing the rest, each a sentence.
    pub(crate) warnings: Vec<String>,
    /// What was taken for granted, each a sentence: "`cpu` is replayed as recorded".
    pub(crate) assumptions: Vec<String>,
    /// The numbers of the summary but the counts of proposals, the most telling first.
    pub(crate) figures: Vec<Figure>,
    /// How each objective fared, in the order of the blueprint.
    pub(crate) objectives: Vec<Fared>,
    /// What was measured, in the order of the blueprint.
    pub(crate) metrics: Vec<Metric>,
    /// What was seen of the target, or followed from what was done.
    pub(crate) facts: Vec<Fact>,
    /// What was proposed.
    pub(crate) proposals: Proposals,
    /// What would have called people.
    pub(crate) tickets: Vec<Ticket>,
    /// Everything that may speak, with how often it did.
    pub(crate) parts: Vec<Part>,
}

/// What is said of two policies: once where it is said of both, and else with the age of the one of which it is.
pub(crate) fn said_of_both(old: &[String], new: &[String]) -> Vec<String> {
    let only = |age: &'static str, said: &[String], other: &[String]| -> Vec<String> {
        let only = said.iter().filter(|one| !other.contains(one));
        only.map(|one| format!("{age} policy: {one}")).collect()
    };
    let both = new.iter().filter(|one| old.contains(one)).cloned();
    both.chain(only("old", old, new)).chain(only("new", new, old)).collect()
}

impl Run {
    /// The blueprint with its version: `frontend 1.4.0`.
    pub(crate) fn name(&self) -> String {
        match &self.version {
            Some(version) => format!("{} {version}", self.blueprint),
            None => self.blueprint.clone(),
        }
    }

    /// Courses that are drawn once for both.
    fn leave_out_what_is_as_in(&mut self, other: &Run) {
        let is_metric = |one: &Metric, same: &Metric| (&one.name, &one.trace) == (&same.name, &same.trace);
        self.metrics.retain(|one| !other.metrics.iter().any(|same| is_metric(one, same)));
        self.facts.retain(|one| !other.facts.contains(one));
    }

    /// The moments that its tables tell.
    fn moments(&self) -> impl Iterator<Item = Timestamp> {
        let tickets = self.tickets.iter().flat_map(|ticket| std::iter::once(ticket.from).chain(ticket.to));
        self.proposals.shown.iter().map(|decision| decision.at).chain(tickets)
    }
}

/// A number of the summary.
#[derive(Debug, Serialize)]
pub(crate) struct Figure {
    /// What it tells: `time outside objectives`.
    pub(crate) label: String,
    /// The number with its unit, as the language writes it.
    pub(crate) value: String,
    /// How it came about, or what part of the whole it is.
    pub(crate) detail: Option<String>,
}

impl Figure {
    /// How many tickets were opened; left out where none was.
    pub(crate) const TICKETS: &str = "tickets";
}

/// How an objective fared.
#[derive(Debug, Serialize)]
pub(crate) struct Fared {
    /// As written.
    pub(crate) objective: String,
    /// Where it stands.
    pub(crate) at: Origin,
    /// For how long it was not met, in milliseconds.
    pub(crate) outside_ms: u64,
    /// For how long nobody knows, in milliseconds.
    pub(crate) unknown_ms: u64,
}

/// A fact over time.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Fact {
    /// Its name.
    pub(crate) name: String,
    /// What it was.
    pub(crate) course: Course,
}

/// What a fact was: numbers are drawn as steps, words as spans.
#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Course {
    /// A quantity.
    Numbers {
        /// Its unit.
        unit: Unit,
        /// Each change of it, in base units.
        trace: Trace,
    },
    /// Anything else.
    Words(Words),
}

/// Something that would have called people.
#[derive(Debug, Serialize)]
pub(crate) struct Ticket {
    /// `slo`, `invariant`, `absent` or `schedule`.
    pub(crate) kind: String,
    /// The name of what was broken.
    pub(crate) name: String,
    /// `high` or `medium`.
    pub(crate) severity: String,
    /// The pair of windows that burned: `1h/5m`.
    pub(crate) pair: Option<String>,
    /// When it was opened.
    #[serde(with = "millisecond::required")]
    pub(crate) from: Timestamp,
    /// When it was closed; nothing while it is open.
    #[serde(with = "millisecond::optional")]
    pub(crate) to: Option<Timestamp>,
}

/// What another policy would have done over the same history, and what differs.
#[derive(Debug, Serialize)]
pub(crate) struct Comparison {
    /// What the old policy would have done; its metrics and facts only where they differ.
    pub(crate) before: Run,
    /// How much differs in which way.
    pub(crate) counts: Changes,
    /// Examples, newly permitted first, then in order of time.
    pub(crate) differences: Vec<Difference>,
}

impl Comparison {
    /// The moments that its tables tell.
    fn moments(&self) -> impl Iterator<Item = Timestamp> {
        let differences = self.differences.iter().flat_map(|one| [&one.before, &one.after]).flatten();
        self.before.moments().chain(differences.map(|decision| decision.at))
    }
}

/// One moment at which the two policies differ.
#[derive(Debug, Serialize)]
pub(crate) struct Difference {
    /// In which way.
    pub(crate) change: Change,
    /// Whose rules proposed it; the other policy only judges it.
    pub(crate) by: Age,
    /// The old policy's decision; nothing where its rules did not propose this.
    pub(crate) before: Option<Decision>,
    /// The new one's.
    pub(crate) after: Option<Decision>,
}

/// One of two policies.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Age {
    /// As it was.
    Old,
    /// As it shall be.
    New,
}

/// The numbers of both summaries side by side, the old one first; `–` where a blueprint has no such number.
pub(crate) fn figures(report: &Report, comparison: &Comparison) -> Vec<(String, [String; 2])> {
    let runs = [&comparison.before, &report.run];
    let proposals = runs.map(|run| {
        let counts = run.proposals.counts;
        format!(
            "{} ({} allowed, {} asked, {} forbidden)",
            counts.all(),
            counts.allowed,
            counts.approval_required,
            counts.forbidden
        )
    });
    let mut figures = vec![("proposals".to_owned(), proposals)];
    for label in runs.iter().rev().flat_map(|run| &run.figures).map(|figure| &figure.label) {
        if !figures.iter().any(|(known, _)| known == label) {
            // A summary without tickets says nothing of them.
            let absent = if label == Figure::TICKETS { "0" } else { "–" };
            let of =
                |run: &Run| run.figures.iter().find(|figure| figure.label == *label).map(|figure| figure.value.clone());
            figures.push((label.clone(), runs.map(|run| of(run).unwrap_or_else(|| absent.to_owned()))));
        }
    }
    figures
}
