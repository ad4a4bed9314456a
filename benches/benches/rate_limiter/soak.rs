//! A minute under a million keys, and under ever new ones: memory stays where it says.

use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use leeway_rate_limiter::buckets::{Buckets, RuleId};
use leeway_rate_limiter::slots::Mark;

use crate::bucket::MANY_KEYS;
use crate::memory::resident_bytes;
use crate::same::{mixed, rule};

const SOAK_TIME: Duration = Duration::from_secs(60);
const LINE_EVERY: Duration = Duration::from_secs(10);

/// A key is idle again after a tenth of a second.
const QUOTA_PER_S: u32 = 10;
const BURST: u32 = 5;

/// Looks at the clock after so many keys.
const KEYS_A_ROUND: u64 = 1_000;

/// Takes from ever new keys, and prints what the process has in use.
pub(crate) fn soak() {
    let before = resident_bytes();
    let buckets = Buckets::with_room_for(MANY_KEYS);
    let rules = [rule(QUOTA_PER_S, BURST, MANY_KEYS)];
    println!("it says it takes {:.1} MB", megabytes(buckets.table_bytes()));
    let start = Instant::now();
    let (mut next_line, mut number, mut longest) = (start + LINE_EVERY, 0, Duration::ZERO);
    let mut over_capacity = 0_u64;
    while start.elapsed() < SOAK_TIME {
        for _ in 0..KEYS_A_ROUND {
            number += 1;
            let mark = Mark::of_hash(mixed(number));
            let now = buckets.now();
            let answer = buckets.take(&rules, RuleId::default(), mark, NonZeroU32::MIN, now);
            longest = longest.max(buckets.now().since(now));
            over_capacity += u64::from(answer == leeway_rate_limiter::buckets::Answer::OverCapacity);
        }
        if Instant::now() >= next_line {
            next_line += LINE_EVERY;
            println!(
                "{:3} s: {number} keys came, {} are held, {} were evicted, {over_capacity} found no room; \
                 {:.1} MB in use, longest call {longest:?}",
                start.elapsed().as_secs(),
                buckets.keys(),
                buckets.evicted(),
                (resident_bytes() - before) / 1e6,
            );
        }
    }
}

fn megabytes(bytes: usize) -> f64 {
    f64::from(u32::try_from(bytes).unwrap()) / 1e6
}
