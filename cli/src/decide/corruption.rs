//! States that lose, age or garble what they knew: whatever happens to facts, metrics and history, no verdict becomes looser.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a failed unwrap is a failed test")]

use std::sync::Arc;

use leeway_engine::{Compiled, Tier};
use leeway_ir::{Expr, Policy};
use leeway_units::{Type, Unit};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::decide::batch::decided;
use crate::decide::flags::Flags;
use crate::decide::input::parse;

/// The project's blueprints, which use neither `??` nor `known`, and one that looks back in every way.
const BLUEPRINTS: [(&str, &str); 4] = [
    ("frontend.leeway", include_str!("../../../blueprints/frontend.leeway")),
    ("backend.leeway", include_str!("../../../blueprints/backend.leeway")),
    ("rate_limiter.leeway", include_str!("../../../blueprints/rate_limiter.leeway")),
    ("windows.leeway", WINDOWS),
];

const WINDOWS: &str = r#"use std.ratelimiter

blueprint windows for ratelimiter.tenant("acme") {
  metric refused: rate = scrape "refused" every 10s stale 30s
  metric p99: duration = scrape "p99" every 10s stale 30s

  allow set_quota(to) when to > current.quota and refused > 5/s for 1m and max(p99, 2m) < 50ms
  allow set_quota(to) when to <= current.quota and not (refused > 5/s for 1m)
  allow restart_workers when workers > 0 and change(workers, 1h) >= 0
  allow set_burst(to) when to in burst..burst * 2 or count(set_burst, 1h) == 0
  approve drain, set_enabled(..)
  approve set_quota(to) when avg(p99, 1m) > 20ms or since(set_quota) < 10m
  forbid set_quota(to) when to > current.quota and delta(refused, 1m) < 0/s
  forbid set_burst when p99 > 100ms for 30s
  limit cooldown 1m after restart_workers
  limit pace 2 of set_burst per 10m per actor
  limit drift workers 2 per 1h
  limit at most 2 of any per 1h
}
"#;

