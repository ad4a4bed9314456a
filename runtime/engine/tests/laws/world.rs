//! A small target, a way to compile policies for it, and evidence to decide on.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use leeway_engine::{
    Compiled, Decision, Gap, History, PastOperation, Principal, Proposal, Sample, Series, Snapshot, Tier, Verdict,
    evaluate, explain,
};
use leeway_ir::Policy;
use leeway_units::{Call, Type, Value};

const TARGET: &str = r#"
target shop.service(name: text) {
  fact replicas: count
  fact ready: count
  action scale(to: count) { effect replicas = to  undo scale(to: current.replicas)  risk low }
  action restart() { disruptive  undo nothing  verify { within 30s ready == replicas } }
  action delete() { irreversible  risk high }
}
"#;

/// The blueprint of this text: a target, and members.
pub(crate) fn policy(target: &str, members: &str) -> Policy {
    let text = format!("{target}\nblueprint shop for shop.service(\"web\") {{\n{members}\n}}\n");
    let compilation = leeway_driver::compile_text("shop.leeway", &text);
    let errors: Vec<String> =
        compilation.diagnostics.iter().filter(|found| found.is_error()).map(|found| format!("{found:?}")).collect();
    compilation.policies.into_iter().next().unwrap_or_else(|| panic!("{text}\n{errors:#?}"))
}

const METRICS: &str = r#"
  metric cpu: ratio    = scrape "cpu" every 10s stale 30s
  metric p95: duration = scrape "p95" every 10s stale 30s
"#;

pub(crate) fn now() -> Timestamp {
    "2026-01-07T12:00:00Z".parse().unwrap()
}

/// `seconds` before now.
pub(crate) fn ago(seconds: i64) -> Timestamp {
    now() - SignedDuration::from_secs(seconds)
}

/// What is known at a moment, and what was done before.
#[derive(Clone)]
pub(crate) struct World {
    pub policy: Arc<Policy>,
    pub snapshot: Snapshot,
    pub history: History,
}

impl World {
    pub(crate) fn new(members: &str) -> World {
        World::of(policy(TARGET, &format!("{METRICS}{members}")))
    }

    pub(crate) fn of(policy: Policy) -> World {
        let snapshot = Snapshot::empty(&policy, now());
        World { policy: Arc::new(policy), snapshot, history: History::written(now(), vec![]) }
    }

    /// The fact or metric has this value now.
    pub(crate) fn with(self, name: &str, value: &str) -> World {
        self.at(now(), name, value)
    }

    /// The fact or metric had this value then; `-` is an unknown sample.
    pub(crate) fn at(mut self, at: Timestamp, name: &str, text: &str) -> World {
        let fact = self.policy.facts.iter().position(|fact| fact.name.as_ref() == name);
        let (ty, series) = match fact {
            Some(slot) => (self.policy.facts[slot].ty.clone(), &mut self.snapshot.facts[slot]),
            None => {
                let slot = self.policy.metrics.iter().position(|metric| metric.name.as_ref() == name).unwrap();
                (Type::Quantity(self.policy.metrics[slot].unit), &mut self.snapshot.metrics[slot])
            }
        };
        let value = if text == "-" { Err(Gap::Failed) } else { Ok(Value::parse_as(&ty, text).unwrap()) };
        series.push(Sample { at, value });
        self
    }

    /// The metric had this value for the last days, every 15 s.
    pub(crate) fn held(mut self, name: &str, text: &str, days: u64) -> World {
        let slot = self.policy.metrics.iter().position(|metric| metric.name.as_ref() == name).unwrap();
        let metric = &self.policy.metrics[slot];
        let value = Value::parse_as(&Type::Quantity(metric.unit), text).unwrap();
        let held_ms = days * 86_400_000;
        self.snapshot.metrics[slot] = Series::held(metric.stale_ms, value, now(), now(), metric.every_ms, held_ms);
        self
    }

    /// The action began so many seconds ago.
    pub(crate) fn did(mut self, action: &str, seconds_ago: i64) -> World {
        let (action, _) = self.policy.action_named(action).unwrap();
        self.history.begin(PastOperation {
            operation: None,
            action,
            actors: vec![],
            began: ago(seconds_ago),
            before: None,
            ended: None,
        });
        self
    }

    pub(crate) fn decide_as(&self, actor: &str, call: &str) -> Decision {
        let proposal = Proposal::new(Principal::parse(actor).unwrap(), Call::parse(call).unwrap(), None);
        let decision = evaluate(&self.policy, &self.snapshot, &self.history, &proposal);
        let compiled = Compiled::new(self.policy.clone());
        assert_eq!(compiled.evaluate(&self.snapshot, &self.history, &proposal), decision, "{call}");
        decision
    }

    pub(crate) fn decide(&self, call: &str) -> Decision {
        self.decide_as("human:ada", call)
    }

    pub(crate) fn tier(&self, call: &str) -> Tier {
        self.decide(call).tier()
    }

    pub(crate) fn verdict(&self, call: &str) -> Verdict {
        explain(&self.policy, &self.snapshot, &self.history, &self.decide(call))
    }
}
