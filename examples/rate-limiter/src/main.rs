//! The rate limiter as a program of its own: `rate-limiter serve` and `rate-limiter load`.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use leeway_rate_limiter::command::{LoadArgs, ServeArgs, load, serve};

/// A token-bucket rate limiter, and a load to try it with
#[derive(Debug, Parser)]
#[command(name = "rate-limiter", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Limit requests on loopback
    Serve(ServeArgs),
    /// Send a paced load to a rate limiter on this machine
    Load(LoadArgs),
}

#[tokio::main]
async fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Serve(args) => serve(args).await.map_err(|error| error.to_string()),
        Command::Load(args) => load(args).await.map_err(|error| error.to_string()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}
