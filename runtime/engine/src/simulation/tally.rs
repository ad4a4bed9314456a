//! What came of a simulation, in numbers.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;
use leeway_ir::{Expr, Objective, Policy};
use leeway_units::{Quantity, Type, Unit, Value};
use serde::Serialize;

use crate::expression::Scope;
use crate::intent::{Intent, Purpose};
use crate::operation::{OperationId, State};
use crate::record::Record;
use crate::series::{ms_after, ms_between};
use crate::simulation::Simulation;
use crate::simulation::playback::Happening;
use crate::simulation::speakers::Speakers;
use crate::snapshot::Snapshot;
use crate::tier::Tier;
use crate::truth::Truth;

/// An act that turns back an earlier one within so many milliseconds oscillates.
const OSCILLATION_MS: i64 = 3_600_000;

/// How many acts wait to be turned back, of each fact.
const TURNS_KEPT_MAX: usize = 1_000;

const MS_PER_S: f64 = 1_000.0;
const S_PER_HOUR: f64 = 3_600.0;
const S_PER_DAY: f64 = 86_400.0;

/// The numbers of a simulation, in the shape of the contract.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Summary {
    /// When the history begins.
    pub from: Option<Timestamp>,
    /// When it ends.
    pub to: Option<Timestamp>,
    /// How many moments were recorded.
    pub samples: u64,
    /// How often the policy was evaluated.
    pub evaluations: u64,
    /// How many proposals were made.
    pub proposals: u64,
    /// How many of them were allowed.
    pub allowed: u64,
    /// How many needed people.
    pub approval_required: u64,
    /// How many were forbidden.
    pub forbidden: u64,
    /// How many operations were carried out.
    pub done: u64,
    /// How operations ended, by the name of the state; what is open at the end counts by the state it is in.
    pub outcomes: BTreeMap<&'static str, u64>,
    /// How often people were asked, a day.
    pub approvals_per_day: f64,
    /// How often an act on a fact was followed by one in the other direction within an hour.
    pub oscillations: u64,
    /// For how long at least one objective was not met, in seconds.
    pub outside_objectives_s: f64,
    /// For how long it is not known whether all were, and none is known not to be, in seconds.
    pub unknown_objectives_s: f64,
    /// Each objective by itself.
    pub objectives: Vec<ObjectiveTally>,
    /// Of each count that an action writes, its sum over time: replica-hours.
    pub fact_hours: BTreeMap<Arc<str>, f64>,
    /// How many tickets were opened.
    pub tickets: u64,
    /// Rules that never proposed, and clauses, limits and ceilings that spoke in no decision and made no rule wait, by id.
    pub clauses_never_used: Vec<Arc<str>>,
}

/// How one objective fared.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ObjectiveTally {
    /// As written.
    pub objective: Arc<str>,
    /// For how long it was not met, in seconds.
    pub outside_s: f64,
    /// For how long that is not known, in seconds.
    pub unknown_s: f64,
}

/// Counts while a simulation goes on.
pub struct Tally {
    policy: Arc<Policy>,
    summary: Summary,
    speakers: Speakers,
    open: BTreeMap<OperationId, State>,
    /// Those of the open operations that were carried out.
    carried_out: BTreeSet<OperationId>,
    /// How operations ended that had been carried out.
    ends_of_done: BTreeMap<&'static str, u64>,
    /// What is being done.
    intended: BTreeMap<OperationId, Box<Intent>>,
    /// For each fact the acts that moved it, and were not turned back, with whether up.
    turns: BTreeMap<Arc<str>, VecDeque<(Timestamp, bool)>>,
    asked: u64,
    /// The truth of each objective when they were judged last and until when its samples count, and when that was.
    last: Option<(Timestamp, Vec<(Truth, Timestamp)>)>,
    counts: Vec<Counted>,
}

/// A count that actions write, over time.
struct Counted {
    slot: usize,
    name: Arc<str>,
    /// What it was last, and since when.
    last: Option<(f64, Timestamp)>,
}

impl Counted {
    /// It was what it was until `at`, and is `now` from then on: the time that went by is added to `hours`, in seconds.
    fn becomes(&mut self, now: Option<&Value>, at: Timestamp, hours: &mut BTreeMap<Arc<str>, f64>) {
        let now = now.and_then(Value::quantity).map(|now| (now.base(), at));
        if let Some((value, since)) = std::mem::replace(&mut self.last, now) {
            *hours.entry(self.name.clone()).or_default() += value * seconds(since, at);
        }
    }
}

