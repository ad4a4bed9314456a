//! Samples of one value at equal steps, kept as one: a metric that held for thirty days is not a hundred thousand entries.

use jiff::Timestamp;
use leeway_units::Value;

use crate::evidence::Gap;

/// At least one sample of one value. Times are in nanoseconds since 1970: clocks are finer than milliseconds.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    first: Timestamp,
    /// Between two samples; above zero where there is more than one.
    step_ns: i128,
    /// How many follow the first.
    more: i128,
    value: Result<Value, Gap>,
}

impl Run {
    /// One sample.
    pub(crate) fn of(at: Timestamp, value: Result<Value, Gap>) -> Run {
        Run { first: at, step_ns: 0, more: 0, value }
    }

    /// A sample at `newest` and `steps` more before it, one every `every_ms`.
    pub(crate) fn back_from(newest: Timestamp, every_ms: u64, steps: u64, value: Result<Value, Gap>) -> Run {
        let step_ns = i128::from(every_ms.max(1)) * 1_000_000;
        let room = (newest.as_nanosecond() - Timestamp::MIN.as_nanosecond()) / step_ns;
        let more = i128::from(steps).min(room);
        Run { first: time(newest.as_nanosecond() - step_ns * more), step_ns, more, value }
    }

    pub(crate) fn value(&self) -> &Result<Value, Gap> {
        &self.value
    }

    pub(crate) fn first(&self) -> Timestamp {
        self.first
    }

    pub(crate) fn last(&self) -> Timestamp {
        self.nth(self.more)
    }

    /// Takes in a later sample if it goes on as the run does. Whether it did.
    pub(crate) fn extend(&mut self, at: Timestamp, value: &Result<Value, Gap>) -> bool {
        let step_ns = at.as_nanosecond() - self.last().as_nanosecond();
        let goes_on = self.value == *value && step_ns > 0 && (self.more == 0 || step_ns == self.step_ns);
        if goes_on {
            self.step_ns = step_ns;
            self.more += 1;
        }
        goes_on
    }

    /// The last sample at `at` or before.
    pub(crate) fn last_until(&self, at: Timestamp) -> Option<Timestamp> {
        (self.first <= at).then(|| self.nth(self.steps_until(at)))
    }

    /// The times of the samples from `from` to `to`, both included.
    pub(crate) fn between(&self, from: Timestamp, to: Timestamp) -> impl Iterator<Item = Timestamp> {
        let skipped = if from <= self.first {
            0
        } else {
            let reached = self.steps_until(from);
            if self.nth(reached) < from { reached + 1 } else { reached }
        };
        let end = if to < self.first { -1 } else { self.steps_until(to) };
        (skipped..=end).map(|step| self.nth(step))
    }

    /// What lies before `at`, whether a sample lies at it, and what lies after.
    pub(crate) fn split(&self, at: Timestamp) -> (Option<Run>, bool, Option<Run>) {
        let Some(last) = self.last_until(at) else { return (None, false, Some(self.clone())) };
        let same = last == at;
        let reached = self.steps_until(at);
        let kept = if same { reached - 1 } else { reached };
        let before = (kept >= 0).then(|| Run { more: kept, ..self.clone() });
        let next = reached + 1;
        let after = (next <= self.more).then(|| Run { first: self.nth(next), more: self.more - next, ..self.clone() });
        (before, same, after)
    }

    /// How many steps lead to the last sample at `at` or before; `at` is not before the first.
    fn steps_until(&self, at: Timestamp) -> i128 {
        let passed = at.as_nanosecond() - self.first.as_nanosecond();
        if self.step_ns == 0 { 0 } else { (passed / self.step_ns).min(self.more) }
    }

    fn nth(&self, step: i128) -> Timestamp {
        time(self.first.as_nanosecond() + self.step_ns * step)
    }
}

fn time(ns: i128) -> Timestamp {
    Timestamp::from_nanosecond(ns).unwrap_or(if ns < 0 { Timestamp::MIN } else { Timestamp::MAX })
}
