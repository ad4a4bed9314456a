//! The closed loop of a simulation: metrics follow what is done, by the models that they declare.

use jiff::Timestamp;
use leeway_ir::{Expr, FactId, Given, MetricId, Policy, Response, response_order};
use leeway_units::{Quantity, Unit, Value};

use crate::evidence::{Evidence, Gap};
use crate::expression::Scope;
use crate::moment::Moment;
use crate::queueing::time_in_system;
use crate::series::Sample;
use crate::snapshot::Snapshot;

/// Whether metrics follow what is done in a simulation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Loop {
    /// They are replayed as recorded, whatever is done.
    #[default]
    Open,
    /// Those that declare how they respond do so; all others are replayed as recorded.
    Closed,
}

/// What metrics respond to.
pub(super) struct Responding {
    /// The metrics that respond, each after those it reads.
    order: Vec<MetricId>,
    /// What the recording said of each fact last, at first what was given.
    facts: Vec<Option<Result<Value, Gap>>>,
    /// Facts and metrics as recorded.
    recorded: Snapshot,
}

impl Responding {
    /// Nothing is recorded yet at `start`; `facts` are what facts are at first.
    pub(super) fn new(policy: &Policy, start: Timestamp, facts: Vec<Option<Result<Value, Gap>>>) -> Responding {
        Responding { order: response_order(&policy.metrics), facts, recorded: Snapshot::empty(policy, start) }
    }

    /// What was measured at a moment, or would have been: it becomes known `here`, in the loop, where the facts of that moment are.
    pub(super) fn see(&mut self, policy: &Policy, moment: &Moment, here: &mut Snapshot) {
        self.record(moment);
        let mut replayed = moment.metrics.clone();
        for id in &self.order {
            if let Some(metric) = replayed.get_mut(usize::from(id.0)) {
                *metric = None;
            }
        }
        here.see_metrics(moment.at, &replayed);
        for id in &self.order {
            let slot = usize::from(id.0);
            let Some(Some(recorded)) = moment.metrics.get(slot) else { continue };
            // What could not be measured cannot be modelled either.
            let value = recorded.as_ref().map_err(|gap| *gap);
            let value = value.and_then(|_| self.value(policy, here, *id, moment.at).ok_or(Gap::Missing));
            if let Some(series) = here.metrics.get_mut(slot) {
                series.push(Sample { at: moment.at, value });
            }
        }
    }

    /// By what the metric responds, if it does.
    pub(super) fn response<'a>(&self, policy: &'a Policy, id: MetricId) -> Option<&'a Response> {
        policy.metric(id)?.responds.as_ref().filter(|_| self.order.contains(&id))
    }

    /// What was recorded of the metric, as known at `at`.
    pub(super) fn recorded(&self, id: MetricId, at: Timestamp) -> Evidence<'_> {
        self.recorded.metric(id, at)
    }

    fn record(&mut self, moment: &Moment) {
        for (known, fact) in self.facts.iter_mut().zip(&moment.facts) {
            if fact.is_some() {
                known.clone_from(fact);
            }
        }
        self.recorded.see_facts(moment.at, &self.facts);
        self.recorded.see_metrics(moment.at, &moment.metrics);
    }

    /// What the metric is at `at`, where `here` is what is known in the loop.
    fn value(&self, policy: &Policy, here: &Snapshot, id: MetricId, at: Timestamp) -> Option<Value> {
        let scope = |snapshot| Scope { at, ..Scope::bare(policy, snapshot, None) };
        respond(self.response(policy, id)?, scope(here), scope(&self.recorded))
    }
}

/// The value of a response; nothing where something that it is given is unknown.
fn respond(response: &Response, here: Scope<'_>, recorded: Scope<'_>) -> Option<Value> {
    let given: Option<Vec<Value>> = response.given.iter().map(|given| supply(*given, here, recorded)).collect();
    Scope { arguments: &given?, ..here }.value(&response.value)
}

fn supply(given: Given, here: Scope<'_>, recorded: Scope<'_>) -> Option<Value> {
    match given {
        Given::Metric(id) => recorded.value(&Expr::Metric(id)),
        Given::Fact(id) => recorded.value(&Expr::Fact(id)),
        Given::Queueing { utilisation, servers } => {
            let takes = |scope: Scope<'_>| time_of(scope, utilisation, servers);
            Quantity::new(Unit::Number, takes(here)? / takes(recorded)?).map(Value::Quantity)
        }
    }
}

/// How long a request takes there, in service times.
fn time_of(scope: Scope<'_>, utilisation: MetricId, servers: FactId) -> Option<f64> {
    let busy = scope.value(&Expr::Metric(utilisation))?.quantity()?;
    let servers = scope.value(&Expr::Fact(servers))?.quantity()?;
    time_in_system(busy.to_sample(), servers.base())
}
