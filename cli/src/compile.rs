//! `leeway compile`: the policy IR of one blueprint, for other programs; the form of blueprints in YAML, for editors.

use std::path::PathBuf;

use clap::ValueEnum;

use crate::blueprint::compile_one;
use crate::exit::{CommandResult, Exit, Failure};
use crate::terminal;
use crate::whole_file;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The blueprint; a schema needs none
    path: Option<PathBuf>,
    /// Which one, when the file holds several
    #[arg(long, value_name = "NAME")]
    blueprint: Option<String>,
    /// What is written
    #[arg(long, value_enum)]
    emit: Emit,
    /// Where to; standard output without it
    #[arg(short, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Emit {
    /// The policy as one JSON document
    IrJson,
    /// A JSON Schema of blueprints in YAML, for editors
    Schema,
}

pub(crate) fn compile(args: Args) -> CommandResult {
    let document = match (args.emit, &args.path) {
        (Emit::Schema, _) => serde_json::to_string_pretty(&leeway_syntax::yaml::schema()),
        (Emit::IrJson, Some(path)) => serde_json::to_string_pretty(&compile_one(path, args.blueprint.as_deref())?),
        (Emit::IrJson, None) => return Err(Failure::usage("no blueprint is named").help("name its file")),
    };
    let document = document.map_err(|error| Failure::errors(format!("this cannot be written as JSON: {error}")))?;
    match &args.output {
        None => terminal::stdout(&format!("{document}\n")),
        Some(path) => whole_file::write(path, &format!("{document}\n"))?,
    }
    Ok(Exit::Success)
}
