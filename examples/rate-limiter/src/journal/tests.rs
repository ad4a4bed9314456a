//! The journal through torn and damaged files.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use super::*;
use crate::tenant::BucketPer;

fn set(tenant: &str, version: u64) -> Record {
    Record::Set(TenantState {
        tenant: tenant.to_owned(),
        quota_per_s: 0.1 + 0.2,
        burst: 7,
        enabled: true,
        version,
        patterns: vec![format!("{tenant}/*")],
        bucket_per: BucketPer::Tenant,
        keys_max: Some(3),
    })
}

fn records(path: &Path) -> Vec<Record> {
    Journal::open(path).unwrap().records().cloned().collect()
}

#[test]
fn what_was_written_is_there_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tenants.journal");
    let mut journal = Journal::open(&path).unwrap();
    let gone = Record::Delete { tenant: "b\n\"ü".to_owned(), version: 4 };
    for record in [set("a", 1), set("b\n\"ü", 1), set("a", 2), gone.clone()] {
        journal.append(&record).unwrap();
    }
    assert!(matches!(Journal::open(&path), Err(JournalError::InUse(_))));
    drop(journal);
    assert_eq!(records(&path), [set("a", 2), gone]);
}

#[test]
fn a_torn_last_line_is_cut_off_wherever_it_was_torn() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tenants.journal");
    let mut journal = Journal::open(&path).unwrap();
    journal.append(&set("a", 1)).unwrap();
    let kept = fs::read(&path).unwrap();
    journal.append(&set("a", 2)).unwrap();
    drop(journal);
    let whole = fs::read(&path).unwrap();
    for length in 0..whole.len() {
        fs::write(&path, whole.get(..length).unwrap()).unwrap();
        let expected = if length >= kept.len() { vec![set("a", 1)] } else { vec![] };
        assert_eq!(records(&path), expected, "{length} bytes");
        // And it can be written again, right behind the last whole line.
        Journal::open(&path).unwrap().append(&set("c", 9)).unwrap();
        assert_eq!(records(&path).last(), Some(&set("c", 9)));
    }
}

#[test]
fn a_damaged_line_is_named_and_nothing_is_guessed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tenants.journal");
    let mut journal = Journal::open(&path).unwrap();
    for version in 1..4 {
        journal.append(&set("a", version)).unwrap();
    }
    drop(journal);
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replacen("\"version\":2", "\"version\":9", 1)).unwrap();
    let error = Journal::open(&path).unwrap_err().to_string();
    assert!(error.contains("damaged at line 3") && error.contains("checksum"), "{error}");
    fs::write(&path, "something else\n").unwrap();
    assert!(matches!(Journal::open(&path), Err(JournalError::NotAJournal(_))));
    fs::write(&path, "something else").unwrap();
    assert!(matches!(Journal::open(&path), Err(JournalError::NotAJournal(_))));
}

#[test]
fn it_does_not_grow_without_end_and_stays_locked_and_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tenants.journal");
    let mut journal = Journal::open(&path).unwrap();
    for version in 1..=u64::try_from(LINES_MIN + 20).unwrap() {
        journal.append(&set(if version % 2 == 0 { "a" } else { "b" }, version)).unwrap();
    }
    assert!(fs::read_to_string(&path).unwrap().lines().count() < 100);
    assert!(matches!(Journal::open(&path), Err(JournalError::InUse(_))));
    drop(journal);
    assert_eq!(records(&path), [set("a", 1020), set("b", 1019)]);
}

#[test]
fn tenants_that_come_and_go_leave_a_bounded_trace_and_configured_ones_stay_away() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tenants.journal");
    let mut journal = Journal::open(&path).unwrap();
    // Only what is written counts here, and a slow disk is not asked for each line.
    let gone = |tenant: String, version: u64| Record::Delete { tenant, version };
    journal.keep_deletes_of(["acme".to_owned()].into());
    journal.last.insert("acme".to_owned(), gone("acme".to_owned(), 2));
    for number in 0..u64::try_from(DELETES_MAX).unwrap() + 5 {
        let tenant = format!("t{number}");
        journal.last.insert(tenant.clone(), gone(tenant, number + 3));
    }
    journal.append(&set("b", 1)).unwrap();
    journal.compact().unwrap();
    drop(journal);
    let kept = records(&path);
    assert_eq!(kept.len(), DELETES_MAX + 2);
    assert_eq!(kept.first(), Some(&gone("acme".to_owned(), 2)));
    assert!(!kept.contains(&gone("t4".to_owned(), 7)) && kept.contains(&gone("t5".to_owned(), 8)));
}

#[test]
fn two_journals_in_one_folder_never_share_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let [one, two] = ["limiter.1", "limiter.2"].map(|name| folder.path().join(name));
    let mut journals = [&one, &two].map(|path| Journal::open(path).unwrap());
    for journal in &mut journals {
        journal.append(&set("a", 1)).unwrap();
    }
    // The successor of one is under way while the other is written anew.
    fs::write(folder.path().join("limiter.1.new"), "half of it").unwrap();
    let [_, second] = &mut journals;
    second.compact().unwrap();
    assert_eq!(fs::read_to_string(folder.path().join("limiter.1.new")).unwrap(), "half of it");
    drop(journals);
    assert_eq!((records(&one), records(&two)), (vec![set("a", 1)], vec![set("a", 1)]));
}

#[test]
fn a_file_that_is_no_longer_at_its_path_and_a_device_are_no_journals() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tenants.journal");
    Journal::open(&path).unwrap();
    let before = File::open(&path).unwrap();
    assert!(is_at(&before, &path).unwrap());
    let fresh = folder.path().join("fresh");
    fs::write(&fresh, "").unwrap();
    fs::rename(&fresh, &path).unwrap();
    assert!(!is_at(&before, &path).unwrap());
    assert!(matches!(Journal::open(Path::new("/dev/full")), Err(JournalError::NotAJournal(_))));
}
