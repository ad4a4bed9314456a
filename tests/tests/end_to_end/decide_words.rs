//! `leeway decide` for people, and `leeway verify`: what decided, by how much, and what would do.

use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::place::{leeway, outcome};

struct Desk(TempDir);

impl Desk {
    fn new() -> Desk {
        Desk(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str, document: &Value) -> String {
        let path = self.0.path().join(name);
        fs::write(&path, document.to_string()).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn decide(&self, blueprint: &str, state: &Value, arguments: &[&str]) -> (i32, String) {
        let state = self.file("state.json", state);
        let mut command = leeway();
        command.current_dir(leeway_tests::root()).args(["decide", blueprint, "--state", &state]).args(arguments);
        let (code, out, err) = outcome(&mut command);
        (code, format!("{out}{err}"))
    }

    fn verify(&self, receipt: &Value, state: &Value, arguments: &[&str]) -> (i32, String) {
        let (receipt, state) = (self.file("receipt.json", receipt), self.file("after.json", state));
        let blueprint = "blueprints/frontend.leeway";
        let mut command = leeway();
        command.current_dir(leeway_tests::root());
        command.args(["verify", blueprint, "--receipt", &receipt, "--state", &state]).args(arguments);
        let (code, out, err) = outcome(&mut command);
        (code, format!("{out}{err}"))
    }
}

#[track_caller]
fn says(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "lacks {part:?}:\n{text}");
    }
}

fn frontend() -> Value {
    json!({ "at": "2026-01-07T12:00:00Z",
            "facts": { "replicas": 5, "ready": 5, "cpu_request": "250mcpu", "memory_request": "256Mi" },
            "metrics": { "cpu": { "value": "95%", "held": "3m" } } })
}

#[test]
fn a_bound_that_was_missed_says_by_how_much_and_what_would_do() {
    let desk = Desk::new();
    let decide = |call: &str| desk.decide("blueprints/frontend.leeway", &frontend(), &["--propose", call]);
    let (code, out) = decide("scale(to: 6)");
    assert_eq!(code, 3, "{out}");
    says(
        &out,
        &[
            "by frontend/approve/scale/1",
            "39 |   allow scale(to) when to in floor..ceiling else approve",
            "^^^^^^^^^^^^^^^^^^^^ to = 6 > ceiling = 5, by 1",
            "1 person must agree (sre-oncall), until 2026-01-07T13:00:00Z, within 1h; if nobody answers for 30m, platform-leads too",
            "instead: scale(to: 5) would be allowed",
        ],
    );
    let (code, out) = decide("resize(cpu_request: 300mcpu, memory_request: 256Mi)");
    assert_eq!(code, 3, "{out}");
    says(&out, &["cpu_request = 300mcpu is 20% off current.cpu_request = 250mcpu, 10 points more than 10%"]);
    let (code, out) = decide("scale(to: 10)");
    assert_eq!(code, 3, "{out}");
    says(&out, &["replicas would be 10 and was 5 1h ago: 5 apart > 4, by 1"]);
    let (code, out) = decide("resize(cpu_request: 250mcpu, memory_request: 100Mi)");
    assert_eq!(code, 4, "{out}");
    says(&out, &["memory_request = 100Mi < 128Mi, by 28Mi", "because the app needs at least 128Mi"]);
    // One argument moved would not be enough.
    let (code, out) = decide("resize(cpu_request: 300mcpu, memory_request: 100Mi)");
    assert_eq!(code, 4, "{out}");
    says(&out, &["instead: resize(cpu_request: 275mcpu, memory_request: 231Mi) would be allowed"]);
}

#[test]
fn what_would_do_is_what_people_would_write() {
    let desk = Desk::new();
    let mut state = frontend();
    // 10% of 333 MiB down is 314258227.2 bytes; 10% of 333 millicores is no whole number of them.
    state["facts"]["memory_request"] = json!("333Mi");
    state["facts"]["cpu_request"] = json!("333mcpu");
    state["metrics"]["p95"] = json!("missing");
    for (call, instead) in [
        ("resize(cpu_request: 333mcpu, memory_request: 256Mi)", "resize(cpu_request: 333mcpu, memory_request: 300Mi)"),
        ("resize(cpu_request: 500mcpu, memory_request: 333Mi)", "resize(cpu_request: 366mcpu, memory_request: 333Mi)"),
        // Words are moved to those that clauses name, one or two.
        ("configure(key: \"LOG_LEVEL\", value: \"trace\")", "configure(key: \"LOG_LEVEL\", value: \"debug\")"),
        ("configure(key: \"LEVEL\", value: \"trace\")", "configure(key: \"LOG_LEVEL\", value: \"debug\")"),
    ] {
        let (_, out) = desk.decide("blueprints/frontend.leeway", &state, &["--propose", call]);
        says(&out, &[&format!("instead: {instead} would be allowed")]);
    }
    let (_, out) = desk.decide("blueprints/frontend.leeway", &state, &["--propose", "scael(to: 6)"]);
    says(&out, &["did you mean `scale`?"]);
    let call = "set_strategy(strategy: recreated, max_surge: 1, max_unavailable: 0)";
    let (_, out) = desk.decide("blueprints/frontend.leeway", &state, &["--propose", call]);
    says(&out, &["`strategy: recreated` is no strategy, which is `rolling_update` or `recreate`"]);
}

