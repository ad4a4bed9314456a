//! The recent samples of one fact or metric, bounded.

use std::borrow::Cow;
use std::collections::VecDeque;

use jiff::Timestamp;
use leeway_units::{Record, Unit, Value};

use crate::evidence::{Evidence, Gap};
use crate::lookback::Lookback;
use crate::room::make_room;
use crate::run::Run;
use crate::sums::RUNS_A_MARK;
use crate::tick::{Tick, ms, ns};
use crate::totals::{Extremes, SAMPLES_MAX, Totals, base, is_odd};
use crate::watch::Watch;

/// How many runs of equal samples at equal steps a series keeps at least; the oldest go first. Where every sample differs and comes
/// once in 15 s: 41 hours. Claims may look back over these.
pub const RUNS_KEPT: usize = 10_000;

/// How many it keeps at most, but for those that go together, where the policy looks back farther: 30 days at one sample a second,
/// and some.
pub const RUNS_MAX: usize = 4_000_000;

/// How many go together: what is old lies far away, and is better looked at seldom.
const FORGOTTEN_AT_ONCE: usize = 500 * RUNS_A_MARK;

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

/// The samples of one fact or metric, oldest first, no two at the same time. Times are kept to the nanosecond, from 1677 to 2262.
#[derive(Clone, Debug)]
pub struct Series {
    runs: VecDeque<Run>,
    stale_ns: i64,
    /// How far back the policy looks.
    reach_ns: i64,
    /// The last sample before which there is a gap longer than `stale`.
    torn: Tick,
    /// What windows until now are answered by; what else is asked of windows walks over the samples.
    watch: Option<Watch>,
    unit: Option<Unit>,
    /// Whether a sample came late or twice, and what is watched has to begin anew.
    disturbed: bool,
    /// How many runs there are when the oldest are looked at next.
    crowded_at: usize,
}

impl Series {
    /// An empty series whose values count for `stale_ms`.
    pub fn new(stale_ms: u64) -> Series {
        Series::watched(stale_ms, None, &Lookback::default())
    }

    /// An empty series of which windows are asked again and again.
    pub(crate) fn watched(stale_ms: u64, unit: Option<Unit>, lookback: &Lookback) -> Series {
        Series {
            runs: VecDeque::new(),
            stale_ns: ns(stale_ms),
            reach_ns: ns(lookback.reach_ms.saturating_add(stale_ms)),
            torn: Tick::FIRST,
            watch: Watch::new(lookback),
            unit,
            disturbed: false,
            crowded_at: RUNS_KEPT + FORGOTTEN_AT_ONCE,
        }
    }

    /// The series of a value that was so for `held_ms` until `now`: it was sampled at `newest`, every `every_ms` before that, and
    /// when it began to hold.
    pub fn held(stale_ms: u64, value: Value, now: Timestamp, newest: Timestamp, every_ms: u64, held_ms: u64) -> Series {
        let mut series = Series::new(stale_ms);
        let value = possible(&Ok(value)).into_owned();
        let (oldest, newest) = (Tick::of(ms_before(now, held_ms)), Tick::of(newest));
        let every_ns = ns(every_ms).max(1);
        let run = Run::back_from(newest, every_ns, newest.since(oldest).max(0) / every_ns, value.clone());
        if oldest < run.first() {
            series.runs.push_back(Run::of(oldest, value));
        }
        series.runs.push_back(run);
        series.disturbed = true;
        series
    }

    /// The same samples, each of which counts for another time.
    pub(crate) fn counting_for(&self, stale_ms: i64) -> Series {
        Series { runs: self.runs.clone(), disturbed: true, ..Series::new(stale_ms.unsigned_abs()) }
    }

    /// Adds a sample. One that is older than the last is put in its place; a second one of the same moment that differs
    /// makes that moment invalid, because nobody can say which of the two is right.
    pub fn push(&mut self, sample: Sample) {
        self.take(Tick::of(sample.at), &sample.value);
    }

