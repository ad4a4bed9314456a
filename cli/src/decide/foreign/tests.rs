//! Whole documents against the policy of the library: what is recognised, what is added, and that not knowing never loosens.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a failed unwrap is a failed test")]

use std::sync::LazyLock;

use leeway_engine::{History, Principal, Proposal, Tier, evaluate};
use leeway_units::Call;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const BLUEPRINT: &str = include_str!("../../../../blueprints/tofu.leeway");
const KINDS: &str = include_str!("../../../../blueprints/fixtures/terraform-kinds.json");
const STATE: &str = include_str!("../../../../blueprints/fixtures/terraform-state.json");
const SMALL: &str = include_str!("../../../../blueprints/fixtures/tofu-small.json");
const DATABASE: &str = include_str!("../../../../blueprints/fixtures/tofu-database.json");
const COSTS: &str = include_str!("../../../../blueprints/fixtures/infracost-same.json");

fn policy() -> &'static Policy {
    static POLICY: LazyLock<Policy> = LazyLock::new(|| {
        let compilation = leeway_driver::compile_text("tofu.leeway", BLUEPRINT);
        compilation.policies.into_iter().next().unwrap_or_else(|| panic!("{:?}", compilation.diagnostics))
    });
    &POLICY
}

fn moment() -> Timestamp {
    "2026-01-07T10:01:00Z".parse().unwrap()
}

/// What is known at `at` from these documents.
fn known(policy: &Policy, documents: &[&str], at: Timestamp) -> Read<Snapshot> {
    let mut snapshot = Snapshot::empty(policy, at);
    for document in documents {
        about(policy, recognise(document.as_bytes())?)?.add_to(policy, &mut snapshot)?;
    }
    Ok(snapshot)
}

/// How `apply()` is decided on these documents.
fn tier(policy: &Policy, documents: &[&str]) -> Read<Tier> {
    let snapshot = known(policy, documents, moment())?;
    let actors = Principal::parse("human:ada").into_iter().collect();
    let call = Call::parse("apply()").unwrap();
    let proposal = Proposal { call, actors, claims: Vec::new(), because: None, conflicts_with: None };
    Ok(evaluate(policy, &snapshot, &History::written(moment(), Vec::new()), &proposal).tier())
}

#[test]
fn a_small_plan_is_allowed_and_one_that_replaces_a_database_forbidden() {
    let policy = policy();
    assert_eq!(tier(policy, &[SMALL, COSTS]), Ok(Tier::Allowed));
    assert_eq!(tier(policy, &[COSTS, SMALL]), Ok(Tier::Allowed));
    assert_eq!(tier(policy, &[SMALL]), Ok(Tier::ApprovalRequired));
    assert_eq!(tier(policy, &[DATABASE, COSTS]), Ok(Tier::Forbidden));
    assert_eq!(tier(policy, &[COSTS]), Ok(Tier::Forbidden));
    // A cost that Infracost does not know is not one of nothing.
    for cost in ["\"totalMonthlyCost\": \"260.4000\"", "\"pastTotalMonthlyCost\": \"252\""] {
        let (name, _) = cost.split_once(' ').unwrap();
        let unknown = COSTS.replace(cost, &format!("{name} null"));
        assert_ne!(unknown, COSTS);
        assert_eq!(tier(policy, &[SMALL, &unknown]), Ok(Tier::ApprovalRequired), "{name}");
    }
}

