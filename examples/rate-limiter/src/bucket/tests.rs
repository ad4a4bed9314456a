//! The bucket's law, by example and by property.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

use proptest::prelude::*;

use super::*;
use crate::rate::Rate;

/// A bucket with its limit.
struct Held {
    limit: FixedLimit,
    bucket: Bucket,
}

impl Held {
    fn full(limit: Limit, now: Tick) -> Self {
        Self { limit: FixedLimit::of(limit), bucket: Bucket::full(now) }
    }

    fn take(&mut self, tokens: NonZeroU32, now: Tick) -> Take {
        self.bucket.take(&self.limit, tokens, now)
    }

    fn set_limit(&mut self, limit: Limit, now: Tick) {
        let limit = FixedLimit::of(limit);
        self.bucket.change_limit(&self.limit, &limit, now);
        self.limit = limit;
    }

    fn tokens_at(&self, now: Tick) -> f64 {
        self.bucket.tokens_at(&self.limit, now)
    }
}

fn limit(quota_per_s: f64, burst: u32) -> Limit {
    Limit { quota: Rate::per_second(quota_per_s).unwrap(), burst: Burst::of(burst).unwrap() }
}

fn tokens(count: u32) -> NonZeroU32 {
    NonZeroU32::new(count).unwrap()
}

#[test]
fn a_full_bucket_grants_its_burst_and_then_its_quota() {
    let start = Tick::ZERO;
    let mut bucket = Held::full(limit(10.0, 3), start);
    for remaining in [2.0, 1.0, 0.0] {
        assert_eq!(bucket.take(tokens(1), start), Take::Granted { remaining });
    }
    let Take::Refused { wait: Some(wait), .. } = bucket.take(tokens(1), start) else { panic!("granted a fourth") };
    assert_eq!(wait, Duration::from_millis(101));
    assert!(matches!(bucket.take(tokens(1), start.after(wait)), Take::Granted { .. }));
}

#[test]
fn a_quota_of_zero_grants_nothing_even_from_a_full_bucket() {
    let start = Tick::ZERO;
    let mut bucket = Held::full(limit(0.0, 5), start);
    assert_eq!(bucket.take(tokens(1), start), Take::Refused { remaining: 5.0, wait: None });
    let later = start.after(Duration::from_secs(1 << 40));
    assert_eq!(bucket.take(tokens(1), later), Take::Refused { remaining: 5.0, wait: None });
}

#[test]
fn more_than_the_burst_is_never_granted() {
    let start = Tick::ZERO;
    let mut bucket = Held::full(limit(10.0, 5), start);
    assert_eq!(bucket.take(tokens(6), start), Take::BeyondBurst { burst: Burst::of(5).unwrap() });
    assert_eq!(bucket.take(tokens(5), start), Take::Granted { remaining: 0.0 });
}

#[test]
fn a_new_limit_keeps_the_tokens_up_to_the_new_burst() {
    let start = Tick::ZERO;
    let mut bucket = Held::full(limit(1.0, 10), start);
    assert!(matches!(bucket.take(tokens(8), start), Take::Granted { .. }));
    // One second at the old quota comes first: 2 + 1 tokens.
    let later = start.after(Duration::from_secs(1));
    bucket.set_limit(limit(100.0, 50), later);
    assert_eq!(bucket.tokens_at(later), 3.0);
    bucket.set_limit(limit(100.0, 2), later);
    assert_eq!(bucket.tokens_at(later), 2.0);
}

#[test]
fn the_ends_of_every_range_stay_finite() {
    let start = Tick::ZERO;
    let mut bucket = Held::full(limit(1e9, 1_000_000_000), start);
    let end = start.after(Duration::from_secs(1 << 40));
    assert_eq!(bucket.take(tokens(1_000_000_000), end), Take::Granted { remaining: 0.0 });
    let mut slow = Held::full(limit(1e-300, 1), start);
    assert!(matches!(slow.take(tokens(1), start), Take::Granted { .. }));
    let Take::Refused { wait: Some(wait), .. } = slow.take(tokens(1), start) else { panic!("granted a second") };
    assert!(wait > Duration::from_secs(1 << 23), "{wait:?}");
    assert!(matches!(slow.take(tokens(1), start.after(Duration::from_secs(1 << 23))), Take::Refused { .. }));
}

