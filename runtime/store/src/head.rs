//! The one row that says where the chain ends.

use leeway_engine::RecordId;
use rusqlite::{Connection, OptionalExtension as _};

/// The last record and its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) id: RecordId,
    pub(crate) hash: String,
}

impl Head {
    /// What the head row says; nothing when there is none.
    pub(crate) fn read(connection: &Connection) -> rusqlite::Result<Option<Head>> {
        connection.query_row("SELECT id, hash FROM head WHERE one = 1", [], from_row).optional()
    }

    /// The record that is last in the table; nothing when it is empty.
    pub(crate) fn of_last_record(connection: &Connection) -> rusqlite::Result<Option<Head>> {
        connection.query_row("SELECT id, hash FROM ledger ORDER BY id DESC LIMIT 1", [], from_row).optional()
    }

    /// Makes this the head.
    pub(crate) fn write(&self, connection: &Connection) -> rusqlite::Result<()> {
        connection.execute("UPDATE head SET id = ?1, hash = ?2 WHERE one = 1", (self.id.0, &self.hash)).map(drop)
    }
}

fn from_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Head> {
    Ok(Head { id: RecordId(row.get(0)?), hash: row.get(1)? })
}
