//! The course of a number over any length of time in bounded memory: no extreme and no gap is lost.

use serde::{Serialize, Serializer};

/// More stretches of time than this are never told apart; a screen has fewer columns.
pub(crate) const BUCKETS_MAX: usize = 4_000;

/// A moment, in milliseconds since 1970, and the value then.
type Point = (i64, f64);

/// A course of values. While there are at most [`BUCKETS_MAX`] samples all are kept; then pairs of neighbouring stretches of time are
/// merged, and of each stretch stay its first, last, least and greatest value, and the first and last moment without one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Trace {
    buckets_max: usize,
    gap_ms: i64,
    start: i64,
    width_ms: i64,
    /// The time of the last sample.
    last: Option<i64>,
    buckets: Vec<Bucket>,
}

/// What stays of one stretch of time.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Bucket {
    /// Its number: it begins `index * width_ms` after the start.
    index: i64,
    /// What was known.
    extremes: Option<Extremes>,
    /// The first and the last moment at which nothing was.
    unknown: Option<(i64, i64)>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Extremes {
    first: Point,
    last: Point,
    low: Point,
    high: Point,
}

impl Trace {
    /// An empty course. Between two samples further apart than `gap_ms` nothing is known.
    pub(crate) fn new(gap_ms: u64) -> Trace {
        Trace::bounded(gap_ms, BUCKETS_MAX)
    }

    fn bounded(gap_ms: u64, buckets_max: usize) -> Trace {
        let gap_ms = i64::try_from(gap_ms).unwrap_or(i64::MAX);
        Trace { buckets_max, gap_ms, start: 0, width_ms: 1, last: None, buckets: Vec::new() }
    }

    /// Takes one more sample in, in order of time; nothing where the value is not known.
    pub(crate) fn add(&mut self, at_ms: i64, value: Option<f64>) {
        let last = *self.last.get_or_insert_with(|| {
            self.start = at_ms;
            at_ms
        });
        let at_ms = at_ms.max(last);
        if at_ms.saturating_sub(last) > self.gap_ms {
            self.note(last + self.gap_ms, None);
            self.note(at_ms - 1, None);
        }
        self.last = Some(at_ms);
        self.note(at_ms, value.filter(|value| value.is_finite()));
    }

    /// What is drawn, in order of time: a value, or nothing where the line breaks.
    pub(crate) fn points(&self) -> Vec<(i64, Option<f64>)> {
        let mut points = Vec::new();
        for bucket in &self.buckets {
            let from = points.len();
            let known = bucket.extremes.iter().flat_map(|of| [of.first, of.low, of.high, of.last]);
            points.extend(known.map(|(at, value)| (at, Some(value))));
            points.extend(bucket.unknown.iter().flat_map(|(first, last)| [(*first, None), (*last, None)]));
            let in_bucket = points.get_mut(from..).unwrap_or_default();
            in_bucket.sort_by_key(|(at, _)| *at);
        }
        points.dedup();
        points
    }

    /// The same without what lies within a stretch that is flat, which a line shows without it.
    fn corners(&self) -> Vec<(i64, Option<f64>)> {
        let mut corners: Vec<(i64, Option<f64>)> = Vec::new();
        for point in self.points() {
            if let [.., (_, before), last] = corners.as_mut_slice()
                && *before == last.1
                && last.1 == point.1
            {
                *last = point;
            } else {
                corners.push(point);
            }
        }
        corners
    }

    /// The least and the greatest value, if any is known.
    pub(crate) fn range(&self) -> Option<(f64, f64)> {
        let extremes = || self.buckets.iter().filter_map(|bucket| bucket.extremes);
        let low = extremes().map(|of| of.low.1).reduce(f64::min)?;
        let high = extremes().map(|of| of.high.1).reduce(f64::max)?;
        Some((low, high))
    }

    fn note(&mut self, at_ms: i64, value: Option<f64>) {
        let index = at_ms.saturating_sub(self.start) / self.width_ms;
        let point = value.map(|value| (at_ms, value));
        let one = Bucket {
            index,
            extremes: point.map(|point| Extremes { first: point, last: point, low: point, high: point }),
            unknown: if value.is_none() { Some((at_ms, at_ms)) } else { None },
        };
        match self.buckets.last_mut() {
            Some(bucket) if bucket.index == index => bucket.absorb(one),
            Some(_) | None => self.buckets.push(one),
        }
        while self.buckets.len() > self.buckets_max {
            self.widen();
        }
    }

    /// Merges each pair of neighbours into one bucket of twice the width.
    fn widen(&mut self) {
        self.width_ms = self.width_ms.saturating_mul(2);
        for bucket in &mut self.buckets {
            bucket.index /= 2;
        }
        self.buckets.dedup_by(|later, earlier| {
            let same = later.index == earlier.index;
            if same {
                earlier.absorb(*later);
            }
            same
        });
    }
}

impl Bucket {
    /// Takes in what comes after it.
    fn absorb(&mut self, later: Bucket) {
        self.extremes = match (self.extremes, later.extremes) {
            (Some(a), Some(b)) => Some(Extremes {
                first: a.first,
                last: b.last,
                low: if b.low.1 < a.low.1 { b.low } else { a.low },
                high: if b.high.1 > a.high.1 { b.high } else { a.high },
            }),
            (a, b) => a.or(b),
        };
        self.unknown = match (self.unknown, later.unknown) {
            (Some((first, _)), Some((_, last))) => Some((first, last)),
            (a, b) => a.or(b),
        };
    }
}

/// The start, the width of the stretches that were merged (1 where none were), the milliseconds from each point to the next (short
/// numbers: half the size), and the values.
impl Serialize for Trace {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Points {
            start: i64,
            width: i64,
            steps: Vec<i64>,
            values: Vec<Option<f64>>,
        }
        let points = self.corners();
        let start = points.first().map_or(0, |(at, _)| *at);
        let mut before = start;
        let steps = points.iter().map(|(at, _)| at - std::mem::replace(&mut before, *at)).collect();
        Points { start, width: self.width_ms, steps, values: points.iter().map(|(_, value)| *value).collect() }
            .serialize(serializer)
    }
}

#[cfg(test)]
mod tests;
