//! A simulation as JSON: one document, or a line for everything that happens.

use std::io::{Read as _, Seek as _, Write as _};
use std::sync::Arc;

use jiff::Timestamp;
use leeway_engine::{Happening, OperationId, Record, State, Summary, Ticket, Verdict};
use serde::Serialize;

use crate::exit::Failure;
use crate::simulate::reading::Reading;
use crate::simulate::track::{Played, Track};
use crate::terminal::stdout;

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stream {
    /// Nothing.
    Nothing,
    /// One document at the end. Until then decisions wait on disk: a year may have more of them than memory holds.
    Kept,
    /// Lines.
    Lines,
}

/// A proposal of a rule as it was decided.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Decided {
    /// When.
    pub(crate) t: Timestamp,
    /// The rule that proposed it.
    pub(crate) rule: Option<Arc<str>>,
    /// The operation in this simulation.
    pub(crate) operation: OperationId,
    /// How.
    #[serde(flatten)]
    pub(crate) verdict: Verdict,
}

/// What an operation came to.
#[derive(Clone, Copy, Debug, Serialize)]
struct Ended {
    t: Timestamp,
    operation: OperationId,
    state: State,
}

/// The numbers, and what one must know before believing them.
#[derive(Serialize)]
struct Sum<'a> {
    #[serde(flatten)]
    summary: &'a Summary,
    rows_skipped: u64,
    warnings: Vec<String>,
    assumptions: &'a [String],
}

/// One line of a stream.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Line<'a> {
    Decision(&'a Decided),
    Outcome(Ended),
    Ticket(&'a Ticket),
    Summary(&'a Sum<'a>),
}

/// Writes what is heard.
pub(crate) struct Documents {
    stream: Stream,
    decisions: Spool,
    outcomes: Spool,
    tickets: Vec<Ticket>,
}

/// Parts of a JSON list, on disk.
struct Spool {
    file: std::io::BufWriter<std::fs::File>,
    is_empty: bool,
}

/// The decisions among what happened.
pub(crate) fn decided(happened: &[Happening]) -> impl Iterator<Item = Decided> {
    happened.iter().filter_map(|happening| {
        let Record::Decided { verdict, .. } = &happening.record else { return None };
        let rule = verdict.actor.strip_prefix("rule:").map(Arc::from);
        let verdict = verdict.as_ref().clone();
        Some(Decided { t: happening.at, rule, operation: happening.operation?, verdict })
    })
}

impl Documents {
    pub(crate) fn new(stream: Stream) -> Result<Documents, Failure> {
        Ok(Documents { stream, decisions: Spool::new()?, outcomes: Spool::new()?, tickets: Vec::new() })
    }

    pub(crate) fn hear(&mut self, played: &Played) -> Result<(), Failure> {
        match self.stream {
            Stream::Nothing => {}
            Stream::Kept => {
                decided(&played.happened).try_for_each(|decided| self.decisions.add(&decided))?;
                played.happened.iter().filter_map(ended).try_for_each(|ended| self.outcomes.add(&ended))?;
                for ticket in &played.tickets {
                    match self.tickets.iter_mut().rev().find(|known| is_same(known, ticket)) {
                        Some(known) => *known = ticket.clone(),
                        None => self.tickets.push(ticket.clone()),
                    }
                }
            }
            Stream::Lines => {
                for happening in &played.happened {
                    decided(std::slice::from_ref(happening))
                        .try_for_each(|decided| print(&Line::Decision(&decided)))?;
                    ended(happening).map_or(Ok(()), |ended| print(&Line::Outcome(ended)))?;
                }
                played.tickets.iter().try_for_each(|ticket| print(&Line::Ticket(ticket)))?;
            }
        }
        Ok(())
    }

    /// The end of it.
    pub(crate) fn finish(self, track: &Track, reading: &Reading, summary: &Summary) -> Result<(), Failure> {
        let (warnings, assumptions) = (track.warnings(reading), track.assumptions());
        let sum = Sum { summary, rows_skipped: reading.rows_skipped(), warnings, assumptions };
        match self.stream {
            Stream::Nothing => Ok(()),
            Stream::Lines => print(&Line::Summary(&sum)),
            Stream::Kept => {
                stdout(&format!("{{\"summary\":{},\"decisions\":[", json(&sum)?));
                self.decisions.pour()?;
                stdout("],\"outcomes\":[");
                self.outcomes.pour()?;
                stdout(&format!("],\"tickets\":{}}}\n", json(&self.tickets)?));
                Ok(())
            }
        }
    }
}

impl Spool {
    fn new() -> Result<Spool, Failure> {
        let file = tempfile::tempfile().map_err(unwritable)?;
        Ok(Spool { file: std::io::BufWriter::new(file), is_empty: true })
    }

    fn add(&mut self, entry: &impl Serialize) -> Result<(), Failure> {
        let comma = if std::mem::replace(&mut self.is_empty, false) { "" } else { "," };
        write!(self.file, "{comma}{}", json(entry)?).map_err(unwritable)
    }

    fn pour(self) -> Result<(), Failure> {
        let mut file = self.file.into_inner().map_err(|error| unwritable(error.into_error()))?;
        file.rewind().map_err(unwritable)?;
        let mut out = std::io::stdout().lock();
        let mut part = Vec::new();
        loop {
            part.clear();
            let read = (&mut file).take(1 << 16).read_to_end(&mut part).map_err(unwritable)?;
            // A reader that went away is no error of ours.
            if read == 0 || out.write_all(&part).is_err() {
                return Ok(());
            }
        }
    }
}

/// The end of an operation, if that is what happened.
fn ended(happening: &Happening) -> Option<Ended> {
    let (operation, state) = (happening.operation?, happening.record.state()?);
    (!state.is_open()).then_some(Ended { t: happening.at, operation, state })
}

fn is_same(one: &Ticket, other: &Ticket) -> bool {
    (one.opened, one.kind, &one.name, &one.pair) == (other.opened, other.kind, &other.name, &other.pair)
}

fn unwritable(error: std::io::Error) -> Failure {
    Failure::usage(format!("cannot use a temporary file: {error}"))
}

fn print(line: &Line<'_>) -> Result<(), Failure> {
    stdout(&format!("{}\n", json(line)?));
    Ok(())
}

fn json(document: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string(document).map_err(Failure::usage)
}
