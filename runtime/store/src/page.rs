//! Reading records a bounded page at a time.

use std::path::Path;

use leeway_engine::{Entry, OperationId, RecordId};
use rusqlite::{Connection, Row};

use crate::error::StoreError;
use crate::verification::{Fault, FaultKind};

/// The most records that one call returns.
pub const PAGE_MAX: usize = 1_000;

/// A record as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// Its number.
    pub id: RecordId,
    /// What it says.
    pub entry: Entry,
    /// The hash of the record before.
    pub previous: String,
    /// Its own hash, 64 hexadecimal digits.
    pub hash: String,
}

/// Which records are listed, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only of this kind, as [`leeway_engine::Record::kind`] names it.
    pub kind: Option<String>,
    /// Only of this operation.
    pub operation: Option<OperationId>,
    /// Only after this record.
    pub after: Option<RecordId>,
    /// At most so many; [`PAGE_MAX`] unless it is less.
    pub limit: Option<usize>,
}

/// The records that pass `filter`.
pub(crate) fn list(connection: &Connection, path: &Path, filter: &Filter) -> Result<Vec<Stored>, StoreError> {
    const SELECT: &str = "SELECT id, body, previous, hash FROM ledger \
         WHERE id > ?1 AND (?2 IS NULL OR kind = ?2) AND (?3 IS NULL OR operation = ?3) ORDER BY id LIMIT ?4";
    let after = filter.after.unwrap_or(RecordId(0)).0;
    let operation = filter.operation.map(|operation| operation.0);
    let limit = filter.limit.unwrap_or(PAGE_MAX).min(PAGE_MAX);
    let failed = || StoreError::database(path, "read");
    let mut statement = connection.prepare_cached(SELECT).map_err(failed())?;
    let mut rows = statement.query((after, &filter.kind, operation, limit)).map_err(failed())?;
    let mut page = Vec::new();
    while let Some(row) = rows.next().map_err(failed())? {
        page.push(stored(row, path)?);
    }
    Ok(page)
}

/// A page of what follows `after`.
pub(crate) fn entries_after(
    connection: &Connection,
    path: &Path,
    after: RecordId,
) -> Result<Vec<(RecordId, Entry)>, StoreError> {
    let page = list(connection, path, &Filter { after: Some(after), ..Filter::default() })?;
    Ok(page.into_iter().map(|stored| (stored.id, stored.entry)).collect())
}

fn stored(row: &Row<'_>, path: &Path) -> Result<Stored, StoreError> {
    let failed = || StoreError::database(path, "read");
    let id = RecordId(row.get(0).map_err(failed())?);
    let body: String = row.get(1).map_err(failed())?;
    let entry =
        serde_json::from_str(&body).map_err(|error| StoreError::damaged(path, Fault::unreadable(id, &error)))?;
    Ok(Stored { id, entry, previous: row.get(2).map_err(failed())?, hash: row.get(3).map_err(failed())? })
}

impl Fault {
    fn unreadable(id: RecordId, error: &serde_json::Error) -> Fault {
        Fault { id, kind: FaultKind::Unreadable, expected: "an entry".to_owned(), found: error.to_string() }
    }
}
