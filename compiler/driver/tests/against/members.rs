//! Change by change: what is wider, and what is not.

use super::{compared, wider};

const TARGET: &str = "
target queue(name: text) {
  enum mode { fast slow }
  fact depth: count
  fact open: bool
  action trim(to: count) { effect depth = to undo trim(to: current.depth) risk low }
  action close() { effect open = false undo nothing disruptive }
  action purge() { irreversible risk high verify { within 1m depth == 0 } }
}
policy careful(most: count = 3) for queue {
  forbid trim(to) when to > most
}
";

const MEMBERS: &str = "
  version \"1.0.0\"
  include careful(most: 20)
  metric wait: duration = scrape \"w\"
  metric spent: spend = constant $3/h
  let most = 10
  allow trim(to) when to in 2..most else approve
  allow trim(to) when to == 1 and wait < 2s
  allow close when wait < 1s
  approve purge by \"ops\", \"dev\"
  forbid trim(to) when to == 0 as zero
  limit cooldown 1m after any
  limit breaker 3 failures
  limit at most 3 of disruptive per 10m
  limit pace 2 of any per 1m per actor
  limit drift depth 4 per 1h
  limit budget spent of $450/month at 80%
  limit freeze \"Fri 16:00\"..\"Mon 08:00\" in \"Europe/Berlin\" except close
  approval { by \"ops\" quorum 2 timeout 30m escalate \"leads\" after 10m }
  autonomy approve
  verify trim { within 1m depth == to hold 1m wait < 1s } else rollback
  invariant short: depth < 100
  rule shrink { when wait > 10s propose trim(to: 2) }
  objective wait < 1s
";

fn source(members: &str) -> String {
    format!("{TARGET}blueprint jobs for queue(\"jobs\") {{{members}}}\n")
}

/// The members with one text for another.
fn changed(from: &str, to: &str) -> String {
    let text = source(MEMBERS);
    assert!(text.contains(from), "{from}");
    text.replace(from, to)
}

#[test]
fn what_is_as_it_was_or_narrower_says_nothing() {
    let old = source(MEMBERS);
    let reordered: Vec<&str> = MEMBERS.trim().lines().rev().collect();
    assert_eq!(wider(&old, &source(&reordered.join("\n"))), [""; 0]);
    for (from, to) in [
        ("version", "// a comment\n\n  version"),
        ("metric wait", "metric aaa: duration = scrape \"aaa\"\n  metric wait"),
        ("metric wait: duration = scrape \"w\"", "metric wait: duration = scrape \"w\" responds shared(depth)"),
        ("wait", "waiting"),
        ("let most = 10\n", "let top = 10\n  let most = top\n"),
        ("as zero", "because \"nothing is left\" as none"),
        ("to in 2..most", "to in 3..most"),
        ("to in 2..most else", "to in 2..most and wait < 2s else"),
        ("let most = 10", "let most = 9"),
        ("most: 20", "most: 19"),
        ("wait < 1s\n  approve", "wait < 900ms and depth > 3\n  approve"),
        ("wait < 1s\n  approve", "wait in [100ms, 200ms]\n  approve"),
        ("allow close when wait < 1s\n", ""),
        ("allow close when", "approve close when"),
        ("approve purge by \"ops\", \"dev\"", "approve purge by \"dev\""),
        ("approve purge by \"ops\", \"dev\"\n", ""),
        // Whom the block names is asked, who is one of them.
        (" by \"ops\", \"dev\"", ""),
        ("when to == 0", "when to < 2"),
        ("when to == 0", "when to == 0 or depth < 3"),
        ("forbid trim(to) when to == 0 as zero", "forbid trim"),
        ("cooldown 1m after any", "cooldown 2m after any\n  limit cooldown 30s after close"),
        ("breaker 3", "breaker 2"),
        ("at most 3 of disruptive per 10m", "at most 2 of any per 1h"),
        ("pace 2", "pace 1"),
        ("depth 4", "depth 3"),
        ("at 80%", "at 70%"),
        ("\"Fri 16:00\"..\"Mon 08:00\"", "\"Fri 12:00\"..\"Mon 09:00\""),
        (" except close", ""),
        ("quorum 2 timeout 30m", "quorum 3 timeout 20m"),
        ("after 10m }", "after 20m }"),
        (" escalate \"leads\" after 10m", ""),
        ("autonomy approve", "autonomy suggest"),
        ("within 1m depth == to hold 1m wait < 1s", "within 30s depth == to hold 2m wait < 900ms"),
        ("depth < 100", "depth < 90 and wait < 1h"),
        ("when wait > 10s propose", "when wait > 1s propose"),
        ("objective wait < 1s", "objective wait < 2s"),
        ("within 1m depth == 0", "within 2m depth == 0"),
    ] {
        assert_eq!(wider(&old, &changed(from, to)), [""; 0], "{from} → {to}");
    }
}

#[test]
fn each_thing_that_is_wider_is_told() {
    let old = source(MEMBERS);
    for (from, to, expected) in [
        (
            "to in 2..most",
            "to in 1..most",
            "new: `allow trim when to in 1..most`; before: `allow trim when to in 2..most` (old.leeway:",
        ),
        ("let most = 10", "let most = 11", "new: `allow trim when"),
        ("wait < 2s", "wait < 3s", "new: `allow trim when"),
        ("scrape \"w\"", "scrape \"other\"", "gone: `verify trim: hold 1m wait < 1s`"),
        (
            "scrape \"w\"",
            "scrape \"w\" stale 90s",
            "new: `allow close when wait < 1s`; before: `allow close when wait < 1s`",
        ),
        ("when wait < 1s\n", "\n", "new: `allow close`; before: `allow close when wait < 1s`"),
        ("approve purge by", "approve purge, close when depth > 1 by", "new: `approve close when depth > 1"),
        (
            "by \"ops\", \"dev\"",
            "by \"ops\", \"sre\"",
            "new: `approve purge by \"ops\", \"sre\"`; before: `approve purge by \"ops\", \"dev\"`",
        ),
        (" else approve", "", "gone: `approve trim when not to in 2..most`"),
        ("  forbid trim(to) when to == 0 as zero\n", "", "gone: `forbid trim when to == 0`"),
        ("when to == 0", "when to == 1", "gone: `forbid trim when to == 0` (old.leeway:"),
        ("most: 20", "most: 21", "gone: `forbid trim when to > most`"),
        ("  include careful(most: 20)\n", "", "gone: `forbid trim when to > most` (old.leeway:11:3)"),
        ("cooldown 1m", "cooldown 59s", "gone: `limit cooldown 1m after any` ("),
        ("cooldown 1m after any", "cooldown 1m after close", "; now: `limit cooldown 1m after close`"),
        ("breaker 3", "breaker 4", "gone: `limit breaker 3 failures`"),
        ("at most 3", "at most 4", "gone: `limit at most 3 of disruptive per 10m`"),
        ("of disruptive per 10m", "of disruptive per 9m", "gone: `limit at most 3"),
        ("pace 2", "pace 3", "gone: `limit pace"),
        ("drift depth 4 per 1h", "drift depth 4 per 2h", "gone: `limit drift"),
        ("drift depth 4", "drift depth 5", "gone: `limit drift"),
        ("constant $3/h", "constant $2/h", "gone: `limit budget"),
        ("$450", "$451", "gone: `limit budget"),
        ("at 80%", "at 81%", "gone: `limit budget"),
        ("\"Mon 08:00\"", "\"Mon 07:59\"", "gone: `limit freeze"),
        ("Europe/Berlin", "Europe/Paris", "gone: `limit freeze"),
        ("except close", "except close, trim", "gone: `limit freeze"),
        ("quorum 2", "quorum 1", "gone: `approval quorum 2` (old.leeway:"),
        (" quorum 2", "", "gone: `approval quorum 2`"),
        ("timeout 30m", "timeout 31m", "gone: `approval timeout 30m`"),
        ("{ by \"ops\" quorum", "{ by \"ops\", \"dev\" quorum", "gone: `approval by \"ops\"`"),
        (
            "  approval { by \"ops\" quorum 2 timeout 30m escalate \"leads\" after 10m }\n",
            "",
            "gone: `approval by \"ops\"`",
        ),
        ("escalate \"leads\"", "escalate \"all\"", "new: `escalate \"all\" after 10m`"),
        ("after 10m }", "after 5m }", "new: `escalate \"leads\" after 5m`"),
        ("autonomy approve", "autonomy act", "gone: `autonomy approve`"),
        ("  autonomy approve\n", "", "gone: `autonomy approve`"),
        ("else rollback", "else escalate", "gone: `verify trim: else rollback`"),
        ("hold 1m wait", "hold 59s wait", "gone: `verify trim: hold 1m wait < 1s`"),
        ("within 1m depth == to hold", "within 2m depth == to hold", "gone: `verify trim: within 1m depth == to`"),
        ("  invariant short: depth < 100\n", "", "gone: `invariant short: depth < 100`"),
        ("depth < 100", "depth < 101", "gone: `invariant short: depth < 100`"),
        ("queue(\"jobs\")", "queue(\"others\")", "new: `for queue(\"others\")`; before: `for queue(\"jobs\")`"),
        ("irreversible risk high", "undo nothing risk high", "new: `approve purge"),
        ("irreversible risk high", "irreversible risk low", "new: `approve purge"),
    ] {
        let found = wider(&old, &changed(from, to));
        assert!(found.iter().any(|told| told.contains(expected)), "{from} → {to}: {found:#?}");
    }
}

#[test]
fn what_an_objective_counts_may_not_be_older_than_before() {
    let members = |stale| {
        format!(
            "slo met 99% over 7d {{ good = scrape \"g\" total = scrape \"t\" {stale} }}\nallow trim when budget(met) > 0%"
        )
    };
    let wider = |old, new| wider(&source(&members(old)), &source(&members(new)));
    assert_eq!(wider("", "every 15s stale 60s"), [""; 0]);
    assert!(wider("", "stale 90s")[0].starts_with("new: `allow trim when budget(met) > 0%`"));
}

#[test]
fn asking_people_where_nothing_was_granted_is_wider() {
    let members = |most| {
        format!("metric wait: duration = scrape \"w\"\nallow trim(to) when to < {most} and wait < 2s else approve")
    };
    // Where `wait` is not known the old one granted nothing, also not to trim to 4; of the new one people are asked.
    let found = wider(&source(&members(5)), &source(&members(4)));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("new: `approve trim when not (to < 4 and wait < 2s)`"), "{found:?}");
}

