//! Finds the idle bucket that was used least recently, without keeping all of them in order all the time.
//!
//! A scan of the whole table collects the oldest idle buckets in their order; they go one by one, each looked at again
//! before it goes. So a key costs no memory for its place in an order and a take does no work for it.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use crate::buckets::RuleId;
use crate::slots::Mark;
use crate::tick::Tick;

/// How many candidates a scan keeps: with a million keys it looks at about 60 of them for each that goes.
const CANDIDATES_MAX: usize = 16_384;

/// For so many scopes candidates are kept at once; each takes 256 KiB at most.
const SCOPES_MAX: usize = 8;

/// A table with no more keys is scanned whenever somebody asks.
const SCAN_FREELY_KEYS_MAX: usize = 4096;

/// After a scan of a larger table that found few, the next one waits so long for each key: ten times what looking at it
/// takes.
const SCAN_PAUSE_PER_KEY: Duration = Duration::from_nanos(25);

/// Where room is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Scope {
    /// Anywhere.
    All,
    /// Among the keys of one tenant.
    Rule(RuleId),
}

/// A bucket that was idle when the table was scanned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Candidate {
    pub(crate) used_at: Tick,
    pub(crate) mark: Mark,
}

/// The candidates of the last scans.
#[derive(Debug, Default)]
pub(crate) struct Evictor {
    queues: HashMap<Scope, Queue>,
}

#[derive(Debug)]
struct Queue {
    candidates: VecDeque<Candidate>,
    scan_again_at: Tick,
}

/// The oldest candidates of a scan under way.
#[derive(Debug, Default)]
pub(crate) struct Oldest {
    kept: Vec<Candidate>,
}

impl Scope {
    pub(crate) fn has(self, rule: RuleId) -> bool {
        match self {
            Self::All => true,
            Self::Rule(of) => of == rule,
        }
    }
}

impl Evictor {
    /// The most memory that candidates take among `keys_max` keys, those of a scan under way included.
    pub(crate) fn bytes_max(keys_max: usize) -> usize {
        (SCOPES_MAX + 2) * CANDIDATES_MAX.min(keys_max) * size_of::<Candidate>()
    }

    /// The candidate that was used least recently.
    pub(crate) fn next(&mut self, scope: Scope) -> Option<Candidate> {
        self.queues.get_mut(&scope)?.candidates.pop_front()
    }

    /// Whether a scan is due. When few buckets are idle each scan finds few, and without a pause there would be one for
    /// each new key.
    pub(crate) fn may_scan(&self, scope: Scope, now: Tick) -> bool {
        self.queues.get(&scope).is_none_or(|queue| now >= queue.scan_again_at)
    }

    /// Takes in what a scan of `keys` keys found.
    pub(crate) fn found(&mut self, scope: Scope, oldest: Oldest, keys: usize, now: Tick) {
        if self.queues.len() >= SCOPES_MAX && !self.queues.contains_key(&scope) {
            self.queues.clear();
        }
        let candidates = oldest.in_order();
        // Whoever found plenty may look again as soon as they are gone: each of them costs a look at few keys.
        let freely = keys <= SCAN_FREELY_KEYS_MAX || candidates.len() >= CANDIDATES_MAX;
        let keys = u32::try_from(keys).unwrap_or(u32::MAX);
        let pause = if freely { Duration::ZERO } else { SCAN_PAUSE_PER_KEY.saturating_mul(keys) };
        self.queues.insert(scope, Queue { candidates, scan_again_at: now.after(pause) });
    }
}

impl Oldest {
    pub(crate) fn offer(&mut self, candidate: Candidate) {
        self.kept.push(candidate);
        if self.kept.len() >= 2 * CANDIDATES_MAX {
            self.keep_oldest();
        }
    }

    fn keep_oldest(&mut self) {
        if self.kept.len() > CANDIDATES_MAX {
            self.kept.select_nth_unstable(CANDIDATES_MAX);
            self.kept.truncate(CANDIDATES_MAX);
        }
    }

    fn in_order(mut self) -> VecDeque<Candidate> {
        self.keep_oldest();
        self.kept.sort_unstable();
        self.kept.into()
    }
}
