//! An entry as it is stored: its canonical text, the columns copied from it, and the hash that chains it.

use leeway_engine::{Entry, Record, RecordId};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::error::StoreError;

/// The largest entry, in bytes of canonical JSON.
pub const ENTRY_BYTES_MAX: usize = 1024 * 1024;

/// What the first record names as the hash before it.
pub(crate) const FIRST_PREVIOUS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// An entry ready to be stored.
#[derive(Debug)]
pub(crate) struct Sealed {
    pub(crate) body: String,
    pub(crate) columns: Columns,
    pub(crate) hash: String,
}

/// What is copied out of the body for queries.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Columns {
    pub(crate) at: String,
    pub(crate) blueprint: String,
    pub(crate) operation: Option<u64>,
    pub(crate) kind: String,
}

impl Sealed {
    /// Seals `entry` as record `id` behind the record whose hash is `previous`.
    pub(crate) fn new(id: RecordId, previous: &str, entry: &Entry) -> Result<Sealed, StoreError> {
        let unreadable = |why: String| StoreError::Unreadable { kind: entry.record.kind(), why };
        let body = serde_jcs::to_string(entry).map_err(|error| unreadable(error.to_string()))?;
        if body.len() > ENTRY_BYTES_MAX {
            return Err(StoreError::TooLarge { bytes: body.len() });
        }
        // What cannot be read back must not get in: the enforcer would refuse the ledger at its next start.
        let _: Entry = serde_json::from_str(&body).map_err(|error| unreadable(error.to_string()))?;
        let document: Value = serde_json::from_str(&body).map_err(|error| unreadable(error.to_string()))?;
        let columns = Columns::of(&document).ok_or_else(|| unreadable("it lacks a column".to_owned()))?;
        let hash = hash(id, previous, &document).map_err(|error| unreadable(error.to_string()))?;
        Ok(Sealed { body, columns, hash })
    }
}

impl Columns {
    /// The columns of an entry's JSON; nothing when it has another shape. Read from the JSON and not from the entry, so that
    /// a later leeway that prints a time differently still accepts what an earlier one wrote.
    pub(crate) fn of(entry: &Value) -> Option<Columns> {
        Some(Columns {
            at: entry.get("at")?.as_str()?.to_owned(),
            blueprint: entry.get("blueprint")?.as_str()?.to_owned(),
            operation: serde_json::from_value(entry.get("operation")?.clone()).ok()?,
            kind: entry.get("record")?.get("kind")?.as_str()?.to_owned(),
        })
    }
}

/// The hexadecimal SHA-256 over the canonical JSON (RFC 8785) of `{ id, previous, entry }`.
pub(crate) fn hash(id: RecordId, previous: &str, entry: &Value) -> Result<String, serde_json::Error> {
    #[derive(Serialize)]
    struct Chained<'a> {
        id: RecordId,
        previous: &'a str,
        entry: &'a Value,
    }
    let canonical = serde_jcs::to_vec(&Chained { id, previous, entry })?;
    Ok(Sha256::digest(&canonical).iter().map(|byte| format!("{byte:02x}")).collect())
}

/// The nonce that a record consumes, if it does.
pub(crate) fn nonce(record: &Record) -> Option<String> {
    match record {
        Record::Intended { intent } => Some(intent.nonce()),
        Record::Started { .. }
        | Record::Observed { .. }
        | Record::Unreachable { .. }
        | Record::Reachable { .. }
        | Record::Unseen { .. }
        | Record::Proposed { .. }
        | Record::Decided { .. }
        | Record::ApprovalAsked { .. }
        | Record::Approved { .. }
        | Record::Rejected { .. }
        | Record::Done { .. }
        | Record::NotDone { .. }
        | Record::Verified { .. }
        | Record::Moved { .. }
        | Record::BreakerOpened { .. }
        | Record::BreakerReset { .. } => None,
    }
}