/// SplitMix64: a small stream of numbers from one seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % below as u64).unwrap()
    }

    fn of<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.roll(all.len())]
    }

    fn value(&mut self, ty: &Type) -> Value {
        let unit = |dice: &mut Dice, unit: Unit| match unit {
            Unit::Count => json!(dice.roll(9)),
            Unit::Number => json!(dice.roll(90)),
            Unit::Ratio => json!(dice.of(&["0%", "0.5%", "29%", "45%", "70%", "81%", "95%"])),
            Unit::Duration => json!(dice.of(&["0s", "10ms", "40ms", "120ms", "180ms", "260ms", "2s"])),
            Unit::Bytes => json!(dice.of(&["64Mi", "128Mi", "256Mi", "270Mi", "1Gi"])),
            Unit::Cpu => json!(dice.of(&["100mcpu", "250mcpu", "260mcpu", "2cpu"])),
            Unit::Rate => json!(dice.of(&["0/s", "1/s", "10/s", "100/s", "105/s", "110/s", "790/s", "900/s"])),
            Unit::Money => json!(dice.of(&["$1", "$100"])),
            Unit::Spend => json!(dice.of(&["$100/month", "$1000/month"])),
        };
        match ty {
            Type::Bool => json!(self.roll(2) == 0),
            Type::Quantity(of) => unit(self, *of),
            Type::Text => json!(self.of(&["LOG_LEVEL", "debug", "nobody", "x"])),
            Type::Enum(of) => json!(of.words[self.roll(of.words.len())].as_ref()),
            Type::Records(fields) => {
                let record = |dice: &mut Dice| -> Value {
                    fields
                        .iter()
                        .map(|field| (field.name.to_string(), dice.value(&field.ty)))
                        .collect::<Map<_, _>>()
                        .into()
                };
                (0..self.roll(4)).map(|_| record(self)).collect()
            }
            Type::List(_) => panic!("no fact is a bare list"),
        }
    }

    fn metric(&mut self, ty: &Type) -> Value {
        match self.roll(4) {
            0 => json!({ "value": self.value(ty) }),
            1 => json!({ "value": self.value(ty), "age": self.of(&["0s", "1s", "2s"]) }),
            2 => json!({ "value": self.value(ty), "held": self.of(&["30s", "2m", "15m", "1h"]) }),
            _ => {
                let samples = (0..20).map(|step| json!([format!("-{}s", step * 10), self.value(ty)]));
                json!({ "series": samples.collect::<Vec<_>>() })
            }
        }
    }

    fn call(&mut self, policy: &Policy) -> String {
        let action = &policy.actions[self.roll(policy.actions.len())];
        let arguments = action.parameters.iter().map(|parameter| {
            let value = self.value(&parameter.ty);
            let text = match (&value, &parameter.ty) {
                (Value::String(text), Type::Text) => format!("{text:?}"),
                (Value::String(text), _) => text.clone(),
                (other, _) => other.to_string(),
            };
            format!("{}: {text}", parameter.name)
        });
        let arguments: Vec<String> = arguments.collect();
        format!("{}({})", action.name, arguments.join(", "))
    }

    /// A line that can be judged and knows everything.
    fn line(&mut self, policy: &Policy) -> Value {
        let facts: Map<String, Value> =
            policy.facts.iter().map(|fact| (fact.name.to_string(), self.value(&fact.ty))).collect();
        let metrics: Map<String, Value> = policy
            .metrics
            .iter()
            .map(|metric| (metric.name.to_string(), self.metric(&Type::Quantity(metric.unit))))
            .collect();
        let history: Vec<Value> = (0..self.roll(4))
            .map(|_| {
                let action = self.call(policy);
                let before: Map<String, Value> =
                    policy.facts.iter().map(|fact| (fact.name.to_string(), self.value(&fact.ty))).collect();
                let ago = self.of(&["1s", "30s", "5m", "20m", "2h", "3d"]);
                json!({ "action": action, "ago": ago, "actor": self.of(&["human:ada", "agent:atlas"]), "before": before })
            })
            .collect();
        json!({
            "propose": self.call(policy),
            "actor": self.of(&["human:ada", "agent:atlas", "agent:other"]),
            "state": { "at": "2026-01-07T12:00:00Z", "facts": facts, "metrics": metrics, "history": history }
        })
    }

    /// Takes something away from what the state knows, or makes it what it cannot be.
    fn corrupt(&mut self, policy: &Policy, state: &mut Value) {
        let kind = self.of(&["facts", "metrics", "metrics", "history"]);
        if kind == "history" {
            return self.corrupt_history(&mut state["history"]);
        }
        let members = state[kind].as_object_mut().unwrap();
        if members.is_empty() {
            return;
        }
        let name = members.keys().nth(self.roll(members.len())).unwrap().clone();
        let garbage = [json!(null), json!({}), json!([[]]), json!("NaN"), json!("inf"), json!("-"), json!("5 apples")];
        match self.roll(4) {
            0 => drop(members.remove(&name)),
            1 => members[&name] = json!("missing"),
            // Any text is a text: only what is none is garbage for such a fact.
            2 if policy.facts.iter().any(|fact| *fact.name == *name && fact.ty == Type::Text) => {
                members[&name] = json!(null);
            }
            2 => members[&name] = garbage[self.roll(garbage.len())].clone(),
            _ if kind == "facts" => self.corrupt_records(&mut members[&name]),
            _ => self.corrupt_metric(&mut members[&name]),
        }
    }

    fn corrupt_records(&mut self, fact: &mut Value) {
        let Some(records) = fact.as_array_mut().filter(|records| !records.is_empty()) else { return };
        let at = self.roll(records.len());
        let Some(record) = records[at].as_object_mut().filter(|record| !record.is_empty()) else { return };
        let field = record.keys().nth(self.roll(record.len())).unwrap().clone();
        match self.roll(3) {
            0 => drop(record.remove(&field)),
            1 => record[&field] = json!("missing"),
            _ => record[&field] = json!({ "restarts": "NaN" }),
        }
    }

    fn corrupt_metric(&mut self, metric: &mut Value) {
        let Some(members) = metric.as_object_mut() else { return };
        let Some(samples) = members.get_mut("series").and_then(Value::as_array_mut).filter(|all| !all.is_empty())
        else {
            match self.roll(4) {
                0 => drop(members.insert("age".into(), json!(self.of(&["10s", "2m", "1d"])))),
                1 => drop(members.remove("held")),
                2 => drop(members.insert("age".into(), json!("-5s"))),
                _ => drop(members.insert("value".into(), json!("NaN%"))),
            }
            return;
        };
        let at = self.roll(samples.len());
        let value = samples[self.roll(samples.len())][1].clone();
        match self.roll(6) {
            0 => samples[at][1] = json!("missing"),
            // A second value for the same moment: nobody can say which is right.
            1 => samples.push(json!([samples[at][0].clone(), value])),
            2 => samples.push(json!(["5s", value])),
            3 => samples.reverse(),
            // The oldest are forgotten.
            4 if samples[0][0] == "-0s" => samples.truncate(at),
            _ => samples[at][1] = json!("NaN"),
        }
    }

    fn corrupt_history(&mut self, history: &mut Value) {
        let Some(entries) = history.as_array_mut().filter(|entries| !entries.is_empty()) else {
            *history = json!("missing");
            return;
        };
        let at = self.roll(entries.len());
        let Some(entry) = entries[at].as_object_mut() else { return };
        match self.roll(4) {
            0 => drop(entry.remove("actor")),
            1 => drop(entry.insert("ago".into(), json!("soon"))),
            2 => drop(entry.insert("action".into(), json!("nothing_known()"))),
            _ => *history = json!("missing"),
        }
    }
}