/// A take, or a change of the limit, at some time after the start. Times are not sorted: see the module.
#[derive(Debug, Clone)]
struct Call {
    at_ms: u64,
    tokens: u32,
}

fn calls() -> impl Strategy<Value = Vec<Call>> {
    let call = (0_u64..20_000, 1_u32..8).prop_map(|(at_ms, tokens)| Call { at_ms, tokens });
    prop::collection::vec(call, 1..300)
}

/// Rounding may add this much, far below a token.
const ROUNDING: f64 = 1e-6;

proptest! {
    #[test]
    fn no_interval_is_granted_more_than_burst_plus_quota_times_time(
        mut calls in calls(), quota_per_s in 0.0_f64..200.0, burst in 1_u32..50,
    ) {
        calls.sort_by_key(|call| call.at_ms);
        let start = Tick::ZERO;
        let mut bucket = Held::full(limit(quota_per_s, burst), start);
        let mut granted: Vec<(u64, u32)> = Vec::new();
        for call in &calls {
            if let Take::Granted { .. } = bucket.take(tokens(call.tokens), start.after(Duration::from_millis(call.at_ms))) {
                granted.push((call.at_ms, call.tokens));
            }
        }
        for from in 0..granted.len() {
            let mut sum = 0.0;
            for &(at_ms, count) in &granted[from..] {
                sum += f64::from(count);
                let elapsed_s = Duration::from_millis(at_ms - granted[from].0).as_secs_f64();
                prop_assert!(sum <= f64::from(burst) + quota_per_s * elapsed_s + ROUNDING);
            }
        }
    }

    #[test]
    fn times_out_of_order_grant_no_more_than_the_whole_time_allows(
        calls in calls(), quota_per_s in 0.0_f64..200.0, burst in 1_u32..50,
    ) {
        let start = Tick::ZERO;
        let mut bucket = Held::full(limit(quota_per_s, burst), start);
        let mut sum = 0.0;
        let mut latest_ms = 0;
        for call in &calls {
            latest_ms = latest_ms.max(call.at_ms);
            let answer = bucket.take(tokens(call.tokens), start.after(Duration::from_millis(call.at_ms)));
            if let Take::Granted { remaining } = answer {
                prop_assert!((0.0..=f64::from(burst)).contains(&remaining));
                sum += f64::from(call.tokens);
            }
            let elapsed_s = Duration::from_millis(latest_ms).as_secs_f64();
            prop_assert!(sum <= f64::from(burst) + quota_per_s * elapsed_s + ROUNDING);
        }
    }

    #[test]
    fn changes_of_the_limit_grant_no_more_than_each_quota_over_its_own_time(
        mut calls in calls(), limits in prop::collection::vec((0.0_f64..200.0, 1_u32..50), 300),
    ) {
        calls.sort_by_key(|call| call.at_ms);
        let start = Tick::ZERO;
        let (mut quota_per_s, burst) = limits[0];
        let mut bucket = Held::full(limit(quota_per_s, burst), start);
        let (mut allowed, mut sum, mut last_ms) = (f64::from(burst), 0.0, 0);
        for (call, &(next_per_s, next_burst)) in calls.iter().zip(&limits) {
            let now = start.after(Duration::from_millis(call.at_ms));
            allowed += quota_per_s * Duration::from_millis(call.at_ms - last_ms).as_secs_f64();
            last_ms = call.at_ms;
            if let Take::Granted { .. } = bucket.take(tokens(call.tokens), now) {
                sum += f64::from(call.tokens);
            }
            bucket.set_limit(limit(next_per_s, next_burst), now);
            quota_per_s = next_per_s;
            prop_assert!(sum <= allowed + ROUNDING);
        }
    }

    #[test]
    fn who_waits_as_told_is_granted(
        quota_per_s in 0.001_f64..10_000.0, burst in 1_u32..1000, drained in 1_u32..1000, wanted in 1_u32..1000,
    ) {
        let start = Tick::ZERO;
        let mut bucket = Held::full(limit(quota_per_s, burst), start);
        bucket.take(tokens(drained.min(burst)), start);
        if let Take::Refused { wait, .. } = bucket.take(tokens(wanted.min(burst)), start) {
            let later = start.after(wait.unwrap());
            let granted = matches!(bucket.take(tokens(wanted.min(burst)), later), Take::Granted { .. });
            prop_assert!(granted);
        }
    }
}