#[test]
fn what_was_unknown_says_why_and_how_old_it_is() {
    let desk = Desk::new();
    let blueprint = "blueprints/rate_limiter.leeway";
    let mut state = json!({ "at": "2026-01-07T12:00:00Z", "facts": { "quota": "100/s" },
                            "metrics": { "p99": { "value": "12ms", "age": "4s" } } });
    let arguments = ["--propose", "set_quota(to: 110/s)", "--actor", "agent:atlas"];
    let (code, out) = desk.decide(blueprint, &state, &arguments);
    assert_eq!(code, 4, "{out}");
    says(
        &out,
        &["by default", "`p99` is stale: its last sample is 4s old and counts for 3s", "actor.kind = agent != human"],
    );
    state["metrics"]["p99"] = json!({ "series": [["0s", "1ms"], ["0s", "2ms"]] });
    let (code, out) = desk.decide(blueprint, &state, &arguments);
    assert_eq!(code, 4, "{out}");
    says(&out, &["`p99` is invalid"]);
    state["metrics"]["p99"] = json!({ "value": "12ms" });
    state["history"] = json!([{ "action": "set_quota(to: 100/s)", "ago": "1s" }]);
    let (code, out) = desk.decide(blueprint, &state, &arguments);
    assert_eq!(code, 4, "{out}");
    says(&out, &["limit cooldown 2s after any", "something began 1s ago, less than 2s", "ask again in 1s"]);
    state["history"] = json!("missing");
    let (code, out) = desk.decide(blueprint, &state, &arguments);
    assert_eq!(code, 4, "{out}");
    says(&out, &["unknown is never permission", "what was done before is not known"]);
}

#[test]
fn what_is_half_known_is_not_called_missing() {
    let desk = Desk::new();
    let mut state = frontend();
    state["facts"]["pods"] = json!([{ "name": "a", "restarts": 1 }, { "name": "b" }]);
    state["history"] = json!([{ "action": "restart()", "ago": "20s" }]);
    let (code, out) = desk.decide("blueprints/frontend.leeway", &state, &["--propose", "restart()"]);
    assert_eq!(code, 4, "{out}");
    says(&out, &["something began 20s ago", "unknown: a field of `pods` is missing"]);
    assert!(!out.contains("fact `pods` is missing"), "{out}");
}

#[test]
fn of_a_chain_it_is_said_whose_verdict_stands() {
    let desk = Desk::new();
    let mut state = json!({ "at": "2026-01-07T12:00:00Z", "facts": { "quota": "100/s" },
                            "metrics": { "p99": { "value": "12ms" } }, "actor": ["human:ada", "agent:atlas"] });
    let call = ["--propose", "set_quota(to: 300/s)"];
    let (code, out) = desk.decide("blueprints/rate_limiter.leeway", &state, &call);
    assert_eq!(code, 3, "{out}");
    says(&out, &["asked by agent:atlas for human:ada\nthe strictest verdict of the chain is that on agent:atlas\n"]);
    state["actor"] = json!("agent:atlas");
    let (_, out) = desk.decide("blueprints/rate_limiter.leeway", &state, &call);
    assert!(!out.contains("chain"), "{out}");
}

#[test]
fn rules_that_are_silent_say_why() {
    let desk = Desk::new();
    let (code, out) = desk.decide("blueprints/frontend.leeway", &frontend(), &[]);
    assert_eq!(code, 0, "{out}");
    says(
        &out,
        &[
            "no rule proposes anything",
            "rule scale_out is silent: its condition is false",
            "replicas = 5 >= ceiling = 5, exactly",
            "the samples of `cpu` do not cover the last 10m",
            "rule revive is silent: its condition is unknown",
            "`pods` is missing",
        ],
    );
}

