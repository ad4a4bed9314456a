//! The database's tables, and the three ways to open it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use crate::error::StoreError;
use crate::seal::FIRST_PREVIOUS;

/// The database's file in the data directory.
pub const DATABASE: &str = "leeway.db";

/// The number of the schema that this code writes and reads, kept as `PRAGMA user_version`.
pub const SCHEMA: i64 = 1;

/// How long one process waits for another that writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

const TABLES: &str = "
CREATE TABLE ledger (
  id        INTEGER PRIMARY KEY,
  at        TEXT NOT NULL,
  blueprint TEXT NOT NULL,
  operation INTEGER,
  kind      TEXT NOT NULL,
  body      TEXT NOT NULL,
  previous  TEXT NOT NULL,
  hash      TEXT NOT NULL
) STRICT;
CREATE INDEX ledger_by_operation ON ledger (operation, id) WHERE operation IS NOT NULL;
CREATE INDEX ledger_by_kind ON ledger (kind, id);
CREATE TABLE head (
  one  INTEGER PRIMARY KEY CHECK (one = 1),
  id   INTEGER NOT NULL,
  hash TEXT NOT NULL
) STRICT;
CREATE TABLE warrants (
  nonce  TEXT PRIMARY KEY,
  record INTEGER NOT NULL UNIQUE
) STRICT;
";

/// The database's path in a data directory.
pub(crate) fn database_in(dir: &Path) -> PathBuf {
    dir.join(DATABASE)
}

/// Opens the database for writing and makes it if there is none.
pub(crate) fn open_or_make(path: &Path) -> Result<Connection, StoreError> {
    let failed = || StoreError::database(path, "open");
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags).map_err(failed())?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(failed())?;
    // Asked before anything is written: a file of somebody else is left as it was.
    let is_new = is_new(&connection, path)?;
    connection.pragma_update(None, "journal_mode", "wal").map_err(failed())?;
    prepare_to_write(&connection).map_err(failed())?;
    if is_new {
        make(&mut connection).map_err(StoreError::database(path, "make"))?;
    }
    check_version(&connection, path)?;
    Ok(connection)
}

/// Opens an existing database for writing.
pub(crate) fn open_existing(path: &Path) -> Result<Connection, StoreError> {
    require(path)?;
    let failed = || StoreError::database(path, "open");
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(failed())?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(failed())?;
    prepare_to_write(&connection).map_err(failed())?;
    check_version(&connection, path)?;
    Ok(connection)
}

/// Opens an existing database for reading; nothing is made or written.
pub(crate) fn open_to_read(path: &Path) -> Result<Connection, StoreError> {
    require(path)?;
    let failed = || StoreError::database(path, "open");
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut wal = path.as_os_str().to_owned();
    wal.push("-wal");
    // Enforcers leave the write-ahead log behind. Without one nobody writes: a copy, which SQLite would make a log for.
    let connection = match path.to_str() {
        Some(text) if !Path::new(&wal).exists() => {
            let uri = format!("file:{}?immutable=1", percent_encoded(text));
            Connection::open_with_flags(uri, flags | OpenFlags::SQLITE_OPEN_URI)
        }
        Some(_) | None => Connection::open_with_flags(path, flags),
    };
    let connection = connection.map_err(failed())?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(failed())?;
    check_version(&connection, path)?;
    Ok(connection)
}

fn require(path: &Path) -> Result<(), StoreError> {
    if path.is_file() { Ok(()) } else { Err(StoreError::Missing { path: path.into() }) }
}

fn prepare_to_write(connection: &Connection) -> rusqlite::Result<()> {
    // A record counts as written only when it is on the disk.
    connection.pragma_update(None, "synchronous", "full")?;
    // Keeps the write-ahead log on closing, so that those who only read never have to make one.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    Ok(())
}

fn is_new(connection: &Connection, path: &Path) -> Result<bool, StoreError> {
    let failed = || StoreError::database(path, "read");
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(failed())?;
    match (version(connection, path)?, tables) {
        (0, 0) => Ok(true),
        (0, _) => Err(StoreError::Foreign { path: path.into() }),
        (found, _) if found > SCHEMA => Err(StoreError::Newer { path: path.into(), found }),
        (_, _) => Ok(false),
    }
}

fn make(connection: &mut Connection) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(TABLES)?;
    transaction.execute("INSERT INTO head (one, id, hash) VALUES (1, 0, ?1)", [FIRST_PREVIOUS])?;
    transaction.pragma_update(None, "user_version", SCHEMA)?;
    transaction.commit()
}

fn version(connection: &Connection, path: &Path) -> Result<i64, StoreError> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(StoreError::database(path, "read"))
}

fn check_version(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    match version(connection, path)? {
        SCHEMA => Ok(()),
        found if found > SCHEMA => Err(StoreError::Newer { path: path.into(), found }),
        _ => Err(StoreError::Foreign { path: path.into() }),
    }
}

/// `text` as the path of a URI (RFC 3986): all but unreserved characters and the slash as `%XX`.
fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte))
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}
