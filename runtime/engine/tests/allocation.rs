//! Deciding allocates nothing once its buffers are warm: whatever a policy asks for, whoever proposes, and from rows, columns and
//! documents. This binary is by itself because its allocator counts.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a failed unwrap is a failed test")]

use std::sync::Arc;

use allocation_counter::measure;
use jiff::{SignedDuration, Timestamp};
use leeway_engine::{
    Columns, Compiled, Decider, Decision, History, Inputs, Lanes, PastOperation, Principal, Proposal, Sample, Snapshot,
    Tier, Truths, decide, decide_columns, evaluate, read_json,
};
use leeway_ir::{Claim, Comparison, MetricId};
use leeway_units::{Call, Quantity, Record, Unit, Value};

const TARGET: &str = r#"
target shop.service(name: text) {
  fact replicas: count
  enum strategy { rolling_update recreate }
  fact strategy: strategy
  fact image: text
  collection pods { name: text  restarts: count  crashed: bool }
  action scale(to: count) { effect replicas = to  undo scale(to: current.replicas)  risk low }
  action delete() { irreversible  risk high }
}
"#;

const MEMBERS: &str = r#"
  metric cpu: ratio = scrape "cpu" every 10s stale 30s
  metric forecast: spend = scrape "forecast"
  limit cooldown 60s after scale
  limit at most 2 of scale per 10m
  limit pace 1 of scale per 10m per actor
  limit drift replicas 2 per 1h
  limit budget forecast of $450/month at 90%
  limit freeze "Fri 16:00".."Mon 08:00" in "Europe/Berlin" except delete
  autonomy approve
  forbid scale(to) when to > 2 * replicas + 3 or avg(cpu, 1m) > 95%
  forbid any when strategy == recreate and not (image starts_with "shop/")
  approve scale(to) when any pod in pods: pod.crashed == true
  approve scale(to) when (count pod in pods: pod.restarts > 3) >= 2 or (sum pod in pods: pod.restarts) > 5
  approve any when actor.kind == agent and "oncall" not in actor.roles
  allow scale(to) when to in 1..9 and cpu > 80% for 1m
  approve any when count(scale, 1h) > 0 or proposal.claims >= 1 or forecast(cpu, 1m) > 99% or change(replicas, 1h) > 5
"#;

fn now() -> Timestamp {
    "2026-01-09T12:00:00Z".parse().unwrap()
}

fn compiled(target: &str, members: &str) -> Compiled {
    let text = format!("{target}\nblueprint shop for shop.service(\"web\") {{\n{members}\n}}\n");
    let compilation = leeway_driver::compile_text("shop.leeway", &text);
    let errors: Vec<_> = compilation.diagnostics.iter().filter(|found| found.is_error()).collect();
    Compiled::new(Arc::new(compilation.policies.into_iter().next().unwrap_or_else(|| panic!("{errors:#?}"))))
}

fn quantity(unit: Unit, base: f64) -> Value {
    Value::Quantity(Quantity::new(unit, base).unwrap())
}

/// What is known: everything, for five minutes.
fn snapshot(compiled: &Compiled) -> Snapshot {
    let policy = compiled.policy();
    let mut snapshot = Snapshot::empty(policy, now());
    let pod = |crashed: bool, restarts: u32| {
        let fields =
            [("crashed".into(), Value::Bool(crashed)), ("restarts".into(), quantity(Unit::Count, restarts.into()))];
        Value::Record(Record::new(fields))
    };
    let facts = [
        ("replicas", quantity(Unit::Count, 3.0)),
        ("strategy", Value::Symbol("rolling_update".into())),
        ("image", Value::Text("shop/web:1".into())),
        ("pods", Value::List([pod(false, 1), pod(true, 5)].into())),
    ];
    for (name, value) in facts {
        let id = policy.fact_named(name).unwrap();
        snapshot.facts[usize::from(id.0)].push(Sample { at: now(), value: Ok(value) });
    }
    for second in (0..300).step_by(10) {
        let at = now() - SignedDuration::from_secs(second);
        let readings =
            [quantity(Unit::Ratio, 85.0 + f64::from(i32::try_from(second % 20).unwrap())), quantity(Unit::Spend, 1.0)];
        for (series, value) in snapshot.metrics.iter_mut().zip(readings) {
            series.push(Sample { at, value: Ok(value) });
        }
    }
    snapshot
}

fn history(compiled: &Compiled) -> History {
    let (scale, _) = compiled.policy().action_named("scale").unwrap();
    let past = |seconds: i64| PastOperation {
        operation: None,
        action: scale,
        actors: vec!["agent:atlas".into()],
        began: now() - SignedDuration::from_secs(seconds),
        before: Some(vec![("replicas".into(), quantity(Unit::Count, 1.0))]),
        ended: None,
    };
    History::written(now(), vec![past(30), past(200), past(2_000)])
}

fn principal(id: &str, roles: &[&str]) -> Principal {
    let mut principal = Principal::parse(id).unwrap();
    principal.roles = roles.iter().map(|role| (*role).into()).collect();
    principal
}

