//! Histories in every format, and what is wrong with others.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a failed unwrap is a failed test")]

mod agreement;
mod bad;

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::LazyLock;

use jiff::Timestamp;
use leeway_ir::Fact;
use leeway_units::{Enum, Field, Type, Unit};
use tempfile::TempDir;

use super::*;

/// A policy with a metric or fact of every type.
pub(super) fn policy() -> Policy {
    static POLICY: LazyLock<Policy> = LazyLock::new(compiled);
    POLICY.clone()
}

fn compiled() -> Policy {
    let text = "use std.ratelimiter
        blueprint t for ratelimiter.tenant(\"acme\") {
          metric cpu: ratio = scrape \"cpu\" every 15s stale 60s
          metric p95: duration = scrape \"p95\" every 15s stale 60s
          metric memory: bytes = scrape \"memory\"
          metric cores: cpu = scrape \"cores\"
          metric load: number = scrape \"load\"
          metric queue: count = scrape \"queue\"
          metric cost: spend = scrape \"cost\"
          metric floor: count = constant 2
          slo web 99% over 30d { good = scrape \"good\" total = scrape \"total\" }
          allow any
        }";
    let compilation = leeway_driver::compile_text("t.leeway", text);
    let mut policy =
        compilation.policies.into_iter().next().unwrap_or_else(|| panic!("{:#?}", compilation.diagnostics));
    let fact = |name: &str, ty| Fact { name: name.into(), ty, stale_ms: 60_000 };
    let words = ["rolling".into(), "recreate".into()];
    policy.facts.push(fact("strategy", Type::Enum(Enum { name: "strategy".into(), words: words.into() })));
    policy.facts.push(fact("note", Type::Text));
    let restarts = Field { name: "restarts".into(), ty: Type::Quantity(Unit::Count) };
    policy.facts.push(fact("pods", Type::Records([restarts].into())));
    policy
}

/// A folder with these files.
pub(super) fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    folder
}

/// The series as somebody would type them, with the folder before each file.
pub(super) fn series(folder: &TempDir, typed: &[&str]) -> Vec<SeriesArg> {
    let arg = |typed: &&str| {
        let mut arg: SeriesArg = typed.parse().unwrap();
        arg.path = folder.path().join(PathBuf::from(&arg.path));
        arg
    };
    typed.iter().map(arg).collect()
}

/// All moments, with the recording at its end.
pub(super) fn read(
    policy: &Policy,
    folder: &TempDir,
    typed: &[&str],
    skip_bad: bool,
) -> Result<(Vec<Moment>, Recording), String> {
    let text = |failure| format!("{failure:?}").replace(&format!("{}/", folder.path().display()), "");
    let known = Names { policy, beside: &[] };
    let mut recording = open(known, &series(folder, typed), skip_bad).map_err(text)?;
    let mut moment = Moment::empty(policy, Timestamp::UNIX_EPOCH);
    let mut moments = Vec::new();
    while recording.next(&mut moment).map_err(text)? {
        moments.push(moment.clone());
    }
    Ok((moments, recording))
}

/// What is recorded of each moment, as people read it; constants apart.
fn told(policy: &Policy, moments: &[Moment]) -> String {
    let mut told = String::new();
    for moment in moments {
        write!(told, "{}", moment.at).unwrap();
        let metrics = policy.metrics.iter().map(|metric| &metric.name).zip(&moment.metrics);
        let facts = policy.facts.iter().map(|fact| &fact.name).zip(&moment.facts);
        for (name, seen) in metrics.filter(|(name, _)| name.as_ref() != "floor").chain(facts) {
            match seen {
                None => {}
                Some(Ok(value)) => write!(told, " {name}={value}").unwrap(),
                Some(Err(gap)) => write!(told, " {name}:{gap:?}").unwrap(),
            }
        }
        told.push('\n');
    }
    told
}

fn history(files: &[(&str, &str)], typed: &[&str]) -> String {
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
    let policy = policy();
    match read(&policy, &folder(&files), typed, false) {
        Ok((moments, _)) => told(&policy, &moments),
        Err(message) => message,
    }
}

