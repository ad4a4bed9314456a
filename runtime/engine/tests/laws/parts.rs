//! A target with facts of every kind, to ask the core about one expression at a time.

use std::sync::Arc;

use leeway_engine::{PastOperation, Sample, Snapshot, Truth};
use leeway_ir::{ActionId, FactId, MetricId, Origin, Policy};
use leeway_units::{Quantity, Record, Value, parse_literal};

use crate::world::{World, ago, now, policy};

const TARGET: &str = r#"
target shop.service(name: text) {
  fact replicas: count
  fact ready: count
  enum strategy { rolling_update recreate }
  fact strategy: strategy
  fact image: text
  fact memory: bytes
  collection pods { name: text  restarts: count  crashed: bool  age: duration }
  action scale(to: count) { effect replicas = to  undo scale(to: current.replicas)  risk low }
  action trade(to: count, memory: bytes) {
    effect replicas = to
    effect memory = memory
    undo   trade(to: current.replicas, memory: current.memory)
    risk   low
  }
  action restart() { disruptive  undo nothing  verify { within 30s ready == replicas } }
  action delete() { irreversible  risk high }
}
"#;

const METRICS: &str = r#"
  metric cpu: ratio = scrape "cpu" every 10s stale 30s
  metric forecast: spend = scrape "forecast"
  slo availability 99% over 30d {
    good  = scrape rate("good", 1m)
    total = scrape rate("all", 1m)
    min events 100
  }
"#;

/// A world over the rich target with these members.
pub(crate) fn rich(members: &str) -> World {
    World::of(policy(TARGET, &format!("{METRICS}{members}")))
}

/// A world over the rich target in which everything is allowed.
pub(crate) fn free(members: &str) -> World {
    rich(&format!("allow any  approve delete\n{members}"))
}

pub(crate) const DAY_S: i64 = 86_400;

/// A pod; `None` is a field that is not known.
pub(crate) fn pod(crashed: Option<bool>, restarts: Option<u32>) -> Value {
    let crashed = crashed.map(|crashed| ("crashed".into(), Value::Bool(crashed)));
    let restarts = restarts.map(|restarts| ("restarts".into(), Value::Quantity(Quantity::count(restarts))));
    Value::Record(Record::new(crashed.into_iter().chain(restarts)))
}

impl World {
    /// The same world under a policy that was changed; nothing is known in it.
    pub(crate) fn edit(mut self, change: impl FnOnce(&mut Policy)) -> World {
        change(Arc::make_mut(&mut self.policy));
        self.snapshot = Snapshot::empty(&self.policy, self.snapshot.at);
        self
    }

    /// The pods are these now.
    pub(crate) fn pods(mut self, pods: Vec<Value>) -> World {
        let slot = usize::from(self.fact("pods").0);
        self.snapshot.facts[slot].push(Sample { at: now(), value: Ok(Value::List(pods.into())) });
        self
    }

    /// The action was begun so many seconds ago by this actor, and these facts were so before.
    pub(crate) fn did_as(mut self, actor: &str, action: &str, seconds_ago: i64, before: &[(&str, &str)]) -> World {
        let action = self.action(action);
        let typed = |name: &str| self.policy.fact(self.fact(name)).unwrap().ty.clone();
        let before =
            before.iter().map(|(name, text)| ((*name).into(), Value::parse_as(&typed(name), text).unwrap())).collect();
        self.history.begin(PastOperation {
            operation: None,
            action,
            actors: vec![actor.into()],
            began: ago(seconds_ago),
            before: Some(before),
            ended: None,
        });
        self
    }

    /// The truth of a condition over the rich target when `restart()` is proposed.
    pub(crate) fn truth(&self, condition: &str) -> Truth {
        let asking = rich(&format!("approve restart when {condition}"));
        World { policy: asking.policy, ..self.clone() }.decide("restart()").clauses().get(0)
    }

    /// Whether an expression is known to be this.
    pub(crate) fn is(&self, expr: &str, value: &str) -> bool {
        self.truth(&format!("({expr}) == {value}")).is_true()
    }

    pub(crate) fn is_unknown(&self, expr: &str) -> bool {
        self.truth(&format!("not known({expr})")).is_true()
    }

    pub(crate) fn action(&self, name: &str) -> ActionId {
        self.policy.action_named(name).unwrap().0
    }

    pub(crate) fn fact(&self, name: &str) -> FactId {
        self.policy.fact_named(name).unwrap()
    }

    pub(crate) fn metric(&self, name: &str) -> MetricId {
        let at = self.policy.metrics.iter().position(|metric| metric.name.as_ref() == name).unwrap();
        MetricId(u16::try_from(at).unwrap())
    }
}

pub(crate) fn q(text: &str) -> Quantity {
    parse_literal(text).unwrap()
}

pub(crate) fn origin() -> Origin {
    Origin { path: "shop.leeway".into(), line: 99, column: 1 }
}