#[test]
fn what_is_not_recognised_or_does_not_fit_is_refused_with_what_to_do() {
    let policy = policy();
    let fails = |documents: &[&str], part: &str| {
        let error = known(policy, documents, moment()).err().unwrap_or_else(|| panic!("{documents:?} are read"));
        assert!(error.to_string().contains(part), "{error} lacks {part:?}");
    };
    fails(&[STATE], "the state of a workspace, not a plan; give what `tofu show -json PLANFILE` writes");
    fails(&[r#"{ "version": 4, "lineage": "a-b", "resources": [] }"#], "the state of a workspace");
    fails(&["PK\u{3}\u{4}"], "a saved plan; give what");
    fails(&[r#"{"@level":"info"}{"@level":"info"}"#], "the messages of `tofu plan -json`");
    fails(&["{}"], "neither a plan of OpenTofu or Terraform");
    fails(&["[]"], "neither a plan");
    fails(&["{"], "$: ");
    fails(&[SMALL, SMALL], "it says `attributes`, which another document gives, too");
    fails(&[&SMALL.replace("2026-01-07T10:00", "2026-01-07T10:02")], "after 2026-01-07T10:01:00Z");
    fails(&[&COSTS.replace("\"USD\"", "\"EUR\"")], "$.currency: `EUR` cannot be compared with dollars");
    fails(&[&COSTS.replace("\"path\":", "\"errors\": [{}], \"path\":")], "could not be priced");
    fails(
        &[&COSTS.replace("\"totalMonthlyCost\": \"260.4000\"", "\"totalMonthlyCost\": \"-1\"")],
        "$.totalMonthlyCost",
    );
    let nested =
        SMALL.replace("\"fifo_queue\": false", &format!("\"fifo_queue\": {}1{}", "[".repeat(64), "]".repeat(64)));
    fails(&[&nested], "nested deeper than 64");
}

#[test]
fn what_is_passed_over_may_be_as_large_and_deep_as_it_likes() {
    let deep = format!("\"checked\": {}1{}, \"resource_changes\"", "[".repeat(100_000), "]".repeat(100_000));
    let plan = SMALL.replacen("\"resource_changes\"", &deep, 1);
    assert_eq!(tier(policy(), &[&plan, COSTS]), Ok(Tier::Allowed));
}

#[test]
fn a_plan_counts_for_an_hour() {
    let policy = policy();
    let deletes = policy.fact_named("deletes").unwrap();
    let at = |minutes: i64| moment() + jiff::SignedDuration::from_mins(minutes);
    let seen = |minutes| known(policy, &[SMALL], at(minutes)).unwrap().fact(deletes, at(minutes)).value().is_some();
    assert!(seen(59 - 1));
    assert!(!seen(61));
}

#[test]
fn more_than_a_collection_holds_is_unknown_and_said() {
    let policy = policy();
    let change = |at: usize| json!({ "address": format!("a.b[{at}]"), "mode": "managed", "type": "a", "provider_name": "p", "change": { "actions": ["create"], "after": {} } });
    let plan = |n: usize| {
        let changes: Vec<Value> = (0..n).map(change).collect();
        json!({ "format_version": "1.2", "planned_values": {}, "resource_changes": changes }).to_string()
    };
    let told = |n: usize| {
        let evidence = recognise(plan(n).as_bytes()).unwrap();
        let snapshot = known(policy, &[&plan(n)], moment()).unwrap();
        let fact = |name: &str| snapshot.fact(policy.fact_named(name).unwrap(), moment()).value().cloned();
        (evidence.notes.clone(), fact("creates").unwrap().to_string(), fact("changes").is_some())
    };
    assert_eq!(told(RECORDS_MAX), (vec![], "1000".to_owned(), true));
    let note = "`changes` would have 1001 records, and 1000 are looked at; it is unknown".to_owned();
    assert_eq!(told(RECORDS_MAX + 1), (vec![note], "1001".to_owned(), false));
}

/// Every plan that comes of one by making a single thing of it unknown.
fn less_known(plan: &Value) -> Vec<Value> {
    let mut plans = Vec::new();
    for at in 0..plan["resource_changes"].as_array().unwrap().len() {
        let mut later = plan.clone();
        later["resource_changes"][at]["change"]["actions"] = json!(["postpone"]);
        plans.push(later);
        let mut whole = plan.clone();
        whole["resource_changes"][at]["change"]["after_unknown"] = json!(true);
        plans.push(whole);
        let mut lost = plan.clone();
        lost["resource_changes"][at]["change"]["after"] = json!(null);
        plans.push(lost);
        let after = plan["resource_changes"][at]["change"]["after"].as_object().cloned().unwrap_or_default();
        for name in after.keys() {
            for marks in ["after_unknown", "after_sensitive"] {
                let mut hidden = plan.clone();
                let change = &mut hidden["resource_changes"][at]["change"];
                if !change[marks].is_object() {
                    change[marks] = json!({});
                }
                change[marks][name] = json!(true);
                plans.push(hidden);
            }
        }
    }
    plans
}

#[test]
fn knowing_less_of_a_plan_never_loosens_what_is_decided() {
    let policy = policy();
    let mut tried = 0;
    for plan in [SMALL, DATABASE, &KINDS.replace("2026-11-21T11:12:20Z", "2026-01-07T10:00:00Z")] {
        let whole = tier(policy, &[plan, COSTS]).unwrap();
        for less in less_known(&serde_json::from_str(plan).unwrap()) {
            let less = less.to_string();
            tried += 1;
            assert!(tier(policy, &[&less, COSTS]).unwrap() >= whole, "{less}");
        }
    }
    assert!(tried > 100, "{tried}");
}

proptest! {
    /// Whatever stands at whatever place, the document is read or refused.
    #[test]
    fn nothing_in_a_document_is_a_surprise(
        document in prop::sample::select(vec![SMALL, DATABASE, COSTS, STATE]),
        place in 0_usize..20_000,
        put in prop::sample::select(vec!["null", "true", "7", "-1e999", "\"\"", "[]", "{}", "[[[", "\u{0}", "}", ",", "\""]),
        cut in 0_usize..40,
    ) {
        let from = document.floor_char_boundary(place.min(document.len()));
        let to = document.floor_char_boundary((from + cut).min(document.len()));
        let text = format!("{}{put}{}", document.get(..from).unwrap(), document.get(to..).unwrap());
        let policy = policy();
        let _ = known(policy, &[&text], moment());
        let _ = recognise(text.get(..from).unwrap().as_bytes());
    }
}
