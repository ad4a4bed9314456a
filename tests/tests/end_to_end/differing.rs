//! `leeway diff`: what a change loosens is told, and makes the exit code.

use std::fmt::Write as _;
use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::place::{leeway, outcome};

/// A metric that recorded machines cannot help: whatever is done at 90% is taken back.
const HEAD: &str = "
target pool(name: text) {
  fact machines: count
  action set_machines(to: count) {
    effect machines = to
    undo set_machines(to: current.machines)
    risk low
  }
}

blueprint pool for pool(\"p\") {
  metric cpu: ratio = prometheus `busy / 100` every 1m stale 3m
  rule grow { when cpu > 80% propose set_machines(to: machines + 1) }
  limit cooldown 5m after any
";

/// A folder with half an hour of 90%.
fn desk() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("leeway.toml"), "").unwrap();
    let mut history = "time,cpu\n".to_owned();
    (0..30).for_each(|minute| writeln!(history, "2026-01-01T00:{minute:02}:00Z,90%").unwrap());
    fs::write(folder.path().join("history.csv"), history).unwrap();
    folder
}

/// The exit code of the change from one blueprint to the other, and what is told in that format.
fn diff(old: &str, new: &str, format: &str) -> (i32, String) {
    let desk = desk();
    for (name, members) in [("old.leeway", old), ("new.leeway", new)] {
        fs::write(desk.path().join(name), format!("{HEAD}{members}\n}}\n")).unwrap();
    }
    let arguments =
        ["diff", "old.leeway", "new.leeway", "--series", "history.csv", "--fact", "machines=2", "--format", format];
    let (code, out, err) = outcome(leeway().current_dir(desk.path()).args(arguments));
    assert!(code == 0 || code == 5, "{err}");
    (code, out)
}

fn document(old: &str, new: &str) -> (i32, Value) {
    let (code, out) = diff(old, new, "json");
    (code, serde_json::from_str(&out).unwrap())
}

/// How many of each kind: newly permitted, newly restricted, newly proposed, no longer proposed.
fn counts(document: &Value) -> [u64; 4] {
    ["newly_permitted", "newly_restricted", "newly_proposed", "no_longer_proposed"]
        .map(|kind| document[kind]["count"].as_u64().unwrap())
}

#[test]
fn a_breaker_that_is_gone_or_looser_is_newly_permitted() {
    let verified = "allow set_machines  verify set_machines { within 2m cpu <= 80% } else rollback";
    let with = |failures: u32| format!("{verified}\nlimit breaker {failures} failures");
    // Done at 00:00, 00:05, 00:10, …, each taken back two minutes later: two failures are counted by 00:10.
    for new in [verified.to_owned(), with(5)] {
        let (code, told) = document(&with(2), &new);
        assert_eq!((code, counts(&told)[0] > 0), (5, true), "{told}");
        let first = &told["newly_permitted"]["examples"][0];
        assert_eq!((&first["t"], &first["rule"]), (&json!("2026-01-01T00:10:00Z"), &json!("grow")));
        assert_eq!((&first["old"]["tier"], &first["new"]["tier"]), (&json!("forbidden"), &json!("allowed")));
        assert_eq!(first["old"]["voices"][0]["by"], "pool/limit/breaker/1");

        let (code, told) = document(&new, &with(2));
        assert_eq!((code, counts(&told)[0]), (0, 0), "{told}");
        assert!(counts(&told)[1] > 0, "{told}");
        assert_eq!(told["newly_restricted"]["examples"][0]["t"], "2026-01-01T00:10:00Z");
    }
    let (code, told) = document(&with(2), &with(2));
    assert_eq!((code, counts(&told)), (0, [0; 4]), "{told}");
}

#[test]
fn fewer_or_other_people_are_newly_permitted() {
    let asks = |block: &str| format!("approve set_machines  approval {{ {block} }}");
    let two = asks("by \"oncall\" quorum 2 timeout 3m");
    for looser in ["by \"oncall\" timeout 3m", "by \"oncall\" quorum 2 timeout 10m", "by \"leads\" quorum 2 timeout 3m"]
    {
        let (code, told) = document(&two, &asks(looser));
        // The rule asks once: its condition is never false in between.
        assert_eq!((code, counts(&told)), (5, [1, 0, 0, 0]), "{looser}: {told}");
        let example = &told["newly_permitted"]["examples"][0];
        assert_eq!(
            (&example["old"]["tier"], &example["new"]["tier"]),
            (&json!("approval_required"), &json!("approval_required"))
        );
        assert_ne!(example["old"]["approval"], example["new"]["approval"]);
    }
    for stricter in ["by \"oncall\" quorum 3 timeout 3m", "by \"oncall\" quorum 2 timeout 1m"] {
        let (code, told) = document(&two, &asks(stricter));
        assert_eq!((code, counts(&told)), (0, [0, 1, 0, 0]), "{stricter}: {told}");
    }
    let (_, human) = diff(&two, &asks("by \"oncall\" timeout 3m"), "human");
    let row = "approval required by pool/approve/set_machines/1, 2 of oncall within 3m   \
               approval required by pool/approve/set_machines/1, 1 of oncall within 3m";
    assert!(human.contains(row), "{human}");
}