impl Tally {
    /// Nothing is counted yet.
    pub fn new(policy: Arc<Policy>) -> Tally {
        let objectives = policy.objectives.iter().map(|objective| ObjectiveTally {
            objective: objective.condition.written.clone(),
            outside_s: 0.0,
            unknown_s: 0.0,
        });
        let mut written: Vec<usize> = policy
            .actions
            .iter()
            .flat_map(|action| &action.effects)
            .map(|effect| usize::from(effect.fact.0))
            .filter(|slot| policy.facts.get(*slot).is_some_and(|fact| fact.ty == Type::Quantity(Unit::Count)))
            .collect();
        written.sort_unstable();
        written.dedup();
        Tally {
            summary: Summary { objectives: objectives.collect(), ..Summary::default() },
            speakers: Speakers::of(&policy),
            open: BTreeMap::new(),
            carried_out: BTreeSet::new(),
            ends_of_done: BTreeMap::new(),
            intended: BTreeMap::new(),
            turns: BTreeMap::new(),
            asked: 0,
            last: None,
            counts: written
                .into_iter()
                .filter_map(|slot| Some(Counted { slot, name: policy.facts.get(slot)?.name.clone(), last: None }))
                .collect(),
            policy,
        }
    }

    /// A moment was recorded; how many were so far.
    pub fn sampled(&mut self) -> u64 {
        self.summary.samples += 1;
        self.summary.samples
    }

    /// The facts were seen at `at`; what is written later is heard of.
    pub fn saw(&mut self, simulation: &Simulation, at: Timestamp) {
        for counted in &mut self.counts {
            let fact = simulation.facts().get(counted.slot).and_then(Option::as_ref);
            counted.becomes(fact.and_then(|fact| fact.as_ref().ok()), at, &mut self.summary.fact_hours);
        }
    }

    /// The policy was evaluated.
    pub fn evaluated(&mut self, simulation: &Simulation) {
        self.judged(simulation);
        let at = simulation.snapshot().at;
        self.speakers.held_back(simulation.held_back());
        self.summary.evaluations += 1;
        self.summary.from.get_or_insert(at);
        self.summary.to = Some(at);
    }

    /// Objectives are judged on what is recorded so far: the time since they were judged last went by as it was found then.
    pub fn judged(&mut self, simulation: &Simulation) {
        self.pass(simulation.snapshot().at);
        let scope = Scope::bare(&self.policy, simulation.snapshot(), Some(simulation.history()));
        let judged = |objective: &Objective| {
            let expr = &objective.condition.expr;
            (scope.truth(expr), counts_until(&self.policy, simulation.snapshot(), expr))
        };
        let truths = self.policy.objectives.iter().map(judged).collect();
        self.last = Some((scope.at, truths));
    }

    /// Something happened, before what is told next.
    pub fn happened(&mut self, happening: &Happening) {
        let Happening { operation, record, .. } = happening;
        match record {
            Record::Proposed { proposal } => {
                self.summary.proposals += 1;
                proposal.actors.iter().for_each(|actor| self.speakers.spoke(actor.id()));
            }
            Record::Decided { verdict, .. } => {
                match verdict.tier {
                    Tier::Allowed => self.summary.allowed += 1,
                    Tier::ApprovalRequired => self.summary.approval_required += 1,
                    Tier::Forbidden => self.summary.forbidden += 1,
                }
                verdict.voices.iter().for_each(|voice| self.speakers.spoke(&voice.by));
            }
            Record::ApprovalAsked { .. } => self.asked += 1,
            Record::Intended { intent } => self.intended.extend(operation.map(|operation| (operation, intent.clone()))),
            Record::Done { purpose, ended, .. } => {
                if *purpose == Purpose::Act {
                    self.summary.done += 1;
                    self.carried_out.extend(*operation);
                }
                let intent = operation.and_then(|operation| self.intended.remove(&operation));
                intent.iter().for_each(|intent| self.wrote(intent, *ended));
            }
            Record::Approved { .. }
            | Record::Rejected { .. }
            | Record::NotDone { .. }
            | Record::Verified { .. }
            | Record::Moved { .. }
            | Record::Started { .. }
            | Record::Observed { .. }
            | Record::Unreachable { .. }
            | Record::Reachable { .. }
            | Record::Unseen { .. }
            | Record::BreakerOpened { .. }
            | Record::BreakerReset { .. } => {}
        }
        if let (Some(operation), Some(state)) = (operation, record.state()) {
            if state.is_open() {
                self.open.insert(*operation, state);
            } else {
                self.open.remove(operation);
                if self.carried_out.remove(operation) {
                    *self.ends_of_done.entry(state.name()).or_default() += 1;
                }
                self.intended.remove(operation);
                *self.summary.outcomes.entry(state.name()).or_default() += 1;
            }
        }
    }

    /// A ticket was opened.
    pub fn opened_ticket(&mut self) {
        self.summary.tickets += 1;
    }

