//! `leeway audit export`: the runs of one target as a history that can be played again.

use std::collections::BTreeMap;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::sync::Arc;

use leeway_engine::{Entry, Line, Record, Transcript};
use leeway_ir::Target;
use leeway_store::LedgerReader;

use crate::audit::broken;
use crate::exit::{CommandResult, Exit, Failure};
use crate::series::{Place, written};

/// A blueprint, and the target that it governed.
type Governed = (Arc<str>, Target);

/// Of which target each blueprint's records tell at a place in the ledger.
#[derive(Default)]
struct Targets(BTreeMap<Arc<str>, Target>);

impl Targets {
    /// What the next record tells of.
    fn of(&mut self, entry: &Entry) -> Option<Governed> {
        if let Record::Started { target, .. } = &entry.record {
            self.0.insert(entry.blueprint.clone(), target.clone());
        }
        let target = self.0.get(&entry.blueprint)?.clone();
        Some((entry.blueprint.clone(), target))
    }
}

pub(super) fn export(data: &Path, wanted: Option<&str>) -> CommandResult {
    let reader = LedgerReader::open(data).map_err(Failure::usage)?;
    // The whole chain is looked at before the first line: a line of a broken one would pass for what was recorded.
    let mut all: Vec<Governed> = Vec::new();
    let mut targets = Targets::default();
    let note = |_, entry: Entry| {
        let started = matches!(entry.record, Record::Started { .. });
        if let Some(governed) = targets.of(&entry).filter(|governed| started && !all.contains(governed)) {
            all.push(governed);
        }
    };
    reader.walk(note).map_err(broken)?;
    let governed = one_of(&all, wanted)?;

    let mut output = BufWriter::new(std::io::stdout().lock());
    let mut transcript = Transcript::default();
    let mut targets = Targets::default();
    let mut failed = None;
    let mut number = 0;
    let mut write = |line: &Line, is_last: bool| {
        number += 1;
        if failed.is_none() {
            failed = writeln!(output, "{}", written(line, Some(Place { number, is_last }))).err();
        }
    };
    let mut tell = |id, entry: Entry| {
        if targets.of(&entry).as_ref() == Some(&governed)
            && let Some(line) = transcript.hear(id, entry)
        {
            write(&line, false);
        }
    };
    reader.walk(&mut tell).map_err(broken)?;
    if let Some(line) = transcript.finish() {
        write(&line, true);
    }
    match failed.or_else(|| output.flush().err()) {
        None => Ok(Exit::Success),
        // A reader that went away has what it wanted.
        Some(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(Exit::Success),
        Some(error) => Err(Failure::usage(format!("cannot write the history: {error}"))),
    }
}

fn one_of(all: &[Governed], wanted: Option<&str>) -> Result<Governed, Failure> {
    let told = |all: &[&Governed]| {
        let told: Vec<String> =
            all.iter().map(|(blueprint, target)| format!("`{}` by `{blueprint}`", target.name)).collect();
        told.join(", ")
    };
    let is_wanted =
        |(blueprint, target): &&Governed| wanted.is_none_or(|name| *name == **blueprint || *name == *target.name);
    let found: Vec<&Governed> = all.iter().filter(is_wanted).collect();
    match found.as_slice() {
        [one] => Ok((*one).clone()),
        [] => Err(match wanted {
            Some(name) if !all.is_empty() => Failure::usage(format!("the ledger knows no target `{name}`"))
                .help(format!("it tells of {}", told(&all.iter().collect::<Vec<_>>()))),
            Some(_) | None => Failure::usage("the ledger tells of no run").help("`leeway run` writes one"),
        }),
        several => Err(Failure::usage("the ledger tells of several targets")
            .help(format!("say which with `--target`: {}", told(several)))),
    }
}
