//! Entries and ledgers to test with.

use std::path::Path;

use leeway_engine::{Entry, RecordId};
use leeway_store::Ledger;
use rusqlite::Connection;
use serde_json::json;
use tempfile::TempDir;

/// A sample whose quota is `quota`.
pub(crate) fn observed(quota: u32) -> Entry {
    entry(json!({
        "kind": "observed",
        "facts": { "quota": { "Ok": { "literal": format!("{quota}/s") } }, "burst": { "Err": "missing" } },
        "metrics": { "p99": { "Ok": { "literal": "101.25ms" } } },
        "object_version": quota.to_string(),
    }))
}

pub(crate) fn proposed() -> Entry {
    entry(json!({
        "kind": "proposed",
        "proposal": {
            "call": { "action": "set_quota", "arguments": [["to", { "literal": "110/s" }]] },
            "actors": [{ "id": "rule:grow", "roles": [] }], "because": "p99 is low",
        },
    }))
}

/// The intent of operation `operation` to act.
pub(crate) fn intended(operation: u64) -> Entry {
    let mut entry = entry(json!({
        "kind": "intended",
        "intent": {
            "operation": operation, "purpose": "act",
            "call": { "action": "set_quota", "arguments": [["to", { "literal": "110/s" }]] },
            "target": { "kind": "ratelimiter.tenant", "name": "acme" },
            "fingerprint": "sha256:00", "state": "sha256:11", "object_version": "3", "epoch": 0,
            "asked_by": ["rule:grow"], "approved_by": [],
            "at": "2026-01-07T12:00:00Z", "expires": "2026-01-07T12:00:30Z",
            "before": [["quota", { "literal": "100/s" }]], "written": [["quota", { "literal": "110/s" }]], "undo": null,
        },
    }));
    entry.operation = Some(serde_json::from_value(json!(operation)).unwrap());
    entry
}

pub(crate) fn breaker_reset() -> Entry {
    entry(json!({ "kind": "breaker_reset", "by": "human:ada" }))
}

fn entry(record: serde_json::Value) -> Entry {
    let entry = json!({ "at": "2026-01-07T12:00:00.25Z", "blueprint": "api", "operation": null, "record": record });
    serde_json::from_value(entry).unwrap()
}

/// A closed ledger of `records` records, among them a proposal (2) and an intent (3).
pub(crate) fn ledger_of(records: u32) -> TempDir {
    let dir = TempDir::new().unwrap();
    let mut ledger = Ledger::open(dir.path()).unwrap();
    for n in 1..=records {
        let entry = match n {
            2 => proposed(),
            3 => intended(2),
            n => observed(n),
        };
        assert_eq!(ledger.append(&entry).unwrap(), RecordId(u64::from(n)));
    }
    dir
}

/// The database as a tamperer opens it.
pub(crate) fn tamper(dir: &Path) -> Connection {
    Connection::open(dir.join("leeway.db")).unwrap()
}
