//! Appends to the ledger: record, chain, head and warrant in one transaction.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use leeway_engine::{Entry, OperationId, Record, RecordId};
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior};

use crate::error::StoreError;
use crate::head::Head;
use crate::lock::DirectoryLock;
use crate::page;
use crate::schema;
use crate::seal::{FIRST_PREVIOUS, Sealed, nonce};
use crate::verification::{self, Fault, FaultKind};

/// A ledger opened for writing.
#[derive(Debug)]
pub struct Ledger {
    connection: Connection,
    path: PathBuf,
    // After the connection, so that the directory is free only when the database is closed.
    _lock: Option<DirectoryLock>,
}

impl Ledger {
    /// Opens the ledger in the data directory `dir` for the enforcer, who has the directory to itself; makes both if missing.
    ///
    /// # Errors
    /// When the directory cannot be written or another enforcer holds it, the database is something else or newer, or the
    /// chain is broken.
    pub fn open(dir: &Path) -> Result<Ledger, StoreError> {
        let lock = DirectoryLock::take(dir)?;
        let path = schema::database_in(dir);
        let connection = schema::open_or_make(&path)?;
        verification::verify(&connection, &path)?;
        empty_log(&connection);
        Ok(Ledger { connection, path, _lock: Some(lock) })
    }

    /// Opens an existing ledger to append to it beside a running enforcer, or without one.
    ///
    /// # Errors
    /// When there is none, it is something else or newer, or the chain is broken.
    pub fn open_beside(dir: &Path) -> Result<Ledger, StoreError> {
        let path = schema::database_in(dir);
        let connection = schema::open_existing(&path)?;
        verification::verify(&connection, &path)?;
        Ok(Ledger { connection, path, _lock: None })
    }

    /// Appends `entry` and returns its number. On return it is on the disk; after an error nothing was written.
    ///
    /// A `proposed` record comes without an operation and gets its own number as one. An `intended` record uses up its
    /// nonce.
    ///
    /// # Errors
    /// When the entry is too large or would not read back, its nonce was used, the end of the chain is damaged, or the
    /// database cannot be written.
    pub fn append(&mut self, entry: &Entry) -> Result<RecordId, StoreError> {
        let path = &self.path;
        let failed = || StoreError::database(path, "write");
        // Immediate: another process may append as well, and the head must not move between reading and writing it.
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed())?;
        let head = head(&transaction, path)?;
        let id = RecordId(head.id.0.saturating_add(1));
        let entry = numbered(entry, id)?;
        let sealed = Sealed::new(id, &head.hash, &entry)?;
        if let Some(nonce) = nonce(&entry.record) {
            consume(&transaction, path, nonce, id)?;
        }
        insert(&transaction, id, &head.hash, &sealed).map_err(failed())?;
        Head { id, hash: sealed.hash }.write(&transaction).map_err(failed())?;
        transaction.commit().map_err(failed())?;
        Ok(id)
    }

    /// The entries after `after`, oldest first, at most [`crate::PAGE_MAX`]; none at the end.
    ///
    /// # Errors
    /// When the database or a record in it cannot be read.
    pub fn entries_after(&self, after: RecordId) -> Result<Vec<(RecordId, Entry)>, StoreError> {
        page::entries_after(&self.connection, &self.path, after)
    }
}

impl Drop for Ledger {
    fn drop(&mut self) {
        empty_log(&self.connection);
    }
}

/// Moves the write-ahead log's records into the database and empties the log. A copy of `leeway.db` alone is whole then, and,
/// what matters more, a log that is damaged later cannot bring back an older state: SQLite reads a log up to its first bad
/// frame, and takes what stands before that for the present. If it cannot be done now, the next to open or close does it.
fn empty_log(connection: &Connection) {
    let _ = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
}

/// The end of the chain, if the head and the last record agree on it.
fn head(connection: &Connection, path: &Path) -> Result<Head, StoreError> {
    let failed = || StoreError::database(path, "read");
    let last = Head::of_last_record(connection)
        .map_err(failed())?
        .unwrap_or_else(|| Head { id: RecordId(0), hash: FIRST_PREVIOUS.to_owned() });
    match Head::read(connection).map_err(failed())? {
        Some(head) if head == last => Ok(head),
        head => Err(StoreError::damaged(path, Fault::of_head(head.as_ref(), &last))),
    }
}

/// The entry with its operation: a proposal founds the operation of its own number.
fn numbered(entry: &Entry, id: RecordId) -> Result<Cow<'_, Entry>, StoreError> {
    match (&entry.record, entry.operation) {
        (Record::Proposed { .. }, Some(given)) => Err(StoreError::OperationGiven { given }),
        (Record::Proposed { .. }, None) => {
            Ok(Cow::Owned(Entry { operation: Some(OperationId(id.0)), ..entry.clone() }))
        }
        _ => Ok(Cow::Borrowed(entry)),
    }
}

fn consume(connection: &Connection, path: &Path, nonce: String, id: RecordId) -> Result<(), StoreError> {
    let failed = |doing| StoreError::database(path, doing);
    let used = connection
        .query_row("SELECT record FROM warrants WHERE nonce = ?1", [&nonce], |row| row.get(0))
        .optional()
        .map_err(failed("read"))?;
    match used {
        Some(record) => Err(StoreError::NonceUsed { nonce, record: RecordId(record) }),
        None => {
            let added = connection.execute("INSERT INTO warrants (nonce, record) VALUES (?1, ?2)", (&nonce, id.0));
            added.map(drop).map_err(failed("write"))
        }
    }
}

fn insert(connection: &Connection, id: RecordId, previous: &str, sealed: &Sealed) -> rusqlite::Result<()> {
    const INSERT: &str = "INSERT INTO ledger (id, at, blueprint, operation, kind, body, previous, hash) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    let columns = &sealed.columns;
    connection
        .prepare_cached(INSERT)?
        .execute((
            id.0,
            &columns.at,
            &columns.blueprint,
            columns.operation,
            &columns.kind,
            &sealed.body,
            previous,
            &sealed.hash,
        ))
        .map(drop)
}

impl Fault {
    /// What is wrong when the head row and the last record do not agree.
    pub(crate) fn of_head(head: Option<&Head>, last: &Head) -> Fault {
        let found = |head: &Head| format!("record {} with hash {}", head.id, head.hash);
        match head {
            Some(head) if head.id > last.id => Fault {
                id: RecordId(last.id.0.saturating_add(1)),
                kind: FaultKind::Truncated,
                expected: format!("records up to {}, which the head names", head.id),
                found: format!("record {} is the last", last.id),
            },
            head => Fault {
                id: last.id,
                kind: FaultKind::Head,
                expected: format!("a head that names {}", found(last)),
                found: head.map_or_else(|| "no head".to_owned(), found),
            },
        }
    }
}