#[test]
fn rules_that_differ_no_longer_are_newly_permitted() {
    let grants = "allow set_machines";
    let rival = format!("{grants}\nrule shrink {{ when cpu > 80% propose set_machines(to: machines - 1) }}");
    // At each of these both rules speak: what either wants needs people, as long as the other wants something else.
    let (code, told) = document(&rival, grants);
    assert_eq!((code, counts(&told)[0] > 0), (5, true), "{told}");
    let first = &told["newly_permitted"]["examples"][0];
    assert_eq!((&first["old"]["tier"], &first["new"]["tier"]), (&json!("approval_required"), &json!("allowed")));
    let (code, told) = document(grants, &rival);
    assert_eq!((code, counts(&told)[0], counts(&told)[1] > 0), (0, 0, true), "{told}");
}

#[test]
fn another_target_is_told() {
    let desk = desk();
    let text = format!("{HEAD}allow set_machines }}\n");
    fs::write(desk.path().join("old.leeway"), &text).unwrap();
    fs::write(desk.path().join("new.leeway"), text.replace("pool(\"p\")", "pool(\"q\")")).unwrap();
    let arguments = ["diff", "old.leeway", "new.leeway", "--series", "history.csv", "--fact", "machines=2"];
    for format in ["human", "json", "markdown"] {
        let (code, out, err) = outcome(leeway().current_dir(desk.path()).args(arguments).args(["--format", format]));
        assert_eq!(code, 0, "{err}");
        let told = out.replace("\\\"", "\"");
        assert!(told.contains("pool(\"p\")") && told.contains("pool(\"q\")"), "{format}: {out}");
    }
}

#[test]
fn both_blueprints_are_named_where_nothing_differs() {
    let desk = desk();
    let text = format!("{HEAD}allow set_machines }}\n");
    let renamed =
        text.replace("blueprint pool for pool(\"p\") {", "blueprint lake for pool(\"q\") { version \"2.1.0\"");
    fs::write(desk.path().join("old.leeway"), &text).unwrap();
    fs::write(desk.path().join("new.leeway"), renamed).unwrap();
    let told = |arguments: &[&str]| -> Value {
        let given = ["--series", "history.csv", "--fact", "machines=2", "--format", "json"];
        let (code, out, err) = outcome(leeway().current_dir(desk.path()).args(arguments).args(given));
        assert_eq!(code, 0, "{err}");
        serde_json::from_str(&out).unwrap()
    };
    let compared = told(&["diff", "old.leeway", "new.leeway"]);
    assert_eq!(counts(&compared), [0; 4], "{compared}");
    for (side, file) in [("old", "old.leeway"), ("new", "new.leeway")] {
        // As every verdict of that blueprint names it, beside the numbers that it comes to alone.
        let alone = told(&["simulate", file]);
        for member in ["blueprint", "version", "fingerprint", "target"] {
            assert_eq!(compared[side].get(member), alone["decisions"][0].get(member), "{side} {member}: {compared}");
        }
        assert_eq!(compared[side]["proposals"], alone["summary"]["proposals"]);
    }
    assert_eq!((&compared["old"]["blueprint"], &compared["new"]["blueprint"]), (&json!("pool"), &json!("lake")));
    assert_eq!((&compared["old"]["version"], &compared["new"]["version"]), (&Value::Null, &json!("2.1.0")));
}

#[test]
fn what_agents_proposed_in_a_recorded_run_is_judged_by_both() {
    let desk = desk();
    let with = |clause: &str| format!("{HEAD}{clause} }}\n");
    fs::write(desk.path().join("old.leeway"), with("allow set_machines when actor.kind == rule")).unwrap();
    fs::write(desk.path().join("new.leeway"), with("allow set_machines")).unwrap();
    let seen = json!({ "at": "2026-01-01T00:00:00Z", "facts": { "machines": 2 }, "metrics": { "cpu": "50%" } });
    let call = json!({ "action": "set_machines", "arguments": [["to", { "literal": "5" }]] });
    let proposal = json!({ "call": call, "actors": [{ "id": "agent:atlas", "roles": [] }], "because": null });
    let said = json!({
        "at": "2026-01-01T00:00:10Z", "turn": "told",
        "run": [{ "at": "2026-01-01T00:00:10Z", "id": 7, "operation": 7, "record": { "kind": "proposed", "proposal": proposal } }],
    });
    fs::write(desk.path().join("run.jsonl"), format!("{seen}\n{said}\n")).unwrap();
    let arguments = ["diff", "old.leeway", "new.leeway", "--series", "run.jsonl", "--format", "json"];
    let (code, out, err) = outcome(leeway().current_dir(desk.path()).args(arguments));
    let told: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"));
    assert_eq!((code, counts(&told)), (5, [1, 0, 0, 0]), "{told}");
    assert_eq!(told["newly_permitted"]["examples"][0]["rule"], json!("agent:atlas"), "{told}");
}

#[test]
fn what_only_one_of_them_cannot_see_is_told_of_that_one() {
    // Nothing fills two hours.
    let blind = "allow set_machines  rule rest { when avg(cpu, 2h) < 10% propose set_machines(to: 1) }";
    let told = "policy: of 30 evaluations there was not enough evidence to tell the condition of rule `rest` at 30";
    for (old, new, age) in [("allow set_machines", blind, "new"), (blind, "allow set_machines", "old")] {
        for format in ["human", "json", "markdown"] {
            let (_, out) = diff(old, new, format);
            assert_eq!(out.matches(&format!("{age} {told}")).count(), 1, "{format}: {out}");
        }
    }
    let (_, both) = diff(blind, blind, "json");
    let both: Value = serde_json::from_str(&both).unwrap();
    assert_eq!(both["warnings"], json!([told.trim_start_matches("policy: ")]));
}
