//! What a policy would have done over a recorded history: the enforcer's own rounds, in a world of records.

mod assumed;
mod playback;
mod replay;
mod responding;
mod second_opinion;
mod speakers;
mod tally;

use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use jiff::Timestamp;
use leeway_ir::{Expr, FactId, MetricId, Policy, Response, Slo};
use leeway_units::Value;

use crate::approval::{Approval, Requirement};
use crate::breaker::Breaker;
use crate::compiled::Compiled;
use crate::enforcement::{Answer, Enforcement, Mode};
use crate::evidence::{Evidence, Gap};
use crate::expression::Scope;
use crate::history::History;
use crate::moment::Moment;
use crate::operation::{IllegalMove, OperationId};
use crate::proposal::{Principal, Proposal};
use crate::record::Record;
use crate::series::{ms_after, ms_between};
use crate::simulation::playback::Playback;
use crate::simulation::responding::Responding;
use crate::snapshot::Snapshot;
use crate::tickets::{Ticket, Tickets};

pub use assumed::Assumed;
pub use playback::Happening;
pub use responding::Loop;
pub use second_opinion::SecondOpinion;
pub use tally::{ObjectiveTally, Summary, Tally};

/// How often an operation under way is looked at between two moments of the history, in milliseconds.
const LOOK_EVERY_MS: u64 = 15_000;

/// What people do in a simulation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum People {
    /// They agree at once.
    Agree,
    /// They never answer.
    #[default]
    Silent,
    /// They agree after so many milliseconds.
    AgreeAfter(u64),
}

/// Plays a history through a policy.
pub struct Simulation {
    enforcement: Enforcement<Playback>,
    people: People,
    /// The facts of the target now: as recorded, as given, or as written since.
    facts: Vec<Option<Result<Value, Gap>>>,
    /// What the recording said of each fact last: a change of it is a change that somebody else made.
    recorded: Vec<Option<Result<Value, Gap>>>,
    /// What metrics respond to, in a closed loop.
    responding: Option<Responding>,
    tickets: Tickets,
    ticket_changes: Vec<Ticket>,
    evaluations: u64,
    /// When the facts were seen last.
    seen: Option<Timestamp>,
}

/// Many blueprints are simulated at once, each on a thread.
const _: fn(Simulation) = takes_to_another_thread;

fn takes_to_another_thread(simulation: impl Send) {
    drop(simulation);
}

impl Simulation {
    /// Nothing has happened yet at `start`. `facts` are what facts are at first where the recording does not say.
    pub fn new(policy: Arc<Policy>, start: Timestamp, facts: &[(FactId, Value)], people: People) -> Simulation {
        let mut known = vec![None; policy.facts.len()];
        for (id, value) in facts {
            if let Some(slot) = known.get_mut(usize::from(id.0)) {
                *slot = Some(Ok(value.clone()));
            }
        }
        let recorded = vec![None; policy.facts.len()];
        let tickets = Tickets::new(&policy);
        Simulation {
            enforcement: Enforcement::new(policy, Mode::Act, Playback::new(start)),
            people,
            facts: known,
            recorded,
            responding: None,
            tickets,
            ticket_changes: Vec::new(),
            evaluations: 0,
            seen: None,
        }
    }

    /// The same, going on from a moment of which all this is known.
    pub fn after(policy: Arc<Policy>, before: Snapshot, history: History, people: People) -> Simulation {
        let facts: Vec<(FactId, Value)> = (0_u16..)
            .map(FactId)
            .zip(&before.facts)
            .filter_map(|(id, series)| Some((id, series.at(before.at).value()?.clone())))
            .collect();
        let mut simulation = Simulation::new(policy, before.at, &facts, people);
        simulation.enforcement.go_on_from(before, history);
        simulation
    }

    /// The same before its first moment, with metrics that follow what is done, or do not.
    #[must_use]
    pub fn with_loop(self, metrics: Loop) -> Simulation {
        let start = self.enforcement.world().time();
        let responding = match metrics {
            Loop::Open => None,
            Loop::Closed => Some(Responding::new(self.enforcement.policy(), start, self.facts.clone())),
        };
        Simulation { responding, ..self }
    }

