//! Reading: filters, pages, beside a writer, of a copy; never writing.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use leeway_engine::{OperationId, RecordId};
use leeway_store::{Filter, Ledger, LedgerReader, StoreError};
use tempfile::TempDir;

use crate::fixture::{intended, ledger_of, observed};

fn ids(reader: &LedgerReader, filter: &Filter) -> Vec<u64> {
    reader.list(filter).unwrap().iter().map(|stored| stored.id.0).collect()
}

fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = fs::read_dir(dir).unwrap().map(|file| file.unwrap());
    files
        .map(|file| (file.file_name().into_string().unwrap(), fs::read(file.path()).unwrap()))
        // The index of the log in shared memory holds the readers' marks.
        .filter(|(name, _)| !name.ends_with("-shm"))
        .collect()
}

#[test]
fn a_filter_names_what_is_wanted() {
    let dir = ledger_of(6);
    let reader = LedgerReader::open(dir.path()).unwrap();
    let all = Filter::default();
    assert_eq!(ids(&reader, &all), [1, 2, 3, 4, 5, 6]);
    assert_eq!(ids(&reader, &Filter { kind: Some("observed".into()), ..all.clone() }), [1, 4, 5, 6]);
    assert_eq!(ids(&reader, &Filter { operation: Some(OperationId(2)), ..all.clone() }), [2, 3]);
    assert_eq!(ids(&reader, &Filter { after: Some(RecordId(2)), limit: Some(2), ..all.clone() }), [3, 4]);
    assert_eq!(ids(&reader, &Filter { kind: Some("nothing".into()), ..all }), [0; 0]);
    assert_eq!(reader.last().unwrap(), Some(RecordId(6)));
}

#[test]
fn one_record_is_shown_with_its_links() {
    let dir = ledger_of(3);
    let reader = LedgerReader::open(dir.path()).unwrap();
    let (second, third) = (reader.show(RecordId(2)).unwrap().unwrap(), reader.show(RecordId(3)).unwrap().unwrap());
    assert_eq!(third.entry, intended(2));
    assert_eq!(third.previous, second.hash);
    assert_eq!(reader.verify().unwrap().head, third.hash);
    assert_eq!(reader.show(RecordId(4)).unwrap(), None);
    assert_eq!(reader.show(RecordId(0)).unwrap(), None);
}

#[test]
fn reading_writes_nothing() {
    let dir = ledger_of(3);
    let before = files(dir.path());
    let reader = LedgerReader::open(dir.path()).unwrap();
    assert_eq!(reader.verify().unwrap().records, 3);
    drop(reader);
    assert_eq!(files(dir.path()), before);
}

#[test]
fn the_database_alone_is_a_whole_copy() {
    let dir = ledger_of(5);
    let copy = TempDir::with_prefix("a copy, 100% #1?").unwrap();
    fs::copy(dir.path().join("leeway.db"), copy.path().join("leeway.db")).unwrap();
    let reader = LedgerReader::open(copy.path()).unwrap();
    assert_eq!(reader.verify().unwrap().records, 5);
    assert_eq!(fs::read_dir(copy.path()).unwrap().count(), 1, "nothing was made beside it");
}

#[test]
fn who_reads_beside_the_enforcer_sees_what_was_appended() {
    let dir = TempDir::new().unwrap();
    let mut ledger = Ledger::open(dir.path()).unwrap();
    let reader = LedgerReader::open(dir.path()).unwrap();
    assert_eq!(reader.last().unwrap(), None);
    for n in 1..=20 {
        ledger.append(&observed(n)).unwrap();
        assert_eq!(reader.verify().unwrap().records, u64::from(n));
    }
    assert_eq!(reader.entries_after(RecordId(18)).unwrap().len(), 2);
}

#[test]
fn a_record_that_cannot_be_read_is_named() {
    let dir = ledger_of(3);
    crate::fixture::tamper(dir.path()).execute_batch("UPDATE ledger SET body = '{}' WHERE id = 2").unwrap();
    let error = LedgerReader::open(dir.path()).unwrap().list(&Filter::default()).unwrap_err();
    assert!(matches!(&error, StoreError::Damaged { fault, .. } if fault.id == RecordId(2)), "{error}");
}
