//! Metrics that are read from the target's own page: gauges as they stand, counters and histograms over a window.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use leeway_engine::{Gap, measured};
use leeway_ir::{Metric, Reading, ReadingKind, Source};
use leeway_units::Value;

use crate::page::{Labels, Page, Point};

/// How many past pages are kept for windows. Where pages come more often than this many a window, some are left out.
const PAGES_MAX: usize = 1_200;

/// How many series of one counter a reading with a window may match.
const COUNTERS_MAX: usize = 1_000;

/// Reads a blueprint's metrics from page after page.
#[derive(Clone, Debug)]
pub struct Scrape {
    metrics: Vec<Metric>,
    /// What windows look back on: the counters that some metric reads, oldest first.
    past: VecDeque<Past>,
}

/// The counters of one past page: for each reading with a window, the series that it matches.
#[derive(Clone, Debug)]
struct Past {
    at: Timestamp,
    counters: BTreeMap<Counter, Read<Vec<Point>>>,
}

/// What a window reads of each page: series of this name with these labels.
type Counter = (Arc<str>, Labels);

type Read<T> = Result<T, Gap>;

impl Scrape {
    /// Reads these metrics.
    pub fn new(metrics: &[Metric]) -> Scrape {
        Scrape { metrics: metrics.to_vec(), past: VecDeque::new() }
    }

    /// One value for each metric, from the page that was read at `at` and those before it. Without a page only constants are
    /// known.
    pub fn read(&mut self, at: Timestamp, page: Result<&Page, Gap>) -> Vec<Result<Value, Gap>> {
        if let Ok(page) = page {
            self.remember(at, page);
        }
        self.metrics.iter().map(|metric| self.metric(metric, at, page)).collect()
    }

    fn metric(&self, metric: &Metric, at: Timestamp, page: Result<&Page, Gap>) -> Read<Value> {
        let (reading, divided_by) = match &metric.source {
            Source::Scrape { reading, divided_by } => (reading, divided_by),
            Source::Constant(value) => return Ok(Value::Quantity(*value)),
            // Refused before anything is enforced; see `registry`.
            Source::Prometheus(_) | Source::HttpJson { .. } => return Err(Gap::Missing),
        };
        let page = page?;
        let read = |reading: &Reading| self.reading(reading, metric.stale_ms, at, page);
        let value = read(reading)?;
        let value = match divided_by {
            None => value,
            Some(divisor) => {
                let divisor = read(divisor)?;
                // Nothing over nothing is no measurement.
                if divisor == 0.0 { Err(Gap::Missing)? } else { value / divisor }
            }
        };
        measured(metric.unit, metric.unit.sample_factor(), value)
    }

    fn reading(&self, reading: &Reading, stale_ms: u64, at: Timestamp, page: &Page) -> Read<f64> {
        let points = || page.points(&reading.series, &reading.labels);
        let window = |ms: u64| self.window(ms, stale_ms, at);
        match &reading.kind {
            ReadingKind::Gauge => {
                let mut points = points();
                match (points.next(), points.next()) {
                    (None, _) => Err(Gap::Missing),
                    (Some(point), None) => Ok(point.value),
                    // Which of them is meant?
                    (Some(_), Some(_)) => Err(Gap::Invalid),
                }
            }
            ReadingKind::Sum => {
                let mut points = points().peekable();
                points.peek().ok_or(Gap::Missing)?;
                Ok(points.map(|point| point.value).sum())
            }
            ReadingKind::Rate { window_ms } => {
                let window = window(*window_ms)?;
                Ok(window.increase(&reading.series, &reading.labels)? / window.seconds)
            }
            ReadingKind::Mean { window_ms } => {
                let window = window(*window_ms)?;
                let sum = window.increase(&format!("{}_sum", reading.series), &reading.labels)?;
                let count = window.increase(&format!("{}_count", reading.series), &reading.labels)?;
                if count > 0.0 { Ok(sum / count) } else { Err(Gap::Missing) }
            }
            ReadingKind::Quantile { q, window_ms } => {
                let window = window(*window_ms)?;
                quantile(*q, &window.buckets(&format!("{}_bucket", reading.series), &reading.labels)?)
            }
        }
    }