#[test]
fn a_version_that_says_it_is_enough() {
    let (old, new) = (source(MEMBERS), changed("  limit breaker 3 failures\n", ""));
    assert!(compared(&old, &new).1.is_some());
    for (version, wide) in [("1.0.1", true), ("1.9.0", true), ("2.0.0", false), ("2.0.0-rc.1", false)] {
        let new = new.replace("\"1.0.0\"", &format!("{version:?}"));
        assert_eq!(compared(&old, &new).1.is_some(), wide, "{version}");
    }
    let (first, none) = (new.replace("version \"1.0.0\"", ""), old.replace("version \"1.0.0\"", ""));
    assert!(compared(&none, &first).1.is_some(), "neither has a version");
    assert!(compared(&none, &new).1.is_none(), "the first version");
    assert!(compared(&old, &first).1.is_some(), "the version is gone");
}

#[test]
fn another_blueprint_is_not_compared() {
    let new = changed("  limit breaker 3 failures\n", "").replace("blueprint jobs", "blueprint others");
    assert!(compared(&source(MEMBERS), &new).1.is_none());
}

#[test]
fn a_finding_marks_the_version_and_each_grant() {
    let new = changed("allow close when wait < 1s", "allow close").replace("  limit breaker 3 failures\n", "");
    let (compilation, finding) = compared(&source(MEMBERS), &new);
    let finding = finding.unwrap();
    assert_eq!(compilation.sources.text(finding.primary.span), "\"1.0.0\"");
    assert_eq!(finding.message, "`jobs` is wider than its version says: it is still 1.0.0");
    let labels: Vec<&str> = finding.labels.iter().map(|label| compilation.sources.text(label.span)).collect();
    assert_eq!(labels, ["allow close"]);
    assert_eq!(finding.notes, ["gone: `limit breaker 3 failures` (old.leeway:25:3)"]);
    assert_eq!(
        finding.fixes.iter().map(|fix| (fix.certain, fix.edits[0].replacement.as_str())).collect::<Vec<_>>(),
        [(false, "\"2.0.0\"")]
    );
}

#[test]
fn a_long_list_is_cut() {
    let many = |n: usize| (0..n).map(|n| format!("forbid trim(to) when to == {n}\n")).collect::<String>();
    let found = wider(&source(&many(50)), &source(&many(1)));
    assert_eq!((found.len(), found.last().unwrap().as_str()), (21, "and 29 more"));
}
