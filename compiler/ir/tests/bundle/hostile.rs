//! Policies that no compiler makes, sealed as a forger would: each is refused where it is wrong.

use serde_json::{Value, json};

use crate::{POLICY, UNSIGNED, opened, refused, sealed};

/// Refuses the policy in which the value at `pointer` is `value`, with this reason.
fn refuses(pointer: &str, value: Value, reason: &str) {
    let mut document = opened(&UNSIGNED);
    let place = document["policy"].pointer_mut(pointer).unwrap_or_else(|| panic!("there is no {pointer}"));
    assert_ne!(*place, value, "{pointer}");
    *place = value;
    let said = refused(&sealed(document)).to_string();
    assert!(said.contains(reason), "{pointer}: {said}");
}

/// The place of the member that has this text in it.
fn place(list: &str, text: &str) -> usize {
    let document = opened(&UNSIGNED);
    let list = document["policy"][list].as_array().unwrap();
    list.iter().position(|one| one.to_string().contains(text)).unwrap_or_else(|| panic!("nothing has {text}"))
}

#[test]
fn places_that_do_not_exist_are_refused() {
    let held = format!("/rules/{}/when/expr", place("rules", "shrink"));
    refuses(&held, json!({ "compare": [{ "fact": 99 }, "less", { "fact": 1 }] }), "there is no fact 99");
    refuses(&held, json!({ "compare": [{ "metric": 99 }, "less", { "metric": 0 }] }), "there is no metric 99");
    refuses(&held, json!({ "compare": [{ "parameter": 0 }, "less", { "fact": 1 }] }), "parameter 0 is not there");
    refuses(&held, json!({ "compare": [{ "budget_left": 7 }, "less", { "budget_left": 7 }] }), "no such objective");
    refuses(&held, json!({ "element": { "depth": 0, "field": "busy" } }), "an element stands outside its quantifier");
    refuses("/clauses/0/actions", json!([99]), "`clauses[0].actions`: there is no action 99");
    refuses("/clauses/0/actions", json!([0, 0]), "an action is named twice");
    refuses("/rules/0/propose/action", json!(99), "`rules[0].propose`: there is no action 99");
    refuses("/rules/0/propose/arguments", json!([]), "a call has an argument for each parameter");
    refuses("/verifications/0/actions", json!([99]), "there is no action 99");
    refuses("/slos/0/good", json!(99), "`slos[0]`: there is no metric 99");
}

#[test]
fn types_that_do_not_fit_are_refused() {
    let when = format!("/clauses/{}/when/expr", place("clauses", "tmp-"));
    refuses(&when, json!({ "fact": 0 }), "expected a `bool`");
    refuses(&when, json!({ "matches": [{ "constant": { "bool": true } }, "a"] }), "only texts are looked into");
    refuses(&when, json!({ "matches": [{ "parameter": 0 }, "(a"] }), "regex parse error");
    let unlike = json!({ "compare": [{ "constant": { "text": "5" } }, "less", { "constant": { "literal": "5" } }] });
    refuses(&when, unlike, "a `text` and a `count` are unlike");
    let units =
        json!({ "compare": [{ "constant": { "literal": "5s" } }, "less", { "constant": { "literal": "5%" } }] });
    refuses(&when, units, "a `duration` and a `ratio` are unlike");
    let words = json!({ "compare": [{ "constant": { "text": "a" } }, "less", { "constant": { "text": "b" } }] });
    refuses(&when, words, "is not compared so");
    refuses(&when, json!({ "compare": [{ "action_risk": null }, "less", { "constant": { "symbol": "wild" } }] }), "");
    refuses(
        &when,
        json!({ "known": { "function": ["least", [{ "constant": { "literal": "1" } }]] } }),
        "number of arguments",
    );
    refuses("/actions/0/effects", json!([{ "fact": 0, "value": { "constant": { "text": "no" } } }]), "expected a");
    refuses("/slos/0/good", json!(1), "events are counted by a `rate`");
}

#[test]
fn numbers_that_cannot_work_are_refused() {
    let drift = format!("/limits/{}/kind/drift/by", place("limits", "drift"));
    let freeze = format!("/limits/{}/kind/freeze/weekly/spans/0/from", place("limits", "freeze"));
    let at_most = format!("/limits/{}/kind/at_most/window_ms", place("limits", "at_most"));
    let window = format!("/clauses/{}/when/expr", place("clauses", "zero"));
    for (pointer, value, reason) in [
        ("/metrics/0/every_ms", json!(0), "a time is at least 1 ms"),
        ("/metrics/0/stale_ms", json!(9_007_199_254_740_991_u64), "at most ten years"),
        ("/facts/0/stale_ms", json!(0), "a time is at least 1 ms"),
        ("/approvals/0/quorum", json!(0), "`approvals[0].quorum`: expected at least one"),
        ("/approvals/0/timeout_ms", json!(0), "`approvals[0].timeout_ms`"),
        ("/slos/0/objective", json!({ "literal": "100%" }), "less than all of the events"),
        ("/slos/0/burns/0/factor", json!(0), "the factor of a burn is more than none"),
        ("/slos/0/burns/0/short_ms", json!(30_000_000), "the short window is shorter"),
        ("/verifications/0/stages/0/duration_ms", json!(0), "a time is at least 1 ms"),
        ("/audit_retention_ms", json!(0), "`audit_retention_ms`"),
        (&drift, json!({ "literal": "0" }), "expected more than none"),
        (&drift, json!({ "literal": "5s" }), "expected a `count`"),
        (&freeze, json!(20_000), "there is no such minute of the week"),
        (&at_most, json!(0), "a time is at least 1 ms"),
        (&window, json!({ "held": [{ "fact": 3 }, 0] }), "a time is at least 1 ms"),
        (&drift, json!({ "number": "NaN" }), "is not a finite number"),
    ] {
        refuses(pointer, value, reason);
    }
}

