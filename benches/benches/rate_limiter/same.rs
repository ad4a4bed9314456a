//! The same answers first: our buckets and `governor`, request by request, on one clock.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::FakeRelativeClock;
use governor::{Quota, RateLimiter};
use leeway_rate_limiter::bucket::{FixedLimit, Take};
use leeway_rate_limiter::buckets::{Answer, Buckets, Rule, RuleId};
use leeway_rate_limiter::{Burst, Limit, Rate};

/// How many requests are compared.
pub(crate) const STEPS: u64 = 200_000;

const KEYS: u64 = 50;
/// A token in 8 ms, and time in whole milliseconds: both sides count that exactly. Ours rounds down by up to 2⁻²⁴ tokens
/// with each grant, and else would differ where a token comes in at the very moment it is asked for.
const QUOTA_PER_S: u32 = 125;
const BURST: u32 = 20;

/// A limit in our types.
pub(crate) fn rule(quota_per_s: u32, burst: u32, keys_max: usize) -> Rule {
    let limit = Limit { quota: Rate::per_second(quota_per_s.into()).unwrap(), burst: Burst::of(burst).unwrap() };
    Rule { limit: FixedLimit::of(limit), keys_max }
}

/// The same limit in governor's.
pub(crate) fn quota(quota_per_s: u32, burst: u32) -> Quota {
    Quota::per_second(NonZeroU32::new(quota_per_s).unwrap()).allow_burst(NonZeroU32::new(burst).unwrap())
}

/// Whether it was granted.
pub(crate) fn granted(answer: Answer) -> bool {
    matches!(answer, Answer::Bucket(Take::Granted { .. }))
}

/// Numbers that look random and are the same in each run (Steele and others, 2014: SplitMix64).
pub(crate) fn mixed(number: u64) -> u64 {
    let mut mixed = number.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// Asks both the same and returns how many were granted.
pub(crate) fn compare() -> u64 {
    let clock = FakeRelativeClock::default();
    let peer = RateLimiter::dashmap_with_clock(quota(QUOTA_PER_S, BURST), clock.clone());
    let ours = Buckets::with_room_for(1_000);
    let rules = [rule(QUOTA_PER_S, BURST, 1_000)];
    let (mut now, mut grants) = (ours.now(), 0);
    for step in 0..STEPS {
        let pause = Duration::from_millis(u64::from(mixed(step).is_multiple_of(10)));
        clock.advance(pause);
        now = now.after(pause);
        let key = format!("key-{:012}", mixed(step + STEPS) % KEYS);
        let mark = ours.mark(RuleId::default(), None, &key);
        let answer = granted(ours.take(&rules, RuleId::default(), mark, NonZeroU32::MIN, now));
        let other = peer.check_key(&key).is_ok();
        assert_eq!(answer, other, "at step {step}, for `{key}`");
        grants += u64::from(answer);
    }
    assert!(grants > STEPS / 10 && grants < STEPS, "a comparison in which {grants} are granted compares little");
    grants
}
