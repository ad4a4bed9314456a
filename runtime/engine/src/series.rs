//! The recent samples of one fact or metric, bounded.

use std::collections::VecDeque;

use jiff::Timestamp;
use leeway_units::Value;

use crate::evidence::{Evidence, Gap};

/// How many samples a series keeps; the oldest go first. At one in 15 s: 41 hours. A window that reaches farther is unknown.
pub const SAMPLES_MAX: usize = 10_000;

/// One measurement.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// When it was taken.
    pub at: Timestamp,
    /// What it gave.
    pub value: Result<Value, Gap>,
}

/// The samples of one fact or metric, oldest first, no two at the same time.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    samples: VecDeque<Sample>,
    stale_ms: i64,
}

impl Series {
    /// An empty series whose values count for `stale_ms`.
    pub fn new(stale_ms: u64) -> Series {
        Series { samples: VecDeque::new(), stale_ms: i64::try_from(stale_ms).unwrap_or(i64::MAX) }
    }

    /// Adds a sample. One that is older than the last is put in its place; a second one of the same moment that differs
    /// makes that moment invalid, because nobody can say which of the two is right.
    pub fn push(&mut self, sample: Sample) {
        let at = self.samples.partition_point(|known| known.at < sample.at);
        match self.samples.get_mut(at) {
            Some(known) if known.at == sample.at => {
                if known.value != sample.value {
                    known.value = Err(Gap::Invalid);
                }
            }
            Some(_) | None => self.samples.insert(at, sample),
        }
        while self.samples.len() > SAMPLES_MAX {
            self.samples.pop_front();
        }
    }

    /// How old a value may be, in milliseconds.
    pub fn stale_ms(&self) -> i64 {
        self.stale_ms
    }

    /// What is known at `at`: the last sample until then, unless it is too old.
    pub fn at(&self, at: Timestamp) -> Evidence<'_> {
        let after = self.samples.partition_point(|sample| sample.at <= at);
        let Some(sample) = after.checked_sub(1).and_then(|last| self.samples.get(last)) else {
            return Evidence::Missing;
        };
        if ms_between(sample.at, at) > self.stale_ms {
            return Evidence::Stale;
        }
        match &sample.value {
            Ok(value) => Evidence::Known { value, at: sample.at },
            Err(Gap::Missing) => Evidence::Missing,
            Err(Gap::Invalid) => Evidence::Invalid,
            Err(Gap::Failed) => Evidence::Failed,
        }
    }

    /// The samples from `from` to `to`, both included.
    pub fn between(&self, from: Timestamp, to: Timestamp) -> impl Iterator<Item = &Sample> {
        let first = self.samples.partition_point(|sample| sample.at < from);
        let after = self.samples.partition_point(|sample| sample.at <= to).max(first);
        self.samples.range(first..after)
    }

    /// The time of the last sample before `at`.
    pub fn last_before(&self, at: Timestamp) -> Option<Timestamp> {
        let first = self.samples.partition_point(|sample| sample.at < at);
        first.checked_sub(1).and_then(|last| self.samples.get(last)).map(|sample| sample.at)
    }

    /// The last sample.
    pub fn last(&self) -> Option<&Sample> {
        self.samples.back()
    }
}

/// Milliseconds from `from` to `to`; negative if `to` is earlier.
pub(crate) fn ms_between(from: Timestamp, to: Timestamp) -> i64 {
    to.as_millisecond() - from.as_millisecond()
}

/// `ms` milliseconds before `at`, or the beginning of time.
pub(crate) fn ms_before(at: Timestamp, ms: u64) -> Timestamp {
    let ms = i64::try_from(ms).unwrap_or(i64::MAX);
    Timestamp::from_millisecond(at.as_millisecond().saturating_sub(ms)).unwrap_or(Timestamp::MIN)
}

/// `ms` milliseconds after `at`, or the end of time.
pub(crate) fn ms_after(at: Timestamp, ms: u64) -> Timestamp {
    let ms = i64::try_from(ms).unwrap_or(i64::MAX);
    Timestamp::from_millisecond(at.as_millisecond().saturating_add(ms)).unwrap_or(Timestamp::MAX)
}
