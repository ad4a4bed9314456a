//! `leeway breaker reset`: closes an open breaker, and records who did.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Subcommand;
use jiff::Timestamp;
use leeway_engine::{Entry, Record, RecordId};
use leeway_store::{Ledger, LedgerReader};

use crate::exit::{CommandResult, Exit, Failure};
use crate::terminal;

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Close the open breaker of a target, so that the enforcer acts again
    Reset {
        /// The target's name, such as `acme`, or the blueprint's
        target: String,
        /// The data folder of the enforcer
        #[arg(long, default_value = "./leeway-data")]
        data: PathBuf,
    },
}

pub(crate) fn breaker(args: Args) -> CommandResult {
    let Command::Reset { target, data } = args.command;
    let reader = LedgerReader::open(&data).map_err(Failure::usage)?;
    let mut governed: Vec<Governed> = Vec::new();
    let mut after = RecordId(0);
    loop {
        let page = reader.entries_after(after).map_err(Failure::usage)?;
        let Some((last, _)) = page.last() else { break };
        after = *last;
        for (_, entry) in page {
            note(&mut governed, entry);
        }
    }
    let known: Vec<String> = governed.iter().map(|known| format!("`{}`", known.target)).collect();
    let mut of_target: Vec<Governed> =
        governed.into_iter().filter(|known| *known.target == *target || *known.blueprint == *target).collect();
    if of_target.is_empty() {
        return Err(Failure::usage(format!("the ledger knows no target `{target}`")).help(if known.is_empty() {
            "it governs none yet".to_owned()
        } else {
            format!("it knows {}", known.join(", "))
        }));
    }
    of_target.retain(|known| known.open);
    if of_target.is_empty() {
        terminal::stdout(&format!("the breaker of `{target}` is closed; nothing to reset\n"));
        return Ok(Exit::Success);
    }
    let mut ledger = Ledger::open_beside(&data).map_err(Failure::usage)?;
    for known in of_target {
        let record = Record::BreakerReset { by: who().into() };
        let entry = Entry { at: Timestamp::now(), blueprint: known.blueprint, operation: None, record };
        let id = ledger.append(&entry).map_err(Failure::usage)?;
        terminal::stdout(&format!("the breaker of `{}` is closed (record {id})\n", known.target));
    }
    Ok(Exit::Success)
}

/// A target that the ledger tells of, and whether its breaker is open.
struct Governed {
    blueprint: Arc<str>,
    target: Arc<str>,
    open: bool,
}

fn note(governed: &mut Vec<Governed>, entry: Entry) {
    let opened = matches!(entry.record, Record::BreakerOpened { .. });
    if let Record::Started { target, .. } = &entry.record {
        // A blueprint that governs another target now is known by that.
        let known = governed.iter().position(|known| known.blueprint == entry.blueprint);
        let open =
            known.map(|at| governed.remove(at)).is_some_and(|before| before.open && before.target == target.name);
        governed.push(Governed { blueprint: entry.blueprint.clone(), target: target.name.clone(), open });
    }
    if let (true, Some(known)) = (
        opened || matches!(entry.record, Record::BreakerReset { .. }),
        governed.iter_mut().find(|known| known.blueprint == entry.blueprint),
    ) {
        known.open = opened;
    }
}

fn who() -> String {
    let name = std::env::var("USER").unwrap_or_else(|_| "cli".to_owned());
    format!("human:{}", terminal::harmless(&name))
}
