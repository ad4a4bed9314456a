//! A run of the enforcer, told by its ledger alone, comes to the same when it is replayed.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use leeway_engine::{
    Answer, Approval, Enforcement, Entry, Gap, IllegalMove, Line, Mode, Moment, NotDone, Observation, OperationId,
    People, Principal, Proposal, Receipt, Record, RecordId, Restoration, Simulation, Tier, Transcript, TurnKind,
    Warrant,
};
use leeway_ir::Policy;
use leeway_units::{Call, Type, Unit, Value};
use proptest::prelude::*;

use crate::world::{World, now};

const MEMBERS: &str = "
  rule scale_out { when cpu > 80% for 20s and replicas < 8 propose scale(to: replicas + 1) }
  rule scale_in { when max(cpu, 30s) < 30% and replicas > 1 propose scale(to: replicas - 1) }
  rule heal { when ready < replicas propose restart() }
  limit cooldown 20s after any
  limit breaker 2 failures
  allow scale(to) when to in 1..4 else approve
  forbid scale(to) when to > 6
  approve restart
  approve scale when cpu > 92%
  approval { by \"people\" timeout 1m }
  verify scale { within 20s current.replicas == to  within 40s ready == to } else rollback";

/// What a call comes to.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Comes {
    Done,
    Refused,
    /// Nobody answers; whether it arrived is seen later.
    Lost {
        arrived: bool,
    },
}

/// One turn of a run, so many milliseconds after the last.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Look {
        cpu: Option<u8>,
        ready: bool,
        other: Option<u8>,
    },
    Blind,
    Propose(u8),
    Answer {
        yes: bool,
    },
    /// Somebody agrees to something else.
    Mistake,
    Reset,
    Restart {
        dry_run: bool,
    },
}

/// A target and a ledger in memory, with a clock that goes on while calls are made.
struct Live {
    at: Timestamp,
    ledger: Vec<(RecordId, Entry)>,
    /// How much of the ledger was looked through for what others wrote.
    heard: usize,
    replicas: f64,
    version: u64,
    comes: Comes,
}

impl leeway_engine::World for Live {
    type Error = IllegalMove;

    fn now(&self) -> Timestamp {
        self.at
    }

    async fn write(&mut self, operation: Option<OperationId>, record: Record) -> Result<RecordId, IllegalMove> {
        // Another blueprint writes in between.
        let id = RecordId(self.ledger.last().map_or(0, |(last, _)| last.0) + 2);
        let operation = if matches!(record, Record::Proposed { .. }) { Some(OperationId(id.0)) } else { operation };
        self.ledger.push((id, Entry { at: self.at, blueprint: "shop".into(), operation, record }));
        Ok(id)
    }

    async fn execute(&mut self, warrant: Warrant) -> Result<Receipt, NotDone> {
        let began = self.at;
        if let Comes::Done | Comes::Lost { arrived: true } = self.comes {
            self.version += 1;
            for (name, value) in &warrant.intent().written {
                if &**name == "replicas" {
                    self.replicas = value.quantity().unwrap().base();
                }
            }
        }
        match self.comes {
            Comes::Lost { .. } => return Err(NotDone::unknown("nobody answered")),
            Comes::Done => self.at += SignedDuration::from_millis(40),
            Comes::Refused => self.at += SignedDuration::from_millis(70),
        }
        match self.comes {
            Comes::Done => Ok(warrant.done(began, self.at)),
            Comes::Refused | Comes::Lost { .. } => Err(NotDone::certain("the target said no")),
        }
    }
}

/// Nothing here waits.
fn done<T>(future: impl Future<Output = Result<T, IllegalMove>>) -> T {
    match std::pin::pin!(future).poll(&mut std::task::Context::from_waker(std::task::Waker::noop())) {
        std::task::Poll::Ready(done) => done.unwrap(),
        std::task::Poll::Pending => panic!("something waits"),
    }
}

fn count(n: f64) -> Value {
    Value::parse_as(&Type::Quantity(Unit::Count), &n.to_string()).unwrap()
}

fn start(policy: &Arc<Policy>, live: Live, dry_run: bool) -> Enforcement<Live> {
    let ledger = live.ledger.clone();
    let mode = if dry_run { Mode::DryRun } else { Mode::Act };
    let mut enforcement = Enforcement::new(policy.clone(), mode, live);
    let mut restoration = Restoration::default();
    for (id, entry) in ledger {
        enforcement.replay(&mut restoration, id, entry).unwrap();
    }
    done(enforcement.resume(restoration));
    let (fingerprint, target) = (policy.fingerprint.clone(), policy.target.clone());
    done(enforcement.write(None, Record::Started { version: None, fingerprint, target, dry_run }));
    enforcement
}

