//! What a simulation leaves for its report, in bounded memory.

use std::collections::BTreeMap;

use jiff::Timestamp;
use leeway_engine::{Happening, OperationId, Record, State, Summary, Ticket};
use leeway_ir::{MetricId, Policy};
use leeway_units::{Quantity, Type, Value};

use crate::report::{
    Clause, Course, Decision, Fact, Figure, Metric, Outcome, Report, Run, Shown, Ticket as Span, Trace, Words,
};
use crate::simulate::document::decided;
use crate::simulate::levels::{objectives, thresholds};
use crate::simulate::{Played, Player};

/// How many tickets are told.
const TICKETS_MAX: usize = 1_000;

const MS_PER_S: f64 = 1_000.0;

/// Listens to one player.
pub(crate) struct Recorder {
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    metrics: Vec<Trace>,
    facts: Vec<Course>,
    shown: Shown,
    /// Decisions whose operation is open, by the number under which they are shown.
    open: BTreeMap<OperationId, u64>,
    tickets: Vec<Ticket>,
}

impl Recorder {
    pub(crate) fn new(player: &Player) -> Recorder {
        let policy = player.policy();
        let course = |ty: &Type| match ty {
            Type::Quantity(unit) => Course::Numbers { unit: *unit, trace: Trace::new(u64::MAX) },
            Type::Bool | Type::Text | Type::Enum(_) | Type::List(_) | Type::Records(_) => {
                Course::Words(Words::default())
            }
        };
        Recorder {
            first: None,
            last: None,
            metrics: policy.metrics.iter().map(|metric| Trace::new(metric.stale_ms)).collect(),
            facts: policy.facts.iter().map(|fact| course(&fact.ty)).collect(),
            shown: Shown::default(),
            open: BTreeMap::new(),
            tickets: Vec::new(),
        }
    }

    /// One evaluation.
    pub(crate) fn hear(&mut self, player: &Player, played: &Played) {
        self.first.get_or_insert(played.at);
        self.last = Some(played.at);
        let at_ms = played.at.as_millisecond();
        let snapshot = player.simulation().snapshot();
        for (trace, series) in self.metrics.iter_mut().zip(&snapshot.metrics) {
            let value = series.at(played.at).value().and_then(Value::quantity);
            trace.add(at_ms, value.map(Quantity::base));
        }
        for (course, fact) in self.facts.iter_mut().zip(player.simulation().facts()) {
            add(course, played.at, fact.as_ref().and_then(|fact| fact.as_ref().ok()));
        }
        for happening in &played.happened {
            self.hear_of(happening);
        }
        played.tickets.iter().for_each(|ticket| self.hear_of_ticket(ticket));
    }

    fn hear_of_ticket(&mut self, ticket: &Ticket) {
        let same = |known: &Ticket| (known.kind, &known.name, &known.pair) == (ticket.kind, &ticket.name, &ticket.pair);
        let open = self.tickets.iter_mut().rev().find(|known| known.closed.is_none() && same(known));
        if let Some(known) = open {
            known.closed = ticket.closed;
        } else if self.tickets.len() < TICKETS_MAX {
            self.tickets.push(ticket.clone());
        }
    }

    fn hear_of(&mut self, happening: &Happening) {
        for decided in decided(std::slice::from_ref(happening)) {
            let decision = Decision {
                at: decided.t,
                rule: decided.rule.map_or_else(|| decided.verdict.actor.to_string(), |rule| rule.to_string()),
                verdict: decided.verdict,
                outcome: None,
            };
            let number = self.shown.add(decision);
            self.open.insert(decided.operation, number);
        }
        let (Some(operation), Some(state)) = (happening.operation, happening.record.state()) else { return };
        #[expect(clippy::wildcard_enum_match_arm, reason = "no other record says why")]
        let why = match &happening.record {
            Record::Moved { why, .. } => why.clone(),
            Record::NotDone { why, .. } => Some(why.clone()),
            _ => None,
        };
        if let Some(number) = self.open.get(&operation)
            && state != State::Decided
        {
            self.shown.settle(*number, Outcome { state, at: happening.at, why });
        }
        if !state.is_open() {
            self.open.remove(&operation);
        }
    }

