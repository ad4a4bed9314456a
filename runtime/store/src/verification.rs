//! Walks the chain from the first record to the last and names the first fault.

use std::fmt;
use std::path::Path;

use leeway_engine::{Entry, RecordId};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension as _, Row};
use serde_json::Value;

use crate::error::StoreError;
use crate::head::Head;
use crate::seal::{Columns, ENTRY_BYTES_MAX, FIRST_PREVIOUS, hash, nonce};

/// A chain without fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// How many records it has.
    pub records: u64,
    /// The last record's hash; 64 zeros when there is none. Kept elsewhere, it proves the ledger of this moment.
    pub head: String,
}

/// The first place where the chain is broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// At which record.
    pub id: RecordId,
    /// What is wrong.
    pub kind: FaultKind,
    /// What should be there.
    pub expected: String,
    /// What is there.
    pub found: String,
}

/// What can be wrong with a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The record is not what was hashed.
    Changed,
    /// A column does not agree with the body.
    Column,
    /// The record is not there, and later ones are.
    Removed,
    /// The record stands where another stood.
    Reordered,
    /// The records from this one on are not there.
    Truncated,
    /// The head does not name the last record.
    Head,
    /// The body is no entry.
    Unreadable,
    /// The record used up a warrant, and that is no longer noted: the warrant could be used again.
    Warrant,
}

impl FaultKind {
    /// The word for it: `changed`.
    pub const fn name(self) -> &'static str {
        match self {
            FaultKind::Changed => "changed",
            FaultKind::Column => "column",
            FaultKind::Removed => "removed",
            FaultKind::Reordered => "reordered",
            FaultKind::Truncated => "truncated",
            FaultKind::Head => "head",
            FaultKind::Unreadable => "unreadable",
            FaultKind::Warrant => "warrant",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Fault { id, kind, expected, found } = self;
        match kind {
            FaultKind::Changed => write!(f, "record {id} was changed")?,
            FaultKind::Column => write!(f, "a column of record {id} does not agree with its body")?,
            FaultKind::Removed => write!(f, "record {id} was removed")?,
            FaultKind::Reordered => write!(f, "record {id} was moved from another place")?,
            FaultKind::Truncated => write!(f, "the ledger was cut off before record {id}")?,
            FaultKind::Head => write!(f, "the head does not name the last record, {id}")?,
            FaultKind::Unreadable => write!(f, "record {id} cannot be read")?,
            FaultKind::Warrant => write!(f, "the warrant that record {id} used is not noted as used")?,
        }
        write!(f, ": expected {expected}, found {found}")
    }
}

/// Walks the whole chain, as of one moment.
pub(crate) fn verify(connection: &Connection, path: &Path) -> Result<Verification, StoreError> {
    walk(connection, path, |_, _| {})
}

/// The same, showing each record.
pub(crate) fn walk(
    connection: &Connection,
    path: &Path,
    visit: impl FnMut(RecordId, Entry),
) -> Result<Verification, StoreError> {
    let failed = || StoreError::database(path, "read");
    // One read transaction: a record appended meanwhile must not make the head look wrong.
    let snapshot = connection.unchecked_transaction().map_err(failed())?;
    match links(&snapshot, visit).map_err(failed())? {
        Ok(verification) => Ok(verification),
        Err(fault) => Err(StoreError::damaged(path, fault)),
    }
}

fn links(
    connection: &Connection,
    mut visit: impl FnMut(RecordId, Entry),
) -> rusqlite::Result<Result<Verification, Fault>> {
    let mut statement = connection
        .prepare("SELECT id, at, blueprint, operation, kind, body, previous, hash FROM ledger ORDER BY id")?;
    let mut rows = statement.query([])?;
    let mut last = Head { id: RecordId(0), hash: FIRST_PREVIOUS.to_owned() };
    while let Some(row) = rows.next()? {
        match link(connection, row, &last)? {
            Ok((head, entry)) => {
                visit(head.id, entry);
                last = head;
            }
            Err(fault) => return Ok(Err(fault)),
        }
    }
    match Head::read(connection) {
        Ok(Some(head)) if head == last => Ok(Ok(Verification { records: last.id.0, head: last.hash })),
        Ok(head) => Ok(Err(Fault::of_head(head.as_ref(), &last))),
        // A head that holds no number is as good as none.
        Err(rusqlite::Error::InvalidColumnType(..) | rusqlite::Error::IntegralValueOutOfRange(..)) => {
            Ok(Err(Fault::of_head(None, &last)))
        }
        Err(error) => Err(error),
    }
}

