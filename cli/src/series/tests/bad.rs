//! Input that is wrong: what is said of it, and that nothing panics.

use leeway_engine::{Gap, Moment};
use proptest::prelude::*;

use super::{folder, policy, read};

fn refused(name: &str, bytes: &[u8], typed: &str) -> String {
    read(&policy(), &folder(&[(name, bytes)]), &[typed], false).err().unwrap_or_default()
}

#[test]
fn tables_that_are_wrong_say_where_and_what_next() {
    let long = format!("time,cpu\n0,0.5\n15,\"{}", "x".repeat(1 << 21));
    for (text, parts) in [
        ("", ["exit: Errors, message: \"`h.csv` is empty\"", ""]),
        ("time,cpu\n", ["`h.csv` has no row that can be used", "it ends behind its header"]),
        ("cpu,p95\n1,2\n", ["`h.csv` has no column `time` or `timestamp`; it has `cpu`, `p95`", "name the column"]),
        ("Time,cpu\n0,1\n", ["has no column `time`", "rename `Time` to `time`"]),
        ("time,timestamp,cpu\n0,0,1\n", ["both a column `time` and a column `timestamp`", "rename"]),
        ("time,cpu,cpu\n0,1,1\n", ["has the column `cpu` twice", "leave one"]),
        (
            "time,cpi\n0,1\n",
            ["`cpi`, which is no metric or fact of `t`; did you mean `cpu`?", "known are `cores`, `cost`, `cpu`"],
        ),
        ("time,x\n0,1\n", ["`x`, which is no metric", "--series NAME=h.csv:x"]),
        ("time\n0\n", ["records nothing beside the time", "known are"]),
        ("time;cpu\n0;1\n", ["is separated by semicolons", "write it with commas"]),
        ("time\tcpu\n0\t1\n", ["is separated by tabs", "write it with commas"]),
        ("time,cpu\n0,0.5\n0,0.6\n", ["line 3, the time 1970-01-01T00:00:00Z stands above already", "--skip-bad"]),
        (
            "time,cpu\n9,0.5\n0,0.6\n",
            ["line 3, its time 1970-01-01T00:00:00Z is before 1970-01-01T00:00:09Z", "--skip-bad"],
        ),
        ("time,cpu\n0,95%\n15,0.95\n", ["line 3, column `cpu`: `0.95` has no unit, and cells before it have one", ""]),
        ("time,cpu\n0,0.95\n15,95%\n", ["line 3, column `cpu`: `95%` has a unit, and cells before it have none", ""]),
        ("time,cpu\n0,95\n15,180ms\n", ["line 3, column `cpu`: expected a `ratio`, such as `80%`, got `180ms`", ""]),
        ("time,cpu\n0,lots\n", ["line 2, column `cpu`: `lots` is not a number with a unit", ""]),
        ("time,cpu\r\n0,0.5\r\n15,x\r\n", ["line 3, column `cpu`: `x` is not a number with a unit", ""]),
        ("time,cpu\n\n\n0,x\n", ["line 4, column `cpu`: `x` is not a number with a unit", ""]),
        ("time,note,cpu\n0,\"a\nb\",0.5\n1,c,x\n", ["line 4, column `cpu`: `x` is not a number with a unit", ""]),
        ("time,cpu\n,0.5\n", ["line 2, column `time`: no time; expected", "--skip-bad"]),
        ("time,cpu\nnow,0.5\n", ["line 2, column `time`: `now` is no time; expected", ""]),
        ("time,cpu,p95\n0,0.5,1\n15,0.", ["line 3, it has 2 cells, and the header has 3", "--skip-bad"]),
        ("time,cpu\n0,0.5,9\n", ["line 2, it has 3 cells, and the header has 2", ""]),
        ("time,strategy\n0,recreat\n", ["line 2, column `strategy`: expected a `strategy`, such as `rolling`", ""]),
        ("time,enabled\n0,2\n", ["line 2, column `enabled`: expected a `bool`, such as `true`, got `2`", ""]),
        ("time,burst\n0,2.5\n", ["line 2, column `burst`: expected a `count`, such as `3`, got `2.5`", "--skip-bad"]),
        ("time,burst\n0,3\n1,-1\n", ["line 3, column `burst`: expected a `count`, such as `3`, got `-1`", ""]),
        ("time,burst\n0,NaN\n", ["line 2, column `burst`: expected a `count`, such as `3`, got `NaN`", ""]),
        ("time,pods\n0,{}\n", ["line 2, column `pods`: $: expected a `collection`", ""]),
        ("time,note\n0,\u{1b}[2J\n1,a,b\n", ["line 3, it has 3 cells", ""]),
        ("time,\u{1b}[2J\n0,a\n", ["has the column `\\\\u{1b}[2J`", ""]),
        (&long, ["has a row of over 1048576 bytes from line 3 on", "is a quote `\\\"` never closed?"]),
    ] {
        let message = refused("h.csv", text.as_bytes(), "h.csv");
        assert!(parts.iter().all(|part| message.contains(part)), "{:?}: {message}", text.get(..30).unwrap_or(text));
    }
}