/// Calls that fit and calls that do not, of people, agents and chains of both.
fn proposals() -> Vec<Arc<Proposal>> {
    let (cpu, value) = (MetricId(0), Quantity::new(Unit::Ratio, 90.0).unwrap());
    let claim = Claim { metric: cpu, comparison: Comparison::Greater, value, window_ms: None };
    let actors = [
        vec![principal("human:ada", &[])],
        vec![principal("agent:atlas", &["oncall"])],
        vec![principal("human:ada", &["oncall"]), principal("agent:atlas", &[]), principal("agent:hermes", &[])],
        vec![],
    ];
    let calls =
        ["scale(to: 2)", "scale(to: 5)", "scale(to: 50)", "scale(to: -1)", "scale()", "delete()", "unknown(a: 1)"];
    let mut proposals = Vec::new();
    for actors in &actors {
        for call in calls {
            for claims in [vec![], vec![claim.clone()]] {
                let call = Call::parse(call).unwrap();
                proposals.push(Arc::new(Proposal {
                    call,
                    actors: actors.clone(),
                    claims,
                    because: None,
                    conflicts_with: (actors.len() == 1).then(|| "another".into()),
                }));
            }
        }
    }
    proposals
}

#[test]
fn on_a_snapshot() {
    let compiled = compiled(TARGET, MEMBERS);
    let known = (snapshot(&compiled), history(&compiled));
    let unknown = (Snapshot::empty(compiled.policy(), now()), History::Unknown);
    let proposals = proposals();
    let mut decider = Decider::new(&compiled);
    for (snapshot, history) in [&known, &unknown, &known] {
        for proposal in &proposals {
            let reference = evaluate(compiled.policy(), snapshot, history, proposal);
            assert_eq!(decider.decide(snapshot, history, proposal), &reference, "{}", proposal.call);
        }
    }
    for (snapshot, history) in [&known, &unknown] {
        for proposal in &proposals {
            let (actor, call) = (proposal.actor(), &proposal.call);
            let allocated = measure(|| {
                decider.decide(snapshot, history, proposal);
            });
            assert_eq!(allocated.count_total, 0, "{call} by {actor:?} allocated");
        }
    }
}

#[test]
fn what_is_decided_on_has_every_kind_of_voice() {
    let compiled = compiled(TARGET, MEMBERS);
    let (snapshot, history) = (snapshot(&compiled), history(&compiled));
    let mut decider = Decider::new(&compiled);
    let decisions: Vec<Decision> =
        proposals().iter().map(|proposal| decider.decide(&snapshot, &history, proposal).clone()).collect();
    let clauses = compiled.policy().clauses.len();
    let silent: Vec<usize> = (0..clauses)
        .filter(|clause| !decisions.iter().any(|decision| decision.clauses().get(*clause).restrains()))
        .collect();
    let mut limits: Vec<usize> =
        decisions.iter().flat_map(|decision| decision.limits()).map(|voice| voice.limit).collect();
    limits.sort_unstable();
    limits.dedup();
    // The forbid on strategies is asked and silent; the freeze is not yet, and the budget is kept.
    assert_eq!((silent, limits), (vec![1], vec![0, 1, 2, 3]));
    assert!(decisions.iter().any(|decision| !decision.guards().is_empty()));
}

#[test]
fn in_rows_columns_and_documents() {
    let members = "allow scale(to) when to in 1..9 and replicas > 1\nforbid scale(to) when to > 2 * replicas";
    let compiled = compiled(TARGET, members);
    let plan = compiled.plan();
    let action = plan.action_named("scale").unwrap();
    let (to, replicas) = (plan.named("to").unwrap(), plan.named("replicas").unwrap());
    let mut row = vec![f64::NAN; plan.inputs_total()];
    (row[to.place()], row[replicas.place()]) = (4.0, 3.0);
    let document = r#"{"action":"scale","to":4,"replicas":3.0,"strategy":"recreate","elsewhere":[1,"b"]}"#;
    let rows = 100;
    let (asked, there) = (vec![4.0; rows], vec![3.0; rows]);
    let mut columns = Columns::new(plan, rows);
    columns.set(to, &asked);
    columns.set(replicas, &there);
    let (mut inputs, mut truths, mut lanes) = (Inputs::new(plan), Truths::default(), Lanes::new(plan));
    let mut tiers = vec![Tier::Forbidden; rows];
    let mut all = || {
        inputs.fill(plan, &row);
        let by_row = decide(plan, &mut inputs, action);
        inputs.truths(plan, &mut truths);
        let named = read_json(plan, document, &mut inputs).unwrap();
        let by_document = decide(plan, &mut inputs, named);
        decide_columns(plan, action, &columns, &mut lanes, &mut tiers);
        decide_columns(plan, action, &columns, &mut lanes, &mut tiers[..3]);
        assert!(tiers.iter().all(|tier| *tier == Tier::Allowed));
        assert_eq!((by_row, by_document), (Tier::Allowed, Tier::Allowed));
    };
    all();
    assert_eq!(measure(all).count_total, 0);
    let counts = measure(|| drop(Inputs::new(plan)));
    assert!(counts.count_total > 0, "the allocator does not count");
}
