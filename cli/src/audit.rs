//! `leeway audit`: reads and checks the ledger, also without a daemon.

mod export;

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};
use leeway_engine::{OperationId, RecordId};
use leeway_store::{Filter, LedgerReader, StoreError, Stored};

use crate::exit::{CommandResult, Exit, Failure};
use crate::narrate::summary;
use crate::terminal::stdout;

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// List records, oldest first
    List {
        #[command(flatten)]
        place: Place,
        /// Only records of this operation
        #[arg(long, value_name = "N")]
        operation: Option<u64>,
        /// Only records of this kind, such as `decided`
        #[arg(long)]
        kind: Option<String>,
        /// Samples too: one record a second
        #[arg(long)]
        all: bool,
        /// How they are written
        #[arg(long, value_enum, default_value_t = Format::Human)]
        format: Format,
    },
    /// Show one record whole
    Show {
        /// Its number
        id: u64,
        #[command(flatten)]
        place: Place,
    },
    /// Check that no record was changed, removed, reordered or cut off
    Verify {
        #[command(flatten)]
        place: Place,
    },
    /// Write what reached the enforcer as JSON lines, a history that `leeway simulate --series` plays again
    Export {
        #[command(flatten)]
        place: Place,
        /// The target's name, such as `acme`, or the blueprint's; needed where the ledger tells of several
        #[arg(long, value_name = "NAME")]
        target: Option<String>,
    },
}

#[derive(clap::Args)]
struct Place {
    /// The data folder of the enforcer
    #[arg(long, default_value = "./leeway-data", value_name = "DIR")]
    data: PathBuf,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Human,
    Jsonl,
}

pub(crate) fn audit(args: Args) -> CommandResult {
    match args.command {
        Command::List { place, operation, kind, all, format } => {
            let reader = LedgerReader::open(&place.data).map_err(Failure::usage)?;
            let mut filter = Filter { kind, operation: operation.map(OperationId), ..Filter::default() };
            loop {
                let page = reader.list(&filter).map_err(Failure::usage)?;
                let Some(last) = page.last() else { return Ok(Exit::Success) };
                filter.after = Some(last.id);
                for stored in &page {
                    let is_sample = stored.entry.record.kind() == "observed";
                    if is_sample && !all && filter.kind.as_deref() != Some("observed") {
                        continue;
                    }
                    stdout(&line(stored, format)?);
                }
            }
        }
        Command::Show { id, place } => {
            let reader = LedgerReader::open(&place.data).map_err(Failure::usage)?;
            let Some(stored) = reader.show(RecordId(id)).map_err(Failure::usage)? else {
                return Err(Failure::usage(format!("there is no record {id}")).help("`leeway audit list` names them"));
            };
            stdout(&format!("{}\n", serde_json::to_string_pretty(&document(&stored)?).map_err(Failure::usage)?));
            Ok(Exit::Success)
        }
        Command::Verify { place } => {
            let reader = LedgerReader::open(&place.data).map_err(Failure::usage)?;
            let whole = reader.verify().map_err(broken)?;
            stdout(&format!("{} records, none changed, removed, reordered or cut off\n", whole.records));
            stdout(&format!("the last record's hash is {}\n", whole.head));
            Ok(Exit::Success)
        }
        Command::Export { place, target } => export::export(&place.data, target.as_deref()),
    }
}

/// Why a chain does not hold.
fn broken(error: StoreError) -> Failure {
    if let StoreError::Damaged { fault, .. } = error {
        Failure::errors(format!("the chain is broken: {fault}"))
            .help("every record before it is as it was written; look at it with `leeway audit show`")
    } else if matches!(error, StoreError::Missing { .. } | StoreError::Newer { .. } | StoreError::Directory { .. }) {
        Failure::usage(error)
    } else {
        // Tables that are gone, or a file that is no database any more: somebody was at it.
        Failure::errors(format!("the chain cannot be read: {error}"))
    }
}

fn document(stored: &Stored) -> Result<serde_json::Value, Failure> {
    let mut document = serde_json::to_value(&stored.entry).map_err(Failure::usage)?;
    if let Some(members) = document.as_object_mut() {
        members.insert("id".to_owned(), stored.id.0.into());
        members.insert("previous".to_owned(), stored.previous.as_str().into());
        members.insert("hash".to_owned(), stored.hash.as_str().into());
    }
    Ok(document)
}

fn line(stored: &Stored, format: Format) -> Result<String, Failure> {
    Ok(match format {
        Format::Jsonl => format!("{}\n", document(stored)?),
        Format::Human => {
            let entry = &stored.entry;
            let operation = entry.operation.map_or_else(String::new, |operation| operation.to_string());
            let time = entry.at.strftime("%Y-%m-%d %H:%M:%S%.3f");
            format!("{:>6}  {time}  {operation:>6}  {:<14} {}\n", stored.id.0, entry.record.kind(), summary(entry))
        }
    })
}
