//! Rows in the order of their times, one ahead.

use jiff::Timestamp;
use leeway_engine::{Gap, Moment};
use leeway_ir::Policy;

use crate::exit::Failure;
use crate::series::trouble::{Trouble, shown};

/// How many reasons are kept of those for which rows were skipped.
const REASONS_MAX: usize = 5;

/// What yields rows. After a row that cannot be used, the next one can be asked for.
pub(crate) trait Rows {
    /// Reads the next row into `row`, which may still hold an old one; false at the end.
    fn read(&mut self, row: &mut Moment) -> Result<bool, Trouble>;

    /// Where the row read last stands: "`h.csv`, line 17".
    fn place(&self) -> String;

    /// How far it is.
    fn progress(&self) -> Progress;

    /// What reads well and may still not be meant.
    fn warnings(&self) -> Vec<String>;
}

/// How far reading is: bytes of files, samples of a range.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    pub(crate) done: u64,
    /// 0 where nobody knows.
    pub(crate) total: u64,
}

/// What was read, and what was not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Rows that could be used.
    pub(crate) rows: u64,
    /// Rows that could not.
    pub(crate) skipped: u64,
    /// Why, for the first of them.
    pub(crate) reasons: Vec<String>,
}

impl Tally {
    /// Counts a row that cannot be used, or ends there.
    pub(crate) fn skip(&mut self, skip_bad: bool, place: &str, message: &str) -> Result<(), Failure> {
        let reason = shown(&format!("{place}, {message}"));
        if !skip_bad {
            return Err(Failure::errors(reason).help("mend it, or count such rows instead with `--skip-bad`"));
        }
        self.skipped += 1;
        if self.reasons.len() < REASONS_MAX {
            self.reasons.push(reason);
        }
        Ok(())
    }
}

/// The rows of one source, with the next one at hand.
pub(crate) struct Stream {
    pub(crate) rows: Box<dyn Rows>,
    ahead: Ahead,
    row: Moment,
    skip_bad: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Ahead {
    Unread,
    Row,
    Nothing,
}

impl Stream {
    pub(crate) fn new(policy: &Policy, rows: Box<dyn Rows>, skip_bad: bool) -> Stream {
        Stream { rows, ahead: Ahead::Unread, row: Moment::empty(policy, Timestamp::MIN), skip_bad }
    }

    /// When the row ahead was.
    pub(crate) fn at(&self) -> Option<Timestamp> {
        (self.ahead == Ahead::Row).then_some(self.row.at)
    }

    /// Reads the first row, if none was read yet.
    pub(crate) fn begin(&mut self, tally: &mut Tally) -> Result<(), Failure> {
        if self.ahead == Ahead::Unread { self.advance(None, tally) } else { Ok(()) }
    }

    /// The row ahead as the first that is known of its moment; reads the next one.
    pub(crate) fn give(&mut self, moment: &mut Moment, tally: &mut Tally) -> Result<(), Failure> {
        std::mem::swap(moment, &mut self.row);
        self.advance(Some(moment.at), tally)
    }

    /// Adds the row ahead to what others know of its moment, and reads the next one.
    pub(crate) fn add(&mut self, policy: &Policy, moment: &mut Moment, tally: &mut Tally) -> Result<(), Failure> {
        let last = self.row.at;
        let theirs = self.row.facts.iter_mut().chain(&mut self.row.metrics);
        let mine = moment.facts.iter_mut().chain(&mut moment.metrics);
        let names =
            || policy.facts.iter().map(|fact| &fact.name).chain(policy.metrics.iter().map(|metric| &metric.name));
        for (slot, (theirs, mine)) in theirs.zip(mine).enumerate() {
            let Some(seen) = theirs.take() else { continue };
            if mine.as_ref().is_none_or(|other| *other == seen) {
                *mine = Some(seen);
                continue;
            }
            let name = names().nth(slot).map(AsRef::as_ref).unwrap_or_default();
            let message = format!("another series says otherwise of `{name}` at {last}");
            tally.skip(self.skip_bad, &self.rows.place(), &message)?;
            // Nobody can say which of the two is right.
            *mine = Some(Err(Gap::Invalid));
        }
        if let Some(turn) = self.row.turn.take()
            && moment.turn.replace(turn).is_some()
        {
            let message = format!("another series is the recording of another run at {last}; replay one at a time");
            tally.skip(self.skip_bad, &self.rows.place(), &message)?;
        }
        self.advance(Some(last), tally)
    }

    /// Reads on to the next row that can be used; its time must be after `last`.
    fn advance(&mut self, last: Option<Timestamp>, tally: &mut Tally) -> Result<(), Failure> {
        loop {
            let message = match self.rows.read(&mut self.row) {
                Ok(false) => {
                    self.ahead = Ahead::Nothing;
                    return Ok(());
                }
                Ok(true) => match last {
                    Some(last) if self.row.at == last => {
                        format!("the time {last} stands above already; rows must have times of their own")
                    }
                    Some(last) if self.row.at < last => {
                        format!("its time {} is before {last}, which stands above; sort the rows by time", self.row.at)
                    }
                    Some(_) | None => {
                        self.ahead = Ahead::Row;
                        tally.rows += 1;
                        return Ok(());
                    }
                },
                Err(Trouble::Row(message)) => message,
                Err(Trouble::End(failure)) => return Err(failure),
            };
            tally.skip(self.skip_bad, &self.rows.place(), &message)?;
        }
    }
}
