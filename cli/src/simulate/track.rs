//! One policy on its way through a history.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use leeway_engine::{Assumed, Happening, Loop, Moment, People, Simulation, Summary, Tally, Ticket};
use leeway_ir::{FactId, MetricId, Policy};
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
}

/// A policy, and what it has made of the history so far.
pub(crate) struct Track {
    policy: Arc<Policy>,
    slots: Slots,
    simulation: Simulation,
    tally: Tally,
    assumptions: Vec<String>,
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
        let (facts, metrics) = reading.recorded(&slots);
        let Assumed { policy, stages } = Assumed::of(policy, &facts, &metrics);
        let policy = Arc::new(policy);
        let simulation =
            Simulation::new(policy.clone(), start, &settings.facts, settings.people).with_loop(settings.metrics);
        let mut assumptions = assumptions(&simulation, &policy, &metrics);
        assumptions.extend(stages.into_iter().map(|(stage, names)| {
            let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            format!(
                "`{stage}` is taken to be met: the history does not say what {} would have been",
                names.join(" and ")
            )
        }));
        Track { simulation, tally: Tally::new(policy.clone()), policy, slots, assumptions }
    }

    /// Takes in a moment of the history.
    pub(crate) fn record(&mut self, moment: &Moment) -> Result<(), Failure> {
        self.simulation.record(&self.slots.of(moment)).map_err(Failure::errors)?;
        self.tally.sampled();
        Ok(())
    }

    /// One round on what was taken in.
    pub(crate) fn evaluate(&mut self, at: Timestamp) -> Result<Played, Failure> {
        self.simulation.evaluate(at).map_err(Failure::errors)?;
        self.tally.evaluated(&self.simulation);
        let (happened, tickets) = (self.simulation.happened(), self.simulation.tickets());
        happened.iter().for_each(|happening| self.tally.happened(happening));
        tickets.iter().filter(|ticket| ticket.closed.is_none()).for_each(|_| self.tally.opened_ticket());
        Ok(Played { at, happened, tickets })
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

    /// What was taken for granted.
    pub(crate) fn assumptions(&self) -> &[String] {
        &self.assumptions
    }
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
