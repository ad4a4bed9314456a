//! Every way to change a ledger behind its back is found, and named with its place.

use leeway_engine::RecordId;
use leeway_store::{Fault, FaultKind, Ledger, LedgerReader, StoreError};
use proptest::prelude::{ProptestConfig, Strategy as _, any, prop_assert, prop_assert_eq, prop_assume, proptest};
use proptest::sample::select;
use tempfile::TempDir;

use crate::fixture::{ledger_of, tamper};

const RECORDS: u32 = 7;

fn fault_in(dir: &TempDir) -> Fault {
    match LedgerReader::open(dir.path()).unwrap().verify() {
        Err(StoreError::Damaged { fault, .. }) => *fault,
        other => unreachable!("no damage found: {other:?}"),
    }
}

fn fault_after(sql: &str) -> (FaultKind, u64) {
    let dir = ledger_of(RECORDS);
    tamper(dir.path()).execute_batch(sql).unwrap();
    let fault = fault_in(&dir);
    // Who appends refuses as well, and says the same.
    assert!(matches!(Ledger::open(dir.path()), Err(StoreError::Damaged { fault: same, .. }) if *same == fault));
    (fault.kind, fault.id.0)
}

#[test]
fn each_way_has_its_name() {
    let body = "UPDATE ledger SET body = replace(body, '5/s', '6/s') WHERE id = 5";
    assert_eq!(fault_after(body), (FaultKind::Changed, 5));
    assert_eq!(fault_after("UPDATE ledger SET body = body || ' ' WHERE id = 5"), (FaultKind::Changed, 5));
    assert_eq!(fault_after("UPDATE ledger SET body = '{' WHERE id = 5"), (FaultKind::Unreadable, 5));
    assert_eq!(fault_after("UPDATE ledger SET kind = 'observed' WHERE id = 2"), (FaultKind::Column, 2));
    assert_eq!(fault_after("UPDATE ledger SET operation = NULL WHERE id = 2"), (FaultKind::Column, 2));
    assert_eq!(fault_after("UPDATE ledger SET operation = -1 WHERE id = 2"), (FaultKind::Column, 2));
    assert_eq!(fault_after("UPDATE ledger SET operation = 0 WHERE id = 1"), (FaultKind::Column, 1));
    assert_eq!(fault_after("DELETE FROM ledger WHERE id = 1"), (FaultKind::Removed, 1));
    assert_eq!(fault_after("DELETE FROM ledger WHERE id IN (3, 4)"), (FaultKind::Removed, 3));
    assert_eq!(fault_after("UPDATE ledger SET id = -4 WHERE id = 4"), (FaultKind::Removed, 1));
    assert_eq!(fault_after("DELETE FROM ledger WHERE id > 4"), (FaultKind::Truncated, 5));
    assert_eq!(fault_after("DELETE FROM ledger"), (FaultKind::Truncated, 1));
    assert_eq!(fault_after("DELETE FROM head"), (FaultKind::Head, 7));
    assert_eq!(fault_after("UPDATE head SET id = 6"), (FaultKind::Head, 7));
    assert_eq!(fault_after("UPDATE head SET id = -6"), (FaultKind::Head, 7));
    assert_eq!(fault_after("UPDATE head SET hash = 'x'"), (FaultKind::Head, 7));
    assert_eq!(fault_after("DELETE FROM warrants"), (FaultKind::Warrant, 3));
    assert_eq!(fault_after("UPDATE warrants SET record = -3"), (FaultKind::Warrant, 3));
}

#[test]
fn a_fault_tells_what_and_where() {
    let dir = ledger_of(RECORDS);
    tamper(dir.path()).execute_batch("UPDATE ledger SET kind = 'moved' WHERE id = 2").unwrap();
    let expected = "a column of record 2 does not agree with its body: expected kind `proposed`, found `moved`";
    assert_eq!(fault_in(&dir).to_string(), expected);
}

#[test]
fn who_removes_the_last_record_while_the_enforcer_runs_is_found_at_the_next() {
    let dir = TempDir::new().unwrap();
    let mut ledger = Ledger::open(dir.path()).unwrap();
    ledger.append(&crate::fixture::observed(1)).unwrap();
    tamper(dir.path()).execute_batch("DELETE FROM ledger").unwrap();
    let refused = ledger.append(&crate::fixture::observed(2));
    assert!(matches!(refused, Err(StoreError::Damaged { fault, .. }) if fault.kind == FaultKind::Truncated));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn any_change_of_one_cell_is_found_there(
        id in 1..=RECORDS,
        column in select(vec!["at", "blueprint", "operation", "kind", "body", "previous", "hash"]),
        at in any::<proptest::sample::Index>(),
        byte in (b' '..=b'~').prop_map(char::from),
    ) {
        let dir = ledger_of(RECORDS);
        let connection = tamper(dir.path());
        let read = format!("SELECT coalesce(CAST({column} AS TEXT), '0') FROM ledger WHERE id = {id}");
        let before: String = connection.query_row(&read, [], |row| row.get(0)).unwrap();
        let mut letters: Vec<char> = before.chars().collect();
        let place = at.index(letters.len());
        letters[place] = if column == "operation" { '9' } else { byte };
        let after: String = letters.into_iter().collect();
        prop_assume!(after != before);
        connection.execute(&format!("UPDATE ledger SET {column} = ?1 WHERE id = {id}"), [&after]).unwrap();
        drop(connection);
        prop_assert_eq!(fault_in(&dir).id, RecordId(u64::from(id)));
    }

    #[test]
    fn any_removal_is_found_there(id in 1..=RECORDS) {
        let dir = ledger_of(RECORDS);
        tamper(dir.path()).execute("DELETE FROM ledger WHERE id = ?1", [id]).unwrap();
        let fault = fault_in(&dir);
        let kind = if id == RECORDS { FaultKind::Truncated } else { FaultKind::Removed };
        prop_assert_eq!((fault.id, fault.kind), (RecordId(u64::from(id)), kind));
    }

    #[test]
    fn any_swap_is_found_at_the_first_of_the_two(first in 1..RECORDS, second in 1..=RECORDS) {
        prop_assume!(first < second);
        let dir = ledger_of(RECORDS);
        let swap = format!(
            "UPDATE ledger SET id = -1 WHERE id = {first}; UPDATE ledger SET id = {first} WHERE id = {second};
             UPDATE ledger SET id = {second} WHERE id = -1"
        );
        tamper(dir.path()).execute_batch(&swap).unwrap();
        let fault = fault_in(&dir);
        prop_assert_eq!((fault.id, fault.kind), (RecordId(u64::from(first)), FaultKind::Reordered));
    }

    #[test]
    fn any_truncation_is_found_where_it_begins(kept in 0..RECORDS) {
        let dir = ledger_of(RECORDS);
        tamper(dir.path()).execute("DELETE FROM ledger WHERE id > ?1", [kept]).unwrap();
        let fault = fault_in(&dir);
        prop_assert_eq!((fault.id, fault.kind), (RecordId(u64::from(kept) + 1), FaultKind::Truncated));
        prop_assert!(fault.expected.contains(&RECORDS.to_string()));
    }
}
