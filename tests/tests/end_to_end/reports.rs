//! What `leeway simulate` and `leeway diff` tell of a history, in a terminal, on the page and as JSON.

use std::fmt::Write as _;
use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::place::{leeway, outcome};

const TESTED: &str = "
target pool(name: text) {
  fact machines: count
  action set_machines(to: count) {
    effect machines = to
    undo set_machines(to: current.machines)
    risk low
  }
}

policy guarded(most: count = 100) for any {
  limit at most most of any per 1h
  autonomy act
}

blueprint tested for pool(\"p\") {
  version \"1.0.0\"
  include guarded()
  metric busy: count = prometheus `busy` every 15s stale 1m
  objective busy <= machines * 10
  rule grow { when busy > machines * 10 propose set_machines(to: machines + 1) because \"{busy} are too many\" }
  rule shrink { when busy < 0 propose set_machines(to: machines - 1) }
  allow set_machines(to) when to <= 4 else approve
  forbid set_machines(to) when to == 0
  limit cooldown 45s after any
  limit breaker 3 failures
}
";

/// A folder with a blueprint and two and a half minutes of a history, of a sample every 15 seconds.
fn desk() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut history = "time,busy\n".to_owned();
    for second in (0..=150).step_by(15) {
        writeln!(history, "2026-03-02T10:{:02}:{:02}Z,25", second / 60, second % 60).unwrap();
    }
    for (name, text) in [("leeway.toml", ""), ("tested.leeway", TESTED), ("history.csv", &history)] {
        fs::write(folder.path().join(name), text).unwrap();
    }
    fs::write(folder.path().join("looser.leeway"), TESTED.replace("45s", "30s").replace("1.0.0", "1.1.0")).unwrap();
    folder
}

fn told(desk: &TempDir, arguments: &[&str]) -> String {
    let given = ["--series", "history.csv", "--fact", "machines=1"];
    outcome(leeway().current_dir(desk.path()).args(arguments).args(given)).1
}

/// What the scripts of a page are given.
fn data_of(page: &str) -> Value {
    let data = page.split("id=\"data\">").nth(1).unwrap().split("</script>").next().unwrap();
    serde_json::from_str(data).unwrap()
}

#[test]
fn rules_clauses_and_limits_that_were_never_used_are_named_alike_everywhere() {
    let desk = desk();
    let unused = [
        "rule:shrink",
        "tested/approve/set_machines/1",
        "tested/forbid/set_machines/1",
        "tested/limit/breaker/1",
        "tested/guarded/limit/at_most/1",
    ];
    let document: Value =
        serde_json::from_str(&told(&desk, &["simulate", "tested.leeway", "--format", "json"])).unwrap();
    let mut named: Vec<&str> =
        document["summary"]["clauses_never_used"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
    named.sort_unstable();
    let mut expected = unused;
    expected.sort_unstable();
    assert_eq!(named, expected);

    let text = told(&desk, &["simulate", "tested.leeway", "--report", "page.html"]);
    assert!(text.contains("never used               5 of 8  rules, clauses and limits"), "{text}");
    assert!(text.contains("\n  never proposed: rule:shrink\n  never spoke: tested/"), "{text}");
    let page = fs::read_to_string(desk.path().join("page.html")).unwrap();
    let parts = data_of(&page)["report"]["run"]["parts"].clone();
    let never = parts.as_array().unwrap().iter().filter(|part| part["times"] == 0).map(|part| &part["id"]);
    assert_eq!(never.collect::<Vec<_>>().len(), unused.len());
    for id in unused {
        assert!(text.contains(id), "{id} in {text}");
        assert!(page.contains(&format!("<tr class=\"unused\"><td class=\"code\">{id}</td>")), "{id}");
    }
    let spoke = |id: &str| parts.as_array().unwrap().iter().find(|part| part["id"] == id).unwrap()["times"].clone();
    assert_eq!((spoke("rule:grow"), spoke("tested/limit/cooldown/1")), (json!(2), json!(1)), "{text}");
}

#[test]
fn samples_that_are_seconds_apart_are_told_apart() {
    let desk = desk();
    let text = told(&desk, &["simulate", "tested.leeway", "--report", "page.html"]);
    assert!(text.contains("2026-03-02 10:00:00 to 2026-03-02 10:02:30 UTC, 2m 30s, at each sample"), "{text}");
    assert!(text.contains("│ 2026-03-02 10:00:45   set_machines(to: 3)   grow"), "{text}");
    let page = fs::read_to_string(desk.path().join("page.html")).unwrap();
    assert!(page.contains(">2026-03-02 10:02:30</time>"));
    assert_eq!(data_of(&page)["report"]["clock"], "seconds");

    let text = told(&desk, &["diff", "tested.leeway", "looser.leeway"]);
    assert!(text.contains("2026-03-02 10:00:00 to 2026-03-02 10:02:30 UTC\n"), "{text}");
    assert!(text.contains("│ 2026-03-02 10:00:30   set_machines(to: 3)"), "{text}");
    let text = told(&desk, &["diff", "tested.leeway", "looser.leeway", "--format", "markdown"]);
    assert!(text.contains("| 2026-03-02 10:00:30 | `set_machines(to: 3)` |"), "{text}");
}

#[test]
fn what_was_done_what_was_not_and_how_often_people_were_asked_is_told_as_it_was() {
    let desk = desk();
    let text = told(&desk, &["simulate", "tested.leeway"]);
    let figure = |label: &str| {
        let line = text.lines().find_map(|line| line.trim_start().strip_prefix(label));
        line.unwrap_or_else(|| panic!("{label} in {text}")).trim().to_owned()
    };
    let number = |label: &str| -> u64 { figure(label).split(' ').next().unwrap().parse().unwrap() };
    let made: u64 = text.split(" proposals: ").next().unwrap().split('\n').next_back().unwrap().parse().unwrap();
    assert_eq!(number("operations done") + number("not done"), made, "{text}");
    assert_eq!(figure("approvals asked"), "0  in 2m 30s");
    assert!(!text.contains("per day"), "{text}");
}

#[test]
fn an_objective_that_moves_is_drawn_as_it_was() {
    let desk = desk();
    told(&desk, &["simulate", "tested.leeway", "--report", "page.html"]);
    let data = data_of(&fs::read_to_string(desk.path().join("page.html")).unwrap());
    let run = &data["report"]["run"];
    let bound = &run["metrics"][0]["objectives"][0]["high"]["trace"];
    // Ten for each machine, as many as there are when the sample comes; a flat stretch is its two ends.
    assert_eq!(bound["values"], json!([10.0, 20.0, 20.0, 30.0, 30.0]), "{bound}");
    assert_eq!(bound["steps"], json!([0, 15_000, 30_000, 15_000, 90_000]), "{bound}");
    assert_eq!(run["objectives"][0]["objective"], "busy <= machines * 10");
    assert_eq!(run["objectives"][0]["outside_ms"], 60_000);
    assert_eq!(run["proposals"]["shown"][0]["because"], "25 are too many");
}
