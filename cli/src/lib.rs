//! The command line: one file a command, one enum of exit codes.

mod approver;
mod audit;
mod blueprint;
mod breaker;
mod check;
mod config;
mod decide;
mod demo;
mod exit;
mod narrate;
mod process;
mod rate_limiter;
mod run;
mod table;
mod terminal;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::exit::Exit;

/// How much leeway an agent has, and holding it to that.
#[derive(Parser)]
#[command(name = "leeway", version, propagate_version = true, max_term_width = 120)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Parse, type-check and check the authority of blueprints
    Check(check::Args),
    /// One verdict on one proposal, without a daemon
    Decide(decide::Args),
    /// Enforce blueprints on live targets
    Run(run::Args),
    /// Rate limiter, load and enforcer on this machine, with no set-up
    Demo(demo::Args),
    /// The rate limiter that the demo governs, as a process of its own
    RateLimiter(rate_limiter::Args),
    /// Read and check the ledger
    Audit(audit::Args),
    /// The breaker that stops everything after failures in a row
    Breaker(breaker::Args),
}

/// Runs the command line and gives its exit code.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version go to standard output and are no failure.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage.into() } else { Exit::Success.into() };
        }
    };
    let result = match cli.command {
        Command::Check(args) => check::check(args),
        Command::Decide(args) => decide::decide(args),
        Command::Run(args) => run::run(args),
        Command::Demo(args) => demo::demo(args),
        Command::RateLimiter(args) => rate_limiter::rate_limiter(args),
        Command::Audit(args) => audit::audit(args),
        Command::Breaker(args) => breaker::breaker(args),
    };
    match result {
        Ok(exit) => exit.into(),
        Err(failure) => failure.print(),
    }
}
