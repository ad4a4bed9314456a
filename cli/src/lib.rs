//! The command line: one file a command, one enum of exit codes.

mod approver;
mod audit;
mod blueprint;
mod breaker;
mod bundle;
mod check;
mod compile;
mod config;
mod decide;
mod demo;
mod diff;
mod exit;
mod explain;
mod fix;
mod fmt;
mod init;
mod narrate;
mod process;
mod rate_limiter;
mod report;
mod run;
mod series;
mod simulate;
mod table;
mod terminal;
mod test;
mod verdict;
mod verify;
mod whole_file;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::exit::{Exit, Failure};

/// How much leeway an agent has, and holding it to that.
#[derive(Parser)]
#[command(name = "leeway", version, propagate_version = true, max_term_width = 120, after_help = EXIT_CODES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write a first blueprint, with tests, into the folder you are in
    Init(init::Args),
    /// Parse, type-check and check the authority of blueprints
    Check(check::Args),
    /// Explain a finding of the compiler
    Explain(explain::Args),
    /// Write blueprints in the one style
    Fmt(fmt::Args),
    /// Run the tests of blueprints and policies
    Test(test::Args),
    /// One verdict on one proposal, without a daemon
    Decide(decide::Args),
    /// What a policy would have done over a recorded history
    Simulate(simulate::Args),
    /// One history through two policies, and what differs
    Diff(diff::Args),
    /// How an operation turned out, on its evidence alone
    Verify(verify::Args),
    /// Write a blueprint compiled: a bundle that runs elsewhere, or JSON for other programs
    Compile(compile::Args),
    /// Enforce blueprints on live targets
    Run(run::Args),
    /// Read and check the ledger
    Audit(audit::Args),
    /// The breaker that stops everything after failures in a row
    Breaker(breaker::Args),
    /// Rate limiter, load and enforcer on this machine, with no set-up
    Demo(demo::Args),
    /// The rate limiter that the demo governs, as a process of its own
    RateLimiter(rate_limiter::Args),
}

const EXIT_CODES: &str = "\
Exit codes:
  0  it went well; a proposal is allowed
  1  what was looked at has errors
  2  the command line is wrong, or something cannot be read or written
  3  a proposal needs approval
  4  a proposal is forbidden
  5  something is newly permitted
  6  an operation failed
  7  its outcome cannot be told";

/// Runs the command line and gives its exit code.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse_from(simulate::joined(std::env::args_os())) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version go to standard output and are no failure.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage.into() } else { Exit::Success.into() };
        }
    };
    let result = match cli.command {
        Command::Check(args) => check::check(args),
        Command::Fmt(args) => fmt::fmt(args),
        Command::Test(args) => test::test(args),
        Command::Compile(args) => compile::compile(args),
        Command::Explain(args) => explain::explain(args),
        Command::Init(args) => init::init(args),
        Command::Decide(args) => decide::decide(args),
        Command::Simulate(args) => simulate::simulate(args),
        Command::Diff(args) => diff::diff(args),
        Command::Verify(args) => verify::verify(args),
        Command::Run(args) => run::run(args),
        Command::Demo(args) => demo::demo(args),
        Command::RateLimiter(args) => rate_limiter::rate_limiter(args),
        Command::Audit(args) => audit::audit(args),
        Command::Breaker(args) => breaker::breaker(args),
    };
    let result = result.and_then(|exit| match terminal::unwritten() {
        Some(why) => Err(Failure::usage(format!("cannot write to standard output: {why}"))),
        None => Ok(exit),
    });
    match result {
        Ok(exit) => exit.into(),
        Err(failure) => failure.print(),
    }
}
