//! Sums of all samples up to a run: what a window holds is the difference of two.

use std::collections::VecDeque;

use crate::exact::Exact;
use crate::room::make_room;
use crate::run::Run;
use crate::totals::base;

/// At one run in so many the sum of those before it is kept; from there on it is added up.
pub(crate) const RUNS_A_MARK: usize = 2;

/// How many samples are quantities, how many are none, and what the quantities add up to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Sum {
    pub(crate) known: i64,
    pub(crate) unknown: i64,
    pub(crate) exact: Exact,
}

impl Sum {
    /// Adds so many samples of one value; takes them away, if that is negative.
    pub(crate) fn add(&mut self, base: Option<f64>, samples: i64) {
        match base {
            Some(base) => {
                self.known += samples;
                self.exact.add(base, samples);
            }
            None => self.unknown += samples,
        }
    }

    /// What came after `earlier`.
    pub(crate) fn since(self, earlier: Sum) -> Sum {
        Sum {
            known: self.known - earlier.known,
            unknown: self.unknown - earlier.unknown,
            exact: self.exact.since(earlier.exact),
        }
    }
}

/// The sums of a series.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sums {
    /// All samples that ever were.
    all: Sum,
    /// Those before the first run, before the one that is [`RUNS_A_MARK`] after it, and so on.
    marks: VecDeque<Sum>,
}

impl Sums {
    /// Of all these runs.
    pub(crate) fn of(runs: &VecDeque<Run>) -> Sums {
        let mut sums = Sums::default();
        for (place, run) in runs.iter().enumerate() {
            sums.begin(place);
            sums.all.add(base(run.value()), run.count());
        }
        sums
    }

    /// The next sample, which belongs to the run at `place`: the last.
    pub(crate) fn enter(&mut self, place: usize, base: Option<f64>) {
        self.begin(place);
        self.all.add(base, 1);
    }

    fn begin(&mut self, place: usize) {
        if place == self.marks.len() * RUNS_A_MARK {
            make_room(&mut self.marks);
            self.marks.push_back(self.all);
        }
    }

    /// So many of the oldest runs have gone: a multiple of [`RUNS_A_MARK`].
    pub(crate) fn forget(&mut self, runs: usize) {
        self.marks.drain(..(runs / RUNS_A_MARK).min(self.marks.len()));
    }

    /// All samples from the run at `place` on.
    pub(crate) fn from(&self, runs: &VecDeque<Run>, place: usize) -> Sum {
        let mark = place / RUNS_A_MARK;
        let mut before = self.marks.get(mark).copied().unwrap_or(self.all);
        for run in (mark * RUNS_A_MARK..place).filter_map(|place| runs.get(place)) {
            before.add(base(run.value()), run.count());
        }
        self.all.since(before)
    }
}
