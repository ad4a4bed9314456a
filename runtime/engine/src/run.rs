//! Samples of one value at equal steps, kept as one: a metric that held for thirty days is not a hundred thousand entries.

use leeway_units::Value;

use crate::evidence::Gap;
use crate::tick::Tick;

/// At least one sample of one value.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    first: Tick,
    last: Tick,
    /// Nanoseconds between two samples; above zero where there is more than one.
    step_ns: i64,
    value: Result<Value, Gap>,
}

impl Run {
    /// A place for a run.
    pub(crate) const NONE: Run = Run { first: Tick::FIRST, last: Tick::FIRST, step_ns: 0, value: Err(Gap::Missing) };

    /// Becomes a run of one sample.
    pub(crate) fn begin(&mut self, at: Tick, value: &Result<Value, Gap>) {
        (self.first, self.last, self.step_ns) = (at, at, 0);
        self.value.clone_from(value);
    }

    /// One sample.
    pub(crate) fn of(at: Tick, value: Result<Value, Gap>) -> Run {
        Run { first: at, last: at, step_ns: 0, value }
    }

    /// A sample at `newest` and `steps` more before it, one every `step_ns`, as far as time reaches back.
    pub(crate) fn back_from(newest: Tick, step_ns: i64, steps: i64, value: Result<Value, Gap>) -> Run {
        let step_ns = step_ns.max(1);
        let steps = steps.min(newest.since(Tick::FIRST) / step_ns);
        let step_ns = if steps == 0 { 0 } else { step_ns };
        Run { first: newest.before(step_ns * steps), last: newest, step_ns, value }
    }

    pub(crate) fn value(&self) -> &Result<Value, Gap> {
        &self.value
    }

    pub(crate) fn first(&self) -> Tick {
        self.first
    }

    pub(crate) fn last(&self) -> Tick {
        self.last
    }

    pub(crate) fn step_ns(&self) -> i64 {
        self.step_ns
    }

    /// How many samples it holds.
    pub(crate) fn count(&self) -> i64 {
        self.steps_until(self.last) + 1
    }

    /// Takes in a later sample if it goes on as the run does. Whether it did.
    pub(crate) fn extend(&mut self, at: Tick, value: &Result<Value, Gap>) -> bool {
        let step_ns = at.since(self.last);
        let goes_on = step_ns > 0 && (self.step_ns == 0 || step_ns == self.step_ns) && self.value == *value;
        if goes_on {
            (self.last, self.step_ns) = (at, step_ns);
        }
        goes_on
    }

    /// The last sample at `at` or before.
    pub(crate) fn last_until(&self, at: Tick) -> Option<Tick> {
        if self.last <= at {
            return Some(self.last);
        }
        (self.first <= at).then(|| self.nth(self.steps_until(at)))
    }

    /// How many of its samples lie before `at`, which is not after its last, and the time of the next.
    pub(crate) fn before(&self, at: Tick) -> (i64, Tick) {
        if at <= self.first {
            return (0, self.first);
        }
        let steps = self.steps_to(at);
        (steps, self.nth(steps))
    }

    /// What of it lies from `from` to `to`, both included.
    pub(crate) fn between(&self, from: Tick, to: Tick) -> Option<Run> {
        let last = self.last_until(to)?;
        let first = if from <= self.first { self.first } else { self.nth(self.steps_to(from)) };
        let step_ns = if first == last { 0 } else { self.step_ns };
        (first <= last).then(|| Run { first, last, step_ns, value: self.value.clone() })
    }

    /// The times of its samples from `from` to `to`, both included.
    pub(crate) fn times(&self, from: Tick, to: Tick) -> impl DoubleEndedIterator<Item = Tick> {
        let skipped = if from <= self.first { 0 } else { self.steps_to(from) };
        let end = if to < self.first { 0 } else { self.steps_until(to) + 1 };
        (skipped..end).map(|step| self.nth(step))
    }

    /// What lies before `at`, whether a sample lies at it, and what lies after.
    pub(crate) fn split(&self, at: Tick) -> (Option<Run>, bool, Option<Run>) {
        let before = self.between(Tick::FIRST, at.before(1));
        let after = self.between(at.after(1), self.last);
        (before, self.last_until(at) == Some(at), after)
    }

    /// How many steps lead to the last sample at `at` or before; `at` is not before the first.
    fn steps_until(&self, at: Tick) -> i64 {
        if self.step_ns == 0 { 0 } else { at.min(self.last).since(self.first) / self.step_ns }
    }

    /// How many steps lead to the first sample at `at` or after, or beyond the last; `at` is not before the first.
    fn steps_to(&self, at: Tick) -> i64 {
        let reached = self.steps_until(at);
        if self.nth(reached) < at { reached + 1 } else { reached }
    }

    fn nth(&self, step: i64) -> Tick {
        // Of a single sample there is no next; one beyond it lies after everything asked for.
        self.first.after(step.saturating_mul(self.step_ns.max(1)))
    }
}
