//! What somebody types whose tests give series: `test` in each format, with coverage, and the same as YAML.

use std::fs;

use serde_json::Value;

use crate::place::{leeway, outcome};

const SLOW: &str = r#"use std.ratelimiter

blueprint acme for ratelimiter.tenant("acme") {
  metric p99: duration = scrape quantile(0.99, "take_duration_seconds", 1m)

  rule grow {
    when p99 > 100ms for 1m and burst < 4
    propose set_burst(to: burst + 1)
  }

  allow set_burst(to) when to <= 3 else approve
  forbid drain, restart_workers, set_enabled, set_quota

  limit cooldown 2m after any

  test "slow, and slower" {
    given burst = 2, p99 = series "50ms _ 200ms+50msx12" every 15s
    at 75s expect rule grow silent
    at 90s expect rule grow proposes set_burst(to: 3)
    expect allow
    within 210s expect rule grow proposes set_burst(to: 4)
    expect approve by "acme/approve/set_burst/1"
  }
  test "too much is expected" {
    given burst = 2, p99 = series "200msx6" every 15s
    never expect rule grow proposes set_burst(to: 3)
    at 30s expect rule grow proposes set_burst(to: 3)
  }
}
"#;

/// The outcome of each expectation of each test in `file`: whether it was met, and what came.
fn told(folder: &tempfile::TempDir, file: &str) -> Vec<(bool, String)> {
    let arguments = ["test", "--format", "json", "--coverage", file];
    let (code, out, err) = outcome(leeway().current_dir(folder).args(arguments));
    assert_eq!(code, 1, "{out}{err}");
    let document: Value = serde_json::from_str(&out).unwrap();
    // Both clauses about `set_burst` were true and false over time.
    let clauses: Vec<&Value> = document["coverage"].as_array().unwrap().iter().map(|entry| &entry["clause"]).collect();
    assert_eq!(clauses, ["acme/forbid/drain/1"], "{out}");
    let tests = document["tests"].as_array().unwrap().iter();
    let expectations = tests.flat_map(|test| test["expectations"].as_array().unwrap());
    expectations.map(|one| (one["met"].as_bool().unwrap(), one["came"].as_str().unwrap().to_owned())).collect()
}

#[test]
fn series_are_played_told_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("acme.leeway"), SLOW).unwrap();
    let expected = [
        (true, "nothing at 75s"),
        (true, "set_burst(to: 3) at 90s"),
        (true, "allow at 90s"),
        (true, "set_burst(to: 4) at 210s"),
        (true, "approve at 210s"),
        (false, "set_burst(to: 3) at 1m"),
        (false, "nothing at 30s"),
    ]
    .map(|(met, came)| (met, came.to_owned()));
    assert_eq!(told(&folder, "acme.leeway"), expected);

    let there = |arguments: &[&str]| outcome(leeway().current_dir(&folder).args(arguments));
    let (_, out, _) = there(&["test"]);
    assert!(out.contains("ok slow, and slower\n  FAILED too much is expected\n"), "{out}");
    let (_, out, _) = there(&["test", "--format", "junit"]);
    let failure = "message=\"never expect rule grow proposes set_burst(to: 3), came set_burst(to: 3) at 1m\"";
    assert!(out.contains("tests=\"2\"") && out.contains(failure), "{out}");
    let (code, out, err) = there(&["fmt", "--check"]);
    assert_eq!(code, 0, "{out}{err}");

    let (code, yaml, err) = there(&["fmt", "--to", "yaml", "acme.leeway"]);
    assert_eq!(code, 0, "{err}");
    fs::write(folder.path().join("twin.leeway.yaml"), yaml).unwrap();
    assert_eq!(told(&folder, "twin.leeway.yaml"), expected);
}
