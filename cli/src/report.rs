//! What a policy would have done over a history: what the page (`--report`) and the terminal tell of it.

#[cfg(test)]
mod browser;
mod page;
#[cfg(test)]
mod sample;
mod shown;
mod sparkline;
mod terminal;
mod trace;

use jiff::Timestamp;
use jiff::fmt::serde::timestamp::millisecond;
use leeway_engine::{State, Tier, Verdict};
use leeway_ir::Origin;
use leeway_units::Unit;
use serde::{Serialize, Serializer};

pub(crate) use crate::report::page::page;
pub(crate) use crate::report::shown::{SHOWN_MAX, Shown};
pub(crate) use crate::report::terminal::summary;
pub(crate) use crate::report::trace::{BUCKETS_MAX, Trace};

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
    /// What the policy would have done; of two, the new one.
    pub(crate) run: Run,
    /// The old one beside it.
    pub(crate) comparison: Option<Comparison>,
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
    /// What was measured, in the order of the blueprint.
    pub(crate) metrics: Vec<Metric>,
    /// What was seen of the target, or followed from what was done.
    pub(crate) facts: Vec<Fact>,
    /// What was proposed.
    pub(crate) proposals: Proposals,
    /// What would have called people.
    pub(crate) tickets: Vec<Ticket>,
    /// Every clause and limit, with how often it spoke; in source order.
    pub(crate) clauses: Vec<Clause>,
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

/// A metric's course and what it is held against.
#[derive(Debug, Serialize)]
pub(crate) struct Metric {
    /// Its name.
    pub(crate) name: String,
    /// Its unit; all numbers beside it are base units.
    pub(crate) unit: Unit,
    /// What was wanted of it.
    pub(crate) objectives: Vec<Objective>,
    /// The values at which something is said about it.
    pub(crate) thresholds: Vec<Threshold>,
    /// Its course.
    pub(crate) trace: Trace,
    /// What it was computed by where it was not measured, in a sentence; it is drawn as a model then.
    pub(crate) model: Option<String>,
    /// What had been measured where `trace` is a model's.
    pub(crate) recorded: Option<Trace>,
    /// How long it was outside what was wanted, in milliseconds.
    pub(crate) outside_ms: Option<u64>,
}

/// What was wanted of a metric: a band, open where a side is missing.
#[derive(Debug, Serialize)]
pub(crate) struct Objective {
    /// As written: `cpu in 50%..80%`.
    pub(crate) text: String,
    /// The least that is wanted, in base units.
    pub(crate) low: Option<f64>,
    /// The most.
    pub(crate) high: Option<f64>,
}

/// A value at which a rule or a clause speaks.
#[derive(Debug, Serialize)]
pub(crate) struct Threshold {
    /// As written: `cpu > 80% for 2m`.
    pub(crate) text: String,
    /// The value, in base units.
    pub(crate) value: f64,
    /// The rule or clause: `rule scale_out`.
    pub(crate) by: String,
}

/// A fact over time.
#[derive(Debug, Serialize)]
pub(crate) struct Fact {
    /// Its name.
    pub(crate) name: String,
    /// What it was.
    pub(crate) course: Course,
}

/// What a fact was: numbers are drawn as steps, words as spans.
#[derive(Debug, Serialize)]
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
    Words {
        /// Each change, in order of time.
        changes: Vec<Change>,
        /// How many later changes are not told.
        left_out: u64,
    },
}

/// A word that a fact became.
#[derive(Debug, Serialize)]
pub(crate) struct Change {
    /// When.
    #[serde(rename = "t", with = "millisecond::required")]
    pub(crate) at: Timestamp,
    /// What; nothing where it was not known.
    pub(crate) word: Option<String>,
}

/// All proposals counted, some of them in full.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Proposals {
    /// How many were made.
    pub(crate) counts: Counts,
    /// Those that are told in full, in order of time.
    pub(crate) shown: Vec<Decision>,
}

/// How many of each tier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Counts {
    /// Done at once.
    pub(crate) allowed: u64,
    /// Put to people.
    pub(crate) approval_required: u64,
    /// Refused.
    pub(crate) forbidden: u64,
}

