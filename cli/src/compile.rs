//! `leeway compile`: the policy IR of one blueprint, for other programs.

use std::path::PathBuf;

use clap::ValueEnum;

use crate::blueprint::compile_one;
use crate::exit::{CommandResult, Exit, Failure};
use crate::terminal;
use crate::whole_file;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The blueprint
    path: PathBuf,
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
}

pub(crate) fn compile(args: Args) -> CommandResult {
    let policy = compile_one(&args.path, args.blueprint.as_deref())?;
    let document = match args.emit {
        Emit::IrJson => serde_json::to_string_pretty(&policy)
            .map_err(|error| Failure::errors(format!("the policy cannot be written as JSON: {error}")))?,
    };
    match &args.output {
        None => terminal::stdout(&format!("{document}\n")),
        Some(path) => whole_file::write(path, &format!("{document}\n"))?,
    }
    Ok(Exit::Success)
}
