//! Goes through a history with one policy, or with several side by side, evaluation by evaluation.

use jiff::{SignedDuration, Timestamp};
use leeway_ir::Policy;

use crate::exit::Failure;
use crate::simulate::history::HistoryArgs;
use crate::simulate::joined::Joined;
use crate::simulate::reading::Reading;
use crate::simulate::track::{Settings, Track};

/// A history, and what policies make of it so far.
pub(crate) struct Player<const N: usize> {
    reading: Reading,
    tracks: [Track; N],
    step_ms: Option<u64>,
    /// When the policies are evaluated next, where that does not depend on samples.
    due: Timestamp,
}

impl<const N: usize> Player<N> {
    /// Stands before the first moment of the history; what only policies `beside` know is no part of it.
    pub(crate) fn open(
        policies: [(&Policy, Settings); N],
        beside: &[Policy],
        history: &HistoryArgs,
    ) -> Result<Player<N>, Failure> {
        let mut joined = Joined::new(history.is_queried());
        let policies = policies.map(|(policy, settings)| (policy, joined.add(policy), settings));
        let mut reading = Reading::open(joined.policy()?, beside, history)?;
        let Some(start) = reading.next_at()? else {
            return Err(Failure::errors("the history is empty").help("it needs at least one moment"));
        };
        let tracks = policies.map(|(policy, slots, settings)| Track::new(policy, slots, &reading, start, settings));
        Ok(Player { reading, tracks, step_ms: history.step_ms(), due: start })
    }

    /// When the policies are evaluated next, at the latest at the last moment; all that was recorded until then is taken in, and
    /// `between` looks at each moment before. Nothing at the end of the history.
    pub(crate) fn advance(
        &mut self,
        mut between: impl FnMut(&[Track; N], Timestamp),
    ) -> Result<Option<Timestamp>, Failure> {
        let Some(next) = self.reading.next_at()? else { return Ok(None) };
        let due = if self.step_ms.is_some() { self.due } else { next };
        let mut last = due;
        while let Some(moment) = self.reading.next_until(due)? {
            self.tracks.iter_mut().try_for_each(|track| track.record(&moment))?;
            last = moment.at;
            if last < due {
                self.tracks.iter_mut().for_each(Track::judge);
                between(&self.tracks, last);
            }
        }
        // Nobody knows what was the case after the last moment.
        let at = if self.reading.next_at()?.is_none() { last } else { due };
        if let Some(step_ms) = self.step_ms {
            let step = SignedDuration::from_millis(i64::try_from(step_ms).unwrap_or(i64::MAX));
            self.due = self.due.checked_add(step).unwrap_or(Timestamp::MAX);
        }
        Ok(Some(at))
    }

    pub(crate) fn tracks_mut(&mut self) -> &mut [Track; N] {
        &mut self.tracks
    }

    pub(crate) fn tracks(&self) -> &[Track; N] {
        &self.tracks
    }

    pub(crate) fn reading(&self) -> &Reading {
        &self.reading
    }

    pub(crate) fn step_ms(&self) -> Option<u64> {
        self.step_ms
    }
}
