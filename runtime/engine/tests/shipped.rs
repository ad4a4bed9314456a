//! A bundle is decided on with nothing but `ir`, `units` and the engine; and whatever bundle is taken, however it was forged,
//! is decided on within bounds, alike by expressions and by plans, and no more permissively for knowing less.
//!
//! `leeway compile compiler/ir/tests/bundle/everything.leeway -o runtime/engine/tests/everything.bundle` makes it anew.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed unwrap is a failed test")]

use std::sync::{Arc, LazyLock};

use jiff::Timestamp;
use leeway_engine::{
    Compiled, History, Principal, Proposal, Sample, Series, Snapshot, Tier, evaluate, explain, propose, rule_grounds,
};
use leeway_ir::{Expr, Fingerprint, Policy, bundle, canonical_digest};
use leeway_units::{Call, Quantity, Record, Type, Value};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use serde::Deserialize as _;
use serde_json::Value as Json;

const BUNDLE: &[u8] = include_bytes!("everything.bundle");

fn now() -> Timestamp {
    "2026-01-07T12:00:00Z".parse().unwrap()
}

fn decided(policy: &Policy, snapshot: &Snapshot, call: &str) -> Tier {
    let actors = vec![Principal::parse("agent:atlas").unwrap()];
    let call = Call::parse(call).unwrap();
    let proposal = Proposal { call, actors, claims: vec![], because: None, conflicts_with: None };
    let history = History::written(now(), vec![]);
    let decision = evaluate(policy, snapshot, &history, &proposal);
    let compiled = Compiled::new(Arc::new(policy.clone()));
    assert_eq!(compiled.evaluate(snapshot, &history, &proposal), decision);
    explain(policy, snapshot, &history, &decision).tier
}

fn known(policy: &Policy, values: &[(&str, &str)]) -> Snapshot {
    let mut snapshot = Snapshot::empty(policy, now());
    for (name, text) in values {
        let (ty, series) = match policy.fact_named(name) {
            Some(id) => (policy.fact(id).unwrap().ty.clone(), &mut snapshot.facts[usize::from(id.0)]),
            None => {
                let at = policy.metrics.iter().position(|metric| *metric.name == **name).unwrap();
                (Type::Quantity(policy.metrics[at].unit), &mut snapshot.metrics[at])
            }
        };
        series.push(Sample { at: now(), value: Ok(Value::parse_as(&ty, text).unwrap()) });
    }
    snapshot
}

#[test]
fn a_bundle_is_decided_on_without_a_compiler() {
    let policy = bundle::read(BUNDLE, &[]).unwrap();
    let calm = known(&policy, &[("depth", "14"), ("how", "fast"), ("wait", "1s")]);
    assert_eq!(decided(&policy, &calm, "trim(to: 12, how: fast)"), Tier::ApprovalRequired);
    assert_eq!(decided(&policy, &calm, "trim(to: 0, how: fast)"), Tier::Forbidden);
    assert_eq!(decided(&policy, &calm, "trim(to: 21, how: fast)"), Tier::Forbidden);
    assert_eq!(decided(&policy, &calm, "erase(name: \"tmp-1\")"), Tier::ApprovalRequired);
    assert_eq!(decided(&policy, &calm, "erase(name: \"all\")"), Tier::Forbidden);
}

/// The places in a document, as JSON pointers.
fn pointers(value: &Json, path: &str, found: &mut Vec<String>) {
    found.push(path.to_owned());
    match value {
        Json::Object(members) => {
            members.iter().for_each(|(name, member)| pointers(member, &format!("{path}/{name}"), found));
        }
        Json::Array(list) => {
            list.iter().enumerate().for_each(|(at, entry)| pointers(entry, &format!("{path}/{at}"), found));
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}

static DOCUMENT: LazyLock<Json> = LazyLock::new(|| serde_json::from_slice(BUNDLE).unwrap());

static POINTERS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let mut found = Vec::new();
    pointers(&DOCUMENT["policy"], "", &mut found);
    found
});

/// What a forger puts in the place of something.
#[derive(Clone, Debug)]
enum Forged {
    /// What stands elsewhere.
    From(prop::sample::Index),
    /// What stands elsewhere under the same name.
    Like(prop::sample::Index),
    Number(i64),
    Json(Json),
}

fn forged() -> impl Strategy<Value = Forged> {
    let values = ["null", "true", "[]", "{}", "\"\"", "0.5", "{\"literal\":\"0s\"}", "{\"literal\":\"-7\"}"];
    let values = values.map(|text| serde_json::from_str::<Json>(text).unwrap());
    prop_oneof![
        1 => any::<prop::sample::Index>().prop_map(Forged::From),
        8 => any::<prop::sample::Index>().prop_map(Forged::Like),
        2 => prop_oneof![-1_i64..9, any::<i64>()].prop_map(Forged::Number),
        1 => prop::sample::select(values.to_vec()).prop_map(Forged::Json),
    ]
}

