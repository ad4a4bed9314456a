//! Reads the ledger beside a daemon or without one; never writes.

use std::path::{Path, PathBuf};

use leeway_engine::{Entry, RecordId};
use rusqlite::{Connection, OptionalExtension as _};

use crate::error::StoreError;
use crate::page::{self, Filter, Stored};
use crate::schema;
use crate::verification::{self, Verification};

/// A ledger opened for reading.
#[derive(Debug)]
pub struct LedgerReader {
    connection: Connection,
    path: PathBuf,
}

impl LedgerReader {
    /// Opens the ledger in the data directory `dir`. The chain is not verified: a damaged ledger is what one wants to read.
    ///
    /// # Errors
    /// When there is none, it is something else, or it was written by a newer leeway.
    pub fn open(dir: &Path) -> Result<LedgerReader, StoreError> {
        let path = schema::database_in(dir);
        Ok(LedgerReader { connection: schema::open_to_read(&path)?, path })
    }

    /// The records that pass `filter`, oldest first, at most [`crate::PAGE_MAX`].
    ///
    /// # Errors
    /// When the database or a record in it cannot be read.
    pub fn list(&self, filter: &Filter) -> Result<Vec<Stored>, StoreError> {
        page::list(&self.connection, &self.path, filter)
    }

    /// The record of that number, if there is one.
    ///
    /// # Errors
    /// When the database or the record cannot be read.
    pub fn show(&self, id: RecordId) -> Result<Option<Stored>, StoreError> {
        let Some(before) = id.0.checked_sub(1) else { return Ok(None) };
        let filter = Filter { after: Some(RecordId(before)), limit: Some(1), ..Filter::default() };
        Ok(self.list(&filter)?.into_iter().find(|stored| stored.id == id))
    }

    /// The entries after `after`, oldest first, at most [`crate::PAGE_MAX`]; none at the end.
    ///
    /// # Errors
    /// When the database or a record in it cannot be read.
    pub fn entries_after(&self, after: RecordId) -> Result<Vec<(RecordId, Entry)>, StoreError> {
        page::entries_after(&self.connection, &self.path, after)
    }

    /// The number of the last record, if there is one.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn last(&self) -> Result<Option<RecordId>, StoreError> {
        let last = self.connection.query_row("SELECT id FROM ledger ORDER BY id DESC LIMIT 1", [], |row| row.get(0));
        Ok(last.optional().map_err(StoreError::database(&self.path, "read"))?.map(RecordId))
    }

    /// Walks the whole chain.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] with the first fault, or another when the database cannot be read.
    pub fn verify(&self) -> Result<Verification, StoreError> {
        verification::verify(&self.connection, &self.path)
    }

    /// The same, showing each record as soon as the chain up to it is without fault. That none is missing at the end shows only
    /// when all were seen.
    ///
    /// # Errors
    /// As those of [`LedgerReader::verify`].
    pub fn walk(&self, visit: impl FnMut(RecordId, Entry)) -> Result<Verification, StoreError> {
        verification::walk(&self.connection, &self.path, visit)
    }
}