    /// Keeps the counters that windows read, and drops what no window reaches any more.
    fn remember(&mut self, at: Timestamp, page: &Page) {
        // A clock that was set back would mix up what came before what.
        if self.past.back().is_some_and(|last| last.at >= at) {
            self.past.clear();
        }
        let longest_ms = self.metrics.iter().flat_map(readings).filter_map(window_ms).max().unwrap_or(0);
        // A page that follows another closely makes room for this one, so that the pages kept always span the longest window.
        let apart_ms = longest_ms / u64::try_from(PAGES_MAX).unwrap_or(u64::MAX);
        let last = self.past.len().checked_sub(1);
        let last_two = last.and_then(|last| Some((self.past.get(last.checked_sub(1)?)?.at, self.past.get(last)?.at)));
        if last_two.is_some_and(|(one, other)| other.duration_since(one) < milliseconds(apart_ms)) {
            self.past.pop_back();
        }
        let counted = |counter: &Counter| {
            let (series, labels) = counter;
            let points: Vec<Point> = page.points(series, labels).take(COUNTERS_MAX + 1).cloned().collect();
            if points.len() > COUNTERS_MAX { Err(Gap::Invalid) } else { Ok(points) }
        };
        let counters = self.metrics.iter().flat_map(readings).flat_map(counters_of);
        let counters = counters.map(|counter| (counter.clone(), counted(&counter))).collect();
        self.past.push_back(Past { at, counters });
        let reach = milliseconds(longest_ms.saturating_add(longest_ms / JITTER_PART));
        while self
            .past
            .front()
            .is_some_and(|past| self.past.len() > PAGES_MAX * 2 || at.duration_since(past.at) > reach)
        {
            self.past.pop_front();
        }
    }

    /// The pages of the last `window_ms`, and the one before them where it is not much older: scrapes jitter. Missing unless the
    /// first is there no later than the window's start plus `stale`.
    fn window(&self, window_ms: u64, stale_ms: u64, at: Timestamp) -> Read<Window<'_>> {
        let start = at.saturating_sub(milliseconds(window_ms)).map_err(|_| Gap::Invalid)?;
        let first = self.past.partition_point(|past| past.at < start);
        let before = first.checked_sub(1).and_then(|before| self.past.get(before));
        let jittered =
            before.is_some_and(|before| start.duration_since(before.at) <= milliseconds(window_ms / JITTER_PART));
        let from = if jittered { first.saturating_sub(1) } else { first };
        let pages: Vec<&Past> = self.past.range(from..).collect();
        let (Some(oldest), Some(newest)) = (pages.first(), pages.last()) else { return Err(Gap::Missing) };
        let covered = oldest.at.duration_since(start) <= milliseconds(stale_ms);
        let seconds = newest.at.duration_since(oldest.at).as_secs_f64();
        let gaps = pages.array_windows().any(|[one, next]| next.at.duration_since(one.at) > milliseconds(stale_ms));
        if covered && seconds > 0.0 && !gaps { Ok(Window { pages, seconds }) } else { Err(Gap::Missing) }
    }
}

/// A page may be older than its window's start by this part of the window and still begin it.
const JITTER_PART: u64 = 5;

fn milliseconds(ms: u64) -> SignedDuration {
    SignedDuration::from_millis(i64::try_from(ms).unwrap_or(i64::MAX))
}

fn readings(metric: &Metric) -> impl Iterator<Item = &Reading> {
    match &metric.source {
        Source::Scrape { reading, divided_by } => Some(reading).into_iter().chain(divided_by),
        Source::Prometheus(_) | Source::HttpJson { .. } | Source::Constant(_) => None.into_iter().chain(&None),
    }
}

fn window_ms(reading: &Reading) -> Option<u64> {
    match reading.kind {
        ReadingKind::Gauge | ReadingKind::Sum => None,
        ReadingKind::Rate { window_ms } | ReadingKind::Mean { window_ms } | ReadingKind::Quantile { window_ms, .. } => {
            Some(window_ms)
        }
    }
}

fn counters_of(reading: &Reading) -> Vec<Counter> {
    let named = |suffix: &str| (format!("{}{suffix}", reading.series).into(), reading.labels.clone());
    match reading.kind {
        ReadingKind::Gauge | ReadingKind::Sum => vec![],
        ReadingKind::Rate { .. } => vec![named("")],
        ReadingKind::Mean { .. } => vec![named("_sum"), named("_count")],
        ReadingKind::Quantile { .. } => vec![named("_bucket")],
    }
}

