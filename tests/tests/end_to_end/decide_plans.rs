//! `leeway decide --state-from`: plans and costs from files, beside a state and without one.

use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::place::{leeway, outcome};

const SMALL: &str = "blueprints/fixtures/tofu-small.json";
const DATABASE: &str = "blueprints/fixtures/tofu-database.json";
const SAME: &str = "blueprints/fixtures/infracost-same.json";
const DEARER: &str = "blueprints/fixtures/infracost-dearer.json";

/// The exit code, standard output and standard error of a decision on these documents.
fn decide(documents: &[&str], arguments: &[&str]) -> (i32, String, String) {
    decide_with("blueprints/tofu.leeway", documents, arguments)
}

fn decide_with(blueprint: &str, documents: &[&str], arguments: &[&str]) -> (i32, String, String) {
    let mut command = leeway();
    command.current_dir(leeway_tests::root()).args(["decide", blueprint]);
    for document in documents {
        command.args(["--state-from", document]);
    }
    outcome(command.args(arguments))
}

fn file(folder: &TempDir, name: &str, text: &str) -> String {
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn the_exit_code_of_a_gate_is_the_tier() {
    for (documents, code) in [
        (&[SMALL, SAME][..], 0),
        (&[SAME, SMALL], 0),
        (&[SMALL, DEARER], 3),
        (&[SMALL], 3),
        (&["blueprints/fixtures/tofu-untagged.json", SAME], 3),
        (&[DATABASE, SAME], 4),
        (&["blueprints/fixtures/terraform-state.json"], 1),
        (&["blueprints/fixtures/terraform-errored.json"], 1),
        (&["blueprints/fixtures/README.md"], 1),
        (&[SMALL, SMALL], 1),
        (&["blueprints/fixtures/no-such-plan.json"], 2),
        (&["-", "-"], 2),
        (&[], 2),
    ] {
        let (exit, out, err) = decide(documents, &[]);
        assert_eq!(exit, code, "{documents:?}: {out}{err}");
    }
}

#[test]
fn the_moment_is_that_of_the_flag_of_the_state_or_of_the_newest_document() {
    let folder = tempfile::tempdir().unwrap();
    let costs: Value = serde_json::from_str(&fs::read_to_string(leeway_tests::root().join(SAME)).unwrap()).unwrap();
    let mut timeless = costs.clone();
    timeless.as_object_mut().unwrap().remove("timeGenerated");
    let timeless = file(&folder, "costs.json", &timeless.to_string());
    let state = file(&folder, "state.json", &json!({ "at": "2026-01-09T16:00:00Z" }).to_string());
    let frozen = |arguments: &[&str]| {
        let arguments = [&["--propose", "apply()", "--format", "json"], arguments].concat();
        let (_, out, err) = decide(&[SMALL, &timeless], &arguments);
        (out + &err).contains("tofu/limit/freeze/1")
    };
    assert!(!frozen(&[]));
    assert!(frozen(&["--state", &state]));
    assert!(frozen(&["--at", "2026-01-10T12:00:00Z"]));
    assert!(!frozen(&["--state", &state, "--at", "2026-01-07T10:05:00Z"]));
    // Without any time in them there is no moment.
    let (code, _, err) = decide(&[&timeless], &[]);
    assert_eq!((code, err.contains("no moment to decide at")), (2, true), "{err}");
    let (code, _, err) = decide(&[SMALL], &["--at", "2026-01-07T09:59:59Z"]);
    assert_eq!((code, err.contains("after 2026-01-07T09:59:59Z")), (1, true), "{err}");
}

#[test]
fn a_state_beside_a_plan_adds_what_no_plan_knows_and_contradicts_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let beside = |state: Value| {
        let state = file(&folder, "state.json", &state.to_string());
        decide(&[SMALL, SAME], &["--state", &state])
    };
    let open = json!({ "breaker": "open", "held": false, "killed": false, "owner": null });
    assert_eq!(beside(json!({ "actor": "agent:ci" })).0, 0);
    assert_eq!(beside(json!({ "safety": open })).0, 4);
    let (code, _, err) = beside(json!({ "facts": { "deletes": 0 } }));
    assert_eq!((code, err.contains("it says `deletes`, which another")), (1, true), "{err}");
    let (code, _, err) = decide_with("blueprints/frontend.leeway", &[SMALL], &[]);
    assert_eq!((code, err.contains("it is about a `tofu.workspace`")), (1, true), "{err}");
}

#[test]
fn the_digest_of_the_state_names_the_plan() {
    let folder = tempfile::tempdir().unwrap();
    let digest = |plan: &str| {
        let (_, out, _) = decide(&[plan, SAME], &["--propose", "apply()", "--format", "json"]);
        serde_json::from_str::<Value>(&out).unwrap()["state_digest"].as_str().unwrap().to_owned()
    };
    let text = fs::read_to_string(leeway_tests::root().join(SMALL)).unwrap();
    let (same, other) =
        (file(&folder, "same.json", &text), file(&folder, "other.json", &text.replace("-retry", "-again")));
    assert_eq!(digest(SMALL), digest(&same));
    assert_ne!(digest(SMALL), digest(&other));
}

#[test]
fn a_plan_over_the_limit_is_refused_unread() {
    let folder = tempfile::tempdir().unwrap();
    let huge = format!("{{ \"configuration\": \"{}\" }}", "x".repeat(64 << 20));
    let (code, _, err) = decide(&[&file(&folder, "huge.json", &huge)], &[]);
    assert_eq!((code, err.contains("over 67108864 bytes long")), (1, true), "{err}");
}