#[test]
fn cells_are_bare_samples_or_carry_units() {
    let bare = "\u{feff}time,cpu,p95,memory,cores,load,queue,cost,web.good,web.total,enabled,burst,strategy,note,pods\r\n\
        2026-01-01T00:00:00Z,0.95,0.18,1048576,0.25,2.5,3,0.5,99.5,100,true,5,rolling,\"hello, \"\"you\"\"\",\"[{\"\"restarts\"\": 2}]\"\r\n\
        2026-01-01 00:00:15, 1e-1 ,,NaN,inf,-1,3.5,,,,0,,recreate,,[]\r\n\
        1767225630.5,,,,,,,,,,,,,,\r\n";
    assert_eq!(
        history(&[("h.csv", bare)], &["h.csv"]),
        "2026-01-01T00:00:00Z cores=250mcpu cost=$12/d cpu=95% load=2.5 memory=1Mi p95=180ms queue=3 web.good=99.5/s \
         web.total=100/s burst=5 enabled=true strategy=rolling note=\"hello, \\\"you\\\"\" pods=[{ restarts: 2 }]\n\
         2026-01-01T00:00:15Z cores:Invalid cost:Missing cpu=10% load=-1.0 memory:Invalid p95:Missing queue:Invalid \
         web.good:Missing web.total:Missing burst:Missing enabled=false strategy=recreate note:Missing pods=[]\n\
         2026-01-01T00:00:30.5Z cores:Missing cost:Missing cpu:Missing load:Missing memory:Missing p95:Missing queue:Missing \
         web.good:Missing web.total:Missing burst:Missing enabled:Missing strategy:Missing note:Missing pods:Missing\n"
    );
    let with_units = "timestamp,cpu,p95,memory,cost\n0,95%,180ms,128Mi,$450/month\n15,,2s,,$2/h";
    assert_eq!(
        history(&[("h.csv", with_units)], &["h.csv"]),
        "1970-01-01T00:00:00Z cost=$450/month cpu=95% memory=128Mi p95=180ms\n\
         1970-01-01T00:00:15Z cost=$1461/month cpu:Missing memory:Missing p95=2s\n"
    );
}

#[test]
fn columns_of_foreign_files_are_bound_and_scaled() {
    let asg = "timestamp,value\n2014-05-14 01:14:00,85.835\n2014-05-14 01:19:00,36.806999999999995\n";
    let told = "2014-05-14T01:14:00Z cpu=85.835%\n2014-05-14T01:19:00Z cpu=36.807%\n";
    for typed in ["cpu=asg.csv:value@%", "cpu=asg.csv@%"] {
        assert_eq!(history(&[("asg.csv", asg)], &[typed]), told, "{typed}");
    }
    let other = "host,time,ms,per minute,dollars\nweb-1,0,180.5,90,2\n";
    let typed = ["p95=o.csv:ms@ms", "web.good=o.csv:per minute@/min", "cost=o.csv:dollars@$/h"];
    let told = "1970-01-01T00:00:00Z cost=$1461/month p95=180.5ms web.good=1.5/s\n";
    assert_eq!(history(&[("o.csv", other)], &typed), told);
}

#[test]
fn what_only_policies_beside_know_is_left_to_them() {
    let own = policy();
    let mut other = policy();
    other.blueprint = "other".into();
    for metric in &mut other.metrics {
        metric.name = format!("{}_there", metric.name).into();
    }
    let files: [(&str, &[u8]); 4] = [
        ("both.csv", b"time,cpu,cpu_there\n0,0.5,0.6\n"),
        ("theirs.csv", b"time,cpu_there\n5,0.7\n"),
        ("lines.jsonl", b"{\"at\": \"1970-01-01T00:00:10Z\", \"metrics\": {\"cpu_there\": \"80%\"}}\n{\"at\": \"1970-01-01T00:00:20Z\"}"),
        ("wrong.csv", b"time,cpu_their\n0,1\n"),
    ];
    let folder = folder(&files);
    let read = |policy: &Policy, beside: &[Policy], typed: &[&str]| {
        let mut recording = open(Names { policy, beside }, &series(&folder, typed), false)?;
        let (mut moment, mut moments) = (Moment::empty(policy, Timestamp::UNIX_EPOCH), Vec::new());
        while recording.next(&mut moment)? {
            moments.push(moment.clone());
        }
        Ok(told(policy, &moments))
    };
    let typed = ["both.csv", "theirs.csv", "lines.jsonl", "cpu_there=theirs.csv"];
    let mine = read(&own, std::slice::from_ref(&other), &typed).map_err(|failure: Failure| format!("{failure:?}"));
    assert_eq!(mine.unwrap(), "1970-01-01T00:00:00Z cpu=50%\n1970-01-01T00:00:20Z\n");
    let theirs = read(&other, std::slice::from_ref(&own), &typed[..3]).map_err(|failure| format!("{failure:?}"));
    let times = "1970-01-01T00:00:00Z cpu_there=60%\n1970-01-01T00:00:05Z cpu_there=70%\n\
        1970-01-01T00:00:10Z cpu_there=80%\n1970-01-01T00:00:20Z\n";
    assert_eq!(theirs.unwrap().replace(" floor_there=2", ""), times);
    for (typed, part) in [
        ("wrong.csv", "`cpu_their`, which is no metric or fact of `other`, `t`; did you mean `cpu_there`?"),
        ("theirs.csv", "no series records anything of `t`"),
    ] {
        let message = format!("{:?}", read(&own, std::slice::from_ref(&other), &[typed]).err());
        assert!(message.contains(part), "{message}");
    }
}

