//! The fingerprint follows the meaning, and nothing else.

use std::collections::BTreeSet;

use proptest::prelude::*;

use crate::policy;

const TARGET: [&str; 7] = [
    "enum mode { fast slow }",
    "collection workers { name: text mode: mode busy: bool }",
    "fact depth: count stale 10s",
    "fact open: bool",
    "action trim(to: count) { effect depth = to undo trim(to: current.depth) risk low }",
    "action close() { effect open = false undo nothing disruptive }",
    "action reopen() { effect open = true undo close() }",
];

const POLICIES: &str = "
policy careful(most: count = 3) for queue {
  needs metric wait: duration
  metric lag: duration = scrape \"lag\"
  rule calm { when wait + lag > 1m propose close() }
  forbid trim(to) when to > most as most
  limit breaker 3 failures
}
";

const MEMBERS: [&str; 29] = [
    "include careful(most: 20)",
    "include careful(wait: wait_too) as again",
    "metric wait_too: duration = scrape \"w\" untrusted",
    "limit at most 3 of disruptive per 10m",
    "limit pace 2 of any per 1m per actor",
    "limit drift depth 4 per 1h",
    "limit budget spent of $450/month at 80%",
    "metric spent: spend = constant $3/h",
    "limit freeze \"Fri 16:00\"..\"Mon 08:00\" in \"Europe/Berlin\" except close",
    "approval { by \"ops\" quorum 2 timeout 30m escalate \"leads\" after 10m notify \"slack:#x\" }",
    "autonomy approve",
    "audit { retention 90d }",
    "label \"origin\" = \"here\"",
    "slo served 99.9% over 30d { good = scrape rate(\"g\", 1m) total = scrape rate(\"a\", 1m) burn 6 6h 30m high }",
    "invariant short: depth < 100 because \"{depth}\"",
    "test \"it\" { given depth = 3 propose trim(to: 2) expect approve }",
    "version \"1.0.0\"",
    "owner \"team\"",
    "let most = 10",
    "let more = most + 1",
    "metric wait: duration = scrape quantile(0.9, \"wait\", 1m)",
    "metric rate_in: rate = scrape rate(\"in{origin=\\\"web\\\"}\", 1m) every 5s responds shared(depth)",
    "objective wait < 1s",
    "rule shrink { when depth > more propose trim(to: most) because \"{depth} wait\" }",
    "allow trim(to) when to > depth and wait < 2s else approve because \"it is {wait}\"",
    "approve close, reopen by \"ops\"",
    "forbid trim(to) when to == 0 as zero",
    "limit cooldown 1m after any",
    "verify trim { within 1m depth == to hold 1m wait < 1s } else rollback",
];

fn source(target: &[&str], members: &[&str]) -> String {
    let (target, members) = (target.join("\n"), members.join("\n"));
    format!(
        "target queue(name: text) {{\n{target}\n}}\n{POLICIES}blueprint jobs for queue(\"jobs\") {{\n{members}\n}}\n"
    )
}

fn fingerprint(source: &str) -> String {
    policy(source).fingerprint.text().to_owned()
}

fn original() -> String {
    source(&TARGET, &MEMBERS)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_order_of_declarations_says_nothing(
        target in Just(TARGET.to_vec()).prop_shuffle(),
        members in Just(MEMBERS.to_vec()).prop_shuffle(),
    ) {
        prop_assert_eq!(fingerprint(&source(&target, &members)), fingerprint(&original()));
    }
}

#[test]
fn what_people_read_says_nothing() {
    for (from, to) in [
        ("objective wait", "// a comment\n\n   objective wait"),
        ("\"{depth}\"", "\"too many\""),
        ("propose trim(to: 2) expect approve", "propose trim(to: 3) expect forbid"),
        ("careful(most: 20)", "careful(most: most * 2)"),
        ("of disruptive per 10m", "of disruptive per 600s"),
        ("let most", "/// documented\nlet most"),
        ("{depth} wait", "too many"),
        ("because \"it is {wait}\"", ""),
        ("to > depth and wait", "to   >\n depth and wait"),
        ("let most = 10\nlet more = most + 1", "let most = 10\nlet more = 10 + 1"),
        ("stale 10s", "stale 10000ms"),
        ("scrape rate(\"g\", 1m)", "scrape rate(\"g\", 1m) every 15s stale 60s"),
        ("responds shared(depth)", "responds rate_in / (depth / recorded(depth))"),
    ] {
        let changed = original().replace(from, to);
        assert_ne!(changed, original(), "{from}");
        assert_eq!(fingerprint(&changed), fingerprint(&original()), "{from}");
    }
}

