//! `leeway rate-limiter`: the reference target as a process of its own, and load for it.

use clap::Subcommand;
use leeway_rate_limiter::command::{LoadArgs, ServeArgs, load, serve};

use crate::exit::{CommandResult, Exit, Failure};

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the rate limiter until it is told to stop
    Serve(ServeArgs),
    /// Send a steady load and print how it is answered
    Load(LoadArgs),
}

pub(crate) fn rate_limiter(args: Args) -> CommandResult {
    let runtime = crate::process::runtime()?;
    runtime.block_on(async {
        match args.command {
            Command::Serve(args) => serve(args).await.map_err(Failure::usage),
            Command::Load(args) => load(args).await.map_err(Failure::usage),
        }
    })?;
    Ok(Exit::Success)
}