    /// All of it.
    pub(crate) fn report(self, player: &Player, summary: &Summary) -> Report {
        let policy = player.policy();
        let target = format!("{}(\"{}\")", policy.target.kind, policy.target.name);
        let (from, to) = (self.first.unwrap_or_default(), self.last.unwrap_or_default());
        let title = match &policy.version {
            Some(version) => format!("{} {version}", policy.blueprint),
            None => policy.blueprint.to_string(),
        };
        let step_ms = player.step_ms();
        Report { title, target, from, to, step_ms, run: self.run(player, summary), comparison: None }
    }

    /// What one policy would have done.
    pub(crate) fn run(self, player: &Player, summary: &Summary) -> Run {
        let policy = player.policy();
        let metrics = (0_u16..).zip(&policy.metrics).zip(self.metrics);
        let metrics = metrics.filter(|((slot, _), _)| player.records_metric(usize::from(*slot)));
        let metrics = metrics.map(|((slot, metric), trace)| Metric {
            name: metric.name.to_string(),
            unit: metric.unit,
            objectives: objectives(policy, MetricId(slot)),
            thresholds: thresholds(policy, MetricId(slot)),
            trace,
            model: None,
            recorded: None,
            outside_ms: None,
        });
        let facts = policy.facts.iter().zip(self.facts).filter(|(_, course)| is_known(course));
        let facts = facts.map(|(fact, course)| Fact { name: fact.name.to_string(), course });
        Run {
            blueprint: policy.blueprint.to_string(),
            version: policy.version.as_ref().map(ToString::to_string),
            fingerprint: policy.fingerprint.to_string(),
            warnings: player.warnings().into_iter().chain(untold(summary, self.tickets.len())).collect(),
            assumptions: player.assumptions().to_vec(),
            figures: figures(summary),
            metrics: metrics.collect(),
            facts: facts.collect(),
            proposals: self.shown.finish(),
            tickets: self.tickets.iter().map(span).collect(),
            clauses: clauses(policy, player.tally().spoke()),
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

fn clauses(policy: &Policy, spoke: &[u64]) -> Vec<Clause> {
    let clauses = policy.clauses.iter().zip(spoke).map(|(clause, times)| Clause {
        id: clause.id.to_string(),
        text: clause.when.as_ref().map_or_else(|| "always".to_owned(), |when| when.written.to_string()),
        at: Some(clause.origin.clone()),
        times: *times,
    });
    clauses.collect()
}

/// The numbers of the summary, the most telling first.
fn figures(summary: &Summary) -> Vec<Figure> {
    let figure = |label: &str, value: String, detail: Option<String>| Figure { label: label.to_owned(), value, detail };
    let mut figures = Vec::new();
    if !summary.objectives.is_empty() {
        let unknown = (summary.unknown_objectives_s > 0.0)
            .then(|| format!("and {} of which nobody knows", span_of(summary.unknown_objectives_s)));
        figures.push(figure("time outside objectives", span_of(summary.outside_objectives_s), unknown));
    }
    figures.push(figure("operations done", summary.done.to_string(), outcomes(summary)));
    figures.push(figure("approvals per day", format!("{:.1}", summary.approvals_per_day), None));
    let pairs = "an act that was turned back within an hour".to_owned();
    figures.push(figure("oscillations", summary.oscillations.to_string(), Some(pairs)));
    for (fact, hours) in &summary.fact_hours {
        figures.push(figure(&format!("{fact} × hours"), format!("{hours:.1}"), None));
    }
    if summary.tickets > 0 {
        figures.push(figure("tickets", summary.tickets.to_string(), None));
    }
    figures
}

fn outcomes(summary: &Summary) -> Option<String> {
    let parts: Vec<String> =
        summary.outcomes.iter().map(|(state, times)| format!("{times} {}", state.replace('_', " "))).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// Seconds as people read them: `2d 3h`, `4h 5m`, `6m 7s`, `8s`.
fn span_of(seconds: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a history is far shorter, and not negative"
    )]
    let whole = (seconds * MS_PER_S).max(0.0) as u64 / 1_000;
    let (days, hours, minutes) = (whole / 86_400, whole % 86_400 / 3_600, whole % 3_600 / 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{whole}s"),
        (0, 0, minutes) => format!("{minutes}m {}s", whole % 60),
        (0, hours, minutes) => format!("{hours}h {minutes}m"),
        (days, hours, _) => format!("{days}d {hours}h"),
    }
}
