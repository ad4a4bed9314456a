//! `leeway run`: the enforcer.

use std::path::PathBuf;
use std::sync::Arc;

use leeway_controller::{Enforcer, Settings};
use leeway_store::{Ledger, Writer};

use crate::approver::Approver;
use crate::blueprint::compile_all;
use crate::config::Config;
use crate::exit::{CommandResult, Exit, Failure};
use crate::narrate::Narrator;
use crate::terminal;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Blueprints, or folders with some; the current folder without any
    paths: Vec<PathBuf>,
    /// Where targets are reached; `leeway.toml` here, if there is one
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Decide and record, but do nothing
    #[arg(long)]
    dry_run: bool,
    /// Where the ledger lies
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

pub(crate) fn run(args: Args) -> CommandResult {
    log_to_stderr();
    // Everything that can be wrong is found before anything is touched.
    let policies = compile_all(&args.paths)?;
    let config = Config::read(args.config.as_deref())?;
    let mut governed: Vec<(leeway_ir::Policy, Box<dyn leeway_providers::Provider>)> = Vec::new();
    for policy in policies {
        if let Some((other, _)) = governed.iter().find(|(other, _)| other.target == policy.target) {
            let (one, two, target) = (&other.blueprint, &policy.blueprint, &policy.target.name);
            return Err(Failure::errors(format!("`{one}` and `{two}` both govern `{target}`"))
                .help("a target has one blueprint; join the two"));
        }
        let provider = config.provider(&policy)?;
        governed.push((policy, provider));
    }
    let data = config.data(args.data);
    let ledger = Ledger::open(&data).map_err(Failure::errors)?;
    let settings = Settings { dry_run: args.dry_run };
    runtime()?.block_on(async {
        let writer = Arc::new(Writer::start(ledger).map_err(Failure::errors)?);
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let mut loops = tokio::task::JoinSet::new();
        for (policy, provider) in governed {
            let policy = Arc::new(policy);
            let (enforcer, handle) = Enforcer::new(policy.as_ref().clone(), provider, writer.clone(), settings)
                .await
                .map_err(Failure::errors)?;
            let approver = Approver { interactive: terminal::is_interactive(), stand_in_after: None };
            let narrator = Narrator::new(policy.clone(), None, handle, approver);
            tokio::spawn(narrator.tell(enforcer.watch()));
            let target = &policy.target;
            let how = if settings.dry_run { "watching, without acting," } else { "enforcing" };
            terminal::stdout(&format!(
                "{how} `{}` on {}(\"{}\"); ledger in {}\n",
                policy.blueprint,
                target.kind,
                target.name,
                data.display()
            ));
            let mut stopped = stopped.clone();
            loops.spawn(enforcer.run(async move {
                // A sender that is gone stops the loop as well.
                let _ = stopped.wait_for(|stop| *stop).await;
            }));
        }
        let mut result = Ok(Exit::Success);
        tokio::select! {
            () = told_to_stop() => {}
            ended = loops.join_next() => result = ended_early(ended),
        }
        // An operation in the middle of a call ends it and records it before the loop stops.
        let _ = stop.send(true);
        while let Some(ended) = loops.join_next().await {
            if result.is_ok() {
                result = ended_early(Some(ended));
            }
        }
        result
    })
}

fn ended_early(
    ended: Option<Result<Result<(), leeway_controller::EnforceError>, tokio::task::JoinError>>,
) -> Result<Exit, Failure> {
    match ended {
        Some(Ok(Ok(()))) | None => Ok(Exit::Success),
        Some(Ok(Err(error))) => Err(Failure::errors(error)),
        Some(Err(error)) => Err(Failure::errors(format!("an enforcing loop broke off: {error}"))),
    }
}

/// Completes on ctrl-c or SIGTERM.
pub(crate) async fn told_to_stop() {
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminate => {}
    }
}

/// The runtime of every command that talks to something.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::usage(format!("cannot start: {error}")))
}

/// Logs go to standard error, never among what a command prints.
pub(crate) fn log_to_stderr() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("LEEWAY_LOG").unwrap_or_else(|_| "warn".into());
    // A second call finds a subscriber in place, which is fine.
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init();
}
