//! The fingerprint follows the meaning, and nothing else.

use std::collections::BTreeSet;

use proptest::prelude::*;

use crate::policy;

const TARGET: [&str; 5] = [
    "fact depth: count stale 10s",
    "fact open: bool",
    "action trim(to: count) { effect depth = to undo trim(to: current.depth) risk low }",
    "action close() { effect open = false undo nothing disruptive }",
    "action reopen() { effect open = true undo close() }",
];

const MEMBERS: [&str; 13] = [
    "version \"1.0.0\"",
    "owner \"team\"",
    "let most = 10",
    "let more = most + 1",
    "metric wait: duration = scrape quantile(0.9, \"wait\", 1m)",
    "metric rate_in: rate = scrape rate(\"in{origin=\\\"web\\\"}\", 1m) every 5s",
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
    format!("target queue(name: text) {{\n{target}\n}}\nblueprint jobs for queue(\"jobs\") {{\n{members}\n}}\n")
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
        ("objective", "// a comment\n\n   objective"),
        ("let most", "/// documented\nlet most"),
        ("{depth} wait", "too many"),
        ("because \"it is {wait}\"", ""),
        ("to > depth and wait", "to   >\n depth and wait"),
        ("let most = 10\nlet more = most + 1", "let most = 10\nlet more = 10 + 1"),
        ("stale 10s", "stale 10000ms"),
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
        ("by \"ops\"", "by \"dev\""),
        ("by \"ops\"", ""),
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