fn pointer(at: &prop::sample::Index) -> &'static str {
    &POINTERS[at.index(POINTERS.len())]
}

/// The name under which a place stands, whatever its place in lists.
fn name(pointer: &str) -> &str {
    pointer.rsplit('/').find(|part| part.parse::<usize>().is_err()).unwrap_or_default()
}

/// The document changed in some places, its digest and fingerprint made to fit.
fn sealed(changes: &[(prop::sample::Index, Forged)]) -> String {
    let mut document = DOCUMENT.clone();
    for (place, forged) in changes {
        let place = pointer(place);
        let copied = |from: &str| DOCUMENT["policy"].pointer(from).unwrap().clone();
        let value = match forged {
            Forged::From(from) => copied(pointer(from)),
            Forged::Like(from) => {
                let like: Vec<&String> = POINTERS.iter().filter(|other| name(other) == name(place)).collect();
                copied(like[from.index(like.len())])
            }
            Forged::Number(number) => Json::from(*number),
            Forged::Json(value) => value.clone(),
        };
        // An earlier change may have taken the place away.
        if let Some(place) = document["policy"].pointer_mut(place) {
            *place = value;
        }
    }
    if let Ok(mut policy) = Policy::deserialize(&document["policy"]) {
        policy.fingerprint = Fingerprint::of(&policy);
        document["policy"] = serde_json::to_value(&policy).unwrap();
    }
    document["digest"] = canonical_digest(&document["policy"]).into();
    serde_jcs::to_string(&document).unwrap()
}

/// Some value of that type.
fn value(ty: &Type) -> Value {
    match ty {
        Type::Bool => Value::Bool(true),
        Type::Quantity(unit) => Value::Quantity(Quantity::new(*unit, 5.0).unwrap()),
        Type::Text => Value::Text("tmp-1".into()),
        Type::Enum(of) => Value::Symbol(of.words.first().cloned().unwrap_or_default()),
        Type::List(of) => Value::List([value(of)].into()),
        Type::Records(fields) => {
            let record = Record::new(fields.iter().map(|field| (field.name.clone(), value(&field.ty))));
            Value::List([Value::Record(record)].into())
        }
    }
}

fn full(policy: &Policy) -> Snapshot {
    let mut snapshot = Snapshot::empty(policy, now());
    let held = |stale_ms, value| Series::held(stale_ms, value, now(), now(), 5_000, 3_600_000);
    for (series, fact) in snapshot.facts.iter_mut().zip(&policy.facts) {
        *series = held(fact.stale_ms, value(&fact.ty));
    }
    for (series, metric) in snapshot.metrics.iter_mut().zip(&policy.metrics) {
        *series = held(metric.stale_ms, value(&Type::Quantity(metric.unit)));
    }
    snapshot
}

/// Whether a clause asks whether something is known: then knowing less may permit more, as it says.
fn asks_what_is_known(policy: &Policy) -> bool {
    policy.clauses.iter().filter_map(|clause| clause.when.as_ref()).any(|when| {
        let mut asks = false;
        when.expr.walk(&mut |expr| asks |= matches!(expr, Expr::Known(_) | Expr::Coalesce(..)));
        asks
    })
}

/// Decides on every action of the policy, as its rules propose too.
fn decided_within_bounds(policy: &Policy) {
    let (nothing, full) = (Snapshot::empty(policy, now()), full(policy));
    let mut knowing = policy.clone();
    knowing.clauses.retain(|clause| !asks_what_is_known(&Policy { clauses: vec![clause.clone()], ..policy.clone() }));
    let history = History::written(now(), vec![]);
    for snapshot in [&nothing, &full] {
        propose(policy, snapshot, &history);
        rule_grounds(policy, snapshot, &history);
    }
    for action in &policy.actions {
        let arguments =
            action.parameters.iter().map(|parameter| format!("{}: {}", parameter.name, value(&parameter.ty)));
        let call = format!("{}({})", action.name, arguments.collect::<Vec<_>>().join(", "));
        // Of a list, which no call can hold, nothing is proposed.
        if Call::parse(&call).is_ok() {
            decided(policy, &nothing, &call);
            decided(policy, &full, &call);
            assert!(decided(&knowing, &nothing, &call) >= decided(&knowing, &full, &call), "{call}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn whatever_bundle_is_taken_is_decided_on(
        changes in prop::collection::vec((any::<prop::sample::Index>(), forged()), 1..4),
    ) {
        if let Ok(policy) = bundle::read(sealed(&changes).as_bytes(), &[]) {
            decided_within_bounds(&policy);
        }
    }
}

#[test]
fn some_forged_bundles_are_taken_and_most_are_not() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let changes = prop::collection::vec((any::<prop::sample::Index>(), forged()), 1..4);
    let mut taken = 0;
    for _ in 0..200 {
        let changes = changes.new_tree(&mut runner).unwrap().current();
        taken += usize::from(bundle::read(sealed(&changes).as_bytes(), &[]).is_ok());
    }
    assert!((5..150).contains(&taken), "{taken} of 200");
}