#[test]
fn every_change_of_meaning_says_something_else() {
    let mut seen = BTreeSet::from([fingerprint(&original())]);
    for (from, to) in [
        ("fast slow", "fast idle"),
        ("busy: bool", "busy: count"),
        ("most: 20", "most: 21"),
        ("(wait: wait_too) as again", "(wait: wait) as again"),
        ("(wait: wait_too) as again", "(wait: wait_too) as other"),
        ("most: count = 3", "most: count = 4"),
        ("as most\n", "as limit_of_all\n"),
        ("untrusted", ""),
        ("shared(depth)", "shared(current.depth) / 2"),
        ("responds shared(depth)", ""),
        ("at most 3", "at most 4"),
        ("pace 2", "pace 3"),
        ("drift depth 4", "drift depth 5"),
        ("$450", "$451"),
        ("constant $3/h", "constant $4/h"),
        ("\"Fri 16:00\"", "\"Fri 16:01\""),
        ("Europe/Berlin", "Europe/Paris"),
        ("except close", ""),
        ("quorum 2", "quorum 3"),
        ("timeout 30m", "timeout 31m"),
        ("after 10m", "after 11m"),
        ("slack:#x", "slack:#y"),
        ("autonomy approve", "autonomy suggest"),
        ("90d", "91d"),
        ("\"here\"", "\"there\""),
        ("99.9%", "99.8%"),
        ("scrape rate(\"g\", 1m)", "scrape rate(\"g\", 1m) stale 61s"),
        ("scrape rate(\"a\", 1m)", "scrape rate(\"a\", 1m) every 16s"),
        ("burn 6 6h 30m high", "burn 6 6h 30m medium"),
        ("depth < 100", "depth < 101"),
        ("invariant short", "invariant brief"),
        ("\"1.0.0\"", "\"1.0.1\""),
        ("\"team\"", "\"others\""),
        ("let most = 10", "let most = 11"),
        ("stale 10s", "stale 11s"),
        ("risk low", "risk high"),
        ("undo nothing disruptive", "undo nothing"),
        ("undo nothing disruptive", "undo receipt disruptive"),
        ("undo close()", "undo nothing"),
        ("effect open = true", "effect open = false"),
        ("quantile(0.9,", "quantile(0.95,"),
        ("\\\"web\\\"", "\\\"api\\\""),
        ("every 5s", "every 6s"),
        ("objective wait < 1s", "objective wait <= 1s"),
        ("rule shrink", "rule shrink_it"),
        ("when depth > more", "when depth >= more"),
        ("trim(to: most)", "trim(to: more)"),
        ("to > depth", "to < depth"),
        ("to > depth and", "to > depth or"),
        ("else approve", "else forbid"),
        ("else approve", ""),
        ("approve close, reopen", "approve close"),
        ("reopen by \"ops\"", "reopen by \"dev\""),
        ("reopen by \"ops\"", "reopen"),
        ("as zero", "as none"),
        ("as zero", ""),
        ("cooldown 1m", "cooldown 2m"),
        ("after any", "after trim"),
        ("else rollback", "else escalate"),
        ("hold 1m wait", "within 1m wait"),
        ("queue(\"jobs\")", "queue(\"others\")"),
        ("blueprint jobs", "blueprint works"),
    ] {
        let changed = original().replace(from, to);
        assert!(seen.insert(fingerprint(&changed)), "{from} → {to}");
    }
}

#[test]
fn a_policy_reads_back_as_it_was_stored() {
    for text in [original(), crate::RATE_LIMITER.to_owned()] {
        let policy = policy(&text);
        let stored = serde_json::to_string(&policy).unwrap();
        assert_eq!(serde_json::from_str::<leeway_ir::Policy>(&stored).unwrap(), policy);
        assert_eq!(leeway_ir::Fingerprint::of(&policy), policy.fingerprint);
    }
}