    /// The same of a sample that was taken at `at`.
    pub(crate) fn take(&mut self, at: Tick, value: &Result<Value, Gap>) {
        let value = &*possible(value);
        if self.unit.is_some_and(|unit| is_odd(value, unit)) {
            self.watch = None;
        }
        let (stale_ns, base) = (self.stale_ns, base(value));
        match self.runs.back_mut() {
            Some(last) if last.last() >= at => return self.insert(at, value.clone()),
            Some(last) => {
                if at.since(last.last()) > stale_ns {
                    self.torn = at;
                }
                if !last.extend(at, value) {
                    self.begin_run(at, value);
                }
            }
            None => self.begin_run(at, value),
        }
        if std::mem::take(&mut self.disturbed) {
            self.begin_anew();
        } else if let Some(watch) = &mut self.watch {
            watch.enter(self.runs.len().saturating_sub(1), at, base);
        }
        self.forget(at.before(self.reach_ns));
    }

    /// Adds a run of one sample. It is written where it will lie: to make it elsewhere and move it costs as much as all the rest.
    fn begin_run(&mut self, at: Tick, value: &Result<Value, Gap>) {
        make_room(&mut self.runs);
        self.runs.push_back(Run::NONE);
        if let Some(run) = self.runs.back_mut() {
            run.begin(at, value);
        }
    }

    /// Puts a sample where others are, or before them.
    fn insert(&mut self, at: Tick, value: Result<Value, Gap>) {
        let place = self.runs.partition_point(|run| run.last() < at);
        match self.runs.get(place) {
            Some(run) if run.first() <= at => {
                let (before, same, after) = run.split(at);
                if same && *run.value() == value {
                    return;
                }
                let value = if same { Err(Gap::Invalid) } else { value };
                self.runs.remove(place);
                let parts = [before, Some(Run::of(at, value)), after].into_iter().flatten();
                for (beyond, part) in parts.enumerate() {
                    self.runs.insert(place + beyond, part);
                }
            }
            Some(_) | None => self.runs.insert(place, Run::of(at, value)),
        }
        self.disturbed = true;
    }

    /// Looks for gaps, and at all samples again.
    fn begin_anew(&mut self) {
        let stale_ns = self.stale_ns;
        self.torn = Tick::FIRST;
        let mut previous: Option<Tick> = None;
        for run in &self.runs {
            if run.step_ns() > stale_ns {
                self.torn = run.last();
            } else if previous.is_some_and(|previous| run.first().since(previous) > stale_ns) {
                self.torn = run.first();
            }
            previous = Some(run.last());
        }
        if let Some(watch) = &mut self.watch {
            watch.begin_anew(&self.runs);
        }
    }

    /// Forgets the oldest runs that nothing asks for, a few at a time.
    fn forget(&mut self, start: Tick) {
        if self.runs.len() < self.crowded_at {
            return;
        }
        while self.runs.len() >= RUNS_KEPT + FORGOTTEN_AT_ONCE
            && let Some(newest) = self.runs.get(FORGOTTEN_AT_ONCE - 1).map(Run::last)
            && (newest < start || self.runs.len() > RUNS_MAX)
        {
            self.runs.drain(..FORGOTTEN_AT_ONCE);
            self.watch.iter_mut().for_each(|watch| watch.forget(FORGOTTEN_AT_ONCE));
        }
        self.crowded_at = self.runs.len() + FORGOTTEN_AT_ONCE;
    }

    /// How old a value may be, in milliseconds.
    pub fn stale_ms(&self) -> i64 {
        ms(self.stale_ns)
    }

    /// The value at `at`, if it is known and was measured after `since`.
    pub(crate) fn known(&self, at: Timestamp, since: Option<Timestamp>) -> Option<&Value> {
        let at = Tick::of(at);
        let (taken, value) = self.in_force(at)?;
        let counts = at.since(taken) <= self.stale_ns && since.is_none_or(|since| taken.timestamp() > since);
        value.as_ref().ok().filter(|_| counts)
    }