    /// Takes in what was recorded of a moment, which is not before the last.
    ///
    /// # Errors
    /// When an operation would move where the state machine does not go.
    pub fn record(&mut self, moment: &Moment) -> Result<(), IllegalMove> {
        self.look_until(moment.at)?;
        for ((fact, recorded), now) in moment.facts.iter().zip(&mut self.recorded).zip(&mut self.facts) {
            if fact.is_some() && fact != recorded {
                now.clone_from(fact);
                recorded.clone_from(fact);
            }
        }
        self.see(moment.at);
        let policy = self.enforcement.policy().clone();
        let seen = self.enforcement.seen_mut();
        match &mut self.responding {
            None => seen.see_metrics(moment.at, &moment.metrics),
            Some(responding) => responding.see(&policy, moment, seen),
        }
        self.enforcement.refresh();
        Ok(())
    }

    /// Somebody proposes, at the last moment that was recorded.
    ///
    /// # Errors
    /// When an operation would move where the state machine does not go.
    pub fn propose(&mut self, proposal: Proposal) -> Result<(), IllegalMove> {
        now(self.enforcement.consider(Arc::new(proposal)))?;
        self.answer()?;
        self.take_over_writes();
        Ok(())
    }

    /// One round of the enforcer on what is recorded so far, at `at`, which is not before the last moment.
    ///
    /// # Errors
    /// When an operation would move where the state machine does not go.
    pub fn evaluate(&mut self, at: Timestamp) -> Result<(), IllegalMove> {
        self.look_until(at)?;
        self.see(at);
        self.evaluations += 1;
        now(self.enforcement.round())?;
        self.answer()?;
        self.take_over_writes();
        self.look_at_tickets();
        Ok(())
    }

    /// What has happened since this was asked last, in order: the records that an enforcer would have written.
    pub fn happened(&mut self) -> Vec<Happening> {
        self.enforcement.world_mut().happened()
    }

    /// The tickets that were opened and closed since this was asked last.
    pub fn tickets(&mut self) -> Vec<Ticket> {
        std::mem::take(&mut self.ticket_changes)
    }

    /// How often the policy was evaluated.
    pub fn evaluations(&self) -> u64 {
        self.evaluations
    }

    /// What the facts are now.
    pub fn facts(&self) -> &[Option<Result<Value, Gap>>] {
        &self.facts
    }

    /// By what the metric responds to what is done here; nothing where it is replayed as recorded.
    pub fn response(&self, metric: MetricId) -> Option<&Response> {
        self.responding.as_ref()?.response(self.enforcement.policy(), metric)
    }

