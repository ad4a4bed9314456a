//! What is kept beside the samples of a series, so that windows until now need not look at each of them.

use std::collections::VecDeque;

use crate::extreme::{Extreme, Side};
use crate::lookback::Lookback;
use crate::run::Run;
use crate::sorted::Sorted;
use crate::sums::{Sum, Sums};
use crate::tick::{Tick, ns};
use crate::totals::{Extremes, base};

/// Samples enter in order. When one came late, it begins anew.
#[derive(Clone, Debug)]
pub(crate) struct Watch {
    sums: Sums,
    lows: Option<Extreme>,
    highs: Option<Extreme>,
    sorted: Vec<Sorted>,
}

impl Watch {
    /// For the windows that are asked for, if there are any.
    pub(crate) fn new(lookback: &Lookback) -> Option<Watch> {
        let extreme = |side, ms: Option<u64>| ms.map(|ms| Extreme::new(side, ns(ms)));
        lookback.summed.then(|| Watch {
            sums: Sums::default(),
            lows: extreme(Side::Low, lookback.low_ms),
            highs: extreme(Side::High, lookback.high_ms),
            sorted: lookback.sorted_ms.iter().map(|ms| Sorted::new(ns(*ms))).collect(),
        })
    }

    /// The next sample, of `at`, which belongs to the run at `place`: the last.
    pub(crate) fn enter(&mut self, place: usize, at: Tick, base: Option<f64>) {
        self.sums.enter(place, base);
        self.sorted.iter_mut().for_each(|sorted| sorted.enter(at, base));
        if let Some(base) = base {
            self.extremes().for_each(|extreme| extreme.enter(at, base));
        }
    }

    /// So many of the oldest runs have gone, as [`Sums::forget`] has it.
    pub(crate) fn forget(&mut self, runs: usize) {
        self.sums.forget(runs);
    }

    /// Lets all samples enter again.
    pub(crate) fn begin_anew(&mut self, runs: &VecDeque<Run>) {
        self.sums = Sums::of(runs);
        let Some(newest) = runs.back().map(Run::last) else { return };
        for extreme in self.extremes() {
            extreme.clear();
            since(runs, newest.before(extreme.span_ns())).for_each(|(at, base)| extreme.enter(at, base));
        }
        for sorted in &mut self.sorted {
            sorted.clear();
            since(runs, newest.before(sorted.span_ns())).for_each(|(at, base)| sorted.enter(at, Some(base)));
        }
    }

    /// All samples from the run at `place` on.
    pub(crate) fn sum(&self, runs: &VecDeque<Run>, place: usize) -> Sum {
        self.sums.from(runs, place)
    }

    /// The smallest and the largest since `start`, those that are asked for; nothing, if that is not watched for a window so long.
    pub(crate) fn bounds(&self, asked: Extremes, start: Tick, span_ns: i64) -> Option<(f64, f64)> {
        let since = |asked: bool, extreme: &Option<Extreme>, none: f64| match extreme {
            _ if !asked => Some(none),
            Some(extreme) if extreme.answers(span_ns) => Some(extreme.since(start).unwrap_or(none)),
            Some(_) | None => None,
        };
        Some((since(asked.low, &self.lows, f64::INFINITY)?, since(asked.high, &self.highs, f64::NEG_INFINITY)?))
    }

    /// The quantities since `start` by size, where a window so long is watched.
    pub(crate) fn sorted(&self, start: Tick, span_ns: i64) -> Option<&[f64]> {
        self.sorted.iter().find(|sorted| sorted.span_ns() == span_ns)?.since(start)
    }

    fn extremes(&mut self) -> impl Iterator<Item = &mut Extreme> {
        self.lows.iter_mut().chain(&mut self.highs)
    }
}

/// The quantities since `start`, the oldest first.
fn since(runs: &VecDeque<Run>, start: Tick) -> impl Iterator<Item = (Tick, f64)> {
    let first = runs.partition_point(|run| run.last() < start);
    let quantities = runs.range(first..).filter_map(|run| Some((run, base(run.value())?)));
    quantities.flat_map(move |(run, base)| run.times(start, run.last()).map(move |at| (at, base)))
}
