//! What is no ledger of ours, or somebody else's at the moment, is refused with a reason.

use std::fs;

use leeway_store::{Ledger, LedgerReader, StoreError};
use rusqlite::Connection;
use tempfile::TempDir;

use crate::fixture::ledger_of;

#[test]
fn two_enforcers_never_share_a_directory() {
    let dir = TempDir::new().unwrap();
    let first = Ledger::open(dir.path()).unwrap();
    let second = Ledger::open(dir.path()).unwrap_err();
    assert!(matches!(second, StoreError::Locked { .. }));
    assert!(second.to_string().contains("leeway.lock"), "{second}");
    drop(first);
    assert!(Ledger::open(dir.path()).is_ok());
}

#[test]
fn the_directory_is_made() {
    let dir = TempDir::new().unwrap();
    let deep = dir.path().join("a/b");
    drop(Ledger::open(&deep).unwrap());
    assert_eq!(LedgerReader::open(&deep).unwrap().verify().unwrap().records, 0);
}

#[test]
fn a_directory_that_cannot_be_written_is_named() {
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    for path in [&file, &file.join("below")] {
        let error = Ledger::open(path).unwrap_err();
        assert!(matches!(error, StoreError::Directory { .. }));
        assert!(error.to_string().contains(file.to_str().unwrap()), "{error}");
    }
}

#[test]
fn where_there_is_no_ledger_only_the_enforcer_makes_one() {
    let dir = TempDir::new().unwrap();
    for path in [dir.path().to_owned(), dir.path().join("missing")] {
        assert!(matches!(LedgerReader::open(&path), Err(StoreError::Missing { .. })));
        assert!(matches!(Ledger::open_beside(&path), Err(StoreError::Missing { .. })));
    }
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn a_newer_schema_is_left_alone() {
    let dir = ledger_of(3);
    let connection = Connection::open(dir.path().join("leeway.db")).unwrap();
    connection.pragma_update(None, "user_version", 2).unwrap();
    let newer = |error: &StoreError| matches!(error, StoreError::Newer { found: 2, .. });
    assert!(newer(&Ledger::open(dir.path()).unwrap_err()));
    assert!(newer(&Ledger::open_beside(dir.path()).unwrap_err()));
    assert!(newer(&LedgerReader::open(dir.path()).unwrap_err()));
}

#[test]
fn the_file_of_somebody_else_is_left_as_it_was() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("leeway.db");
    fs::write(
        &path,
        "a text, and no database at all; longer than a header of SQLite, which is 100 bytes long. ".repeat(9),
    )
    .unwrap();
    let before = fs::read(&path).unwrap();
    assert!(matches!(Ledger::open(dir.path()), Err(StoreError::Foreign { .. })));
    assert!(matches!(LedgerReader::open(dir.path()), Err(StoreError::Foreign { .. })));
    assert_eq!(fs::read(&path).unwrap(), before);

    fs::remove_file(&path).unwrap();
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE other (x)").unwrap();
    let before = fs::read(&path).unwrap();
    assert!(matches!(Ledger::open(dir.path()), Err(StoreError::Foreign { .. })));
    assert_eq!(fs::read(&path).unwrap(), before);
}