#[test]
fn files_that_are_none_of_text_say_what_they_are() {
    for (bytes, part) in [
        (b"\x1f\x8b\x08\0abc".as_slice(), "is packed with gzip"),
        (b"\xff\xfet\0i\0", "is UTF-16"),
        (b"PAR1....", "is a Parquet file"),
        (b"time,cpu\xff\n0,1\n", "is not UTF-8 in its header"),
        (b"time,cpu\n0,\xff\n", "line 2, column `cpu`: it is not UTF-8"),
    ] {
        let message = refused("h.csv", bytes, "h.csv");
        assert!(message.contains(part), "{part}: {message}");
    }
    let message = refused("h.csv", b"", "other.csv");
    assert!(
        message.starts_with("Failure { exit: Usage, message: \"cannot read `other.csv`: No such file"),
        "{message}"
    );
}

#[test]
fn bindings_that_fit_nothing_are_refused() {
    let text = b"time,value,other\n0,1,2\n";
    for (typed, part) in [
        ("cpi=h.csv:value", "Usage, message: \"`cpi` is no metric or fact of `t`; did you mean `cpu`?"),
        ("cpu=h.csv:valeu", "`h.csv` has no column `valeu`; did you mean `value`?"),
        ("cpu=h.csv:time", "has no column `time`"),
        ("cpu=h.csv:value@ms", "`@ms`: no unit of `cpu`, which is a `ratio`\", help: Some(\"one of `@%`"),
        ("queue=h.csv:value@s", "such numbers are written bare"),
        ("cost=h.csv:value@/h", "one of `@$/month`, `@$/h`"),
        ("note=h.csv:value@s", "`note` is a `text`, which has no unit"),
    ] {
        let message = refused("h.csv", text, typed);
        assert!(message.contains(part), "{typed}: {message}");
    }
    let message = refused("h.csv", b"time,value\n0,95%\n", "cpu=h.csv@%");
    assert!(message.contains("`95%` has a unit already; leave out `@%`"), "{message}");
}

