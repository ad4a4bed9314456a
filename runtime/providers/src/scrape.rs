//! Metrics that are read from the target's own page: gauges as they stand, counters and histograms over a window.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use leeway_engine::Gap;
use leeway_ir::{Metric, Reading, ReadingKind};
use leeway_units::{Quantity, Value};

use crate::page::{Page, Point};

/// How many past pages are kept for windows.
const PAGES_MAX: usize = 1_200;

/// Reads a blueprint's metrics from page after page.
#[derive(Clone, Debug)]
pub struct Scrape {
    metrics: Vec<Metric>,
    /// What windows look back on: the counters that some metric reads, oldest first.
    past: VecDeque<Past>,
}

/// The counters of one past page: for each reading with a window, its series by their labels.
#[derive(Clone, Debug)]
struct Past {
    at: Timestamp,
    counters: BTreeMap<Arc<str>, Vec<Point>>,
}

type Read<T> = Result<T, Gap>;

impl Scrape {
    /// Reads these metrics.
    pub fn new(metrics: &[Metric]) -> Scrape {
        Scrape { metrics: metrics.to_vec(), past: VecDeque::new() }
    }

    /// One value for each metric, from the page that was read at `at` and those before it.
    pub fn read(&mut self, at: Timestamp, page: &Page) -> Vec<Result<Value, Gap>> {
        self.remember(at, page);
        self.metrics.iter().map(|metric| self.metric(metric, at, page)).collect()
    }

    fn metric(&self, metric: &Metric, at: Timestamp, page: &Page) -> Read<Value> {
        let read = |reading: &Reading| self.reading(reading, metric.stale_ms, at, page);
        let value = read(&metric.source.reading)?;
        let value = match &metric.source.divided_by {
            None => value,
            Some(divisor) => {
                let divisor = read(divisor)?;
                // Nothing over nothing is no measurement.
                if divisor == 0.0 { Err(Gap::Missing)? } else { value / divisor }
            }
        };
        Quantity::from_sample(metric.unit, value).map(Value::Quantity).ok_or(Gap::Invalid)
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
        let mut counters: BTreeMap<Arc<str>, Vec<Point>> = BTreeMap::new();
        let none = BTreeMap::new();
        for series in self.metrics.iter().flat_map(series_with_windows) {
            counters.entry(series).or_insert_with_key(|series| page.points(series, &none).cloned().collect());
        }
        // A clock that was set back would mix up what came before what.
        if self.past.back().is_some_and(|last| last.at >= at) {
            self.past.clear();
        }
        self.past.push_back(Past { at, counters });
        while self.past.len() > PAGES_MAX {
            self.past.pop_front();
        }
    }

    /// The pages of the last `window_ms`, and the one before them where it is not much older: scrapes jitter. Missing unless the
    /// first is there no later than the window's start plus `stale`.
    fn window(&self, window_ms: u64, stale_ms: u64, at: Timestamp) -> Read<Window<'_>> {
        let ms = |ms: u64| SignedDuration::from_millis(i64::try_from(ms).unwrap_or(i64::MAX));
        let start = at.saturating_sub(ms(window_ms)).map_err(|_| Gap::Invalid)?;
        let first = self.past.partition_point(|past| past.at < start);
        let before = first.checked_sub(1).and_then(|before| self.past.get(before));
        let jittered = before.is_some_and(|before| start.duration_since(before.at) <= ms(window_ms / JITTER_PART));
        let from = if jittered { first.saturating_sub(1) } else { first };
        let pages: Vec<&Past> = self.past.range(from..).collect();
        let (Some(oldest), Some(newest)) = (pages.first(), pages.last()) else { return Err(Gap::Missing) };
        let covered = oldest.at.duration_since(start) <= ms(stale_ms);
        let seconds = newest.at.duration_since(oldest.at).as_secs_f64();
        let gaps = pages.array_windows().any(|[one, next]| next.at.duration_since(one.at) > ms(stale_ms));
        if covered && seconds > 0.0 && !gaps { Ok(Window { pages, seconds }) } else { Err(Gap::Missing) }
    }
}

/// A page may be older than its window's start by this part of the window and still begin it.
const JITTER_PART: u64 = 5;

fn series_with_windows(metric: &Metric) -> Vec<Arc<str>> {
    let of = |reading: &Reading| -> Vec<Arc<str>> {
        let named = |suffix: &str| format!("{}{suffix}", reading.series).into();
        match reading.kind {
            ReadingKind::Gauge | ReadingKind::Sum => vec![],
            ReadingKind::Rate { .. } => vec![reading.series.clone()],
            ReadingKind::Mean { .. } => vec![named("_sum"), named("_count")],
            ReadingKind::Quantile { .. } => vec![named("_bucket")],
        }
    };
    std::iter::once(&metric.source.reading).chain(&metric.source.divided_by).flat_map(of).collect()
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
    fn increase(&self, series: &str, labels: &BTreeMap<Arc<str>, Arc<str>>) -> Read<f64> {
        let grown = self.grown(series, labels)?;
        Ok(grown.values().sum())
    }

    /// The increase of each bucket by its upper bound, summed over the series; bounds ascend.
    fn buckets(&self, series: &str, labels: &BTreeMap<Arc<str>, Arc<str>>) -> Read<Vec<(f64, f64)>> {
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

    /// The increase of each matching series.
    fn grown(
        &self,
        series: &str,
        labels: &BTreeMap<Arc<str>, Arc<str>>,
    ) -> Read<BTreeMap<BTreeMap<Arc<str>, Arc<str>>, f64>> {
        let mut last: BTreeMap<&BTreeMap<Arc<str>, Arc<str>>, f64> = BTreeMap::new();
        let mut grown: BTreeMap<BTreeMap<Arc<str>, Arc<str>>, f64> = BTreeMap::new();
        for page in &self.pages {
            let points = page.counters.get(series).map(Vec::as_slice).unwrap_or_default();
            let matching =
                points.iter().filter(|point| labels.iter().all(|(name, value)| point.labels.get(name) == Some(value)));
            for point in matching {
                if !point.value.is_finite() || point.value < 0.0 {
                    return Err(Gap::Invalid);
                }
                let increase = match last.insert(&point.labels, point.value) {
                    None => 0.0,
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
/// Within a bucket observations are taken to lie evenly; the lowest bucket begins at zero; when the quantile falls into the
/// bucket without an upper bound, the highest bound that there is. Source: Prometheus documentation, `histogram_quantile`.
fn quantile(q: f64, buckets: &[(f64, f64)]) -> Read<f64> {
    let Some((bound, all)) = buckets.last().copied() else { return Err(Gap::Missing) };
    if bound.is_finite() {
        return Err(Gap::Invalid);
    }
    if all <= 0.0 {
        return Err(Gap::Missing);
    }
    let rank = q * all;
    let mut below = (0.0, 0.0);
    for (bound, count) in buckets.iter().copied() {
        if count >= rank {
            return Ok(if bound.is_infinite() {
                below.0
            } else if count > below.1 {
                below.0 + (bound - below.0) * (rank - below.1) / (count - below.1)
            } else {
                bound
            });
        }
        below = (bound, count);
    }
    Err(Gap::Invalid)
}

#[cfg(test)]
mod tests;
