//! One policy on its way through a history.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use leeway_engine::{
    Assumed, Gap, Happening, Loop, Moment, People, Principal, Record, Simulation, Summary, Tally, Ticket, Turn,
    TurnKind,
};
use leeway_ir::{Expr, FactId, Fingerprint, MetricId, Policy, Rule};
use leeway_units::Value;

use crate::exit::Failure;
use crate::simulate::joined::Slots;
use crate::simulate::reading::Reading;

/// What is the case beside the history.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) facts: Vec<(FactId, Value)>,
    pub(crate) people: People,
    pub(crate) metrics: Loop,
    /// Whether a run that was recorded of this very policy is replayed, instead of being a history like any other.
    pub(crate) as_recorded: bool,
}

/// A policy, and what it has made of the history so far.
pub(crate) struct Track {
    policy: Arc<Policy>,
    slots: Slots,
    simulation: Simulation,
    tally: Tally,
    /// What has happened since the last evaluation.
    happened: Vec<Happening>,
    assumptions: Vec<String>,
    /// Whether each turn is replayed.
    is_replay: bool,
    /// Since when the recording is of another policy.
    other_policy: Option<Timestamp>,
    /// What was said of facts that the first moment itself tells.
    told_anyway: Vec<FactId>,
}

/// What happened at one evaluation, and since the one before.
#[derive(Debug)]
pub(crate) struct Played {
    pub(crate) at: Timestamp,
    pub(crate) happened: Vec<Happening>,
    pub(crate) tickets: Vec<Ticket>,
}

impl Track {
    /// Stands before the first moment of the history, which is at `start`.
    pub(crate) fn new(policy: &Policy, slots: Slots, reading: &Reading, start: Timestamp, settings: Settings) -> Track {
        let recorded_of = reading.next_turn().and_then(started).map(|fingerprint| *fingerprint == policy.fingerprint);
        let is_replay = settings.as_recorded && recorded_of == Some(true);
        let (facts, metrics) = reading.recorded(&slots);
        let assumed = if is_replay {
            Assumed { policy: policy.clone(), stages: Vec::new() }
        } else {
            Assumed::of(policy, &facts, &metrics)
        };
        let policy = Arc::new(assumed.policy);
        let told_anyway = settings.facts.iter().map(|(id, _)| *id).collect();
        let simulation =
            Simulation::new(policy.clone(), start, &settings.facts, settings.people).with_loop(settings.metrics);
        let assumptions = if is_replay {
            vec!["what people and agents said, and what calls came to, is as it was recorded".to_owned()]
        } else {
            let told = recorded_of.is_some().then(|| {
                "what people and agents proposed in the recorded run is proposed again, and what they answered then counts no more"
                    .to_owned()
            });
            let assumptions = assumptions(&simulation, &policy, &metrics);
            assumptions.into_iter().chain(taken_for_met(assumed.stages)).chain(told).collect()
        };
        Track {
            simulation,
            tally: Tally::new(policy.clone()),
            happened: Vec::new(),
            policy,
            slots,
            assumptions,
            is_replay,
            other_policy: (recorded_of == Some(false)).then_some(start),
            told_anyway,
        }
    }

    /// Takes in a moment of the history.
    pub(crate) fn record(&mut self, moment: &Moment) -> Result<(), Failure> {
        let moment = self.slots.of(moment);
        if self.tally.sampled() == 1 {
            let is_told = |id: &FactId| moment.facts.get(usize::from(id.0)).is_some_and(Option::is_some);
            self.told_anyway.retain(is_told);
        }
        if !self.replays(&moment)? {
            self.simulation.record(&moment).map_err(Failure::errors)?;
            // What agents and people wanted in a recorded run they want here too.
            for proposal in moment.turn.iter().flat_map(Turn::proposals) {
                self.simulation.propose(proposal.clone()).map_err(Failure::errors)?;
            }
            self.hear();
            self.tally.saw(&self.simulation, moment.at);
        }
        Ok(())
    }

    /// Judges objectives on what was taken in, without a round; a replay has had its rounds.
    pub(crate) fn judge(&mut self) {
        if !self.is_replay {
            self.tally.judged(&self.simulation);
        }
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
        match turn.kind {
            TurnKind::Seen => {
                // What was written in this turn was written after that.
                self.tally.saw(&self.simulation, moment.at);
                self.tally.evaluated(&self.simulation);
            }
            TurnKind::Blind => self.tally.evaluated(&self.simulation),
            TurnKind::Told => {}
        }
        self.hear();
        Ok(true)
    }

    /// One round on what was taken in; a replay has had its rounds.
    pub(crate) fn evaluate(&mut self, at: Timestamp) -> Result<Played, Failure> {
        if !self.is_replay {
            self.simulation.evaluate(at).map_err(Failure::errors)?;
        }
        self.hear();
        if !self.is_replay {
            self.tally.evaluated(&self.simulation);
        }
        let tickets = self.simulation.tickets();
        tickets.iter().filter(|ticket| ticket.closed.is_none()).for_each(|_| self.tally.opened_ticket());
        Ok(Played { at, happened: std::mem::take(&mut self.happened), tickets })
    }

    /// Counts what has happened in the simulation.
    fn hear(&mut self) {
        let happened = self.simulation.happened();
        happened.iter().for_each(|happening| self.tally.happened(happening));
        self.happened.extend(happened);
    }