#[test]
fn lines_that_are_wrong_say_where_and_what() {
    let long = format!("{{\"at\": \"{}\"}}", "x".repeat(1 << 20));
    for (line, part) in [
        ("{", "line 1, $: it breaks off: EOF while parsing an object at byte 1"),
        ("[]", "line 1, $: expected an object, got a list"),
        ("{}", "line 1, $: `at` is missing"),
        (r#"{"at": 5}"#, "line 1, $.at: expected a time"),
        (
            r#"{"at": "2026-01-01T00:00:00Z", "metric": {}}"#,
            "line 1, $.metric: unknown member `metric`; did you mean `metrics`?",
        ),
        (
            r#"{"at": "2026-01-01T00:00:00Z", "metrics": {"cpi": "5%"}}"#,
            "$.metrics.cpi: unknown metric `cpi`; did you mean `cpu`?",
        ),
        (
            r#"{"at": "2026-01-01T00:00:00Z", "metrics": {"cpu": 0.5}}"#,
            "$.metrics.cpu: expected a `ratio` with its unit",
        ),
        (
            r#"{"at": "2026-01-01T00:00:00Z", "metrics": {"cpu": {"value": "5%", "age": "5s"}}}"#,
            "$.metrics.cpu.age: unknown member",
        ),
        (
            r#"{"at": "2026-01-01T00:00:00Z", "metrics": {"cpu": {"held": "5s"}}}"#,
            "a recorded value is of its own moment",
        ),
        (r#"{"at": "2026-01-01T00:00:00Z", "metrics": {"cpu": {"unknown": "so"}}}"#, "$.metrics.cpu.unknown: expected"),
        (r#"{"at": "2026-01-01T00:00:00Z", "facts": {"burst": 1, "burst": 2}}"#, "$.facts.burst: given twice"),
        (
            r#"{"at": "2026-01-01T00:00:00Z", "facts": {"burst": 2.5}}"#,
            "$.facts.burst: expected a whole number, got 2.5",
        ),
        (r#"{"at": "2026-01-01T00:00:00Z", "facts": {"burst": -1}}"#, "$.facts.burst: a `count` is never below zero"),
        (
            r#"{"at": "2026-01-01T00:00:00Z", "facts": {"strategy": "recreat"}}"#,
            "$.facts.strategy: expected a `strategy`, such as `rolling`, got `recreat`",
        ),
        (r#"{"at": "2026-01-01T00:00:00Z", "line": 0}"#, "$.line: expected a whole number above zero, got a number"),
        (r#"{"at": "2026-01-01T00:00:00Z", "line": 1.5}"#, "$.line: expected a whole number above zero, got a number"),
        (r#"{"at": "2026-01-01T00:00:00Z", "line": 1, "last": 1}"#, "$.last: expected true or false, got a number"),
        (r#"{"at": "2026-01-01T00:00:00Z", "last": true}"#, "$.last: unknown member `last`"),
        (&long, "line 1, $: over 1048576 bytes long"),
    ] {
        let message = refused("h.jsonl", line.as_bytes(), "h.jsonl").replace("\\\"", "\"");
        assert!(message.contains(part), "{message}");
    }
}

#[test]
fn series_that_contradict_each_other_are_no_evidence() {
    let policy = policy();
    let folder = folder(&[("a.csv", b"time,cpu\n0,0.5\n15,0.6\n"), ("b.csv", b"time,cpu\n0,0.5\n15,0.7\n")]);
    let message = read(&policy, &folder, &["a.csv", "b.csv"], false).err().unwrap();
    assert!(
        message.contains("`b.csv`, line 3, another series says otherwise of `cpu` at 1970-01-01T00:00:15Z"),
        "{message}"
    );
    let (moments, recording) = read(&policy, &folder, &["a.csv", "b.csv"], true).unwrap();
    assert_eq!((moments.len(), recording.tally().skipped), (2, 1));
    let invalid = |moment: &Moment| moment.metrics.contains(&Some(Err(Gap::Invalid)));
    assert_eq!(moments.iter().map(invalid).collect::<Vec<_>>(), [false, true]);
}

#[cfg(feature = "parquet")]
#[test]
fn what_is_no_parquet_is_refused() {
    for bytes in [b"".as_slice(), b"PAR1", b"PAR1PAR1PAR1PAR1", b"time,cpu\n0,1\n"] {
        let message = refused("h.parquet", bytes, "h.parquet");
        assert!(message.contains("is empty") || message.contains("cannot be read as Parquet"), "{message}");
    }
}

/// Rows as editors show them: some with cells over several lines, some after blank lines.
fn table() -> impl Strategy<Value = Vec<String>> {
    let row = (prop::sample::select(vec!["", "\n", "\n\n\n"]), "[a-z]{0,3}(\n[a-z]{0,3}){0,3}");
    prop::collection::vec(row, 1..8).prop_map(|rows| {
        let written = rows.into_iter().enumerate().map(|(n, (blank, note))| format!("{blank}{n},\"{note}\",0.5\n"));
        written.collect()
    })
}

proptest! {
    #[test]
    fn a_bad_row_is_named_by_its_line(before in table(), after in table(), crlf in any::<bool>(), bom in any::<bool>(), ends in any::<bool>()) {
        let above = format!("time,note,cpu\n{}", before.concat());
        let line = above.matches('\n').count() + 1;
        let text = format!("{above}1000,\"x\ny\",many{}", if ends { String::new() } else { format!("\n{}", after.concat()) });
        let text = if crlf { text.replace('\n', "\r\n") } else { text };
        let text = format!("{}{text}", if bom { "\u{feff}" } else { "" });
        let message = refused("h.csv", text.as_bytes(), "h.csv");
        prop_assert!(message.contains(&format!("`h.csv`, line {line}, column `cpu`: `many`")), "{text:?}: {message}");
    }

    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..400), skip_bad in any::<bool>()) {
        let policy = policy();
        for name in ["h.csv", "h.jsonl", "h.parquet"] {
            let _ = read(&policy, &folder(&[(name, &bytes)]), &[name], skip_bad);
        }
    }

    #[test]
    fn any_table_is_answered(cells in "[-0-9a-z.,%:\"\n\r TZ]{0,200}", skip_bad in any::<bool>()) {
        let text = format!("time,cpu,note,pods,enabled\n0,0.5,,,\n{cells}");
        if let Ok((moments, _)) = read(&policy(), &folder(&[("h.csv", text.as_bytes())]), &["h.csv"], skip_bad) {
            prop_assert!(moments.is_sorted_by(|one, next| one.at < next.at));
        }
    }
}
