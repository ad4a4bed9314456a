//! Goes through a history with a policy, evaluation by evaluation.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use leeway_engine::{Assumed, Happening, Moment, People, Record, Simulation, Summary, Tally, Ticket, Turn, TurnKind};
use leeway_ir::{FactId, Fingerprint, MetricId, Policy};
use leeway_units::Value;

use crate::exit::Failure;
use crate::series::{Progress, Recording};
use crate::simulate::history::HistoryArgs;

/// So many moments are read ahead, to know what is recorded before anything is decided.
const AHEAD_MAX: usize = 1_000;

/// What is the case beside the history.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) facts: Vec<(FactId, Value)>,
    pub(crate) people: People,
    /// Whether a run that was recorded of this very policy is replayed, instead of being a history like any other.
    pub(crate) as_recorded: bool,
}

/// A history, and what a policy makes of it so far.
pub(crate) struct Player {
    policy: Arc<Policy>,
    recording: Recording,
    ahead: VecDeque<Moment>,
    is_read: bool,
    step_ms: Option<u64>,
    /// When the policy is evaluated next, where that does not depend on samples.
    due: Timestamp,
    simulation: Simulation,
    tally: Tally,
    assumptions: Vec<String>,
    /// Whether each turn is replayed.
    is_replay: bool,
    /// Since when the recording is of another policy.
    other_policy: Option<Timestamp>,
}

/// What happened at one evaluation, and since the one before.
#[derive(Debug)]
pub(crate) struct Played {
    pub(crate) at: Timestamp,
    pub(crate) happened: Vec<Happening>,
    pub(crate) tickets: Vec<Ticket>,
}

impl Player {
    /// Stands before the first moment of the history.
    pub(crate) fn open(policy: Arc<Policy>, history: &HistoryArgs, settings: Settings) -> Result<Player, Failure> {
        let mut recording = history.open(&policy)?;
        let mut ahead = VecDeque::new();
        let mut is_read = false;
        while ahead.len() < AHEAD_MAX && !is_read {
            let mut moment = Moment::empty(&policy, Timestamp::MIN);
            is_read = !recording.next(&mut moment)?;
            if !is_read {
                ahead.push_back(moment);
            }
        }
        let Some(first) = ahead.front() else {
            return Err(Failure::errors("the history is empty").help("it needs at least one moment"));
        };
        let start = first.at;
        let recorded_of = first.turn.as_ref().and_then(started).map(|fingerprint| *fingerprint == policy.fingerprint);
        let is_replay = settings.as_recorded && recorded_of == Some(true);
        let (policy, assumptions) = if is_replay {
            (policy, vec!["what people and agents said, and what calls came to, is as it was recorded".to_owned()])
        } else {
            assumed(&policy, &recording)
        };
        Ok(Player {
            simulation: Simulation::new(policy.clone(), start, &settings.facts, settings.people),
            tally: Tally::new(policy.clone()),
            policy,
            recording,
            ahead,
            is_read,
            step_ms: history.step_ms(),
            due: start,
            assumptions,
            is_replay,
            other_policy: (recorded_of == Some(false)).then_some(start),
        })
    }

    /// The next evaluation; nothing at the end of the history.
    pub(crate) fn advance(&mut self) -> Result<Option<Played>, Failure> {
        let Some(at) = self.due()? else { return Ok(None) };
        while let Some(moment) = self.next_until(at)? {
            self.tally.sampled();
            if !self.replays(&moment)? {
                self.simulation.record(&moment).map_err(Failure::errors)?;
            }
        }
        if !self.is_replay {
            self.simulation.evaluate(at).map_err(Failure::errors)?;
            self.tally.evaluated(&self.simulation);
        }
        let (happened, tickets) = (self.simulation.happened(), self.simulation.tickets());
        happened.iter().for_each(|happening| self.tally.happened(happening));
        tickets.iter().filter(|ticket| ticket.closed.is_none()).for_each(|_| self.tally.opened_ticket());
        if let Some(step_ms) = self.step_ms {
            let step = SignedDuration::from_millis(i64::try_from(step_ms).unwrap_or(i64::MAX));
            self.due = self.due.checked_add(step).unwrap_or(Timestamp::MAX);
        }
        Ok(Some(Played { at, happened, tickets }))
    }

    /// Replays the turn that was recorded at that moment, as long as the recording is of this policy.
    fn replays(&mut self, moment: &Moment) -> Result<bool, Failure> {
        let Some(turn) = moment.turn.as_ref().filter(|_| self.is_replay) else { return Ok(false) };
        if started(turn).is_some_and(|fingerprint| *fingerprint != self.policy.fingerprint) {
            self.is_replay = false;
            self.other_policy = Some(moment.at);
            self.simulation.stop_replaying();
            return Ok(false);
        }
        self.simulation.replay(moment, turn).map_err(Failure::errors)?;
        if turn.kind != TurnKind::Told {
            self.tally.evaluated(&self.simulation);
        }
        Ok(true)
    }

