//! The recent samples of one fact or metric, bounded.

use std::collections::VecDeque;

use jiff::Timestamp;
use leeway_units::{Record, Value};

use crate::evidence::{Evidence, Gap};
use crate::run::Run;

/// How many runs of equal samples at equal steps a series keeps; the oldest go first. Where every sample differs and comes once
/// in 15 s: 41 hours. A window that reaches farther is unknown.
pub const RUNS_MAX: usize = 10_000;

/// How many records a collection may have; a larger one is no evidence.
pub const RECORDS_MAX: usize = 1_000;

/// One measurement.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// When it was taken.
    pub at: Timestamp,
    /// What it gave.
    pub value: Result<Value, Gap>,
}

/// The samples of one fact or metric, oldest first, no two at the same time.
#[derive(Clone, Debug)]
pub struct Series {
    runs: VecDeque<Run>,
    stale_ms: i64,
}

impl Series {
    /// An empty series whose values count for `stale_ms`.
    pub fn new(stale_ms: u64) -> Series {
        Series { runs: VecDeque::new(), stale_ms: i64::try_from(stale_ms).unwrap_or(i64::MAX) }
    }

    /// The series of a value that was so for `held_ms` until `now`: it was sampled at `newest`, every `every_ms` before that, and
    /// when it began to hold.
    pub fn held(stale_ms: u64, value: Value, now: Timestamp, newest: Timestamp, every_ms: u64, held_ms: u64) -> Series {
        let mut series = Series::new(stale_ms);
        let value = possible(value);
        let oldest = ms_before(now, held_ms);
        let steps = u64::try_from(ms_between(oldest, newest)).map_or(0, |span| span / every_ms.max(1));
        let run = Run::back_from(newest, every_ms, steps, value.clone());
        if oldest < run.first() {
            series.runs.push_back(Run::of(oldest, value));
        }
        series.runs.push_back(run);
        series
    }

    /// The same samples, each of which counts for another time.
    pub(crate) fn counting_for(&self, stale_ms: i64) -> Series {
        Series { runs: self.runs.clone(), stale_ms }
    }

    /// Adds a sample. One that is older than the last is put in its place; a second one of the same moment that differs
    /// makes that moment invalid, because nobody can say which of the two is right.
    pub fn push(&mut self, sample: Sample) {
        let Sample { at, value } = sample;
        let value = value.and_then(possible);
        let first_after = self.runs.partition_point(|run| run.last() < at);
        match self.runs.get(first_after) {
            None => {
                if !self.runs.back_mut().is_some_and(|run| run.extend(at, &value)) {
                    self.runs.push_back(Run::of(at, value));
                }
            }
            Some(run) if run.first() > at => self.runs.insert(first_after, Run::of(at, value)),
            Some(run) => {
                let (before, same, after) = run.split(at);
                let value = if same && *run.value() != value { Err(Gap::Invalid) } else { value };
                self.runs.remove(first_after);
                let parts = [before, Some(Run::of(at, value)), after].into_iter().flatten();
                for (place, part) in parts.enumerate() {
                    self.runs.insert(first_after + place, part);
                }
            }
        }
        while self.runs.len() > RUNS_MAX {
            self.runs.pop_front();
        }
    }

    /// How old a value may be, in milliseconds.
    pub fn stale_ms(&self) -> i64 {
        self.stale_ms
    }

    /// What is known at `at`: the last sample until then, unless it is too old.
    pub fn at(&self, at: Timestamp) -> Evidence<'_> {
        let Some((taken, value)) = self.in_force(at) else { return Evidence::Missing };
        if ms_between(taken, at) > self.stale_ms {
            return Evidence::Stale;
        }
        match value {
            Ok(value) => Evidence::Known { value, at: taken },
            Err(Gap::Missing) => Evidence::Missing,
            Err(Gap::Invalid) => Evidence::Invalid,
            Err(Gap::Failed) => Evidence::Failed,
        }
    }

    /// The samples from `from` to `to`, both included, oldest first.
    pub fn between(&self, from: Timestamp, to: Timestamp) -> impl Iterator<Item = (Timestamp, &Result<Value, Gap>)> {
        let first = self.runs.partition_point(|run| run.last() < from);
        self.runs
            .range(first..)
            .take_while(move |run| run.first() <= to)
            .flat_map(move |run| run.between(from, to).map(|at| (at, run.value())))
    }

    /// The time of the last sample at `at` or before.
    pub fn last_until(&self, at: Timestamp) -> Option<Timestamp> {
        self.in_force(at).map(|(taken, _)| taken)
    }

    /// The time of the first sample.
    pub fn first(&self) -> Option<Timestamp> {
        self.runs.front().map(Run::first)
    }

    fn in_force(&self, at: Timestamp) -> Option<(Timestamp, &Result<Value, Gap>)> {
        let after = self.runs.partition_point(|run| run.first() <= at);
        let run = self.runs.get(after.checked_sub(1)?)?;
        Some((run.last_until(at)?, run.value()))
    }
}

/// The same samples are the same series, however they came to be kept.
impl PartialEq for Series {
    fn eq(&self, other: &Series) -> bool {
        let (first, last) = (Timestamp::MIN, Timestamp::MAX);
        self.stale_ms == other.stale_ms && self.between(first, last).eq(other.between(first, last))
    }
}

/// A value that can be: fewer things than none are invalid, and so is a collection of more than a thousand records. Of a record
/// only the field that cannot be is lost.
fn possible(value: Value) -> Result<Value, Gap> {
    match value {
        Value::Quantity(quantity) if !quantity.unit().can_measure(quantity.base()) => Err(Gap::Invalid),
        Value::List(records) if records.len() > RECORDS_MAX => Err(Gap::Invalid),
        Value::List(records) => records.iter().cloned().map(possible).collect::<Result<_, _>>().map(Value::List),
        Value::Record(record) => {
            let known = record.fields().filter_map(|(name, field)| Some((name.clone(), possible(field.clone()).ok()?)));
            Ok(Value::Record(Record::new(known)))
        }
        Value::Bool(_) | Value::Quantity(_) | Value::Text(_) | Value::Symbol(_) => Ok(value),
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

#[cfg(test)]
mod tests;
