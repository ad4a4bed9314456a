//! Recorded histories: files become moments in the order of time, in bounded memory.

mod arg;
mod cadence;
mod cell;
mod csv;
mod exported;
mod file;
#[cfg(feature = "parquet")]
mod guarded;
mod header;
mod json_lines;
#[cfg(feature = "parquet")]
mod lane;
mod names;
#[cfg(feature = "parquet")]
mod parquet;
mod prometheus;
mod slot;
mod stream;
mod time;
mod trouble;

use leeway_engine::Moment;
use leeway_ir::{Policy, Source};
use leeway_units::Value;

use self::arg::Format;
pub(crate) use self::arg::SeriesArg;
use self::cadence::Cadence;
use self::csv::CsvRows;
pub(crate) use self::exported::Place;
use self::header::told;
use self::json_lines::JsonRows;
pub(crate) use self::json_lines::written;
pub(crate) use self::names::Names;
#[cfg(feature = "parquet")]
use self::parquet::ParquetRows;
pub(crate) use self::prometheus::Range;
use self::prometheus::RangeRows;
pub(crate) use self::stream::{Progress, Tally};
use self::stream::{Rows, Stream};
use self::trouble::wrong;
use crate::exit::Failure;

/// So many series are merged.
const SERIES_MAX: usize = 256;

/// A recorded history, moment by moment.
pub(crate) struct Recording {
    policy: Policy,
    streams: Vec<Stream>,
    tally: Tally,
    recorded: Recorded,
    cadences: Vec<Cadence>,
    /// How far apart a server is asked for samples, where somebody said so.
    asked_ms: Option<u64>,
}

/// Of which facts and metrics there is any sample, by the slots of the policy. Of JSON lines, that shows as they are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Recorded {
    pub(crate) facts: Vec<bool>,
    pub(crate) metrics: Vec<bool>,
}

/// Opens the series that record anything of the policy, and reads the first row of each. With `skip_bad`, rows that cannot be used
/// are counted instead of ending it.
pub(crate) fn open(known: Names<'_>, series: &[SeriesArg], skip_bad: bool) -> Result<Recording, Failure> {
    if series.len() > SERIES_MAX {
        return Err(Failure::usage(format!("over {SERIES_MAX} series")).help("merge some of them into one file"));
    }
    let mut recording = Recording::of(known.policy);
    for arg in series {
        let Some(rows) = rows(known, arg)? else { continue };
        let before = recording.tally.reasons.len();
        let mut stream = Stream::new(known.policy, rows, skip_bad);
        stream.begin(&mut recording.tally)?;
        if stream.at().is_some() {
            recording.streams.push(stream);
            continue;
        }
        let failure = wrong(&arg.path, "has no row that can be used");
        match recording.tally.reasons.get(before) {
            Some(reason) => return Err(failure.help(format!("the first that cannot: {reason}"))),
            // Its lines may all be of policies beside this one: whoever knows them says what is wrong with them.
            None if arg.format == Format::JsonLines && !known.beside.is_empty() => {}
            None if arg.format == Format::JsonLines => return Err(failure.help("it is empty")),
            None if arg.format == Format::Parquet => return Err(failure.help("it has none")),
            None => return Err(failure.help("it ends behind its header")),
        }
    }
    if recording.streams.is_empty() {
        let failure = Failure::errors(format!("no series records anything of `{}`", known.policy.blueprint));
        return Err(failure.help(told(known)));
    }
    Ok(recording)
}

/// The range of a Prometheus server, for each metric that has a query. Nothing is asked before the first moment is.
pub(crate) fn open_range(policy: &Policy, range: &Range) -> Result<Recording, Failure> {
    let mut recording = Recording::of(policy);
    let rows = RangeRows::open(policy, range)?;
    recording.asked_ms = range.step_ms;
    recording.streams = rows.into_iter().map(|rows| Stream::new(policy, Box::new(rows), false)).collect();
    Ok(recording)
}