fn take(policy: &Arc<Policy>, mut enforcement: Enforcement<Live>, step: &Step) -> Enforcement<Live> {
    match step {
        Step::Look { cpu, ready, other } => {
            let live = enforcement.world_mut();
            if let Some(other) = other {
                (live.replicas, live.version) = (f64::from(*other), live.version + 1);
            }
            let (at, replicas, version) = (live.at, live.replicas, live.version);
            let cpu = cpu.map(|cpu| Value::parse_as(&Type::Quantity(Unit::Ratio), &format!("{cpu}%")).unwrap());
            let metric = |name: &str| if name == "cpu" { cpu.clone().ok_or(Gap::Failed) } else { Err(Gap::Missing) };
            let fact = |name: &str| Ok(count(if name == "replicas" || *ready { replicas } else { 0.0 }));
            let facts = policy.facts.iter().map(|known| fact(&known.name)).collect();
            let metrics = policy.metrics.iter().map(|known| metric(&known.name)).collect();
            let object_version = Some(version.to_string().into());
            done(enforcement.observed(Observation { at, facts, metrics, object_version }));
            hear(&mut enforcement);
            done(enforcement.round());
        }
        Step::Blind => {
            done(enforcement.unreachable("it is gone".to_owned()));
            hear(&mut enforcement);
            done(enforcement.round());
        }
        Step::Propose(to) => {
            let call = Call { action: "scale".into(), arguments: vec![("to".into(), count(f64::from(*to)))] };
            let proposal = Proposal::new(Principal::parse("agent:atlas").unwrap(), call, None);
            hear(&mut enforcement);
            done(enforcement.consider(Arc::new(proposal)));
        }
        Step::Answer { .. } | Step::Mistake => {
            let Some((operation, Record::ApprovalAsked { binding, .. })) = enforcement.questions().pop() else {
                return enforcement;
            };
            let no = matches!(step, Step::Answer { yes: false });
            let other = || serde_json::from_str("\"sha256:of something else\"").unwrap();
            let binding = if matches!(step, Step::Mistake) { other() } else { binding };
            let mut by = Principal::parse("human:ada").unwrap();
            by.roles.push("people".into());
            hear(&mut enforcement);
            let at = enforcement.world().at;
            done(enforcement.answered(
                operation,
                if no {
                    Answer::Reject { by, stand_in: false }
                } else {
                    Answer::Approve { approval: Approval { by, binding, at }, stand_in: false }
                },
            ));
        }
        Step::Reset => {
            done(enforcement.write(None, Record::BreakerReset { by: "human:ada".into() }));
        }
        Step::Restart { dry_run } => {
            let live = enforcement.world_mut();
            let ledger = std::mem::take(&mut live.ledger);
            let live = Live { heard: ledger.len(), ledger, ..*live };
            return start(policy, live, *dry_run);
        }
    }
    enforcement
}

/// What another process wrote since the turn before.
fn hear(enforcement: &mut Enforcement<Live>) {
    let live = enforcement.world_mut();
    let reset =
        live.ledger.iter().skip(live.heard).any(|(_, entry)| matches!(entry.record, Record::BreakerReset { .. }));
    live.heard = live.ledger.len();
    if reset {
        enforcement.breaker_was_reset();
    }
}

/// The run of these steps, as its ledger tells it.
pub(crate) fn run(policy: &Arc<Policy>, steps: &[(i64, Comes, Step)]) -> Vec<(RecordId, Entry)> {
    let live = Live { at: now(), ledger: Vec::new(), heard: 0, replicas: 3.0, version: 1, comes: Comes::Done };
    let mut enforcement = start(policy, live, false);
    let (mut blind, mut said) = (false, false);
    for (ms, comes, step) in steps {
        // A round that sees nothing and leads to nothing leaves no record but its time, and that only when it is the last turn.
        if blind && said && matches!(step, Step::Look { .. }) {
            enforcement.world_mut().at += SignedDuration::from_millis(1);
            enforcement = take(policy, enforcement, &Step::Blind);
        }
        said = matches!(step, Step::Propose(_) | Step::Answer { .. } | Step::Mistake | Step::Reset);
        blind = matches!(step, Step::Blind) || (blind && said);
        let live = enforcement.world_mut();
        live.at += SignedDuration::from_millis(*ms);
        live.comes = *comes;
        enforcement = take(policy, enforcement, step);
    }
    std::mem::take(&mut enforcement.world_mut().ledger)
}

/// What came of it, without the numbers of records.
fn came<'a>(records: impl Iterator<Item = (Timestamp, Option<OperationId>, &'a Record)>) -> Vec<String> {
    let told = records.filter_map(|(at, operation, record)| {
        let reached = ["started", "breaker_reset", "observed", "unreachable", "reachable"];
        if reached.contains(&record.kind()) {
            return None;
        }
        // Of what a decision rests on, the numbers of records differ.
        let decided = if let Record::Decided { verdict, .. } = record { Some(verdict) } else { None };
        let told = decided.map_or_else(|| format!("{record:?}"), |verdict| format!("{verdict:?}"));
        Some(format!("{at} {operation:?} {told}"))
    });
    told.collect()
}

