//! A simulation as JSON: one document, or a line for everything that happens.

use std::io::{Read as _, Seek as _, Write as _};
use std::sync::Arc;

use jiff::Timestamp;
use leeway_engine::{Happening, OperationId, Record, Summary, Ticket, Verdict};
use serde::Serialize;

use crate::exit::Failure;
use crate::simulate::reading::Reading;
use crate::simulate::standing::{Standing, Standings};
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

/// The numbers, and what one must know before believing them.
#[derive(Serialize)]
pub(crate) struct Sum {
    #[serde(flatten)]
    summary: Summary,
    rows_skipped: u64,
    warnings: Vec<String>,
    assumptions: Vec<String>,
}

impl Sum {
    /// At the end of the history.
    pub(crate) fn of(track: &Track, reading: &Reading) -> Sum {
        let (warnings, assumptions) = (track.warnings(reading), track.assumptions().to_vec());
        Sum { summary: track.summary(), rows_skipped: reading.rows_skipped(), warnings, assumptions }
    }

    pub(crate) fn summary(&self) -> &Summary {
        &self.summary
    }
}

/// One line of a stream.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Line<'a> {
    Decision(&'a Decided),
    Outcome(&'a Standing),
    Ticket(&'a Ticket),
    Summary(&'a Sum),
}

/// The same, where lines of several blueprints are mixed.
#[derive(Serialize)]
struct Named<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    blueprint: Option<&'a str>,
    #[serde(flatten)]
    line: Line<'a>,
}

/// Writes what is heard.
pub(crate) struct Documents {
    stream: Stream,
    /// What every line or document names, where there are several blueprints.
    blueprint: Option<Arc<str>>,
    standings: Standings,
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
    pub(crate) fn new(stream: Stream, blueprint: Option<&str>) -> Result<Documents, Failure> {
        let (decisions, outcomes) = (Spool::new()?, Spool::new()?);
        let (blueprint, standings) = (blueprint.map(Arc::from), Standings::default());
        Ok(Documents { stream, blueprint, standings, decisions, outcomes, tickets: Vec::new() })
    }

    pub(crate) fn hear(&mut self, played: &Played) -> Result<(), Failure> {
        match self.stream {
            Stream::Nothing => {}
            Stream::Kept => {
                decided(&played.happened).try_for_each(|decided| self.decisions.add(&decided))?;
                let mut ended = played.happened.iter().filter_map(|happening| self.standings.ended(happening));
                ended.try_for_each(|ended| self.outcomes.add(&ended))?;
                for ticket in &played.tickets {
                    match ticket.closes(&mut self.tickets) {
                        Some(known) => *known = ticket.clone(),
                        None => self.tickets.push(ticket.clone()),
                    }
                }
            }
            Stream::Lines => {
                for happening in &played.happened {
                    decided(std::slice::from_ref(happening))
                        .try_for_each(|decided| self.print(Line::Decision(&decided)))?;
                    self.standings.ended(happening).map_or(Ok(()), |ended| self.print(Line::Outcome(&ended)))?;
                }
                played.tickets.iter().try_for_each(|ticket| self.print(Line::Ticket(ticket)))?;
            }
        }
        Ok(())
    }

    /// The end of it: the last line, or the document without a line's end.
    fn finish(self, sum: &Sum) -> Result<(), Failure> {
        match self.stream {
            Stream::Nothing => Ok(()),
            Stream::Lines => self.print(Line::Summary(sum)),
            Stream::Kept => {
                let name = self.blueprint.as_ref().map(|name| Ok(format!("\"blueprint\":{},", json(name)?)));
                let name = name.transpose()?.unwrap_or_default();
                stdout(&format!("{{{name}\"summary\":{},\"decisions\":[", json(sum)?));
                self.decisions.pour()?;
                stdout("],\"outcomes\":[");
                self.outcomes.pour()?;
                stdout(&format!("],\"tickets\":{}}}", json(&self.tickets)?));
                Ok(())
            }
        }
    }

    /// In one piece: another blueprint may be printing as well.
    fn print(&self, line: Line<'_>) -> Result<(), Failure> {
        let line = Named { blueprint: self.blueprint.as_deref(), line };
        stdout(&format!("{}\n", json(&line)?));
        Ok(())
    }
}

/// The end of all of them, once each was played to its end.
pub(crate) fn finish(stream: Stream, is_list: bool, ended: Vec<(Documents, Sum)>) -> Result<(), Failure> {
    let (head, tail) = match (stream, is_list) {
        (Stream::Nothing | Stream::Lines, _) => ("", ""),
        (Stream::Kept, false) => ("", "\n"),
        (Stream::Kept, true) => ("{\"simulations\":[", "]}\n"),
    };
    stdout(head);
    for (place, (documents, sum)) in ended.into_iter().enumerate() {
        if stream == Stream::Kept && place > 0 {
            stdout(",");
        }
        documents.finish(&sum)?;
    }
    stdout(tail);
    Ok(())
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

fn unwritable(error: std::io::Error) -> Failure {
    Failure::usage(format!("cannot use a temporary file: {error}"))
}

fn json(document: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string(document).map_err(Failure::usage)
}