    pub(crate) fn policy(&self) -> &Arc<Policy> {
        &self.policy
    }

    /// Whether there is any sample of a metric, of what `reading` has read so far.
    pub(crate) fn records(&self, reading: &Reading, metric: MetricId) -> bool {
        reading.recorded(&self.slots).1.contains(&metric)
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

    /// What a reader must know before believing what comes of it.
    pub(crate) fn warnings(&self, reading: &Reading) -> Vec<String> {
        let mut warnings = reading.warnings();
        warnings.extend(never_known(&self.policy, self.simulation.facts()));
        warnings.extend(self.undecided());
        let told_anyway = self.told_anyway.iter().filter_map(|id| self.policy.fact(*id));
        warnings.extend(told_anyway.map(|fact| {
            format!(
                "`--fact {0}=…` counts for nothing: the history itself tells of `{0}` from its first moment on, where an empty cell \
                 says that nobody knows",
                fact.name
            )
        }));
        warnings.extend(self.other_policy.map(|since| {
            format!("from {since} on this was recorded under another policy: what was answered and done under that is not replayed")
        }));
        warnings
    }

    /// What was unknown so often that nothing coming of it says little: most of the time, or much of it where a rule never proposed.
    fn undecided(&self) -> Option<String> {
        let evaluations = self.simulation.evaluations();
        let rules = self.policy.rules.iter().zip(self.simulation.undecided()).map(|(rule, times)| {
            let is_silent = self.tally.times(Principal::rule(&rule.name).id()) == 0;
            (format!("the condition of rule `{}`", rule.name), *times, if is_silent { 10 } else { 2 })
        });
        let burns = self.simulation.undecided_burns();
        let burns = burns.map(|(slo, pair, times)| (format!("the burn rate of `{}` over {pair}", slo.name), times, 2));
        let told = rules.chain(burns).filter(|(_, times, part)| times.saturating_mul(*part) > evaluations);
        let mut told: Vec<String> = told.map(|(what, times, _)| format!("{what} at {times}")).collect();
        // Over the same windows there may be several.
        told.dedup();
        let (last, rest) = told.split_last()?;
        let rest = if rest.is_empty() { String::new() } else { format!("{} and ", rest.join(", ")) };
        Some(format!("of {evaluations} evaluations there was not enough evidence to tell {rest}{last}"))
    }

    /// What was taken for granted.
    pub(crate) fn assumptions(&self) -> &[String] {
        &self.assumptions
    }
}

/// Facts that rules read, and of which nobody ever said anything: such a rule may never speak, whatever is measured.
fn never_known(policy: &Policy, facts: &[Option<Result<Value, Gap>>]) -> Vec<String> {
    let reads = |rule: &Rule, fact: FactId| {
        let exprs = std::iter::once(&rule.when.expr).chain(&rule.propose.arguments);
        exprs.flat_map(Expr::inputs).any(|input| input.fact() == Some(fact))
    };
    let unknown = (0_u16..).map(FactId).zip(&policy.facts).zip(facts).filter(|(_, value)| value.is_none());
    let told = unknown.filter_map(|((id, fact), _)| {
        let rules: Vec<String> =
            policy.rules.iter().filter(|rule| reads(rule, id)).map(|rule| format!("`{}`", rule.name)).collect();
        let readers = match rules.as_slice() {
            [] => return None,
            [rule] => format!("rule {rule} reads"),
            rules => format!("rules {} read", rules.join(", ")),
        };
        let name = &fact.name;
        Some(format!(
            "nobody says what `{name}` is, which {readers}: say what it was at first with `--fact {name}=VALUE`"
        ))
    });
    told.collect()
}

/// The policy under which an enforcer began a turn, if it began then.
fn started(turn: &Turn) -> Option<&Fingerprint> {
    turn.run.iter().find_map(|happening| {
        let Record::Started { fingerprint, .. } = &happening.record else { return None };
        Some(fingerprint)
    })
}

/// What is said of the stages of verifications that cannot be judged.
fn taken_for_met(stages: Vec<(String, Vec<Arc<str>>)>) -> impl Iterator<Item = String> {
    stages.into_iter().map(|(stage, names)| {
        let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        format!("`{stage}` is taken to be met: the history does not say what {} would have been", names.join(" and "))
    })
}

/// What is said of every history: which metrics follow what is done and which do not, and that what is not recorded is missing.
fn assumptions(simulation: &Simulation, policy: &Policy, recorded: &BTreeSet<MetricId>) -> Vec<String> {
    let (mut replayed, mut missing, mut told) = (Vec::new(), Vec::new(), Vec::new());
    for (slot, metric) in (0_u16..).zip(&policy.metrics) {
        let name = format!("`{}`", metric.name);
        match simulation.response(MetricId(slot)) {
            _ if !recorded.contains(&MetricId(slot)) => missing.push(name),
            Some(response) => told.push(format!("{name} is a model: `{}` of what was recorded", response.written)),
            None => replayed.push(name),
        }
    }
    let all = |names: Vec<String>, one: &str, many: &str| match names.as_slice() {
        [] => None,
        [name] => Some(format!("{name} {one}")),
        _ => Some(format!("{} {many}", names.join(", "))),
    };
    let replayed = all(replayed, "is replayed as recorded", "are replayed as recorded");
    let missing = all(missing, "is not recorded, and so unknown", "are not recorded, and so unknown");
    told.into_iter().chain(replayed).chain(missing).collect()
}
