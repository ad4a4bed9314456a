//! A run is exported from its ledger and replayed: the same is decided, at the same times, in the same words.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::place::{Place, leeway, outcome, start_limiter};

/// One raise that works, one that nobody answers, and questions of time in between.
const RAISES: &str = r#"
  metric refused: rate = scrape rate("ratelimiter_requests_total{tenant=\"acme\",result=\"refused\"}", 5s) every 1s stale 3s
  rule raise { when current.quota < 120/s propose set_quota(to: 120/s) }
  rule more { when current.quota >= 120/s and since(set_quota) > 2s propose set_quota(to: 150/s) }
  rule shrink { when not known(current.quota) propose set_burst(to: 10) }
  allow set_quota(to) when to <= 120/s else approve
  forbid set_burst
  approval { by "people" timeout 2s }
  verify set_quota { within 10s current.quota == to } else rollback
"#;

fn exported(folder: &Path) -> String {
    let (code, out, err) = outcome(leeway().current_dir(folder).args(["audit", "export", "--data", "data"]));
    assert_eq!(code, 0, "{err}");
    out
}

/// What the ledger says was decided: when, for which operation, and the verdict.
fn decided(folder: &Path) -> Vec<Value> {
    let arguments = ["audit", "list", "--data", "data", "--kind", "decided", "--format", "jsonl"];
    let (code, out, err) = outcome(leeway().current_dir(folder).args(arguments));
    assert_eq!(code, 0, "{err}");
    let entries = out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let decided = entries.map(|entry| {
        let mut verdict = entry["record"]["verdict"].clone();
        verdict["t"] = entry["at"].clone();
        verdict["operation"] = entry["operation"].clone();
        verdict
    });
    decided.collect()
}

/// What a replay of that history decides.
fn replayed(folder: &Path, blueprint: &Path, history: &str) -> Vec<Value> {
    fs::write(folder.join("run.jsonl"), history).unwrap();
    let mut command = leeway();
    command.current_dir(folder).arg("simulate").arg(blueprint);
    let (code, out, err) = outcome(command.args(["--series", "run.jsonl", "--format", "json"]));
    assert_eq!(code, 0, "{err}");
    let mut document: Value = serde_json::from_str(&out).unwrap();
    let Value::Array(mut decisions) = document["decisions"].take() else { panic!("{out}") };
    for decision in &mut decisions {
        let rule = decision.as_object_mut().unwrap().remove("rule").unwrap();
        let actor = decision["actor"].as_str().unwrap().strip_prefix("rule:");
        assert_eq!(rule.as_str(), actor, "{decision}");
    }
    decisions
}

/// What is warned of when such lines are replayed.
fn warnings(folder: &Path, lines: &[&str]) -> Vec<String> {
    fs::write(folder.join("part.jsonl"), lines.join("\n")).unwrap();
    let mut command = leeway();
    let arguments = ["simulate", "tested.leeway", "--series", "part.jsonl", "--format", "json"];
    let (code, out, err) = outcome(command.current_dir(folder).args(arguments));
    assert_eq!(code, 0, "{err}");
    let document: Value = serde_json::from_str(&out).unwrap();
    let warnings = document["summary"]["warnings"].as_array().unwrap().iter();
    warnings.map(|warning| warning.as_str().unwrap().to_owned()).filter(|warning| warning.contains("export")).collect()
}

