//! Why the ledger cannot be opened, read or written; each says where and what next.

use std::io;
use std::path::PathBuf;

use leeway_engine::{OperationId, RecordId};

use crate::schema::SCHEMA;
use crate::seal::ENTRY_BYTES_MAX;
use crate::verification::Fault;

/// Why the ledger cannot be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The data directory cannot be made or written.
    #[error("cannot use `{}` as data directory: {source}; make it writable or choose another with `--data`", path.display())]
    Directory {
        /// The directory, or the file in it that cannot be written.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Another enforcer works in the data directory.
    #[error(
        "another enforcer holds `{}`; stop it, or give each enforcer a data directory of its own with `--data`",
        path.display()
    )]
    Locked {
        /// The lock file.
        path: PathBuf,
    },
    /// There is no ledger.
    #[error("there is no ledger at `{}`; `leeway run` makes one, and `--data` names the directory it is in", path.display())]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The file is something else.
    #[error("`{}` is not a ledger of leeway; choose another data directory with `--data`", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// The ledger was written by a newer leeway.
    #[error("`{}` has schema {found}, and this leeway knows none above {SCHEMA}; use a newer leeway", path.display())]
    Newer {
        /// The database.
        path: PathBuf,
        /// Its schema's number.
        found: i64,
    },
    /// The chain is broken.
    #[error(
        "the ledger `{}` is damaged: {fault}; nothing is written to it: keep it as evidence, find out who changed it, and \
         start anew in another data directory",
        path.display()
    )]
    Damaged {
        /// The database.
        path: PathBuf,
        /// The first fault.
        fault: Box<Fault>,
    },
    /// SQLite gave an error.
    #[error("cannot {doing} the ledger `{}`: {source}", path.display())]
    Database {
        /// The database.
        path: PathBuf,
        /// What was tried: `read`, `write`.
        doing: &'static str,
        /// What SQLite says.
        source: rusqlite::Error,
    },
    /// The entry is too large.
    #[error("an entry of {bytes} bytes does not go into the ledger; the most is {ENTRY_BYTES_MAX}")]
    TooLarge {
        /// Its size as canonical JSON.
        bytes: usize,
    },
    /// The entry has no written form that could be read back.
    #[error("an entry `{kind}` could not be read back from the ledger: {why}")]
    Unreadable {
        /// Its kind.
        kind: &'static str,
        /// What goes wrong.
        why: String,
    },
    /// A proposal founds an operation and belongs to none before.
    #[error("a proposal founds an operation of its own number and cannot belong to operation {given}")]
    OperationGiven {
        /// The operation handed in.
        given: OperationId,
    },
    /// The warrant was used before.
    #[error("the warrant `{nonce}` was used by record {record}; an operation acts once and is taken back once")]
    NonceUsed {
        /// The warrant's nonce.
        nonce: String,
        /// The record that used it.
        record: RecordId,
    },
    /// The thread that writes has ended.
    #[error("the ledger's writer has ended; see the log for why")]
    WriterGone,
}

impl StoreError {
    /// An error of SQLite about the database at `path`.
    pub(crate) fn database(path: &std::path::Path, doing: &'static str) -> impl FnOnce(rusqlite::Error) -> StoreError {
        move |source| match source.sqlite_error_code() {
            Some(rusqlite::ErrorCode::NotADatabase) => StoreError::Foreign { path: path.into() },
            Some(_) | None => StoreError::Database { path: path.into(), doing, source },
        }
    }

    /// The chain of the database at `path` is broken.
    pub(crate) fn damaged(path: &std::path::Path, fault: Fault) -> StoreError {
        StoreError::Damaged { path: path.into(), fault: Box::new(fault) }
    }
}