/// The rows of a series, unless all that it records is of other policies.
fn rows(known: Names<'_>, arg: &SeriesArg) -> Result<Option<Box<dyn Rows>>, Failure> {
    fn boxed(rows: impl Rows + 'static) -> Box<dyn Rows> {
        Box::new(rows)
    }
    Ok(match arg.format {
        Format::Csv => CsvRows::open(known, &arg.path, arg.binding.as_ref())?.map(boxed),
        Format::JsonLines => Some(boxed(JsonRows::open(known, &arg.path)?)),
        #[cfg(feature = "parquet")]
        Format::Parquet => ParquetRows::open(known, &arg.path, arg.binding.as_ref())?.map(boxed),
        #[cfg(not(feature = "parquet"))]
        Format::Parquet => {
            return Err(wrong(&arg.path, "is Parquet, which this build leaves out").help("write it as CSV"));
        }
    })
}

impl Recording {
    fn of(policy: &Policy) -> Recording {
        Recording {
            policy: policy.clone(),
            streams: Vec::new(),
            tally: Tally::default(),
            recorded: Recorded { facts: vec![false; policy.facts.len()], metrics: vec![false; policy.metrics.len()] },
            cadences: vec![Cadence::default(); policy.metrics.len()],
            asked_ms: None,
        }
    }

    /// Reads the next moment, later than all before; false at the end. One moment has the samples of all series of its time, and
    /// metrics that are constant.
    ///
    /// # Errors
    /// When a row cannot be used, unless such rows are skipped, or a source cannot be read on.
    pub(crate) fn next(&mut self, moment: &mut Moment) -> Result<bool, Failure> {
        for stream in &mut self.streams {
            stream.begin(&mut self.tally)?;
        }
        let Some(at) = self.streams.iter().filter_map(Stream::at).min() else { return Ok(false) };
        let mut of_now = self.streams.iter_mut().filter(|stream| stream.at() == Some(at));
        if let Some(first) = of_now.next() {
            first.give(moment, &mut self.tally)?;
        }
        for other in of_now {
            other.add(&self.policy, moment, &mut self.tally)?;
        }
        self.note(moment);
        Ok(true)
    }

    fn note(&mut self, moment: &mut Moment) {
        for (recorded, seen) in self.recorded.facts.iter_mut().zip(&moment.facts) {
            *recorded |= seen.is_some();
        }
        let at_ms = moment.at.as_millisecond();
        let noted = self.recorded.metrics.iter_mut().zip(&mut self.cadences);
        for ((metric, seen), (recorded, cadence)) in self.policy.metrics.iter().zip(&mut moment.metrics).zip(noted) {
            match (seen, &metric.source) {
                (Some(seen), _) => {
                    *recorded = true;
                    if seen.is_ok() {
                        cadence.note(at_ms, metric.stale_ms);
                    }
                }
                (seen, Source::Constant(value)) => *seen = Some(Ok(Value::Quantity(*value))),
                (None, Source::Prometheus(_) | Source::Scrape { .. } | Source::HttpJson { .. }) => {}
            }
        }
    }

    /// What is recorded at all, of what was read so far.
    pub(crate) fn recorded(&self) -> &Recorded {
        &self.recorded
    }

    /// How many rows were read and skipped so far.
    pub(crate) fn tally(&self) -> &Tally {
        &self.tally
    }

    /// How far reading is.
    pub(crate) fn progress(&self) -> Progress {
        let all = self.streams.iter().map(|stream| stream.rows.progress());
        all.fold(Progress::default(), |sum, one| Progress { done: sum.done + one.done, total: sum.total + one.total })
    }

    /// What reads well and may still not be what is meant, of what was read so far.
    pub(crate) fn warnings(&self) -> Vec<String> {
        let of_streams = self.streams.iter().flat_map(|stream| stream.rows.warnings());
        let metrics = self.policy.metrics.iter().zip(&self.cadences).zip(&self.recorded.metrics);
        let of_metrics = metrics
            .filter(|(_, recorded)| **recorded)
            .filter_map(|((metric, cadence), _)| cadence.warning(&self.policy, metric, self.asked_ms));
        let mut warnings: Vec<String> = Vec::new();
        // Of metrics with the same query, a server says the same.
        for warning in of_streams.chain(of_metrics) {
            if !warnings.contains(&warning) {
                warnings.push(warning);
            }
        }
        warnings
    }
}

#[cfg(test)]
mod tests;
