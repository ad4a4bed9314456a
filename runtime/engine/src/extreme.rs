//! The smallest or the largest of what a window holds, kept while the window moves along.

use std::collections::VecDeque;

use crate::tick::Tick;

/// Samples that no later one undercuts, or none exceeds: each is the extreme of all since its own time.
#[derive(Clone, Debug)]
pub(crate) struct Extreme {
    side: Side,
    span_ns: i64,
    kept: VecDeque<(Tick, f64)>,
}

/// Which of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Low,
    High,
}

impl Extreme {
    /// Of windows of up to `span_ns`.
    pub(crate) fn new(side: Side, span_ns: i64) -> Extreme {
        Extreme { side, span_ns, kept: VecDeque::new() }
    }

    /// Whether it knows the extreme of a window that long.
    pub(crate) fn answers(&self, span_ns: i64) -> bool {
        span_ns <= self.span_ns
    }

    /// The next sample.
    pub(crate) fn enter(&mut self, at: Tick, base: f64) {
        let start = at.before(self.span_ns);
        while self.kept.pop_front_if(|(taken, _)| *taken < start).is_some() {}
        while self.kept.pop_back_if(|(_, kept)| self.side.yields(*kept, base)).is_some() {}
        self.kept.push_back((at, base));
    }

    /// The extreme of all samples since `start`, if there is one; no window begins earlier than `span_ns` before the newest.
    pub(crate) fn since(&self, start: Tick) -> Option<f64> {
        let oldest = self.kept.front().filter(|(taken, _)| *taken >= start);
        let first = || self.kept.get(self.kept.partition_point(|(taken, _)| *taken < start));
        oldest.or_else(first).map(|(_, base)| *base)
    }

    pub(crate) fn span_ns(&self) -> i64 {
        self.span_ns
    }

    pub(crate) fn clear(&mut self) {
        self.kept.clear();
    }
}

impl Side {
    /// Whether what was kept is none any more once `base` is there.
    fn yields(self, kept: f64, base: f64) -> bool {
        match self {
            Side::Low => kept >= base,
            Side::High => kept <= base,
        }
    }
}
