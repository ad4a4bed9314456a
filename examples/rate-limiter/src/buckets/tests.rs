//! The table's bounds, by example and by property: the law under threads, the fixed number of keys, who goes first.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop at the first surprise")]

use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::limit::{Burst, Limit};
use crate::rate::Rate;

const ONE: NonZeroU32 = NonZeroU32::MIN;
const ACME: RuleId = RuleId(0);
const BETA: RuleId = RuleId(1);

fn rule(quota_per_s: f64, burst: u32, keys_max: usize) -> Rule {
    let limit = Limit { quota: Rate::per_second(quota_per_s).unwrap(), burst: Burst::of(burst).unwrap() };
    Rule { limit: FixedLimit::of(limit), keys_max }
}

fn granted(answer: Answer) -> bool {
    matches!(answer, Answer::Bucket(Take::Granted { .. }))
}

/// A table under test, at a time of its own.
struct Table {
    buckets: Buckets,
    rules: Vec<Rule>,
    now: Tick,
}

impl Table {
    fn new(keys_max: usize, rules: Vec<Rule>) -> Self {
        let buckets = Buckets::with_room_for(keys_max);
        let now = buckets.now();
        Self { buckets, rules, now }
    }

    fn take(&self, rule: RuleId, key: &str) -> Answer {
        self.buckets.take(&self.rules, rule, self.buckets.mark(rule, None, key), ONE, self.now)
    }

    fn remaining(&self, rule: RuleId, key: &str) -> f64 {
        match self.buckets.check(&self.rules, rule, self.buckets.mark(rule, None, key), ONE, self.now) {
            Answer::Bucket(Take::Granted { remaining } | Take::Refused { remaining, .. }) => remaining,
            Answer::Bucket(Take::BeyondBurst { .. }) | Answer::OverCapacity => f64::NAN,
        }
    }

    fn pass(&mut self, seconds: u64) {
        self.now = self.now.after(Duration::from_secs(seconds));
    }
}

#[test]
fn a_full_table_lets_the_least_recently_used_idle_bucket_go() {
    let mut table = Table::new(3, vec![rule(1.0, 10, 3)]);
    for key in ["a", "b", "c"] {
        assert!(granted(table.take(ACME, key)));
        table.pass(1);
    }
    // `a` is used again and is the youngest now; `b` is drained, so it is older than `c` and not idle.
    table.take(ACME, "a");
    for _ in 0..8 {
        table.take(ACME, "b");
    }
    table.take(ACME, "c");
    table.pass(2);
    table.take(ACME, "a");
    table.pass(2);
    assert!(granted(table.take(ACME, "d")));
    assert_eq!((table.buckets.keys(), table.buckets.evicted()), (3, 1));
    // Were it `b` that went, it would be full again.
    assert!(table.remaining(ACME, "b") < 8.0);
    // Now `a` is the only idle one, and after it none is.
    assert!(granted(table.take(ACME, "e")));
    assert_eq!(table.take(ACME, "f"), Answer::OverCapacity);
    assert_eq!((table.buckets.keys(), table.buckets.evicted()), (3, 2));
}

#[test]
fn a_tenant_at_its_cap_makes_room_among_its_own_keys() {
    let mut table = Table::new(100, vec![rule(1.0, 1, 5), rule(1.0, 2, 100)]);
    for key in 0..50 {
        table.take(BETA, &format!("b{key}"));
    }
    table.pass(5);
    for key in 0..20 {
        let answer = table.take(ACME, &format!("a{key}"));
        assert_eq!(granted(answer), key < 5, "{key}");
    }
    table.pass(5);
    for key in 20..40 {
        table.take(ACME, &format!("a{key}"));
    }
    assert_eq!((table.buckets.keys_of(ACME), table.buckets.keys_of(BETA)), (5, 50));
    assert_eq!(table.buckets.evicted(), 5);
    table.buckets.forget(BETA);
    assert_eq!((table.buckets.keys(), table.buckets.keys_of(BETA)), (5, 0));
}

#[test]
fn every_key_up_to_the_last_has_its_place() {
    for keys_max in [1, 7, 1000, 5000, 100_000] {
        let table = Table::new(keys_max, vec![rule(0.001, 2, keys_max)]);
        for key in 0..keys_max {
            assert!(granted(table.take(ACME, &key.to_string())), "{key} of {keys_max}");
        }
        assert_eq!(table.take(ACME, "one more"), Answer::OverCapacity);
        assert_eq!((table.buckets.keys(), table.buckets.evicted()), (keys_max, 0));
        assert!((0..keys_max).all(|key| table.remaining(ACME, &key.to_string()) < 2.0));
    }
}

#[test]
fn what_can_never_be_granted_takes_no_place() {
    let table = Table::new(10, vec![rule(1.0, 3, 10), rule(0.0, 3, 10)]);
    let mark = table.buckets.mark(ACME, None, "a");
    let four = NonZeroU32::new(4).unwrap();
    let answer = table.buckets.take(&table.rules, ACME, mark, four, table.now);
    assert!(matches!(answer, Answer::Bucket(Take::BeyondBurst { .. })));
    assert_eq!(table.take(BETA, "b"), Answer::Bucket(Take::Refused { remaining: 3.0, wait: None }));
    assert_eq!(table.buckets.keys(), 0);
}