/// Checks one record against the one before it; gives it, as the new end of the chain.
fn link(connection: &Connection, row: &Row<'_>, last: &Head) -> rusqlite::Result<Result<(Head, Entry), Fault>> {
    let id = RecordId(last.id.0.saturating_add(1));
    let fault = |kind, expected: &str, found: &str| {
        Ok(Err(Fault { id, kind, expected: expected.to_owned(), found: found.to_owned() }))
    };
    let at = Cells(row);
    if at.number(0)? != Some(id.0) {
        return fault(
            FaultKind::Removed,
            &format!("record {id}"),
            &format!("record {} after {}", at.text(0)?, last.id),
        );
    }
    let (previous, stored_hash) = (at.text(6)?, at.text(7)?);
    if previous != last.hash {
        // A hash that another record bears says where this one came from; one that none bears was made up.
        let follows = "SELECT id FROM ledger WHERE hash = ?1";
        let of: Option<i64> = connection.query_row(follows, [&previous], |row| row.get(0)).optional()?;
        let expected = format!("{} as the hash before it", last.hash);
        return match of {
            Some(other) => fault(FaultKind::Reordered, &expected, &format!("that of record {other}")),
            None if previous == FIRST_PREVIOUS => fault(FaultKind::Reordered, &expected, "that of the first record"),
            None => fault(FaultKind::Changed, &expected, &previous),
        };
    }
    let body = at.text(5)?;
    let document: Value = match serde_json::from_str(&body) {
        Ok(document) => document,
        Err(error) => return fault(FaultKind::Unreadable, "an entry", &error.to_string()),
    };
    let canonical = serde_jcs::to_string(&document).unwrap_or_default();
    if canonical != body || body.len() > ENTRY_BYTES_MAX {
        return fault(FaultKind::Changed, "an entry in canonical form", "another form of the same");
    }
    let computed = hash(id, &previous, &document).unwrap_or_default();
    if computed != stored_hash {
        return fault(FaultKind::Changed, &format!("hash {stored_hash}"), &format!("content of hash {computed}"));
    }
    let entry: Entry = match serde_json::from_str(&body) {
        Ok(entry) => entry,
        Err(error) => return fault(FaultKind::Unreadable, "an entry", &error.to_string()),
    };
    if let Some((expected, found)) = disagreement(&at, &document)? {
        return fault(FaultKind::Column, &expected, &found);
    }
    if let Some(nonce) = nonce(&entry.record) {
        let used = "SELECT record FROM warrants WHERE nonce = ?1";
        let record: Option<i64> = connection.query_row(used, [&nonce], |row| row.get(0)).optional()?;
        if record.map(u64::try_from) != Some(Ok(id.0)) {
            let found = record.map_or_else(|| "no use of it".to_owned(), |other| format!("use by record {other}"));
            return fault(FaultKind::Warrant, &format!("use of `{nonce}` by record {id}"), &found);
        }
    }
    Ok(Ok((Head { id, hash: computed }, entry)))
}

/// The first column that says something else than the body: what it should say, and what it says.
fn disagreement(at: &Cells<'_>, document: &Value) -> rusqlite::Result<Option<(String, String)>> {
    let Some(columns) = Columns::of(document) else {
        return Ok(Some(("a body with all columns".to_owned(), "one without".to_owned())));
    };
    for (name, cell, wanted) in
        [("at", 1, &columns.at), ("blueprint", 2, &columns.blueprint), ("kind", 4, &columns.kind)]
    {
        let found = at.text(cell)?;
        if found != *wanted {
            return Ok(Some((format!("{name} `{wanted}`"), format!("`{found}`"))));
        }
    }
    let is_null = matches!(at.0.get_ref(3)?, ValueRef::Null);
    if at.number(3)? != columns.operation || is_null != columns.operation.is_none() {
        let wanted =
            columns.operation.map_or_else(|| "no operation".to_owned(), |wanted| format!("operation {wanted}"));
        return Ok(Some((wanted, format!("`{}`", at.text(3)?))));
    }
    Ok(None)
}

/// A row's cells, whatever a tamperer put into them.
struct Cells<'a>(&'a Row<'a>);

impl Cells<'_> {
    fn text(&self, cell: usize) -> rusqlite::Result<String> {
        Ok(match self.0.get_ref(cell)? {
            ValueRef::Null => "nothing".to_owned(),
            ValueRef::Integer(number) => number.to_string(),
            ValueRef::Real(number) => format!("the number {number}"),
            // A longer text cannot be right, and a part of it is wrong as well.
            ValueRef::Text(text) => {
                let bounded = text.get(..=ENTRY_BYTES_MAX).unwrap_or(text);
                String::from_utf8_lossy(bounded).into_owned()
            }
            ValueRef::Blob(_) => "bytes".to_owned(),
        })
    }

    fn number(&self, cell: usize) -> rusqlite::Result<Option<u64>> {
        Ok(match self.0.get_ref(cell)? {
            ValueRef::Integer(number) => u64::try_from(number).ok(),
            ValueRef::Null | ValueRef::Real(_) | ValueRef::Text(_) | ValueRef::Blob(_) => None,
        })
    }
}