fn policies() -> Vec<Compiled> {
    let compiled = BLUEPRINTS.iter().flat_map(|(path, text)| {
        let compilation = leeway_driver::compile_text(path, text);
        assert!(!compilation.policies.is_empty(), "{path}: {:#?}", compilation.diagnostics);
        compilation.policies.into_iter().map(|policy| Compiled::new(Arc::new(policy)))
    });
    compiled.collect()
}

/// The tier that the line gets; one that cannot be judged is forbidden.
fn tier(policy: &Compiled, line: &Value) -> Tier {
    let document = parse(line.to_string().as_bytes());
    document
        .and_then(|document| decided(policy, &document, &Flags::default()))
        .map_or(Tier::Forbidden, |(_, decision)| decision.tier())
}

#[test]
fn the_blueprints_never_ask_for_permission_on_missing_data() {
    for policy in policies() {
        for clause in policy.policy().clauses.iter().filter_map(|clause| clause.when.as_ref()) {
            clause.expr.walk(&mut |expr| assert!(!matches!(expr, Expr::Coalesce(..) | Expr::Known(_))));
        }
    }
}

#[test]
fn every_tier_is_met() {
    for policy in policies() {
        let mut dice = Dice(7);
        let tiers: Vec<Tier> = (0..400).map(|_| tier(&policy, &dice.line(policy.policy()))).collect();
        for wanted in [Tier::Allowed, Tier::ApprovalRequired, Tier::Forbidden] {
            assert!(tiers.contains(&wanted), "{}: never {wanted}", policy.policy().blueprint);
        }
    }
}

#[test]
fn corrupted_states_never_loosen_a_verdict() {
    let policies = policies();
    let config = ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(ProptestConfig::default().cases.max(3_000))
    };
    proptest!(config, |(seed in any::<u64>(), which in 0..BLUEPRINTS.len(), times in 1..4_usize)| {
        let (mut dice, policy) = (Dice(seed), &policies[which]);
        let line = dice.line(policy.policy());
        let before = tier(policy, &line);
        let mut corrupted = line.clone();
        for _ in 0..times {
            dice.corrupt(policy.policy(), &mut corrupted["state"]);
        }
        let after = tier(policy, &corrupted);
        prop_assert!(after >= before, "{before} became {after}\n{line:#}\n{corrupted:#}");
    });
}
