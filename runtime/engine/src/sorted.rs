//! The quantities of a window in order of size, kept while the window moves along: a percentile is one of them.

use std::collections::VecDeque;

use crate::tick::Tick;

/// How many quantities are kept in order: to move half of them takes some ten microseconds. Of a larger window percentiles are
/// selected from its samples.
const SORTED_MAX: usize = 100_000;

/// The quantities of the last `span_ns` before the newest.
#[derive(Clone, Debug)]
pub(crate) struct Sorted {
    span_ns: i64,
    /// As they were taken.
    taken: VecDeque<(Tick, f64)>,
    /// By size.
    bases: Vec<f64>,
    /// The last that left because there were too many.
    crowded_out: Tick,
}

impl Sorted {
    pub(crate) fn new(span_ns: i64) -> Sorted {
        Sorted { span_ns, taken: VecDeque::new(), bases: Vec::new(), crowded_out: Tick::FIRST }
    }

    pub(crate) fn span_ns(&self) -> i64 {
        self.span_ns
    }

    /// The next sample, and its quantity if it is one.
    pub(crate) fn enter(&mut self, at: Tick, base: Option<f64>) {
        let start = at.before(self.span_ns);
        while let Some((_, old)) = self.taken.pop_front_if(|(taken, _)| *taken < start) {
            self.leave(old);
        }
        let Some(base) = base else { return };
        if self.taken.len() >= SORTED_MAX
            && let Some((taken, old)) = self.taken.pop_front()
        {
            self.crowded_out = taken;
            self.leave(old);
        }
        self.taken.push_back((at, base));
        let place = self.bases.partition_point(|known| known.total_cmp(&base).is_lt());
        self.bases.insert(place, base);
    }

    fn leave(&mut self, base: f64) {
        if let Ok(place) = self.bases.binary_search_by(|known| known.total_cmp(&base)) {
            self.bases.remove(place);
        }
    }

    /// The quantities of the window that begins at `start`, if it is known to hold these and no others.
    pub(crate) fn since(&self, start: Tick) -> Option<&[f64]> {
        let oldest = self.taken.front()?.0;
        (start <= oldest && start > self.crowded_out).then_some(&self.bases)
    }

    pub(crate) fn clear(&mut self) {
        *self = Sorted::new(self.span_ns);
    }
}
