//! `leeway run`: the enforcer.

use std::path::PathBuf;
use std::sync::Arc;

use leeway_controller::Enforcer;
use leeway_engine::{Mode, Standing};
use leeway_store::{Ledger, Writer};

use crate::approver::Approver;
use crate::blueprint::policies;
use crate::config::Config;
use crate::exit::{CommandResult, Exit, Failure};
use crate::narrate::Narrator;
use crate::process;
use crate::terminal;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Blueprints, folders with some, or bundles; the current folder without any
    paths: Vec<PathBuf>,
    /// Take only bundles that this public key has signed, or another that is trusted; may be given several times
    #[arg(long, value_name = "KEY.pub")]
    trust: Vec<PathBuf>,
    /// Where targets are reached; the workspace's `leeway.toml`, if there is one
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
    process::log_to_stderr();
    // Everything that can be wrong is found before anything is touched.
    let config = Config::read(args.config.as_deref())?;
    let mut governed: Vec<(leeway_ir::Policy, Box<dyn leeway_providers::Provider>)> = Vec::new();
    for policy in policies(&args.paths, &args.trust, &config)? {
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
    let mode = if args.dry_run { Mode::DryRun } else { Mode::Act };
    process::runtime()?.block_on(async {
        let writer = Arc::new(Writer::start(ledger).map_err(Failure::errors)?);
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let mut loops = tokio::task::JoinSet::new();
        for (policy, provider) in governed {
            let policy = Arc::new(policy);
            let (enforcer, handle) = Enforcer::new(policy.as_ref().clone(), provider, writer.clone(), mode)
                .await
                .map_err(Failure::errors)?;
            let approver = Approver { interactive: terminal::is_interactive(), stand_in_after: None };
            let narrator = Narrator::new(policy.clone(), None, handle, approver);
            tokio::spawn(narrator.tell(enforcer.watch()));
            let target = &policy.target;
            let how = if mode == Mode::DryRun { "watching, without acting," } else { "enforcing" };
            terminal::stdout(&format!(
                "{how} `{}` on {}(\"{}\"); ledger in {}\n",
                policy.blueprint,
                target.kind,
                target.name,
                data.display()
            ));
            tell_standing(&enforcer.standing());
            let mut stopped = stopped.clone();
            loops.spawn(enforcer.run(async move {
                // A sender that is gone stops the loop as well.
                let _ = stopped.wait_for(|stop| *stop).await;
            }));
        }
        let mut result = Ok(Exit::Success);
        tokio::select! {
            () = process::told_to_stop() => {}
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

/// What an earlier run left, for the person who starts the next.
fn tell_standing(standing: &Standing) {
    for (id, state, proposal) in &standing.operations {
        let (state, call) = (state.name().replace('_', " "), terminal::harmless(&proposal.call.to_string()));
        terminal::stdout(&format!("taken up from the ledger: operation {id}, {call}, is {state}\n"));
    }
    if standing.held {
        terminal::stdout("the target is held: every proposal needs a person until evidence decides\n");
    }
    if standing.breaker_open {
        terminal::stdout("the breaker is open: nothing is done until `leeway breaker reset`\n");
    }
}
