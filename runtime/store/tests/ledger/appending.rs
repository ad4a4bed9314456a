//! What is appended reads back, chains, and uses up its warrant.

use std::thread;

use leeway_engine::{OperationId, RecordId};
use leeway_store::{ENTRY_BYTES_MAX, Ledger, LedgerReader, StoreError, Writer};
use proptest::prelude::{ProptestConfig, any, prop_assert_eq, proptest};
use tempfile::TempDir;

use crate::fixture::{breaker_reset, intended, ledger_of, observed, proposed};

#[test]
fn a_proposal_founds_the_operation_of_its_number() {
    let dir = ledger_of(1);
    let mut ledger = Ledger::open(dir.path()).unwrap();
    let id = ledger.append(&proposed()).unwrap();
    let page = ledger.entries_after(RecordId(1)).unwrap();
    assert_eq!(page.len(), 1);
    assert_eq!((page[0].0, page[0].1.operation), (id, Some(OperationId(2))));

    let mut of_another = proposed();
    of_another.operation = Some(OperationId(1));
    assert!(matches!(ledger.append(&of_another), Err(StoreError::OperationGiven { given: OperationId(1) })));
}

#[test]
fn a_warrant_is_used_once() {
    let dir = TempDir::new().unwrap();
    let mut ledger = Ledger::open(dir.path()).unwrap();
    ledger.append(&intended(7)).unwrap();
    let again = ledger.append(&intended(7)).unwrap_err();
    assert!(matches!(&again, StoreError::NonceUsed { nonce, record: RecordId(1) } if nonce == "7/act"));
    assert_eq!(ledger.entries_after(RecordId(0)).unwrap().len(), 1, "nothing was written");
    // Also not after a restart, nor from beside.
    drop(ledger);
    assert!(matches!(Ledger::open(dir.path()).unwrap().append(&intended(7)), Err(StoreError::NonceUsed { .. })));
    assert!(matches!(Ledger::open_beside(dir.path()).unwrap().append(&intended(7)), Err(StoreError::NonceUsed { .. })));
    assert_eq!(Ledger::open(dir.path()).unwrap().append(&intended(8)).unwrap(), RecordId(2));
}

#[test]
fn what_is_too_large_stays_out() {
    let dir = TempDir::new().unwrap();
    let mut ledger = Ledger::open(dir.path()).unwrap();
    let mut entry = observed(1);
    entry.blueprint = "x".repeat(ENTRY_BYTES_MAX).into();
    assert!(matches!(ledger.append(&entry), Err(StoreError::TooLarge { bytes }) if bytes > ENTRY_BYTES_MAX));
    assert_eq!(ledger.append(&observed(1)).unwrap(), RecordId(1));
}

#[test]
fn a_transaction_that_is_not_committed_leaves_nothing() {
    let dir = ledger_of(3);
    {
        let mut connection = rusqlite::Connection::open(dir.path().join("leeway.db")).unwrap();
        let transaction = connection.transaction().unwrap();
        let copy =
            "INSERT INTO ledger SELECT 4, at, blueprint, operation, kind, body, previous, hash FROM ledger LIMIT 1";
        transaction.execute(copy, []).unwrap();
        transaction.execute("INSERT INTO warrants VALUES ('9/act', 4)", []).unwrap();
        // The process ends here.
    }
    let mut ledger = Ledger::open(dir.path()).unwrap();
    assert_eq!(ledger.append(&intended(9)).unwrap(), RecordId(4));
}

#[test]
fn two_processes_append_to_one_chain() {
    const EACH: u32 = 40;
    let dir = ledger_of(0);
    let mut enforcer = Ledger::open(dir.path()).unwrap();
    let mut beside = Ledger::open_beside(dir.path()).unwrap();
    thread::scope(|scope| {
        scope.spawn(|| (0..EACH).map(|n| enforcer.append(&observed(n)).unwrap()).count());
        scope.spawn(|| (0..EACH).map(|_| beside.append(&breaker_reset()).unwrap()).count());
    });
    assert_eq!(LedgerReader::open(dir.path()).unwrap().verify().unwrap().records, u64::from(2 * EACH));
}

#[test]
fn the_writer_writes_all_it_was_asked_before_it_ends() {
    let dir = TempDir::new().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let writer = Writer::start(Ledger::open(dir.path()).unwrap()).unwrap();
    runtime.block_on(async {
        assert_eq!(writer.append(proposed()).await.unwrap(), RecordId(1));
        assert_eq!(writer.append(intended(1)).await.unwrap(), RecordId(2));
        assert!(matches!(writer.append(intended(1)).await, Err(StoreError::NonceUsed { .. })));
        assert_eq!(writer.entries_after(RecordId(1)).await.unwrap(), [(RecordId(2), intended(1))]);
    });
    drop(writer);
    // The directory is free again.
    assert_eq!(Ledger::open(dir.path()).unwrap().append(&observed(1)).unwrap(), RecordId(3));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn what_is_appended_through_either_handle_reads_back_and_verifies(turns in proptest::collection::vec(any::<bool>(), 0..20)) {
        let dir = TempDir::new().unwrap();
        let mut handles = [Ledger::open(dir.path()).unwrap(), Ledger::open_beside(dir.path()).unwrap()];
        let mut written = Vec::new();
        for (n, turn) in (0..).zip(&turns) {
            let entry = observed(n);
            written.push((handles[usize::from(*turn)].append(&entry).unwrap(), entry));
        }
        let reader = LedgerReader::open(dir.path()).unwrap();
        prop_assert_eq!(reader.verify().unwrap().records, written.len() as u64);
        prop_assert_eq!(reader.entries_after(RecordId(0)).unwrap(), written);
    }
}
