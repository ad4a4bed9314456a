//! The outcome as one JSON document.

use serde_json::{Value, json};

use super::coverage::unseen;
use super::{Run, Tested};

pub(super) fn report(tested: &[Tested<'_>], coverage: bool) -> String {
    let tests: Vec<Value> =
        tested.iter().flat_map(|one| one.runs.iter().map(|run| test(&one.suite.policy.blueprint, run))).collect();
    let passed = tests.iter().filter(|test| test.get("passed") == Some(&Value::Bool(true))).count();
    let mut document = json!({
        "summary": { "tests": tests.len(), "passed": passed, "failed": tests.len() - passed },
        "tests": tests,
    });
    if let Some(members) = document.as_object_mut().filter(|_| coverage) {
        members.insert("coverage".into(), tested.iter().flat_map(covered).collect());
    }
    format!("{document:#}\n")
}

fn test(blueprint: &str, run: &Run<'_>) -> Value {
    let expectations = run.scenario.expect.iter().zip(&run.played.outcomes).map(|(expected, outcome)| {
        json!({
            "met": outcome.met,
            "expected": outcome.expected,
            "came": outcome.came,
            "at": expected.origin,
            "verdict": outcome.verdict,
        })
    });
    json!({
        "blueprint": blueprint,
        "name": run.scenario.name,
        "passed": run.passed(),
        "at": run.scenario.origin,
        "expectations": expectations.collect::<Vec<_>>(),
    })
}

/// The clauses of a suite with truth values that no test has shown.
fn covered(tested: &Tested<'_>) -> Vec<Value> {
    let clause = |clause: super::coverage::Unseen<'_>| {
        json!({
            "blueprint": tested.suite.policy.blueprint,
            "clause": clause.clause.id,
            "at": clause.clause.origin,
            "unseen": clause.unseen,
        })
    };
    unseen(tested).into_iter().map(clause).collect()
}
