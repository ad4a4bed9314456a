//! What a simulation leaves for its report, in bounded memory.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use leeway_engine::{Happening, OperationId, Record, State, Summary, Ticket};
use leeway_ir::{MetricId, Policy};
use leeway_units::{Quantity, Type, Value};

use crate::report::{Bound, Course, Decision, Fact, Fared, Metric, Outcome, Run, Shown, Ticket as Span, Trace, Words};
use crate::simulate::document::decided;
use crate::simulate::figures::{figures, milliseconds};
use crate::simulate::levels::{objectives, thresholds};
use crate::simulate::parts::parts;
use crate::simulate::reading::Reading;
use crate::simulate::standing::{Standing, Standings};
use crate::simulate::track::{Played, Track};

/// How many tickets are told.
const TICKETS_MAX: usize = 1_000;

/// Listens to one track.
pub(crate) struct Recorder {
    metrics: Vec<Metric>,
    facts: Vec<Course>,
    shown: Shown,
    /// The newest proposal, which is decided next, and its reason.
    proposed: Option<(OperationId, Option<Arc<str>>)>,
    /// Decisions whose operation is open, by the number under which they are shown.
    open: BTreeMap<OperationId, u64>,
    standings: Standings,
    tickets: Vec<Ticket>,
}

impl Recorder {
    pub(crate) fn new(track: &Track) -> Recorder {
        let policy = track.policy();
        let course = |ty: &Type| match ty {
            Type::Quantity(unit) => Course::Numbers { unit: *unit, trace: Trace::new(u64::MAX) },
            Type::Bool | Type::Text | Type::Enum(_) | Type::List(_) | Type::Records(_) => {
                Course::Words(Words::default())
            }
        };
        let metrics = (0_u16..).map(MetricId).zip(&policy.metrics).map(|(id, metric)| {
            let model = track.simulation().response(id).map(|response| response.written.to_string());
            Metric {
                name: metric.name.to_string(),
                unit: metric.unit,
                objectives: objectives(policy, id),
                thresholds: thresholds(policy, id),
                trace: Trace::new(metric.stale_ms),
                recorded: model.is_some().then(|| Trace::new(metric.stale_ms)),
                model,
            }
        });
        Recorder {
            metrics: metrics.collect(),
            facts: policy.facts.iter().map(|fact| course(&fact.ty)).collect(),
            shown: Shown::default(),
            proposed: None,
            open: BTreeMap::new(),
            standings: Standings::default(),
            tickets: Vec::new(),
        }
    }

    /// One evaluation.
    pub(crate) fn hear(&mut self, track: &Track, played: &Played) {
        self.see(track, played.at);
        played.happened.iter().for_each(|happening| self.hear_of(happening));
        played.tickets.iter().for_each(|ticket| self.hear_of_ticket(ticket));
    }

    /// What is recorded so far, at `at`.
    pub(crate) fn see(&mut self, track: &Track, at: Timestamp) {
        let at_ms = at.as_millisecond();
        let simulation = track.simulation();
        let metrics = (0_u16..).map(MetricId).zip(&mut self.metrics).zip(&simulation.snapshot().metrics);
        for ((id, metric), series) in metrics {
            let value = series.at(at).value().and_then(Value::quantity);
            metric.trace.add(at_ms, value.map(Quantity::base));
            if let Some(trace) = &mut metric.recorded {
                let recorded = simulation.recorded(id, at);
                let value = recorded.and_then(|evidence| evidence.value()?.quantity());
                trace.add(at_ms, value.map(Quantity::base));
            }
            for bound in metric.bounds_mut() {
                if let Bound::Moving { of, trace } = bound {
                    let value = simulation.value(of);
                    trace.add(at_ms, value.and_then(|value| value.quantity()).map(Quantity::base));
                }
            }
        }
        for (course, fact) in self.facts.iter_mut().zip(simulation.facts()) {
            add(course, at, fact.as_ref().and_then(|fact| fact.as_ref().ok()));
        }
    }

    fn hear_of_ticket(&mut self, ticket: &Ticket) {
        if let Some(known) = ticket.closes(&mut self.tickets) {
            known.closed = ticket.closed;
        } else if self.tickets.len() < TICKETS_MAX {
            self.tickets.push(ticket.clone());
        }
    }

