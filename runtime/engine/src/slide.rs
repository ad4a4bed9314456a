//! A window that moves along with its series: each sample enters once and leaves once, however long the window is.

use std::collections::VecDeque;

use crate::run::Run;
use crate::tick::Tick;
use crate::totals::{Totals, base};

/// The runs of a series, with the number of the first: numbers stay when the oldest run goes.
#[derive(Clone, Copy)]
pub(crate) struct Numbered<'a> {
    pub(crate) runs: &'a VecDeque<Run>,
    pub(crate) first: u64,
}

impl Numbered<'_> {
    /// The number of the last.
    pub(crate) fn last(self) -> u64 {
        (self.first + self.runs.len() as u64).saturating_sub(1)
    }

    fn get(&self, number: u64) -> Option<&Run> {
        self.runs.get(usize::try_from(number.checked_sub(self.first)?).ok()?)
    }
}

/// The samples of the last `span_ns` before the newest.
#[derive(Clone, Debug)]
pub(crate) struct Slide {
    span_ns: i64,
    inside: Inside,
    /// Where the smallest and the largest are asked for: what may yet be one of them, the oldest first.
    extremes: Option<Extremes>,
}

/// What is inside, but for the smallest and the largest.
#[derive(Clone, Copy, Debug)]
struct Inside {
    totals: Totals,
    /// The number of the run that the oldest belongs to, and when that was taken; of nothing, if there is none.
    oldest: (u64, Tick),
}

/// Samples that no later one undercuts, and such that none exceeds.
#[derive(Clone, Debug, Default)]
struct Extremes {
    lows: VecDeque<(Tick, f64)>,
    highs: VecDeque<(Tick, f64)>,
}

impl Slide {
    pub(crate) fn new(span_ns: i64, extremes: bool) -> Slide {
        let inside = Inside { totals: Totals::none(), oldest: (0, Tick::FIRST) };
        Slide { span_ns, inside, extremes: extremes.then(Extremes::default) }
    }

    pub(crate) fn span_ns(&self) -> i64 {
        self.span_ns
    }

    /// Whether it is so long, and knows the smallest and the largest if these are asked for.
    pub(crate) fn answers(&self, span_ns: i64, extremes: bool) -> bool {
        self.span_ns == span_ns && (self.extremes.is_some() || !extremes)
    }

    /// The next sample, of `at`, belongs to the run of that number.
    pub(crate) fn enter(&mut self, runs: Numbered<'_>, number: u64, at: Tick) {
        let Some(run) = runs.get(number) else { return };
        self.leave(runs, at.before(self.span_ns));
        if self.inside.totals.is_empty() {
            self.inside.oldest = (number, at);
        }
        let totals = &mut self.inside.totals;
        let Some(base) = base(run.value()) else {
            totals.unknown += 1;
            return;
        };
        totals.known += 1;
        totals.sum.add(base, 1);
        if let Some(Extremes { lows, highs }) = &mut self.extremes {
            while lows.pop_back_if(|(_, low)| *low >= base).is_some() {}
            while highs.pop_back_if(|(_, high)| *high <= base).is_some() {}
            lows.push_back((at, base));
            highs.push_back((at, base));
        }
    }

    /// What is older than `start` leaves.
    pub(crate) fn leave(&mut self, runs: Numbered<'_>, start: Tick) {
        self.inside.leave(runs, start);
        if let Some(Extremes { lows, highs }) = &mut self.extremes {
            while lows.pop_front_if(|(taken, _)| *taken < start).is_some() {}
            while highs.pop_front_if(|(taken, _)| *taken < start).is_some() {}
        }
    }

    /// What is inside at `at`, which is not before the newest sample; `torn` is the last sample before which there is a gap. Its
    /// smallest and largest are known only where they are asked for.
    pub(crate) fn totals(&self, runs: Numbered<'_>, at: Tick, torn: Tick, stale_ns: i64) -> Totals {
        let start = at.before(self.span_ns);
        let mut inside = self.inside;
        inside.leave(runs, start);
        let (number, oldest) = inside.oldest;
        let mut totals = inside.totals;
        let newest = runs.runs.back();
        let (Some(run), Some(newest)) = (runs.get(number).filter(|_| !totals.is_empty()), newest) else {
            return Totals::none();
        };
        totals.first = base(run.value());
        totals.last = base(newest.value());
        totals.gap = oldest.since(start) > stale_ns || at.since(newest.last()) > stale_ns || torn > oldest;
        if let Some(Extremes { lows, highs }) = &self.extremes {
            let inside =
                |queue: &VecDeque<(Tick, f64)>| queue.iter().find(|(taken, _)| *taken >= start).map(|(_, base)| *base);
            totals.low = inside(lows).unwrap_or(totals.low);
            totals.high = inside(highs).unwrap_or(totals.high);
        }
        totals
    }

    /// Nothing is inside.
    pub(crate) fn clear(&mut self) {
        *self = Slide::new(self.span_ns, self.extremes.is_some());
    }
}

impl Inside {
    fn leave(&mut self, runs: Numbered<'_>, start: Tick) {
        while !self.totals.is_empty() && self.oldest.1 < start {
            let (number, at) = self.oldest;
            let Some(run) = runs.get(number) else { return };
            match base(run.value()) {
                Some(base) => {
                    self.totals.known -= 1;
                    self.totals.sum.add(base, -1);
                }
                None => self.totals.unknown -= 1,
            }
            self.oldest = if at < run.last() {
                (number, at.after(run.step_ns()))
            } else {
                (number + 1, runs.get(number + 1).map_or(at, Run::first))
            };
        }
    }
}
