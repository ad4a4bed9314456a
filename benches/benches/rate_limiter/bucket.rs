//! CPU time per call: our buckets beside `governor`, on the same keys and the same number of threads.

use std::hash::{BuildHasherDefault, Hasher};
use std::num::NonZeroU32;
use std::sync::Barrier;

use cpu_time::ProcessTime;
use governor::RateLimiter;
use governor::clock::DefaultClock;
use leeway_rate_limiter::buckets::{Buckets, Rule, RuleId};
use leeway_rate_limiter::slots::Mark;

use crate::Row;
use crate::same::{granted, mixed, quota, rule};

/// A usual quota, and a burst so large that everything is granted, which is the most work.
const QUOTA_PER_S: u32 = 1_000;
const BURST: u32 = 1_000_000_000;

pub(crate) const MANY_KEYS: usize = 1_000_000;
const CALLS: usize = 2_000_000;

/// Each side is timed so often, in turns; the fastest counts, which the neighbours on this machine disturbed least.
const ROUNDS: usize = 5;

/// The hash of a key that was hashed already.
#[derive(Default)]
pub(crate) struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {
        panic!("only numbers are hashed");
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}

pub(crate) type Governor<K, S = std::hash::RandomState> =
    RateLimiter<K, governor::state::keyed::DashMapStateStore<K, S>, DefaultClock>;

pub(crate) fn governor_of_text() -> Governor<String> {
    RateLimiter::dashmap_with_clock(quota(QUOTA_PER_S, BURST), DefaultClock::default())
}

pub(crate) fn governor_of_hashes() -> Governor<u64, BuildHasherDefault<AsItIs>> {
    RateLimiter::dashmap_with_hasher(quota(QUOTA_PER_S, BURST), BuildHasherDefault::default())
}

/// Our side, as the service uses it.
pub(crate) struct Ours {
    pub(crate) buckets: Buckets,
    rules: [Rule; 1],
}

impl Ours {
    pub(crate) fn new() -> Self {
        let buckets = Buckets::with_room_for(MANY_KEYS);
        Self { buckets, rules: [rule(QUOTA_PER_S, BURST, MANY_KEYS)] }
    }

    pub(crate) fn take_text(&self, key: &str) -> bool {
        self.take_mark(self.buckets.mark(RuleId::default(), None, key))
    }

    pub(crate) fn take_mark(&self, mark: Mark) -> bool {
        granted(self.buckets.take(&self.rules, RuleId::default(), mark, NonZeroU32::MIN, self.buckets.now()))
    }
}

/// Keys of 16 bytes.
pub(crate) fn texts(count: usize) -> Vec<String> {
    (0..u64::try_from(count).unwrap()).map(|number| format!("{:016x}", mixed(number))).collect()
}

pub(crate) fn hashes(count: usize) -> Vec<u64> {
    (0..u64::try_from(count).unwrap()).map(mixed).collect()
}

pub(crate) fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for (keys, name) in [(1, "one hot key"), (MANY_KEYS, "1 million keys")] {
        for threads in [1, 2] {
            let (ours, peer, keys) = (Ours::new(), governor_of_text(), texts(keys));
            let (ours, peer) = in_turns(threads, &keys, &|key: &String| ours.take_text(key), &|key: &String| {
                peer.check_key(key).is_ok()
            });
            rows.push(Row {
                what: format!("{name}, 16-byte text, {threads} thread(s)"),
                unit: "CPU-ns/call",
                ours,
                peer,
            });
        }
        for threads in [1, 2] {
            let (ours, peer, keys) = (Ours::new(), governor_of_hashes(), hashes(keys));
            let (ours, peer) =
                in_turns(threads, &keys, &|key: &u64| ours.take_mark(Mark::of_hash(*key)), &|key: &u64| {
                    peer.check_key(key).is_ok()
                });
            rows.push(Row { what: format!("{name}, hashed, {threads} thread(s)"), unit: "CPU-ns/call", ours, peer });
        }
    }
    rows
}

/// The CPU time of a call of each.
fn in_turns<K: Sync>(
    threads: usize,
    keys: &[K],
    ours: &(impl Fn(&K) -> bool + Sync),
    peer: &(impl Fn(&K) -> bool + Sync),
) -> (f64, f64) {
    // Every key once before anything is timed.
    assert!(keys.iter().all(|key| ours(key) && peer(key)));
    let mut best = (f64::MAX, f64::MAX);
    for _ in 0..ROUNDS {
        best.0 = best.0.min(cpu_ns_per_call(threads, keys, ours));
        best.1 = best.1.min(cpu_ns_per_call(threads, keys, peer));
    }
    best
}

fn cpu_ns_per_call<K: Sync>(threads: usize, keys: &[K], call: &(impl Fn(&K) -> bool + Sync)) -> f64 {
    let together = Barrier::new(threads);
    let before = ProcessTime::now();
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let together = &together;
            scope.spawn(move || {
                together.wait();
                let from = thread * keys.len() / threads;
                let mut calls = keys.iter().cycle().skip(from).take(CALLS / threads);
                assert!(calls.all(call));
            });
        }
    });
    before.elapsed().as_secs_f64() * 1e9 / f64::from(u32::try_from(CALLS).unwrap())
}
