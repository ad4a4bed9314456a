//! Who asks most: a fixed number of counters that the loudest keys end up in (Metwally and others, 2005: space-saving).
//!
//! A key that has no counter takes over the smallest one and its count, which is remembered as how much too high the new
//! count may be. All counts are halved once a minute, so that what is shown is of the last minutes.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;

use crate::key::Subject;
use crate::slots::Mark;
use crate::tick::Tick;

/// How many keys are counted at once. Any key with more than one in so many of all tokens is among them.
pub const TALKERS_HELD: usize = 256;

/// How often all counts are halved.
pub const HALVED_EVERY: Duration = Duration::from_secs(60);

/// The loudest keys.
#[derive(Debug)]
pub(crate) struct Talkers {
    sketch: Mutex<Sketch>,
}

/// A key and what it asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Talker {
    /// The tenant that the caller named, if any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// The key.
    pub key: String,
    /// Tokens asked for, granted or not, at most the burst each time; halved once a minute.
    pub tokens: u64,
    /// So much of it may be others'.
    pub tokens_too_high_max: u64,
}

#[derive(Debug)]
struct Sketch {
    talkers: Vec<Talker>,
    places: HashMap<Mark, usize>,
    marks: Vec<Mark>,
    halve_at: Tick,
}

impl Talkers {
    pub(crate) fn since(now: Tick) -> Self {
        let halve_at = now.after(HALVED_EVERY);
        let sketch = Sketch { talkers: Vec::new(), places: HashMap::new(), marks: Vec::new(), halve_at };
        Self { sketch: Mutex::new(sketch) }
    }

    /// Counts `tokens` that were asked for.
    pub(crate) fn note(&self, mark: Mark, subject: &Subject<'_>, tokens: u32, now: Tick) {
        let mut sketch = self.sketch.lock().unwrap_or_else(PoisonError::into_inner);
        sketch.halve(now);
        sketch.note(mark, subject, tokens.into());
    }

    /// The `count` loudest, loudest first.
    pub(crate) fn top(&self, count: usize, now: Tick) -> Vec<Talker> {
        let mut sketch = self.sketch.lock().unwrap_or_else(PoisonError::into_inner);
        sketch.halve(now);
        let mut talkers: Vec<Talker> = sketch.talkers.iter().filter(|talker| talker.tokens > 0).cloned().collect();
        drop(sketch);
        talkers.sort_by(|one, other| other.tokens.cmp(&one.tokens).then_with(|| one.key.cmp(&other.key)));
        talkers.truncate(count);
        talkers
    }
}

impl Sketch {
    fn note(&mut self, mark: Mark, subject: &Subject<'_>, tokens: u64) {
        if let Some(talker) = self.places.get(&mark).and_then(|place| self.talkers.get_mut(*place)) {
            talker.tokens = talker.tokens.saturating_add(tokens);
            return;
        }
        let fresh = |tokens_before: u64| Talker {
            tenant: subject.tenant().map(str::to_owned),
            key: subject.key().to_owned(),
            tokens: tokens_before.saturating_add(tokens),
            tokens_too_high_max: tokens_before,
        };
        if self.talkers.len() < TALKERS_HELD {
            self.places.insert(mark, self.talkers.len());
            self.talkers.push(fresh(0));
            self.marks.push(mark);
            return;
        }
        let quietest =
            self.talkers.iter_mut().zip(&mut self.marks).enumerate().min_by_key(|(_, (held, _))| held.tokens);
        if let Some((place, (talker, held))) = quietest {
            self.places.remove(held);
            self.places.insert(mark, place);
            (*talker, *held) = (fresh(talker.tokens), mark);
        }
    }

    fn halve(&mut self, now: Tick) {
        if now < self.halve_at {
            return;
        }
        let minutes = now.since(self.halve_at).as_secs() / HALVED_EVERY.as_secs() + 1;
        let halvings = u32::try_from(minutes).unwrap_or(u32::MAX);
        for talker in &mut self.talkers {
            talker.tokens = talker.tokens.checked_shr(halvings).unwrap_or(0);
            talker.tokens_too_high_max = talker.tokens_too_high_max.checked_shr(halvings).unwrap_or(0);
        }
        self.halve_at = self.halve_at.after(HALVED_EVERY.saturating_mul(halvings));
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

    use super::*;

    #[test]
    fn the_loudest_are_found_among_many_and_forgotten_in_time() {
        let start = Tick::ZERO;
        let talkers = Talkers::since(start);
        let note = |number: u64, key: &str, tokens| {
            talkers.note(Mark::of_hash(number), &Subject::parse(None, key).unwrap(), tokens, start);
        };
        for round in 0..2_000 {
            note(1, "loud", 30);
            note(2, "louder", 40);
            note(10 + round, &format!("quiet-{round}"), 1);
        }
        let top = talkers.top(2, start);
        let shown: Vec<(&str, u64)> = top.iter().map(|talker| (talker.key.as_str(), talker.tokens)).collect();
        assert_eq!(shown, [("louder", 80_000), ("loud", 60_000)]);
        assert_eq!(talkers.top(1_000, start).len(), TALKERS_HELD);
        let later = start.after(HALVED_EVERY * 3);
        assert_eq!(talkers.top(1, later).first().unwrap().tokens, 10_000);
        assert_eq!(talkers.top(1, later.after(HALVED_EVERY * 100)), []);
    }
}