#[test]
fn several_series_are_merged_by_time() {
    let cpu = "time,cpu\n0,0.5\n30,0.6\n60,0.7\n";
    let facts = "{\"at\": \"1970-01-01T00:00:30Z\", \"facts\": {\"burst\": 5}, \"metrics\": {\"p95\": {\"value\": \"180ms\"}}}\n\
        \n{\"at\": \"1970-01-01T00:00:45Z\", \"facts\": {\"burst\": \"missing\"}, \"metrics\": {\"p95\": {\"unknown\": \"failed\"}}}";
    let later = "time,cpu\n75,0.8\n90,0.9\n";
    assert_eq!(
        history(&[("a.csv", cpu), ("b.jsonl", facts), ("c.csv", later)], &["a.csv", "b.jsonl", "c.csv"]),
        "1970-01-01T00:00:00Z cpu=50%\n\
         1970-01-01T00:00:30Z cpu=60% p95=180ms burst=5\n\
         1970-01-01T00:00:45Z p95:Failed burst:Missing\n\
         1970-01-01T00:01:00Z cpu=70%\n\
         1970-01-01T00:01:15Z cpu=80%\n\
         1970-01-01T00:01:30Z cpu=90%\n"
    );
}

#[test]
fn what_was_read_is_told() {
    let text = "time,cpu,burst\n0,0.5,1\n10,x,1\n20,0.6,1\n5,0.7,1\n20,0.7,1\n30,0.7\n40,1e9,1\n";
    let (policy, folder) = (policy(), folder(&[("h.csv", text.as_bytes())]));
    let (moments, recording) = read(&policy, &folder, &["h.csv"], true).unwrap();
    assert_eq!(moments.len(), 3);
    let Tally { rows, skipped, reasons } = recording.tally();
    assert_eq!((*rows, *skipped, reasons.len()), (3, 4, 4));
    assert!(reasons[0].ends_with("h.csv`, line 3, column `cpu`: `x` is not a number with a unit"), "{reasons:?}");
    let Recorded { facts, metrics } = recording.recorded();
    assert_eq!(metrics.iter().filter(|recorded| **recorded).count(), 1);
    assert_eq!(facts.iter().filter(|recorded| **recorded).count(), 1);
    let bytes = text.len() as u64;
    assert_eq!(recording.progress(), Progress { done: bytes, total: bytes });
    // A constant needs no recording.
    assert!(moments.iter().all(|moment| moment.metrics.iter().flatten().count() == 2));
}