impl Counts {
    /// One more.
    pub(crate) fn count(&mut self, tier: Tier) {
        match tier {
            Tier::Allowed => self.allowed += 1,
            Tier::ApprovalRequired => self.approval_required += 1,
            Tier::Forbidden => self.forbidden += 1,
        }
    }

    /// How many of that tier.
    pub(crate) fn of(&self, tier: Tier) -> u64 {
        match tier {
            Tier::Allowed => self.allowed,
            Tier::ApprovalRequired => self.approval_required,
            Tier::Forbidden => self.forbidden,
        }
    }

    /// All together.
    pub(crate) fn all(&self) -> u64 {
        self.allowed + self.approval_required + self.forbidden
    }
}

/// One proposal, how it was decided, and what came of it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Decision {
    /// When it was made.
    #[serde(rename = "t", with = "millisecond::required")]
    pub(crate) at: Timestamp,
    /// The rule that made it.
    pub(crate) rule: String,
    /// How it was decided, and why.
    #[serde(serialize_with = "explanation")]
    pub(crate) verdict: Verdict,
    /// Where its operation ended, or stands.
    pub(crate) outcome: Option<Outcome>,
}

/// What came of an operation.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Outcome {
    /// Its last state.
    pub(crate) state: State,
    /// Since when.
    #[serde(with = "millisecond::required")]
    pub(crate) at: Timestamp,
    /// Why, where something is to be said.
    pub(crate) why: Option<String>,
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

/// A clause or limit and how often it spoke.
#[derive(Debug, Serialize)]
pub(crate) struct Clause {
    /// Its id.
    pub(crate) id: String,
    /// As written.
    pub(crate) text: String,
    /// Where it stands.
    pub(crate) at: Option<Origin>,
    /// In how many verdicts it spoke.
    pub(crate) times: u64,
}

/// What another policy would have done over the same history, and what differs.
#[derive(Debug, Serialize)]
pub(crate) struct Comparison {
    /// What the old policy would have done; its metrics and facts only where they differ.
    pub(crate) before: Run,
    /// How many proposals the new policy is more permissive about.
    pub(crate) newly_permitted: u64,
    /// How many it is stricter about.
    pub(crate) newly_restricted: u64,
    /// Examples, newly permitted first, then in order of time.
    pub(crate) differences: Vec<Difference>,
}

/// One moment at which the two policies differ.
#[derive(Debug, Serialize)]
pub(crate) struct Difference {
    /// Whether the new policy is more permissive here.
    pub(crate) permitted: bool,
    /// The old policy's decision; nothing where it proposed nothing.
    pub(crate) before: Option<Decision>,
    /// The new one's.
    pub(crate) after: Option<Decision>,
}

/// Of a verdict what the page shows: what is the same for all of a run stands there once, and values are rounded for people.
fn explanation<S: Serializer>(verdict: &Verdict, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Voice<'a> {
        tier: Tier,
        by: &'a str,
        truth: leeway_engine::Truth,
        at: Option<String>,
        because: Option<&'a str>,
        values: Vec<(&'a str, String)>,
        text: &'a str,
    }
    #[derive(Serialize)]
    struct Explanation<'a> {
        tier: Tier,
        proposal: &'a str,
        actor: &'a str,
        voices: Vec<Voice<'a>>,
        unknown: &'a [leeway_engine::Unknown],
        suggest: &'a [String],
        approval: &'a [leeway_engine::Requirement],
        retry_after_s: Option<f64>,
    }
    let voices = verdict.voices.iter().map(|voice| Voice {
        tier: voice.tier,
        by: &voice.by,
        truth: voice.truth,
        at: voice.at.as_ref().map(|at| format!("{}:{}", at.path, at.line)),
        because: voice.because.as_deref(),
        values: voice.values.iter().map(|(name, value)| (name.as_ref(), crate::verdict::plain(value))).collect(),
        text: &voice.text,
    });
    Explanation {
        tier: verdict.tier,
        proposal: &verdict.proposal,
        actor: &verdict.actor,
        voices: voices.collect(),
        unknown: &verdict.unknown,
        suggest: &verdict.suggest,
        approval: &verdict.approval,
        retry_after_s: verdict.retry_after_s,
    }
    .serialize(serializer)
}