    /// What had been recorded of a metric that responds, as known at `at`; the evidence holds what it would have been. Nothing
    /// where it is replayed as recorded.
    pub fn recorded(&self, metric: MetricId, at: Timestamp) -> Option<Evidence<'_>> {
        self.response(metric)?;
        Some(self.responding.as_ref()?.recorded(metric, at))
    }

    /// What an expression over facts and metrics is now; nothing where that is unknown.
    pub fn value(&self, expr: &Expr) -> Option<Value> {
        Scope::bare(self.enforcement.policy(), self.snapshot(), Some(self.history())).value(expr)
    }

    /// How often each limit made a rule wait that would have proposed, in the order of the policy.
    pub fn held_back(&self) -> &[u64] {
        self.enforcement.held_back()
    }

    /// At how many evaluations the condition of each rule was unknown, in the order of the policy.
    pub fn undecided(&self) -> &[u64] {
        self.enforcement.undecided()
    }

    /// At how many evaluations each pair of burn rates was unknown: the objective, the pair as tickets name it, how many.
    pub fn undecided_burns(&self) -> impl Iterator<Item = (&Slo, Arc<str>, u64)> {
        self.tickets.undecided(self.enforcement.policy())
    }

    /// What it decides by.
    pub(crate) fn compiled(&self) -> &Compiled {
        self.enforcement.compiled()
    }

    /// The evidence so far.
    pub fn snapshot(&self) -> &Snapshot {
        self.enforcement.snapshot()
    }

    /// What was done so far.
    pub fn history(&self) -> &History {
        self.enforcement.history()
    }

    /// How many operations in a row have failed.
    pub(crate) fn breaker(&self) -> Breaker {
        self.enforcement.breaker()
    }

    fn look_at_tickets(&mut self) {
        let (policy, snapshot) = (self.enforcement.policy(), self.enforcement.snapshot());
        self.tickets.look(policy, snapshot, self.enforcement.history(), &mut self.ticket_changes);
    }

    /// Looks at operations under way, as an enforcer does between two samples of a coarse history: it sees the facts.
    fn look_until(&mut self, until: Timestamp) -> Result<(), IllegalMove> {
        while self.enforcement.has_open_operations() {
            let here = self.enforcement.world().time();
            let Some(next) = self.next_look(here).filter(|next| *next < until) else { return Ok(()) };
            self.see(next);
            now(self.enforcement.settle())?;
            self.answer()?;
            self.take_over_writes();
        }
        Ok(())
    }

    /// It is `at`, and the facts are seen.
    fn see(&mut self, at: Timestamp) {
        self.enforcement.world_mut().turn_to(at);
        if self.seen.replace(at) != Some(at) {
            self.enforcement.seen_mut().see_facts(at, &self.facts);
            self.enforcement.target_was_seen();
        }
    }

    /// When something may happen next without a new sample: an act is judged, people answer, or a question expires.
    fn next_look(&self, here: Timestamp) -> Option<Timestamp> {
        let judged = self.enforcement.is_judging().then(|| ms_after(here, LOOK_EVERY_MS));
        let questions = self.enforcement.questions().into_iter().filter_map(|(operation, record)| {
            let Record::ApprovalAsked { expires, .. } = record else { return None };
            let expired = ms_after(expires, 1);
            let answered = self.answers_at(operation).filter(|answered| *answered > here);
            Some(answered.map_or(expired, |answered| answered.min(expired)))
        });
        questions.chain(judged).filter(|next| *next > here).min()
    }

    fn answers_at(&self, operation: OperationId) -> Option<Timestamp> {
        let asked = self.enforcement.world().asked_at(operation)?;
        match self.people {
            People::Agree => Some(asked),
            People::AgreeAfter(ms) => Some(ms_after(asked, ms)),
            People::Silent => None,
        }
    }

    /// People answer what they were asked long enough ago.
    fn answer(&mut self) -> Result<(), IllegalMove> {
        let here = self.enforcement.world().time();
        for (operation, record) in self.enforcement.questions() {
            let Record::ApprovalAsked { required, binding, .. } = record else { continue };
            if self.answers_at(operation).is_none_or(|at| ms_between(at, here) < 0) {
                continue;
            }
            for by in required.iter().flat_map(people_for) {
                let approval = Approval { by, binding: binding.clone(), at: here };
                now(self.enforcement.answered(operation, Answer::Approve { approval, stand_in: true }))?;
            }
        }
        Ok(())
    }

    /// Facts are what was written.
    fn take_over_writes(&mut self) {
        let policy = self.enforcement.policy().clone();
        for (name, value) in self.enforcement.world_mut().written() {
            let slot = policy.fact_named(&name).and_then(|id| self.facts.get_mut(usize::from(id.0)));
            if let Some(fact) = slot {
                *fact = Some(Ok(value));
            }
        }
    }
}

/// As many stand-ins as a requirement asks for.
fn people_for(required: &Requirement) -> impl Iterator<Item = Principal> {
    let roles = required.by.first().cloned();
    (1..=required.quorum).filter_map(move |number| {
        let group = roles.as_deref().unwrap_or("anybody");
        let mut person = Principal::parse(&format!("human:simulated-{group}-{number}")).ok()?;
        person.roles.extend(roles.clone());
        Some(person)
    })
}

/// Nothing in a simulation waits.
fn now<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(done) = future.as_mut().poll(&mut context) {
            return done;
        }
    }
}