    /// How often the rule, as the actor that it is, proposed, or the clause, limit or ceiling spoke; of a limit also how often it
    /// made a rule wait.
    pub fn times(&self, id: &str) -> u64 {
        self.speakers.times(id)
    }

    /// Of the outcomes, those of operations that were carried out.
    pub fn outcomes_of_done(&self) -> BTreeMap<&'static str, u64> {
        let mut outcomes = self.ends_of_done.clone();
        for (operation, state) in &self.open {
            if self.carried_out.contains(operation) {
                *outcomes.entry(state.name()).or_default() += 1;
            }
        }
        outcomes
    }

    /// How often people were asked.
    pub fn asked(&self) -> u64 {
        self.asked
    }

    /// The numbers so far.
    pub fn summary(&self) -> Summary {
        let mut summary = self.summary.clone();
        for state in self.open.values() {
            *summary.outcomes.entry(state.name()).or_default() += 1;
        }
        let days = match (summary.from, summary.to) {
            (Some(from), Some(to)) => seconds(from, to) / S_PER_DAY,
            (None, _) | (_, None) => 0.0,
        };
        #[expect(clippy::cast_precision_loss, reason = "far fewer questions than 2^53")]
        let asked = self.asked as f64;
        summary.approvals_per_day = if days > 0.0 { asked / days } else { 0.0 };
        // Until here they are counted by the second, which adds up without rounding.
        summary.fact_hours.values_mut().for_each(|counted| *counted /= S_PER_HOUR);
        summary.clauses_never_used = self.speakers.silent();
        summary
    }

    /// Time goes by until `at`. What was true counts for as long as evidence does; then nobody knows.
    fn pass(&mut self, at: Timestamp) {
        let Some((since, truths)) = &self.last else { return };
        let passed = seconds(*since, at);
        let (mut outside, mut unknown) = (0.0_f64, 0.0_f64);
        for ((truth, until), tally) in truths.iter().zip(&mut self.summary.objectives) {
            let known = seconds(*since, at.min(*until)).max(0.0);
            match truth {
                Truth::True => {
                    tally.unknown_s += passed - known;
                    unknown = unknown.max(passed - known);
                }
                Truth::False => {
                    tally.outside_s += known;
                    tally.unknown_s += passed - known;
                    outside = outside.max(known);
                    unknown = unknown.max(passed);
                }
                Truth::Unknown => {
                    tally.unknown_s += passed;
                    unknown = passed;
                }
            }
        }
        self.summary.outside_objectives_s += outside;
        self.summary.unknown_objectives_s += (unknown - outside).max(0.0);
    }

    /// An act, or taking one back, wrote facts.
    fn wrote(&mut self, intent: &Intent, at: Timestamp) {
        for (name, after) in &intent.written {
            if let Some((_, before)) = intent.before.iter().find(|(known, _)| known == name) {
                self.turned(name, before, after, at);
            }
            if let Some(counted) = self.counts.iter_mut().find(|counted| counted.name == *name) {
                counted.becomes(Some(after), at, &mut self.summary.fact_hours);
            }
        }
    }

    /// A fact was moved; in the other direction shortly before makes a pair.
    fn turned(&mut self, name: &Arc<str>, before: &Value, after: &Value, at: Timestamp) {
        let base = |value: &Value| value.quantity().map(Quantity::base);
        let (Some(before), Some(after)) = (base(before), base(after)) else { return };
        if before == after {
            return;
        }
        let up = after > before;
        let turns = self.turns.entry(name.clone()).or_default();
        if let Some((earlier, was_up)) = turns.back()
            && *was_up != up
            && ms_between(*earlier, at) <= OSCILLATION_MS
        {
            turns.pop_back();
            self.summary.oscillations += 1;
            return;
        }
        turns.push_back((at, up));
        if turns.len() > TURNS_KEPT_MAX {
            turns.pop_front();
        }
    }
}

/// Until when the samples of a condition count that were there at `snapshot.at`. Facts are seen all the time, also between two samples.
fn counts_until(policy: &Policy, snapshot: &Snapshot, expr: &Expr) -> Timestamp {
    let metrics = expr.inputs().into_iter().flat_map(|input| policy.metrics_of(input));
    let series = metrics.filter_map(|id| snapshot.metrics.get(usize::from(id.0)));
    let until = series.filter_map(|series| {
        Some(ms_after(series.last_until(snapshot.at)?, u64::try_from(series.stale_ms()).unwrap_or_default()))
    });
    until.min().unwrap_or(Timestamp::MAX)
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^53 ms")]
fn seconds(from: Timestamp, to: Timestamp) -> f64 {
    ms_between(from, to) as f64 / MS_PER_S
}
