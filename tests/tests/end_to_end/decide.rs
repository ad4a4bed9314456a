//! `leeway decide`: verdicts, exit codes and what bad states get.

use std::io::Write as _;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::place::leeway;

const BLUEPRINT: &str = "blueprints/rate_limiter.leeway";

fn decide(state: &Value, arguments: &[&str]) -> (i32, String, String) {
    decide_text(&state.to_string(), arguments)
}

fn decide_text(state: &str, arguments: &[&str]) -> (i32, String, String) {
    let mut child = leeway()
        .current_dir(leeway_tests::root())
        .args(["decide", BLUEPRINT, "--state", "-"])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A document that is refused early may not be read to its end.
    let _ = child.stdin.take().unwrap().write_all(state.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn calm() -> Value {
    json!({
        "at": "2026-01-01T12:00:00Z",
        "facts": { "quota": "100/s", "burst": 20, "workers": 4, "version": 3, "enabled": true },
        "metrics": { "refused": { "value": "30/s" }, "p99": { "value": "12ms", "age": "1s" } }
    })
}

#[test]
fn the_exit_code_is_the_tier() {
    for (actor, call, code) in [
        ("agent:atlas", "set_quota(to: 110/s)", 0),
        ("agent:atlas", "set_quota(to: 111/s)", 3),
        ("human:ada", "set_quota(to: 600/s)", 0),
        ("human:ada", "set_quota(to: 0/s)", 4),
        ("agent:atlas", "set_enabled(on: false)", 4),
        ("agent:atlas", "drain()", 4),
        ("agent:atlas", "no_such_action()", 4),
    ] {
        let (exit, out, err) = decide(&calm(), &["--propose", call, "--actor", actor]);
        assert_eq!(exit, code, "{actor} {call}: {out}{err}");
    }
}

#[test]
fn a_verdict_has_the_shape_of_the_contract_and_the_same_bytes_each_time() {
    let arguments = ["--propose", "set_quota(to: 200/s)", "--actor", "agent:atlas", "--format", "json"];
    let (code, out, _) = decide(&calm(), &arguments);
    assert_eq!(code, 3);
    assert_eq!(decide(&calm(), &arguments).1, out);
    let verdict: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(verdict["tier"], "approval_required");
    assert_eq!(verdict["target"], "acme");
    assert_eq!(verdict["arguments"], json!({ "to": "200/s" }));
    assert_eq!(verdict["proposal"], "set_quota(to: 200/s)");
    assert_eq!(verdict["actor"], "agent:atlas");
    assert_eq!(verdict["suggest"], json!(["set_quota(to: 110/s)"]));
    assert_eq!(verdict["approval"], json!([{ "by": [], "timeout_s": 3600, "quorum": 1 }]));
    let voice = &verdict["voices"][0];
    assert_eq!(voice["by"], "rate_limiter/approve/set_quota/1");
    assert_eq!((voice["kind"].as_str(), voice["truth"].as_str()), (Some("clause"), Some("true")));
    assert_eq!(voice["at"]["path"], BLUEPRINT);
    let members =
        ["blueprint", "version", "fingerprint", "action", "unknown", "retry_after_s", "state_digest", "digest"];
    assert!(members.iter().all(|member| verdict.get(member).is_some()), "{verdict}");
}

#[test]
fn unknown_data_never_loosens() {
    let mut blind = calm();
    blind["metrics"] = json!({ "p99": "missing" });
    let (code, out, _) =
        decide(&blind, &["--propose", "set_quota(to: 110/s)", "--actor", "agent:atlas", "--format", "json"]);
    let verdict: Value = serde_json::from_str(&out).unwrap();
    assert_ne!(code, 0);
    assert_eq!(verdict["unknown"], json!([{ "name": "p99", "kind": "metric", "why": "missing" }]));
    let mut old = calm();
    old["metrics"]["p99"]["age"] = json!("4s");
    let (code, out, _) = decide(&old, &["--propose", "set_quota(to: 110/s)", "--actor", "agent:atlas"]);
    assert_ne!(code, 0, "{out}");
    assert!(out.contains("`p99` is stale"), "{out}");
}

#[test]
fn without_a_proposal_the_rules_speak() {
    let (code, out, _) = decide(&calm(), &["--format", "json"]);
    let document: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(code, 0);
    assert_eq!(document["decisions"][0]["rule"], "grow");
    assert_eq!(document["decisions"][0]["proposal"], "set_quota(to: 110/s)");
    let mut quiet = calm();
    quiet["metrics"]["refused"]["value"] = json!("1/s");
    let (code, out, _) = decide(&quiet, &[]);
    assert_eq!((code, out.contains("no rule proposes anything")), (0, true), "{out}");
}

#[test]
fn history_and_safety_are_heard() {
    let mut cooling = calm();
    cooling["history"] = json!([{ "action": "set_quota(to: 100/s)", "ago": "1s", "outcome": "confirmed" }]);
    let (code, out, _) = decide(&cooling, &["--propose", "set_quota(to: 110/s)", "--format", "json"]);
    let verdict: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, verdict["retry_after_s"].as_f64()), (4, Some(1.0)), "{out}");
    let mut open = calm();
    open["safety"] = json!({ "breaker": "open", "held": false, "killed": false, "owner": null });
    let (code, out, _) = decide(&open, &["--propose", "set_quota(to: 110/s)"]);
    assert_eq!((code, out.contains("breaker is open")), (4, true), "{out}");
}

#[test]
fn bad_states_are_refused_with_their_path() {
    let propose = ["--propose", "set_quota(to: 110/s)"];
    for (state, path) in [
        (r#"{"at":"2026-01-01T12:00:00Z","facts":{"qouta":"1/s"}}"#, "$.facts.qouta"),
        (r#"{"at":"2026-01-01T12:00:00Z","facts":{"quota":"1/s","quota":"2/s"}}"#, "$.facts.quota"),
        (r#"{"at":"2026-01-01T12:00:00Z","facts":{"quota":100}}"#, "$.facts.quota"),
        (r#"{"at":"2026-01-01T12:00:00Z","facts":{"quota":"100ms"}}"#, "$.facts.quota"),
        (r#"{"at":"2026-01-01T12:00:00Z","facts":{"burst":1.5}}"#, "$.facts.burst"),
        (r#"{"at":"2026-01-01T12:00:00Z","metrics":{"p99":{"value":"1ms","agee":"1s"}}}"#, "$.metrics.p99.agee"),
        (r#"{"at":"2026-01-01T12:00:00Z","safety":{"breaker":"open"}}"#, "$.safety"),
        (r#"{"at":"2026-01-01T12:00:00Z","history":[{"action":"nope()","ago":"1s"}]}"#, "$.history[0].action"),
        (r#"{"at":"yesterday"}"#, "$.at"),
        ("{", "$"),
    ] {
        let (code, _, err) = decide_text(state, &propose);
        assert_eq!((code, err.contains(path)), (1, true), "{state}: {err}");
    }
    let deep = format!("{}{}", "[".repeat(70), "]".repeat(70));
    assert_eq!(decide_text(&deep, &propose).0, 1);
    let (code, _, err) = decide_text("{}", &propose);
    assert_eq!((code, err.contains("--at")), (2, true), "{err}");
    let large = format!("{{\"at\":\"{}\"}}", "x".repeat(1 << 20));
    assert_eq!(decide_text(&large, &propose).0, 1);
}