pub(crate) fn lines(ledger: &[(RecordId, Entry)]) -> Vec<Line> {
    let mut transcript = Transcript::default();
    let mut lines: Vec<Line> = ledger.iter().filter_map(|(id, entry)| transcript.hear(*id, entry.clone())).collect();
    lines.extend(transcript.finish());
    lines
}

fn replayed(policy: &Arc<Policy>, lines: Vec<Line>) -> Vec<String> {
    let mut simulation = Simulation::new(policy.clone(), lines[0].at, &[], People::Silent);
    for line in lines {
        let facts = policy.facts.iter().map(|fact| line.facts.get(&fact.name).cloned()).collect();
        let metrics = policy.metrics.iter().map(|metric| line.metrics.get(&metric.name).cloned()).collect();
        let moment = Moment { at: line.at, facts, metrics, turn: line.turn.clone() };
        simulation.replay(&moment, &line.turn.unwrap()).unwrap();
    }
    let happened = simulation.happened();
    came(happened.iter().map(|happening| (happening.at, happening.operation, &happening.record)))
}

/// Replayed, the run comes to the same.
pub(crate) fn assert_replayed(policy: &Arc<Policy>, ledger: &[(RecordId, Entry)]) {
    let as_it_was = came(ledger.iter().map(|(_, entry)| (entry.at, entry.operation, &entry.record)));
    let again = replayed(policy, lines(ledger));
    let differs = as_it_was.iter().zip(&again).position(|(one, other)| one != other);
    let from = differs.unwrap_or(as_it_was.len().min(again.len()));
    assert_eq!(as_it_was.get(from), again.get(from), "from record {from}");
}

fn steps() -> impl Strategy<Value = Vec<(i64, Comes, Step)>> {
    let comes = prop_oneof![
        6 => Just(Comes::Done),
        2 => Just(Comes::Refused),
        1 => any::<bool>().prop_map(|arrived| Comes::Lost { arrived }),
    ];
    let cpu = prop_oneof![6 => (85..99_u8).prop_map(Some), 3 => (5..25_u8).prop_map(Some), 1 => Just(None)];
    let look = (cpu, prop::bool::weighted(0.8), prop::option::weighted(0.05, 1..8_u8));
    let step = prop_oneof![
        20 => look.prop_map(|(cpu, ready, other)| Step::Look { cpu, ready, other }),
        4 => Just(Step::Blind),
        2 => (0..8_u8).prop_map(Step::Propose),
        4 => any::<bool>().prop_map(|yes| Step::Answer { yes }),
        1 => Just(Step::Mistake),
        1 => Just(Step::Reset),
        1 => prop::bool::weighted(0.2).prop_map(|dry_run| Step::Restart { dry_run }),
    ];
    prop::collection::vec((1..12_000_i64, comes, step), 1..80)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_replayed_run_comes_to_the_same(steps in steps()) {
        let policy = World::new(MEMBERS).policy;
        assert_replayed(&policy, &run(&policy, &steps));
    }

    #[test]
    fn what_people_were_asked_about_is_not_done_before_one_of_them_answers(steps in steps()) {
        let ledger = run(&World::new(MEMBERS).policy, &steps);
        let mut asked = BTreeMap::new();
        for (_, Entry { operation, record, .. }) in &ledger {
            if let Record::Decided { verdict, .. } = record {
                asked.insert(operation, verdict.tier == Tier::ApprovalRequired);
            } else if let Record::Intended { intent } = record {
                prop_assert!(!asked[operation] || !intent.approved_by.is_empty(), "{operation:?} of {ledger:#?}");
            }
        }
    }
}

#[test]
fn what_reached_the_enforcer_matters() {
    let policy = World::new(MEMBERS).policy;
    let hot = |ms| (ms, Comes::Done, Step::Look { cpu: Some(90), ready: true, other: None });
    let mut steps: Vec<(i64, Comes, Step)> = (0..6).map(|_| hot(5_000)).collect();
    // Ada agrees to six replicas, which an agent wants.
    steps.extend([
        (16_000, Comes::Done, Step::Propose(6)),
        (1_500, Comes::Done, Step::Answer { yes: true }),
        hot(5_000),
    ]);
    let ledger = run(&policy, &steps);
    let as_it_was = came(ledger.iter().map(|(_, entry)| (entry.at, entry.operation, &entry.record)));
    assert_eq!(replayed(&policy, lines(&ledger)), as_it_was);
    assert_eq!(as_it_was.iter().filter(|record| record.contains("Done {")).count(), 2, "{as_it_was:#?}");
    let told = |line: &Line| line.turn.as_ref().is_some_and(|turn| turn.kind == TurnKind::Told);
    let whole = lines(&ledger);
    // A recording without what people said, and one without a look.
    let silent: Vec<Line> =
        whole.iter().enumerate().filter(|(at, line)| *at == 0 || !told(line)).map(|(_, line)| line.clone()).collect();
    assert_ne!(replayed(&policy, silent), as_it_was);
    let mut blinked = whole;
    blinked.remove(1);
    assert_ne!(replayed(&policy, blinked), as_it_was);
}