#[test]
fn what_reads_well_and_may_not_be_meant_is_warned_of() {
    let warnings = |text: &str, typed: &str| {
        let (policy, folder) = (policy(), folder(&[("h.csv", text.as_bytes())]));
        read(&policy, &folder, &[typed], false).unwrap().1.warnings().join("\n")
    };
    let seldom = warnings("time,cpu\n0,0.5\n300,0.6\n600,0.7\n", "h.csv");
    assert!(seldom.starts_with("the samples of metric `cpu` lie about 5m apart, and each counts for 1m"), "{seldom}");
    assert!(seldom.ends_with("write `stale 10m`, so that one may be late or lost"), "{seldom}");
    // One outage says nothing about the others.
    let times = (0..40).map(|row| row * 90 + if row < 20 { 0 } else { 500_000 });
    let outage = times.map(|at| format!("{at},0.5\n")).collect::<String>();
    let outage = warnings(&format!("time,cpu\n{outage}"), "h.csv");
    assert!(outage.contains("lie about 90s apart") && outage.contains("write `stale 3m`"), "{outage}");
    let counted = warnings("time,web.good,web.total\n0,1,1\n60.1,1,\n120.2,1,1\n", "h.csv");
    let good = "metric `web.good` lie about 1m apart, and each counts for 1m: between them it is unknown, and so is every window \
                over it; write `stale 2m` behind the source of `good` in slo `web`, so that one may be late or lost";
    assert!(counted.contains(good), "{counted}");
    assert!(counted.contains("write `stale 4m` behind the source of `total` in slo `web`"), "{counted}");
    let percent = warnings("time,value\n0,85\n15,91.5\n", "cpu=h.csv:value");
    assert!(percent.contains("column `value` reaches 91.5") && percent.ends_with("bind it with `@%`"), "{percent}");
    assert_eq!(warnings("time,value\n0,85\n15,91.5\n", "cpu=h.csv:value@%"), "");
    assert_eq!(warnings("time,cpu\n0,0.5\n15,\n30,0.7\n600,0.8\n", "h.csv"), "");
    let impossible = warnings("time,queue\n0,3\n15,2.5\n30,-1\n45,NaN\n", "h.csv");
    assert!(impossible.ends_with("column `queue` has 2 numbers that can be no `count`, the first `2.5`: unknown then"));
    assert_eq!(warnings("time,cpu\n0,\n15,\n", "h.csv"), "metric `cpu` has no value in all of this history");
}

/// What is warned of in a file of exported lines, each with its place in the export.
fn warned_of_lines(lines: &str, skip_bad: bool) -> Vec<String> {
    let row = |(at, place): (usize, &str)| {
        format!("{{\"at\": \"2026-01-01T00:00:{at:02}Z\", \"metrics\": {{\"cpu\": \"5%\"}}{place}}}\n")
    };
    let place = |word: &str| match word.strip_suffix('!') {
        Some(last) => format!(", \"turn\": \"seen\", \"line\": {last}, \"last\": true"),
        None if word == "-" => String::new(),
        None if word == "bad" => ", \"metric\": 5".to_owned(),
        None => format!(", \"turn\": \"seen\", \"line\": {word}"),
    };
    let text: String = lines.split(' ').enumerate().map(|(at, word)| row((at, &place(word)))).collect();
    let (policy, folder) = (policy(), folder(&[("run.jsonl", text.as_bytes())]));
    let warnings = read(&policy, &folder, &["run.jsonl"], skip_bad).unwrap().1.warnings();
    let place = format!(
        "`{}` is not all of an export, and a replay of it may decide otherwise: ",
        folder.path().join("run.jsonl").display()
    );
    warnings.into_iter().map(|warning| warning.replace(&place, "")).collect()
}

#[test]
fn lines_that_are_missing_of_an_export_are_told() {
    for whole in ["1 2 3 4!", "1!", "- - -", "- 1 2! -", "1 2! 1 2 3!", "1 - 2!"] {
        assert!(warned_of_lines(whole, false).is_empty(), "{whole}");
    }
    for (lines, told) in [
        ("2 3 4!", "line 1 of the export is missing before line 1"),
        ("1 2 5 6!", "lines 3 to 4 of the export are missing before line 3"),
        ("1 2 3", "the end of the export is missing after line 3"),
        (
            "3 4 6",
            "lines 1 to 2 of the export are missing before line 1; line 5 of the export is missing before line 3; \
             the end of the export is missing after line 3",
        ),
        ("1 2 1 2!", "the end of the export is missing after line 2"),
        ("1 2! 2!", "line 1 of the export is missing before line 3"),
    ] {
        assert_eq!(warned_of_lines(lines, false), [told], "{lines}");
    }
    let many = warned_of_lines("2 4 6 8 10 12 14", false).remove(0);
    assert_eq!(many.matches("is missing before").count(), 5, "{many}");
    assert!(many.ends_with("; and lines at 3 more places"), "{many}");
}

#[test]
fn a_line_that_cannot_be_read_is_not_missing_as_well() {
    assert!(warned_of_lines("1 bad 3!", true).is_empty());
    assert!(warned_of_lines("bad 2 3!", true).is_empty());
    assert_eq!(warned_of_lines("1 bad 4!", true), ["line 3 of the export is missing before line 3"]);
}