    fn hear_of(&mut self, happening: &Happening) {
        if let (Record::Proposed { proposal }, Some(operation)) = (&happening.record, happening.operation) {
            self.proposed = Some((operation, proposal.because.clone()));
        }
        for decided in decided(std::slice::from_ref(happening)) {
            let decision = Decision {
                at: decided.t,
                rule: decided.rule.map_or_else(|| decided.verdict.actor.to_string(), |rule| rule.to_string()),
                verdict: decided.verdict,
                because: self
                    .proposed
                    .take_if(|(operation, _)| *operation == decided.operation)
                    .and_then(|(_, why)| why),
                outcome: None,
            };
            let number = self.shown.add(decision);
            self.open.insert(decided.operation, number);
        }
        let Some(Standing { t: at, operation, state, why }) = self.standings.hear(happening) else { return };
        if let Some(number) = self.open.get(&operation)
            && state != State::Decided
        {
            self.shown.settle(*number, Outcome { state, at, why });
        }
        if !state.is_open() {
            self.open.remove(&operation);
        }
    }

    /// What one policy would have done.
    pub(crate) fn run(self, track: &Track, reading: &Reading, summary: &Summary) -> Run {
        let policy = track.policy();
        let metrics = (0_u16..).map(MetricId).zip(self.metrics);
        let metrics = metrics.filter(|(id, _)| track.records(reading, *id)).map(|(_, metric)| metric);
        let facts = policy.facts.iter().zip(self.facts).filter(|(_, course)| is_known(course));
        let facts = facts.map(|(fact, course)| Fact { name: fact.name.to_string(), course });
        let parts = parts(policy, track.tally());
        Run {
            blueprint: policy.blueprint.to_string(),
            version: policy.version.as_ref().map(ToString::to_string),
            fingerprint: policy.fingerprint.to_string(),
            warnings: track.warnings(reading).into_iter().chain(untold(summary, self.tickets.len())).collect(),
            assumptions: track.assumptions().to_vec(),
            figures: figures(summary, &track.tally().outcomes_of_done(), track.tally().asked(), &parts),
            objectives: fared(policy, summary),
            metrics: metrics.collect(),
            facts: facts.collect(),
            proposals: self.shown.finish(),
            tickets: self.tickets.iter().map(span).collect(),
            parts,
        }
    }
}

/// That there were more tickets than are told.
fn untold(summary: &Summary, told: usize) -> Option<String> {
    let more = summary.tickets.saturating_sub(u64::try_from(told).unwrap_or(u64::MAX));
    (more > 0).then(|| format!("{more} more tickets were opened than are shown"))
}

fn add(course: &mut Course, at: Timestamp, value: Option<&Value>) {
    match course {
        Course::Numbers { trace, .. } => {
            trace.add(at.as_millisecond(), value.and_then(Value::quantity).map(Quantity::base));
        }
        Course::Words(words) => words.add(at, value.map(ToString::to_string).as_deref()),
    }
}

fn is_known(course: &Course) -> bool {
    match course {
        Course::Numbers { trace, .. } => trace.range().is_some(),
        Course::Words(words) => words.is_known(),
    }
}

fn span(ticket: &Ticket) -> Span {
    let kind = match ticket.kind {
        leeway_engine::TicketKind::Slo => "slo",
        leeway_engine::TicketKind::Invariant => "invariant",
    };
    let severity = match ticket.severity {
        leeway_ir::Severity::High => "high",
        leeway_ir::Severity::Medium => "medium",
    };
    Span {
        kind: kind.to_owned(),
        name: ticket.name.to_string(),
        severity: severity.to_owned(),
        pair: ticket.pair.as_ref().map(ToString::to_string),
        from: ticket.opened,
        to: ticket.closed,
    }
}

fn fared(policy: &Policy, summary: &Summary) -> Vec<Fared> {
    let fared = policy.objectives.iter().zip(&summary.objectives).map(|(objective, tally)| Fared {
        objective: tally.objective.to_string(),
        at: objective.origin.clone(),
        outside_ms: milliseconds(tally.outside_s),
        unknown_ms: milliseconds(tally.unknown_s),
    });
    fared.collect()
}
