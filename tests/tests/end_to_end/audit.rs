//! The ledger as an auditor meets it: listed, shown, checked, and caught when somebody touched it.

use rusqlite::Connection;
use serde_json::Value;

use crate::place::{Place, outcome};

const ONE_RAISE: &str = r#"
  metric refused: rate = scrape rate("ratelimiter_requests_total{tenant=\"acme\",result=\"refused\"}", 5s) every 1s stale 3s
  rule raise { when current.quota < 120/s propose set_quota(to: 120/s) }
  allow set_quota(to) when to <= 200/s
"#;

/// A ledger of a run with one operation in it.
fn recorded() -> Place {
    let place = Place::new(ONE_RAISE);
    let mut enforcer = place.enforce("");
    place.wait_for("verified", |_| true);
    assert_eq!(enforcer.terminate(), 0);
    place
}

fn tamper(place: &Place, sql: &str) {
    let database = Connection::open(place.path("data/leeway.db")).unwrap();
    database.execute_batch(sql).unwrap();
}

#[test]
fn every_step_is_listed_and_shown() {
    let place = recorded();
    let (code, out, _) = outcome(&mut place.leeway(&["audit", "list", "--data", "data"]));
    assert_eq!(code, 0);
    for kind in ["started", "proposed", "decided", "intended", "done", "verified"] {
        assert!(out.contains(kind), "{kind} in {out}");
    }
    let steps: Vec<usize> =
        ["proposed", "decided", "intended", "done", "verified"].map(|kind| out.find(kind).unwrap()).to_vec();
    assert!(steps.is_sorted(), "the intent comes before the act, the receipt after: {out}");
    assert!(!out.contains("observed"), "samples only with --all");

    let (code, out, _) =
        outcome(&mut place.leeway(&["audit", "list", "--data", "data", "--kind", "decided", "--format", "jsonl"]));
    assert_eq!(code, 0);
    let decided: Value = serde_json::from_str(out.lines().next().unwrap()).unwrap();
    assert_eq!(decided["record"]["verdict"]["tier"], "allowed");
    let id = decided["id"].as_u64().unwrap().to_string();
    let (code, out, _) = outcome(&mut place.leeway(&["audit", "show", &id, "--data", "data"]));
    assert_eq!(code, 0);
    assert_eq!(serde_json::from_str::<Value>(&out).unwrap(), decided);
    let (code, _, err) = outcome(&mut place.leeway(&["audit", "show", "999999", "--data", "data"]));
    assert_eq!((code, err.contains("no record 999999")), (2, true), "{err}");
}

#[test]
fn whoever_touches_a_record_is_found_and_the_record_named() {
    let verify = |place: &Place| outcome(&mut place.leeway(&["audit", "verify", "--data", "data"]));
    for (sql, names) in [
        ("UPDATE ledger SET body = replace(body, '120/s', '130/s') WHERE id = 4", "record 4"),
        ("DELETE FROM ledger WHERE id = 3", "record 3"),
        (
            "UPDATE ledger SET id = -1 WHERE id = 2; UPDATE ledger SET id = 2 WHERE id = 3; UPDATE ledger SET id = 3 WHERE id = -1",
            "record 2",
        ),
        ("DELETE FROM ledger WHERE id > 4", "record 5"),
    ] {
        let place = recorded();
        let (code, out, _) = verify(&place);
        assert_eq!(code, 0, "{out}");
        tamper(&place, sql);
        let (code, _, err) = verify(&place);
        assert_eq!((code, err.contains(names)), (1, true), "{sql}: {err}");
        // The enforcer does not build upon it either.
        let (code, _, err) = outcome(&mut place.leeway(&["run", "tested.leeway", "--data", "data"]));
        assert_eq!((code, err.contains(names)), (1, true), "{err}");
    }
}
