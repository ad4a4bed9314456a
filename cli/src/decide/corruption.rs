//! States that lose, age or garble what they knew: whatever happens to facts, metrics and history, no verdict becomes looser.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a failed unwrap is a failed test")]

mod dice;
mod harm;

use std::sync::Arc;

use leeway_engine::{Compiled, Tier};
use leeway_ir::Expr;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::decide::batch::decided;
use crate::decide::corruption::dice::Dice;
use crate::decide::corruption::harm::harmed;
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

fn policies() -> Vec<Compiled> {
    let compiled = BLUEPRINTS.iter().flat_map(|(path, text)| {
        let compilation = leeway_driver::compile_text(path, text);
        assert!(!compilation.policies.is_empty(), "{path}: {:#?}", compilation.diagnostics);
        compilation.policies.into_iter().map(|policy| Compiled::new(Arc::new(policy)))
    });
    compiled.collect()
}

/// The tier that the line gets; one that cannot be judged is forbidden.
fn tier(policy: &Compiled, line: &str) -> Tier {
    parse(line.as_bytes())
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
        let tiers: Vec<Tier> = (0..400).map(|_| tier(&policy, &dice.line(policy.policy()).to_string())).collect();
        for wanted in [Tier::Allowed, Tier::ApprovalRequired, Tier::Forbidden] {
            assert!(tiers.contains(&wanted), "{}: never {wanted}", policy.policy().blueprint);
        }
    }
}

#[test]
fn what_is_corrupted_can_often_still_be_judged() {
    for policy in policies() {
        let mut dice = Dice(11);
        let (mut judged, mut stricter) = (0, 0);
        for _ in 0..400 {
            let line = dice.line(policy.policy());
            let corrupted = harmed(&mut dice, policy.policy(), &line, 1);
            if parse(corrupted.as_bytes()).and_then(|document| decided(&policy, &document, &Flags::default())).is_ok() {
                judged += 1;
                stricter += u32::from(tier(&policy, &corrupted) > tier(&policy, &line.to_string()));
            }
        }
        assert!(
            judged > 100 && stricter > 5,
            "{}: {judged} were judged, {stricter} more strictly",
            policy.policy().blueprint
        );
    }
}

/// The document with the members of every object in another order, as text.
fn turned(document: &Value) -> String {
    match document {
        Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| format!("{}:{}", json!(name), turned(value));
            format!("{{{}}}", members.iter().rev().map(member).collect::<Vec<_>>().join(","))
        }
        Value::Array(entries) => format!("[{}]", entries.iter().map(turned).collect::<Vec<_>>().join(",")),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => document.to_string(),
    }
}

#[test]
fn the_order_of_keys_never_changes_a_byte() {
    for policy in policies() {
        let mut dice = Dice(13);
        for _ in 0..100 {
            let line = dice.line(policy.policy());
            let verdict = |text: &str| {
                let document = parse(text.as_bytes()).unwrap();
                let (state, decision) = decided(&policy, &document, &Flags::default()).unwrap();
                serde_json::to_string(&policy.explain(&state.snapshot, &state.history, &decision)).unwrap()
            };
            let (text, turned) = (line.to_string(), turned(&line));
            assert_ne!(text, turned);
            assert_eq!(verdict(&text), verdict(&turned), "{text}");
        }
    }
}

/// `PROPTEST_CASES=1000000` makes it a million.
#[test]
fn corrupted_states_never_loosen_a_verdict() {
    let policies = policies();
    let config = ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(ProptestConfig::default().cases.max(2_000))
    };
    proptest!(config, |(seed in any::<u64>(), which in 0..BLUEPRINTS.len(), times in 1..4_usize)| {
        let (mut dice, policy) = (Dice(seed), &policies[which]);
        let line = dice.line(policy.policy());
        let before = tier(policy, &line.to_string());
        let corrupted = harmed(&mut dice, policy.policy(), &line, times);
        let after = tier(policy, &corrupted);
        prop_assert!(after >= before, "{before} became {after}\n{line}\n{corrupted}");
    });
}
