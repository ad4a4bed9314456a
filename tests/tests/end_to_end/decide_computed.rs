//! Decisions computed elsewhere: of autoscalers, burn rates, windows, histories, clocks and authority, each with why.
//!
//! A line of `tests/decisions/NAME.jsonl` is a line of a batch on `NAME.leeway` beside it, with the tier that is expected, `why` it
//! follows from the language, and where it is known when to ask again.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;

use crate::place::leeway;

fn verdicts(blueprint: &Path, lines: &[Value]) -> Vec<Value> {
    let mut child = leeway()
        .args(["decide", "--batch", "-"])
        .arg(blueprint)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let writing = std::thread::spawn(move || stdin.write_all(text.as_bytes()));
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    writing.join().unwrap().unwrap_or_else(|error| panic!("{}: {error}\n{said}", blueprint.display()));
    assert_eq!(output.status.code(), Some(0), "{}: {said}", blueprint.display());
    String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn decisions_are_as_computed_by_hand() {
    let folder = leeway_tests::root().join("tests/decisions");
    let files = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let batches: Vec<PathBuf> = files.filter(|path| path.extension().is_some_and(|end| end == "jsonl")).collect();
    assert!(batches.len() > 5, "{batches:?}");
    for batch in batches {
        let text = std::fs::read_to_string(&batch).unwrap();
        let mut lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let expected: Vec<[Option<Value>; 3]> = lines
            .iter_mut()
            .map(|line| ["why", "expect", "retry_after_s"].map(|name| line.as_object_mut().unwrap().remove(name)))
            .collect();
        let verdicts = verdicts(&batch.with_extension("leeway"), &lines);
        assert_eq!(verdicts.len(), expected.len());
        for ([why, tier, retry], verdict) in expected.iter().zip(&verdicts) {
            let place = format!("{}: {}\n{verdict:#}", batch.display(), why.as_ref().unwrap());
            assert_eq!(Some(&verdict["tier"]), tier.as_ref(), "{place}");
            let waits = retry.as_ref().is_none_or(|seconds| verdict["retry_after_s"].as_f64() == seconds.as_f64());
            assert!(waits, "ask again in {retry:?}: {place}");
        }
    }
}