    /// What is known at `at`: the last sample until then, unless it is too old.
    pub fn at(&self, at: Timestamp) -> Evidence<'_> {
        let at = Tick::of(at);
        let Some((taken, value)) = self.in_force(at) else { return Evidence::Missing };
        if at.since(taken) > self.stale_ns {
            return Evidence::Stale;
        }
        match value {
            Ok(value) => Evidence::Known { value, at: taken.timestamp() },
            Err(Gap::Missing) => Evidence::Missing,
            Err(Gap::Invalid) => Evidence::Invalid,
            Err(Gap::Failed) => Evidence::Failed,
        }
    }

    /// The samples from `from` to `to`, both included, oldest first.
    pub fn between(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> impl DoubleEndedIterator<Item = (Timestamp, &Result<Value, Gap>)> {
        let (from, to) = (Tick::of(from), Tick::of(to));
        self.runs_between(from, to).flat_map(move |run| run.times(from, to).map(|at| (at.timestamp(), run.value())))
    }

    /// The samples of the last `window_ms` that are quantities: when each was taken, in milliseconds after `at`, and its base units.
    pub(crate) fn bases(&self, at: Timestamp, window_ms: u64) -> impl Iterator<Item = (f64, f64)> {
        let to = Tick::of(at);
        let from = to.before(ns(window_ms));
        let runs = self.runs_between(from, to).filter_map(|run| Some((run, base(run.value())?)));
        runs.flat_map(move |(run, base)| run.times(from, to).map(move |taken| (taken.ms_after(to), base)))
    }

    /// What the samples of the last `window_ms` come to at `at`; nothing, if they are too many. The smallest and the largest are right
    /// if these are asked for.
    pub(crate) fn totals(&self, at: Timestamp, window_ms: u64, asked: Extremes) -> Option<Totals> {
        self.watched_totals(at, window_ms, asked).or_else(|| self.walked(Tick::of(at), ns(window_ms)))
    }

    /// The same by walking over the samples: the meaning of it.
    fn walked(&self, at: Tick, span_ns: i64) -> Option<Totals> {
        let start = at.before(span_ns);
        let runs = self.runs_between(start, at).filter_map(|run| run.between(start, at));
        Totals::of(runs, start, at, self.stale_ns)
    }

    /// The same, where windows are watched and no later sample is known.
    pub(crate) fn watched_totals(&self, at: Timestamp, window_ms: u64, asked: Extremes) -> Option<Totals> {
        let (at, span_ns) = (Tick::of(at), ns(window_ms));
        let start = at.before(span_ns);
        let newest = self.newest_until(at)?;
        let watch = self.watch.as_ref()?;
        let (low, high) = watch.bounds(asked, start, span_ns)?;
        let place = self.ending_from(start);
        let Some(run) = self.runs.get(place) else { return Some(Totals::none()) };
        let (before, oldest) = run.before(start);
        let first = base(run.value());
        let mut sum = watch.sum(&self.runs, place);
        if before > 0 {
            sum.add(first, -before);
        }
        let gap = oldest.since(start) > self.stale_ns || at.since(newest.last()) > self.stale_ns || self.torn > oldest;
        let totals = Totals { sum, first, last: base(newest.value()), low, high, gap };
        (totals.count() <= SAMPLES_MAX).then_some(totals)
    }

    /// The quantities of the last `window_ms` by size, where that is watched and no later sample is known.
    pub(crate) fn sorted(&self, at: Timestamp, window_ms: u64) -> Option<&[f64]> {
        let (at, span_ns) = (Tick::of(at), ns(window_ms));
        self.newest_until(at)?;
        self.watch.as_ref()?.sorted(at.before(span_ns), span_ns)
    }

    /// The newest run, if all samples came in order and none is of a time after `at`.
    fn newest_until(&self, at: Tick) -> Option<&Run> {
        self.runs.back().filter(|newest| !self.disturbed && newest.last() <= at)
    }

    /// The time of the last sample at `at` or before.
    pub fn last_until(&self, at: Timestamp) -> Option<Timestamp> {
        self.in_force(Tick::of(at)).map(|(taken, _)| taken.timestamp())
    }

    /// The time of the first sample.
    pub fn first(&self) -> Option<Timestamp> {
        self.runs.front().map(|run| run.first().timestamp())
    }

    /// Whether the samples around the window leave a gap longer than `stale`: also between the one in force at its start and the next.
    pub(crate) fn has_gap(&self, from: Timestamp, to: Timestamp) -> bool {
        let (from, to, stale_ns) = (Tick::of(from), Tick::of(to), self.stale_ns);
        let mut previous = self.in_force(from).map(|(taken, _)| taken);
        if let (Some(previous), Some(newest)) = (previous, self.newest_until(to)) {
            return self.torn > previous || to.since(newest.last()) > stale_ns;
        }
        for run in self.runs_between(from, to).filter_map(|run| run.between(from, to)) {
            if run.step_ns() > stale_ns || previous.is_some_and(|previous| run.first().since(previous) > stale_ns) {
                return true;
            }
            previous = Some(run.last());
        }
        previous.is_some_and(|previous| to.since(previous) > stale_ns)
    }

    /// How many samples there are from `from` to `to`.
    pub(crate) fn count_between(&self, from: Timestamp, to: Timestamp) -> i64 {
        let (from, to) = (Tick::of(from), Tick::of(to));
        let parts = self.runs_between(from, to).filter_map(|run| run.between(from, to));
        parts.fold(0, |count, run| run.count().saturating_add(count))
    }

    fn runs_between(&self, from: Tick, to: Tick) -> impl DoubleEndedIterator<Item = &Run> {
        let first = self.ending_from(from);
        let end = self.runs.partition_point(|run| run.first() <= to);
        self.runs.range(first..end.max(first))
    }

    fn in_force(&self, at: Tick) -> Option<(Tick, &Result<Value, Gap>)> {
        let newest = self.runs.back()?;
        if newest.last() <= at {
            return Some((newest.last(), newest.value()));
        }
        let place = self.ending_from(at);
        let within = self.runs.get(place).and_then(|run| Some((run.last_until(at)?, run.value())));
        let before = || self.runs.get(place.checked_sub(1)?).map(|run| (run.last(), run.value()));
        within.or_else(before)
    }

    /// The place of the first run that ends at `at` or after. Samples mostly come at equal steps: it is looked for where it would be
    /// if all had come as the last two, and from there on in growing steps.
    fn ending_from(&self, at: Tick) -> usize {
        let runs = self.runs.len();
        let ends = |place: usize| self.runs.get(place).map(Run::last);
        let ends_before = |place: usize| ends(place).is_some_and(|last| last < at);
        let Some(newest) = runs.checked_sub(1).and_then(ends) else { return 0 };
        let each = runs.checked_sub(2).and_then(ends).map_or(1, |previous| newest.since(previous).max(1));
        let back = usize::try_from(newest.since(at) / each).unwrap_or_default();
        let guess = (runs - 1).saturating_sub(back);
        // All before `low` end before; those from `high` on do not.
        let (mut low, mut high, mut step) = (guess, guess, 1);
        while high < runs && ends_before(high) {
            (low, high, step) = (high + 1, (high + step).min(runs), step * 2);
        }
        while low > 0 && !ends_before(low - 1) {
            (high, low, step) = (low - 1, low.saturating_sub(step), step * 2);
        }
        while low < high {
            let middle = low.midpoint(high);
            (low, high) = if ends_before(middle) { (middle + 1, high) } else { (low, middle) };
        }
        low
    }
}