    /// When the next evaluation is; nothing when all that was recorded has been evaluated.
    pub(crate) fn due(&mut self) -> Result<Option<Timestamp>, Failure> {
        self.fill()?;
        let next = self.ahead.front().map(|moment| moment.at);
        Ok(next.map(|next| if self.step_ms.is_some() { self.due } else { next }))
    }

    pub(crate) fn policy(&self) -> &Arc<Policy> {
        &self.policy
    }

    pub(crate) fn simulation(&self) -> &Simulation {
        &self.simulation
    }

    pub(crate) fn tally(&self) -> &Tally {
        &self.tally
    }

    pub(crate) fn summary(&self) -> Summary {
        self.tally.summary()
    }

    pub(crate) fn step_ms(&self) -> Option<u64> {
        self.step_ms
    }

    pub(crate) fn progress(&self) -> Progress {
        self.recording.progress()
    }

    /// Which metrics are recorded, as far as it was read.
    pub(crate) fn records_metric(&self, slot: usize) -> bool {
        self.recording.recorded().metrics.get(slot).copied().unwrap_or(false)
    }

    /// What a reader must know before believing what comes of it.
    pub(crate) fn warnings(&self) -> Vec<String> {
        let mut warnings = self.recording.warnings();
        let tally = self.recording.tally();
        if tally.skipped > 0 {
            let rows = if tally.skipped == 1 { "row was" } else { "rows were" };
            warnings.push(format!("{} {rows} skipped: {}", tally.skipped, tally.reasons.join("; ")));
        }
        warnings.extend(self.other_policy.map(|since| {
            format!("from {since} on this was recorded under another policy: what was said and done under that is not replayed")
        }));
        warnings
    }

    /// What was taken for granted.
    pub(crate) fn assumptions(&self) -> &[String] {
        &self.assumptions
    }

    fn fill(&mut self) -> Result<(), Failure> {
        if self.ahead.is_empty() && !self.is_read {
            let mut moment = Moment::empty(&self.policy, Timestamp::MIN);
            self.is_read = !self.recording.next(&mut moment)?;
            if !self.is_read {
                self.ahead.push_back(moment);
            }
        }
        Ok(())
    }

    /// The next moment that was recorded, if it is not after `at`.
    fn next_until(&mut self, at: Timestamp) -> Result<Option<Moment>, Failure> {
        self.fill()?;
        Ok(self.ahead.pop_front_if(|moment| moment.at <= at))
    }
}

/// The policy under which an enforcer began a turn, if it began then.
fn started(turn: &Turn) -> Option<&Fingerprint> {
    turn.run.iter().find_map(|happening| {
        let Record::Started { fingerprint, .. } = &happening.record else { return None };
        Some(fingerprint)
    })
}

/// The policy as it can be simulated, and what is assumed for that.
fn assumed(policy: &Policy, recording: &Recording) -> (Arc<Policy>, Vec<String>) {
    let facts = slots(&recording.recorded().facts, FactId);
    let metrics = slots(&recording.recorded().metrics, MetricId);
    let Assumed { policy: simulated, stages } = Assumed::of(policy, &facts, &metrics);
    let mut assumptions = assumptions(policy, &metrics);
    assumptions.extend(stages.into_iter().map(|(stage, names)| {
        let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        format!("`{stage}` is taken to be met: the history does not say what {} would have been", names.join(" and "))
    }));
    (Arc::new(simulated), assumptions)
}

fn slots<I: Ord>(recorded: &[bool], id: impl Fn(u16) -> I) -> BTreeSet<I> {
    (0_u16..).zip(recorded).filter(|(_, recorded)| **recorded).map(|(slot, _)| id(slot)).collect()
}

/// What is said of every history: metrics do not follow what is done, and what is not recorded is missing.
fn assumptions(policy: &Policy, recorded: &BTreeSet<MetricId>) -> Vec<String> {
    let of = |wanted: bool| -> Vec<String> {
        let metrics = (0_u16..).zip(&policy.metrics);
        let metrics = metrics.filter(|(slot, _)| recorded.contains(&MetricId(*slot)) == wanted);
        metrics.map(|(_, metric)| format!("`{}`", metric.name)).collect()
    };
    let told = |names: Vec<String>, one: &str, many: &str| match names.as_slice() {
        [] => None,
        [name] => Some(format!("{name} {one}")),
        _ => Some(format!("{} {many}", names.join(", "))),
    };
    let replayed = told(of(true), "is replayed as recorded", "are replayed as recorded");
    let missing = told(of(false), "is not recorded, and so unknown", "are not recorded, and so unknown");
    replayed.into_iter().chain(missing).collect()
}