#[test]
fn claims_are_judged_and_refused_with_their_path() {
    let desk = Desk::new();
    let claims = |document: Value| {
        let file = desk.file("claims.json", &document);
        let arguments = ["--propose", "scale(to: 4)", "--claims", &file, "--format", "json"];
        desk.decide("blueprints/frontend.leeway", &frontend(), &arguments)
    };
    assert_eq!(claims(json!([{ "metric": "cpu", "op": ">", "value": "80%", "window": "2m" }])).0, 0);
    let (code, out) = claims(json!([{ "metric": "cpu", "op": ">", "value": "99%" }]));
    assert_eq!((code, out.contains("\"by\":\"claim/1\",\"kind\":\"claim\",\"truth\":\"true\"")), (3, true), "{out}");
    let (code, out) = claims(json!([{ "metric": "cpu", "op": ">", "value": "80%", "window": "9m" }]));
    assert_eq!((code, out.contains("{\"name\":\"claim/1\",\"kind\":\"claim\"")), (3, true), "{out}");
    for (document, path) in [
        (json!([{ "metric": "cpuu", "op": ">", "value": "80%" }]), "$[0].metric"),
        (json!([{ "metric": "cpu", "op": "~", "value": "80%" }]), "$[0].op"),
        (json!([{ "metric": "cpu", "op": ">", "value": 80 }]), "$[0].value"),
        (json!([{ "metric": "cpu", "op": ">", "value": "80%", "windows": "1m" }]), "$[0].windows"),
        (json!([{ "metric": "cpu", "op": ">", "value": "80%", "window": "31d" }]), "$[0].window"),
        (json!({}), "$"),
    ] {
        let (code, out) = claims(document);
        assert_eq!((code, out.contains(path)), (1, true), "{out}");
    }
}

#[test]
fn an_operation_is_judged_on_its_evidence() {
    let desk = Desk::new();
    let receipt = json!({ "proposal": "scale(to: 6)", "target": "shop/frontend", "began": "2026-01-01T12:00:00Z",
                          "ended": "2026-01-01T12:00:02Z", "before": { "replicas": 5 } });
    let good = json!({ "at": "2026-01-01T12:06:02Z",
        "facts": { "replicas": { "series": [["-350s", 6]] }, "ready": { "series": [["-350s", 5], ["-320s", 6]] } },
        "metrics": { "cpu": { "value": "70%", "held": "6m" }, "p95": { "value": "150ms", "held": "6m" },
                     "errors": { "value": "0.1%" } } });
    let verify = |edit: &dyn Fn(&mut Value)| {
        let mut state = good.clone();
        edit(&mut state);
        let (code, out) = desk.verify(&receipt, &state, &["--format", "json"]);
        let report: Value = serde_json::from_str(&out).unwrap();
        (code, report["outcome"].as_str().unwrap().to_owned())
    };
    assert_eq!(verify(&|_| ()), (0, "confirmed".into()));
    assert_eq!(verify(&|state| state["metrics"]["errors"] = json!({ "value": "2%" })), (0, "partial".into()));
    assert_eq!(verify(&|state| state["metrics"]["p95"]["value"] = json!("250ms")), (6, "failed".into()));
    assert_eq!(verify(&|state| state["metrics"]["p95"] = json!("missing")), (7, "inconclusive".into()));
    assert_eq!(verify(&|state| state["facts"]["replicas"] = json!("missing")), (7, "inconclusive".into()));
    assert_eq!(verify(&|state| state["at"] = json!("2026-01-01T12:05:00Z")), (7, "inconclusive".into()));

    let (code, out) = desk.verify(&receipt, &good, &[]);
    assert_eq!(code, 0);
    says(&out, &["confirmed: scale(to: 6) on shop/frontend", "hold 5m p95 <= 200ms — passed"]);
    for (member, value, path) in [
        ("proposal", json!("scale(too: 6)"), "$.proposal"),
        ("target", json!("shop/backend"), "$.target"),
        ("ended", json!("2026-01-01T11:00:00Z"), "$.ended"),
        ("before", json!({ "replica": 5 }), "$.before.replica"),
        ("extra", json!(1), "$.extra"),
    ] {
        let mut wrong = receipt.clone();
        wrong[member] = value;
        let (code, out) = desk.verify(&wrong, &good, &[]);
        assert_eq!((code, out.contains(path)), (1, true), "{out}");
    }
    let mut timeless = good.clone();
    timeless.as_object_mut().unwrap().remove("at");
    assert_eq!(desk.verify(&receipt, &timeless, &[]).0, 2);
}
