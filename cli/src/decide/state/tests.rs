//! States with collections, enums and histories, and the paths of what is wrong in them.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed test")]

use leeway_engine::RECORDS_MAX;
use leeway_ir::Fact;
use leeway_units::{Enum, Field, Quantity, Type, Unit, Value};

use super::*;

/// A policy with a collection, an enum and a count.
fn policy() -> Policy {
    let text = "use std.ratelimiter\nblueprint t for ratelimiter.tenant(\"acme\") {\n  metric load: ratio = scrape \"load\"  allow any }";
    let compilation = leeway_driver::compile_text("t.leeway", text);
    let mut policy = compilation.policies.into_iter().next().unwrap_or_else(|| panic!("{:?}", compilation.diagnostics));
    let fact = |name: &str, ty| Fact { name: name.into(), ty, stale_ms: 60_000 };
    let field = |name: &str, ty| Field { name: name.into(), ty };
    let pods = [field("crashed", Type::Bool), field("restarts", Type::Quantity(Unit::Count))];
    policy.facts.push(fact("pods", Type::Records(pods.into())));
    let words = ["rolling_update".into(), "recreate".into()];
    policy.facts.push(fact("strategy", Type::Enum(Enum { name: "strategy".into(), words: words.into() })));
    policy
}

fn read(policy: &Policy, members: &str) -> Read<State> {
    let document = Node::parse(&format!("{{ \"at\": \"2026-01-07T12:00:00Z\", {members} }}"))?;
    let reader = Reader { policy, at: None, path: "$", facts_are: FactsAre::Values };
    Ok(reader.read(&document)?.unwrap())
}

fn fact(policy: &Policy, state: &State, name: &str) -> Option<Value> {
    state.snapshot.fact(policy.fact_named(name).unwrap(), state.snapshot.at).value().cloned()
}

#[test]
fn collections_are_lists_of_objects_and_enums_are_words() {
    let policy = policy();
    let state = read(
        &policy,
        r#""facts": { "strategy": "recreate",
                      "pods": [ { "crashed": true, "restarts": 4 }, { "crashed": "missing" } ] }"#,
    )
    .unwrap();
    assert_eq!(fact(&policy, &state, "strategy"), Some(Value::Symbol("recreate".into())));
    let Some(Value::List(pods)) = fact(&policy, &state, "pods") else { panic!("no pods") };
    assert_eq!(pods.iter().map(ToString::to_string).collect::<Vec<_>>(), ["{ crashed: true, restarts: 4 }", "{ }"]);
}

#[test]
fn what_does_not_fit_is_refused_with_its_path() {
    let policy = policy();
    let many = vec!["{}"; RECORDS_MAX + 1].join(",");
    for (members, path) in [
        (r#""facts": { "strategy": "recreat" }"#, "$.facts.strategy"),
        (r#""facts": { "strategy": 1 }"#, "$.facts.strategy"),
        (r#""facts": { "pods": { "crashed": true } }"#, "$.facts.pods"),
        (r#""facts": { "pods": [ true ] }"#, "$.facts.pods[0]"),
        (r#""facts": { "pods": [ {}, { "crashd": true } ] }"#, "$.facts.pods[1].crashd"),
        (r#""facts": { "pods": [ { "restarts": 1.5 } ] }"#, "$.facts.pods[0].restarts"),
        (&format!(r#""facts": {{ "pods": [{many}] }}"#), "$.facts.pods"),
        (
            r#""history": [ { "action": "restart_workers()", "ago": "1m", "before": { "workers": "1s" } } ]"#,
            "$.history[0].before.workers",
        ),
        (r#""history": [ { "action": "restart_workers()", "ago": "1m", "actor": "atlas" } ]"#, "$.history[0].actor"),
    ] {
        let error = read(&policy, members).err().unwrap();
        assert_eq!(error.path, path, "{members}: {error}");
    }
}

#[test]
fn what_is_refused_says_what_would_do() {
    let policy = policy();
    for (members, says) in [
        (
            r#""metrics": { "load": "5%" }"#,
            "expected `{ \"value\": … }`, `{ \"series\": … }` or \"missing\", got a text",
        ),
        (r#""history": [ { "action": "restart_worker()", "ago": "1m" } ]"#, "did you mean `restart_workers`?"),
        (r#""facts": { "workers": 9007199254740993 }"#, "too large"),
        (r#""facts": { "workers": "9007199254740992" }"#, "too large"),
    ] {
        let error = read(&policy, members).err().unwrap();
        assert!(error.message.contains(says), "{members}: {error}");
    }
    assert!(read(&policy, r#""facts": { "workers": 9007199254740991 }"#).is_ok());
}

#[test]
fn history_says_who_acted_and_what_was_before() {
    let policy = policy();
    let state = read(
        &policy,
        r#""history": [ { "action": "restart_workers()", "ago": "1m", "outcome": "confirmed",
                          "actor": ["human:ada", "agent:atlas"], "before": { "workers": 4 } },
                        { "action": "restart_workers()", "ago": "2m" },
                        { "action": "restart_workers()", "ago": "3m", "before": { "workers": 4, "burst": "missing" } } ]"#,
    )
    .unwrap();
    let History::Complete { operations, .. } = state.history else { panic!("unknown") };
    let [lacking, unsaid, said] = operations.as_slice() else { panic!("{operations:?}") };
    assert_eq!(lacking.before, None, "it may have changed what is not known");
    assert_eq!((unsaid.actors.len(), &unsaid.before), (0, &None));
    assert_eq!(said.actors, ["human:ada".into(), "agent:atlas".into()]);
    assert_eq!(said.before, Some(vec![("workers".into(), Value::Quantity(Quantity::count(4)))]));
}