#[test]
fn a_run_with_an_outage_a_crash_and_a_silent_night_is_replayed() {
    let mut place = Place::new(RAISES);
    let config = fs::read_to_string(place.path("leeway.toml")).unwrap();
    let address = |name: &str| {
        let line = config.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.trim_matches('"').trim_start_matches("http://").to_owned()
    };
    let mut enforcer = place.enforce("");
    place.wait_for("verified", |_| true);
    place.wait_for("moved", |entry| entry.record.state().is_some_and(|state| state.name() == "expired"));
    enforcer.kill();
    let mut enforcer = place.enforce("");
    place.wait("a second start", || (place.entries("started").len() == 2).then_some(()));
    place.limiter.kill();
    place.wait_for("unreachable", |_| true);
    // What was seen last grows stale, and the rule that waits for that is refused.
    place.wait_for("decided", |entry| format!("{entry:?}").contains("set_burst"));
    let (limiter, _, _) = start_limiter(place.folder.path(), &address("url = "), &address("admin = "));
    place.limiter = limiter;
    place.wait_for("reachable", |_| true);
    let seen = place.entries("observed").len();
    place.wait("two more looks", || (place.entries("observed").len() > seen + 1).then_some(()));
    assert_eq!(enforcer.terminate(), 0);

    let folder = place.folder.path();
    let as_it_was = decided(folder);
    assert!(as_it_was.len() >= 3, "{as_it_was:#?}");
    let history = exported(folder);
    assert_eq!(replayed(folder, Path::new("tested.leeway"), &history), as_it_was);
    // A file from which lines were taken is told from a whole one.
    let lines: Vec<&str> = history.lines().collect();
    assert_eq!(warnings(folder, &lines), [""; 0]);
    let [first, last] = [&lines[1..], &lines[..lines.len() - 1]].map(|rest| warnings(folder, rest).join("\n"));
    assert!(first.contains("line 1 of the export is missing before line 1"), "{first}");
    assert!(last.contains(&format!("the end of the export is missing after line {}", lines.len() - 1)), "{last}");

    // Without the looks that were in vain it is another run.
    let blind: String =
        history.lines().filter(|line| !line.contains("\"blind\"")).map(|line| format!("{line}\n")).collect();
    assert_ne!(replayed(folder, Path::new("tested.leeway"), &blind), as_it_was);
    // Under another policy the same lines are a history like any other, and that is said.
    let other = fs::read_to_string(place.path("tested.leeway")).unwrap().replace("> 2s", "> 3s");
    fs::write(place.path("other.leeway"), other).unwrap();
    let (code, out, err) = outcome(&mut place.leeway(&["simulate", "other.leeway", "--series", "run.jsonl"]));
    assert_eq!((code, out.contains("was recorded under another policy")), (0, true), "{out}{err}");
}

/// What people and agents say, and calls that are refused, are part of these scenes.
fn scene_is_replayed(scene: &str, kinds: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut demo = leeway();
    let (code, out, err) =
        outcome(demo.current_dir(folder).args(["demo", "--headless", "--scenario", scene, "--data", "data"]));
    assert_eq!(code, 0, "{out}{err}");
    let history = exported(folder);
    for kind in kinds {
        assert!(history.contains(&format!("\"kind\":\"{kind}\"")), "no {kind} in {history}");
    }
    // Verdicts name places in files, which are those of a workspace.
    let blueprint = Path::new("blueprints/rate_limiter.leeway");
    fs::create_dir(folder.join("blueprints")).unwrap();
    fs::copy(leeway_tests::root().join(blueprint), folder.join(blueprint)).unwrap();
    fs::write(folder.join("leeway.toml"), "").unwrap();
    let as_it_was = decided(folder);
    assert!(!as_it_was.is_empty());
    assert_eq!(replayed(folder, blueprint, &history), as_it_was);
}

#[test]
fn the_scene_in_which_people_decide_is_replayed() {
    scene_is_replayed("approval", &["proposed", "approved", "done"]);
}

#[test]
fn the_scene_in_which_writes_are_refused_is_replayed() {
    scene_is_replayed("breaker", &["done", "not_done"]);
}

#[test]
fn a_broken_chain_is_not_exported_and_a_target_must_be_known() {
    let place = Place::new(RAISES);
    let mut enforcer = place.enforce("");
    place.wait_for("verified", |_| true);
    assert_eq!(enforcer.terminate(), 0);
    let export = |more: &[&str]| outcome(place.leeway(&["audit", "export", "--data", "data"]).args(more));
    let (code, out, _) = export(&["--target", "acme"]);
    assert_eq!((code, out.is_empty()), (0, false));
    let (code, out, err) = export(&["--target", "acne"]);
    assert_eq!((code, out.as_str(), err.contains("`acme` by `tested`")), (2, "", true), "{err}");

    // Another blueprint shares the ledger.
    let mut ledger = leeway_store::Ledger::open(&place.path("data")).unwrap();
    let mut other = place.entries("started").remove(0);
    other.blueprint = "other".into();
    ledger.append(&other).unwrap();
    drop(ledger);
    let (code, out, err) = export(&[]);
    assert_eq!((code, out.as_str(), err.contains("`acme` by `other`")), (2, "", true), "{err}");
    assert_eq!(export(&["--target", "tested"]).0, 0);

    let database = rusqlite::Connection::open(place.path("data/leeway.db")).unwrap();
    database.execute_batch("UPDATE ledger SET body = replace(body, '120/s', '130/s') WHERE id = 4").unwrap();
    let (code, out, err) = export(&["--target", "tested"]);
    assert_eq!((code, out.as_str(), err.contains("record 4")), (1, "", true), "{err}");
}