#[test]
fn a_late_caller_gets_no_time_twice() {
    let mut table = Table::new(2, vec![rule(1.0, 2, 2)]);
    let start = table.now;
    table.take(ACME, "a");
    table.take(ACME, "b");
    table.pass(10);
    assert!(granted(table.take(ACME, "c")));
    assert_eq!(table.buckets.evicted(), 1);
    // Whoever read the clock long ago finds a bucket that was full at the tenth second, and not before.
    table.now = start.after(Duration::from_secs(1));
    assert!(granted(table.take(ACME, "d")));
    table.now = start.after(Duration::from_secs(5));
    assert_eq!(table.remaining(ACME, "d"), 0.0);
    table.now = start.after(Duration::from_secs(11));
    assert_eq!(table.remaining(ACME, "d"), 1.0);
}

#[test]
fn a_new_limit_counts_from_the_moment_it_is_set() {
    let mut table = Table::new(10, vec![rule(1.0, 10, 10)]);
    for _ in 0..10 {
        assert!(granted(table.take(ACME, "a")));
    }
    table.pass(2);
    let to = rule(1000.0, 50, 10);
    table.buckets.change_limit(ACME, &table.rules[0].limit, &to.limit, table.now);
    table.rules[0] = to;
    // Two seconds at the old quota, none yet at the new one.
    assert_eq!(table.remaining(ACME, "a") + 1.0, 2.0);
}

#[test]
fn a_key_and_a_tenant_are_not_run_together() {
    let table = Table::new(10, vec![rule(1.0, 1, 10), rule(1.0, 1, 10)]);
    let mark = |rule, tenant, key| table.buckets.mark(rule, tenant, key);
    let marks = [
        mark(ACME, None, "ab"),
        mark(BETA, None, "ab"),
        mark(ACME, Some("a"), "b"),
        mark(ACME, Some(""), "ab"),
        mark(ACME, Some("ab"), ""),
        mark(ACME, None, "a"),
    ];
    let different: std::collections::HashSet<Mark> = marks.into_iter().collect();
    assert_eq!(different.len(), marks.len());
}

/// One thread's takes: tokens, and how far its clock moves before each, in microseconds.
type Script = Vec<(u32, u64)>;

fn scripts() -> impl Strategy<Value = Vec<Script>> {
    prop::collection::vec(prop::collection::vec((1_u32..6, 0_u64..3_000), 20..200), 2..5)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Real threads, each with a clock that runs at its own pace, on a few keys of one table. Whatever way they are
    /// interleaved, no key is granted more than burst + quota × time, up to the latest time anybody named.
    #[test]
    fn threads_are_granted_no_more_than_burst_and_quota_times_time(
        scripts in scripts(), quota_per_s in 0.5_f64..5_000.0, burst in 5_u32..40, keys in 1_usize..4,
    ) {
        let buckets = Arc::new(Buckets::with_room_for(16));
        let start = buckets.now();
        let rules = Arc::new([rule(quota_per_s, burst, 16)]);
        let together = Arc::new(Barrier::new(scripts.len()));
        let threads: Vec<_> = scripts.into_iter().map(|script| {
            let (buckets, rules, together) = (Arc::clone(&buckets), Arc::clone(&rules), Arc::clone(&together));
            thread::spawn(move || {
                together.wait();
                let mut now = start;
                let mut granted = Vec::new();
                for (number, (tokens, micros)) in script.into_iter().enumerate() {
                    now = now.after(Duration::from_micros(micros));
                    let key = number % keys;
                    let mark = buckets.mark(ACME, None, &key.to_string());
                    let answer = buckets.take(&rules[..], ACME, mark, NonZeroU32::new(tokens).unwrap(), now);
                    if let Answer::Bucket(Take::Granted { .. }) = answer {
                        granted.push((key, now, tokens));
                    }
                }
                granted
            })
        }).collect();
        let granted: Vec<_> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
        let latest = granted.iter().map(|(_, at, _)| *at).max().unwrap_or(start);
        let allowed = f64::from(burst) + quota_per_s * latest.since(start).as_secs_f64();
        for key in 0..keys {
            // To the last token, with no allowance for rounding.
            let sum: f64 = granted.iter().filter(|(of, ..)| *of == key).map(|(.., tokens)| f64::from(*tokens)).sum();
            prop_assert!(sum <= allowed, "{sum} of {allowed}");
        }
    }

    /// The same with one clock for all, as the service has it: over any interval at all.
    #[test]
    fn with_one_clock_the_law_holds_over_any_interval(
        scripts in scripts(), quota_per_s in 100.0_f64..50_000.0, burst in 5_u32..40,
    ) {
        let buckets = Arc::new(Buckets::with_room_for(16));
        let rules = Arc::new([rule(quota_per_s, burst, 16)]);
        let threads: Vec<_> = scripts.into_iter().map(|script| {
            let (buckets, rules) = (Arc::clone(&buckets), Arc::clone(&rules));
            thread::spawn(move || {
                let mark = buckets.mark(ACME, None, "key");
                let mut granted = Vec::new();
                for (tokens, _) in script {
                    let asked_at = buckets.now();
                    let answer = buckets.take(&rules[..], ACME, mark, NonZeroU32::new(tokens).unwrap(), asked_at);
                    if let Answer::Bucket(Take::Granted { .. }) = answer {
                        granted.push((asked_at, buckets.now(), tokens));
                    }
                }
                granted
            })
        }).collect();
        let mut granted: Vec<_> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
        granted.sort_by_key(|(asked_at, ..)| *asked_at);
        for (from, (begin, ..)) in granted.iter().enumerate() {
            let (mut sum, mut end) = (0.0, *begin);
            for (_, answered_at, tokens) in &granted[from..] {
                sum += f64::from(*tokens);
                end = end.max(*answered_at);
                let allowed = f64::from(burst) + quota_per_s * end.since(*begin).as_secs_f64();
                prop_assert!(sum <= allowed, "{sum} of {allowed}");
            }
        }
    }
}