/// The pages of a window, oldest first.
struct Window<'a> {
    pages: Vec<&'a Past>,
    /// From the first page to the last.
    seconds: f64,
}

impl Window<'_> {
    /// By how much the matching counters grew, summed. A counter that fell was reset and counts from zero, as Prometheus'
    /// `increase` has it; a series that appears inside the window counts from its first value. Nothing is extrapolated.
    fn increase(&self, series: &str, labels: &Labels) -> Read<f64> {
        let grown = self.grown(series, labels)?;
        Ok(grown.values().sum())
    }

    /// The increase of each bucket by its upper bound, summed over the series; bounds ascend.
    fn buckets(&self, series: &str, labels: &Labels) -> Read<Vec<(f64, f64)>> {
        let mut buckets: Vec<(f64, f64)> = Vec::new();
        for (of, increase) in self.grown(series, labels)? {
            let bound = of.get("le").ok_or(Gap::Invalid)?;
            let bound: f64 =
                if bound.as_ref() == "+Inf" { f64::INFINITY } else { bound.parse().map_err(|_| Gap::Invalid)? };
            match buckets.iter_mut().find(|(known, _)| *known == bound) {
                Some((_, sum)) => *sum += increase,
                None => buckets.push((bound, increase)),
            }
        }
        buckets.sort_by(|(one, _), (other, _)| one.total_cmp(other));
        Ok(buckets)
    }

    /// The increase of each matching series that was seen at least twice, as Prometheus wants it: once is no increase.
    fn grown(&self, series: &str, labels: &Labels) -> Read<BTreeMap<Labels, f64>> {
        let counter = (Arc::from(series), labels.clone());
        let mut last: BTreeMap<&Labels, f64> = BTreeMap::new();
        let mut grown: BTreeMap<Labels, f64> = BTreeMap::new();
        for page in &self.pages {
            let points = match page.counters.get(&counter) {
                Some(Ok(points)) => points.as_slice(),
                Some(Err(gap)) => return Err(*gap),
                None => &[],
            };
            for point in points {
                if !point.value.is_finite() || point.value < 0.0 {
                    return Err(Gap::Invalid);
                }
                let increase = match last.insert(&point.labels, point.value) {
                    None => continue,
                    Some(before) if point.value >= before => point.value - before,
                    Some(_) => point.value,
                };
                *grown.entry(point.labels.clone()).or_default() += increase;
            }
        }
        if grown.is_empty() { Err(Gap::Missing) } else { Ok(grown) }
    }
}

/// The value below which a part `q` of the observations lies, from cumulative buckets with ascending upper bounds.
///
/// With `rank = q × all`, in the first bucket whose count reaches it: `low + (high − low) × (rank − below) / (count − below)`. The
/// lowest bucket begins at zero, unless its bound is not above zero: then that bound; in the bucket without an upper bound it
/// is the highest bound that there is. Counts that fall from bucket to bucket, as between two scrapes, are taken as level.
/// Source: Prometheus documentation, `histogram_quantile`.
fn quantile(q: f64, buckets: &[(f64, f64)]) -> Read<f64> {
    let Some((bound, _)) = buckets.last().copied() else { return Err(Gap::Missing) };
    // One bucket says nothing about where in it an observation lies.
    if bound.is_finite() || buckets.len() < 2 || !(0.0..=1.0).contains(&q) {
        return Err(Gap::Invalid);
    }
    let mut level = 0.0_f64;
    let risen = buckets.iter().map(|(bound, count)| {
        level = level.max(*count);
        (*bound, level)
    });
    let buckets: Vec<(f64, f64)> = risen.collect();
    if level <= 0.0 {
        return Err(Gap::Missing);
    }
    let rank = q * level;
    let mut below: Option<(f64, f64)> = None;
    for (bound, count) in buckets {
        if count >= rank {
            let (low, counted) = below.unwrap_or((0.0, 0.0));
            return Ok(if bound.is_infinite() {
                low
            } else if (below.is_none() && bound <= 0.0) || count <= counted {
                bound
            } else {
                low + (bound - low) * (rank - counted) / (count - counted)
            });
        }
        below = Some((bound, count));
    }
    Err(Gap::Invalid)
}

#[cfg(test)]
mod tests;