/// The same samples are the same series, however they came to be kept.
impl PartialEq for Series {
    fn eq(&self, other: &Series) -> bool {
        let (first, last) = (Timestamp::MIN, Timestamp::MAX);
        self.stale_ns == other.stale_ns && self.between(first, last).eq(other.between(first, last))
    }
}

/// A value that can be: fewer things than none are invalid, and so is a collection of more than a thousand records. Of a record
/// only the field that cannot be is lost.
fn possible(value: &Result<Value, Gap>) -> Cow<'_, Result<Value, Gap>> {
    match value {
        Ok(value) if !can_be(value) => Cow::Owned(Err(Gap::Invalid)),
        Ok(nested @ (Value::List(_) | Value::Record(_))) => Cow::Owned(Ok(without_what_cannot_be(nested))),
        Ok(_) | Err(_) => Cow::Borrowed(value),
    }
}

fn can_be(value: &Value) -> bool {
    match value {
        Value::Quantity(quantity) => quantity.unit().can_measure(quantity.base()),
        Value::List(entries) => entries.len() <= RECORDS_MAX && entries.iter().all(can_be),
        Value::Bool(_) | Value::Text(_) | Value::Symbol(_) | Value::Record(_) => true,
    }
}

/// The same without the fields of records that cannot be.
fn without_what_cannot_be(value: &Value) -> Value {
    match value {
        Value::List(entries) => Value::List(entries.iter().map(without_what_cannot_be).collect()),
        Value::Record(record) => {
            let known = record.fields().filter(|(_, field)| can_be(field));
            Value::Record(Record::new(known.map(|(name, field)| (name.clone(), without_what_cannot_be(field)))))
        }
        Value::Bool(_) | Value::Quantity(_) | Value::Text(_) | Value::Symbol(_) => value.clone(),
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
