//! A history being read: once, for all policies that are played through it.

use std::collections::{BTreeSet, VecDeque};

use jiff::Timestamp;
use leeway_engine::{Moment, Turn};
use leeway_ir::{FactId, MetricId, Policy};

use crate::exit::Failure;
use crate::series::{Progress, Recording};
use crate::simulate::history::HistoryArgs;
use crate::simulate::joined::Slots;

/// So many moments are read ahead, to know what is recorded before anything is decided.
const AHEAD_MAX: usize = 1_000;

/// The moments of a history, in the order of time.
pub(crate) struct Reading {
    /// Has the facts and metrics of all that are played.
    joined: Policy,
    recording: Recording,
    ahead: VecDeque<Moment>,
    is_read: bool,
}

impl Reading {
    /// Reads the first moments; what only policies `beside` know is left to them.
    pub(crate) fn open(joined: Policy, beside: &[Policy], history: &HistoryArgs) -> Result<Reading, Failure> {
        let recording = history.open(&joined, beside)?;
        let mut reading = Reading { joined, recording, ahead: VecDeque::new(), is_read: false };
        while reading.ahead.len() < AHEAD_MAX && !reading.is_read {
            reading.read()?;
        }
        Ok(reading)
    }

    /// When the next moment was; nothing at the end.
    pub(crate) fn next_at(&mut self) -> Result<Option<Timestamp>, Failure> {
        if self.ahead.is_empty() && !self.is_read {
            self.read()?;
        }
        Ok(self.ahead.front().map(|moment| moment.at))
    }

    /// What an enforcer did at the next moment, if one recorded it.
    pub(crate) fn next_turn(&self) -> Option<&Turn> {
        self.ahead.front()?.turn.as_ref()
    }

    /// The next moment, if it is not after `at`.
    pub(crate) fn next_until(&mut self, at: Timestamp) -> Result<Option<Moment>, Failure> {
        self.next_at()?;
        Ok(self.ahead.pop_front_if(|moment| moment.at <= at))
    }

    /// What is recorded of the policy with these slots, as far as it was read.
    pub(crate) fn recorded(&self, slots: &Slots) -> (BTreeSet<FactId>, BTreeSet<MetricId>) {
        let recorded = self.recording.recorded();
        (of(slots.facts(), &recorded.facts, FactId), of(slots.metrics(), &recorded.metrics, MetricId))
    }

    pub(crate) fn progress(&self) -> Progress {
        self.recording.progress()
    }

    /// What a reader must know before believing what comes of it.
    pub(crate) fn warnings(&self) -> Vec<String> {
        let mut warnings = self.recording.warnings();
        let tally = self.recording.tally();
        if tally.skipped > 0 {
            let rows = if tally.skipped == 1 { "row was" } else { "rows were" };
            warnings.push(format!("{} {rows} skipped: {}", tally.skipped, tally.reasons.join("; ")));
        }
        warnings
    }

    /// How many rows could not be used.
    pub(crate) fn rows_skipped(&self) -> u64 {
        self.recording.tally().skipped
    }

    fn read(&mut self) -> Result<(), Failure> {
        let mut moment = Moment::empty(&self.joined, Timestamp::MIN);
        self.is_read = !self.recording.next(&mut moment)?;
        if !self.is_read {
            self.ahead.push_back(moment);
        }
        Ok(())
    }
}

fn of<I: Ord>(slots: &[usize], recorded: &[bool], id: impl Fn(u16) -> I) -> BTreeSet<I> {
    let recorded = (0_u16..).zip(slots).filter(|(_, slot)| recorded.get(**slot).copied().unwrap_or(false));
    recorded.map(|(own, _)| id(own)).collect()
}