#[test]
fn responses_that_no_compiler_makes_are_refused() {
    let at = place("metrics", "\"part\"");
    let (given, value) = (format!("/metrics/{at}/responds/given"), format!("/metrics/{at}/responds/value"));
    refuses(&given, json!([]), &format!("`metrics[{at}].responds.given[0]`: it begins with the metric itself"));
    refuses(&given, json!([{ "metric": 99 }]), "it begins with the metric itself");
    let second = format!("{given}/1");
    refuses(&second, json!({ "fact": 99 }), "there is no fact 99");
    refuses(&second, json!({ "metric": 99 }), "there is no metric 99");
    refuses(&second, json!({ "fact": workers() }), "a collection is no value");
    let queueing =
        |utilisation: usize, servers: usize| json!({ "queueing": { "utilisation": utilisation, "servers": servers } });
    refuses(&second, queueing(at, place("facts", "\"pace\"")), "servers are a `count`");
    refuses(&second, queueing(place("metrics", "\"wait\""), place("facts", "depth")), "utilisation is a `ratio`");
    refuses(&second, queueing(at, place("facts", "depth")), "metrics respond to each other in a circle");
    refuses(&value, json!({ "metric": at }), "`metrics`: metrics respond to each other in a circle");
    refuses(&value, json!({ "fact": place("facts", "depth") }), "expected a `ratio`, and this is a `count`");
    refuses(&value, json!({ "parameter": 7 }), "parameter 7 is not there");
    let window = json!({ "window": { "function": "maximum", "metric": at, "window_ms": 1000 } });
    refuses(&value, window, "it reads more than the moment");
    refuses(&value, json!({ "coalesce": [{ "parameter": 0 }, { "parameter": 0 }] }), "it reads more than the moment");
}

#[test]
fn names_that_would_write_over_the_screen_are_refused() {
    refuses("/facts/0/name", json!("\u{1b}[2J"), "`\\u{1b}[2J` is no name");
    refuses("/facts/1/name", json!("depth"), "is there twice");
    refuses("/clauses/0/id", json!("a\nb"), "an id consists of");
    refuses("/blueprint", json!(""), "`` is no name");
    refuses("/target/kind", json!("a b"), "is no name");
}

#[test]
fn what_would_take_too_long_is_refused() {
    let when = format!("/clauses/{}/when/expr", place("clauses", "tmp-"));
    let wrapped =
        |levels: usize| (0..levels).fold(json!({ "constant": { "bool": true } }), |inner, _| json!({ "not": inner }));
    refuses(&when, wrapped(128), "it nests too deep");
    refuses(&when, wrapped(160), "nests deeper than any bundle");
    let any = |body: Value| json!({ "quantified": { "quantifier": "any", "over": workers(), "body": body } });
    refuses(&when, any(any(any(json!({ "element": { "depth": 0, "field": "busy" } })))), "too deep in each other");
    let held = |inner: Value| json!({ "held": [inner, 60_000] });
    let busy = json!({ "compare": [{ "fact": 0 }, "equal", { "fact": 0 }] });
    refuses(&when, held(held(busy)), "what is held for a time has no past");
    let began = json!({ "compare": [{ "since": { "actions": [0] } }, "less", { "constant": { "literal": "5s" } }] });
    refuses(&when, held(began), "what is held for a time has no past");
    let many = vec![json!({ "matches": [{ "parameter": 0 }, "a"] }); 2_001];
    refuses(&when, json!({ "or": many }), "a bundle holds at most 2000");
}

#[test]
fn every_action_of_every_clause_counts() {
    let mut document = opened(&UNSIGNED);
    let policy = &mut document["policy"];
    let mut action = policy["actions"][0].clone();
    action["parameters"] = json!([]);
    action["effects"] = json!([]);
    action["undo"] = json!("nothing");
    action["stages"] = json!([]);
    let actions = policy["actions"].as_array_mut().unwrap();
    let first = actions.len();
    actions.extend((0..10_000).map(|at| {
        action["name"] = json!(format!("a{at}"));
        action.clone()
    }));
    let all: Vec<usize> = (first..first + 10_000).collect();
    let clause = &mut policy["clauses"][0];
    clause["actions"] = json!(all);
    clause["because"] = Value::Null;
    clause["suggest"] = Value::Null;
    clause["when"]["names"] = json!([]);
    clause["when"]["expr"] = json!({ "and": vec![json!({ "constant": { "bool": true } }); 5_001] });
    assert!(refused(&sealed(document)).to_string().contains("a decision takes too many steps"));
}

fn workers() -> usize {
    POLICY.fact_named("workers").unwrap().0.into()
}
