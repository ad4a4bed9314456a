//! A range of a Prometheus server: each metric that has a query, sample by sample as the enforcer would have seen it.

use std::rc::Rc;
use std::vec;

use jiff::{SignedDuration, Timestamp};
use leeway_engine::{Gap, Moment, measured};
use leeway_ir::{Policy, Source};
use leeway_providers::{History, POINTS_MAX, Prometheus, PrometheusError, REMARKS_MAX, Steps};
use leeway_units::Unit;
use tokio::runtime::{Builder, Runtime};

use crate::decide::reading::cut;
use crate::exit::Failure;
use crate::series::cell::likely_percent;
use crate::series::slot::Slot;
use crate::series::stream::{Progress, Rows};
use crate::series::trouble::{Trouble, shown};

/// What is asked of a server.
#[derive(Clone, Debug)]
pub(crate) struct Range {
    pub(crate) url: String,
    pub(crate) from: Timestamp,
    /// Included.
    pub(crate) to: Timestamp,
    /// How far samples lie apart; as each metric declares it, unless this says otherwise.
    pub(crate) step_ms: Option<u64>,
}

/// A server, and the runtime on which it is asked.
struct Server {
    prometheus: Prometheus,
    runtime: Runtime,
}

/// The samples of one metric.
pub(crate) struct RangeRows {
    server: Rc<Server>,
    slot: Slot,
    unit: Unit,
    query: String,
    /// Of the first sample.
    from: Timestamp,
    step_ms: u64,
    points: u64,
    asked: u64,
    read: u64,
    /// What the server said beside its answers, each remark once.
    remarks: Vec<String>,
    /// The largest number that was read as parts of a whole.
    ratio_max: f64,
    chunk: vec::IntoIter<Option<f64>>,
}

impl RangeRows {
    /// A source for each metric that has a query. Nothing is asked yet.
    pub(crate) fn open(policy: &Policy, range: &Range) -> Result<Vec<RangeRows>, Failure> {
        let prometheus =
            Prometheus::new(&range.url).map_err(|error| Failure::usage(words(&error)).help(error.why.help()))?;
        let span_ms = u64::try_from(range.to.as_millisecond() - range.from.as_millisecond());
        let Ok(span_ms) = span_ms else {
            return Err(Failure::usage(format!("the range ends at {} and begins at {}", range.to, range.from))
                .help("let `--from` be before `--to`"));
        };
        let runtime = Builder::new_current_thread().enable_all().build().map_err(Failure::usage)?;
        let server = Rc::new(Server { prometheus, runtime });
        let queries = policy.metrics.iter().enumerate().filter_map(|(slot, metric)| match &metric.source {
            Source::Prometheus(query) => Some((Slot::Metric(slot), metric, query)),
            Source::Scrape { .. } | Source::HttpJson { .. } | Source::Constant(_) => None,
        });
        let rows: Vec<RangeRows> = queries
            .map(|(slot, metric, query)| {
                let step_ms = range.step_ms.unwrap_or(metric.every_ms).max(1);
                RangeRows {
                    server: server.clone(),
                    slot,
                    unit: metric.unit,
                    query: query.to_string(),
                    from: range.from,
                    step_ms,
                    points: span_ms / step_ms + 1,
                    asked: 0,
                    read: 0,
                    remarks: Vec::new(),
                    ratio_max: 0.0,
                    chunk: Vec::new().into_iter(),
                }
            })
            .collect();
        if rows.is_empty() {
            return Err(Failure::errors(format!("no metric of `{}` has a query of Prometheus", policy.blueprint))
                .help("declare one, such as `metric cpu: ratio = prometheus \"…\"`, or read files with `--series`"));
        }
        Ok(rows)
    }

    /// When that sample was.
    fn at(&self, sample: u64) -> Timestamp {
        let since_ms = i64::try_from(sample.saturating_mul(self.step_ms)).unwrap_or(i64::MAX);
        self.from.checked_add(SignedDuration::from_millis(since_ms)).unwrap_or(Timestamp::MAX)
    }

    fn ask(&mut self) -> Result<(), Failure> {
        let points = u32::try_from(self.points - self.asked).unwrap_or(POINTS_MAX).min(POINTS_MAX);
        let steps = Steps { first: self.at(self.asked), step_ms: self.step_ms, points };
        let answer = self.server.runtime.block_on(self.server.prometheus.range(&self.query, steps));
        let History { values, remarks } =
            answer.map_err(|error| Failure::errors(words(&error)).help(error.why.help()))?;
        self.chunk = values.into_iter();
        self.asked += u64::from(points);
        for remark in remarks {
            if self.remarks.len() < REMARKS_MAX && !self.remarks.contains(&remark) {
                self.remarks.push(remark);
            }
        }
        Ok(())
    }
}

impl Rows for RangeRows {
    fn read(&mut self, row: &mut Moment) -> Result<bool, Trouble> {
        let value = loop {
            if let Some(value) = self.chunk.next() {
                break value;
            }
            if self.asked >= self.points {
                return Ok(false);
            }
            self.ask()?;
        };
        row.begin(self.at(self.read));
        self.read += 1;
        if self.unit == Unit::Ratio {
            self.ratio_max = value.map_or(self.ratio_max, |value| self.ratio_max.max(value));
        }
        // An instant query that had found nothing would have given no sample.
        let seen = value.map_or(Err(Gap::Missing), |value| measured(self.unit, self.unit.sample_factor(), value));
        self.slot.put(row, seen);
        Ok(true)
    }

    fn place(&self) -> String {
        format!("`{}`, query `{}`, sample {}", self.server.prometheus.url(), self.query, self.read)
    }

    fn progress(&self) -> Progress {
        Progress { done: self.read, total: self.points }
    }

    fn warnings(&self) -> Vec<String> {
        let (url, query) = (self.server.prometheus.url(), cut(&self.query));
        let said = |remark: &String| shown(&format!("`{url}` says of its answer to `{query}`: {remark}"));
        let suspicious = likely_percent(self.ratio_max).map(|seen| {
            format!("`{url}`: the answer to `{query}` {seen}; if these are percent, divide the query by 100")
        });
        self.remarks.iter().map(said).chain(suspicious.as_deref().map(shown)).collect()
    }
}

fn words(error: &PrometheusError) -> String {
    shown(&error.to_string())
}

#[cfg(test)]
mod tests;
