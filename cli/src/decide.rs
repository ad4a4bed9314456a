//! `leeway decide`: one verdict, by the function that the enforcer uses.

mod document;
mod state;

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::ValueEnum;
use jiff::Timestamp;
use leeway_engine::{Principal, Proposal, Tier, Verdict, evaluate, explain, propose};
use leeway_ir::Policy;
use leeway_units::Call;
use owo_colors::OwoColorize as _;
use serde::Serialize;

use crate::blueprint::compile_one;
use crate::decide::document::Node;
use crate::decide::state::{State, read_state};
use crate::exit::{CommandResult, Exit, Failure};
use crate::terminal::stdout;
use crate::verdict::verdict_lines;

#[derive(clap::Args)]
#[command(after_help = "Exit codes: 0 allowed, 3 approval required, 4 forbidden")]
pub(crate) struct Args {
    /// The blueprint
    path: PathBuf,
    /// Which one, when the file holds several
    #[arg(long, value_name = "NAME")]
    blueprint: Option<String>,
    /// The call to decide on, such as 'scale(to: 6)'; without it, what the rules would propose
    #[arg(long, value_name = "CALL")]
    propose: Option<String>,
    /// Facts, metrics and history as JSON; `-` reads standard input. What it does not say is unknown
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// Who proposes, such as agent:atlas; before the state's own `actor`, and human:cli without either
    #[arg(long)]
    actor: Option<String>,
    /// The roles of who proposes, with commas between several
    #[arg(long, value_delimiter = ',')]
    roles: Vec<String>,
    /// The moment to decide at, such as 2026-01-01T12:00:00Z; before the state's own `at`, and needed without it
    #[arg(long, value_name = "RFC3339")]
    at: Option<Timestamp>,
    /// How the verdict is written
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Human,
    Json,
    Jsonl,
}

/// State documents are at most this long.
const STATE_BYTES_MAX: u64 = 1 << 20;

pub(crate) fn decide(args: Args) -> CommandResult {
    let policy = compile_one(&args.path, args.blueprint.as_deref())?;
    let document = match &args.state {
        Some(path) => Node::parse(&read_document(path)?).map_err(|error| state_error(path, &error))?,
        None => Node::empty(),
    };
    let state = read_state(&policy, &document, args.at)
        .map_err(|error| state_error(args.state.as_deref().unwrap_or(Path::new("-")), &error))?
        .ok_or_else(|| {
            Failure::usage("no moment to decide at").help("give `--at 2026-01-01T12:00:00Z`, or `\"at\"` in the state")
        })?;
    match &args.propose {
        Some(text) => {
            let call = Call::parse(text).map_err(Failure::usage)?;
            let actors = actors(&args, &state)?;
            let verdict = verdict(
                &policy,
                &state,
                &Proposal { call, actors, claims: Vec::new(), because: None, conflicts_with: None },
            );
            let tier = verdict.tier;
            print_one(&verdict, args.format)?;
            Ok(exit(tier))
        }
        None => decide_rules(&policy, &state, args.format),
    }
}

/// The flag before the state before `human:cli`. `--roles` are the roles of the last, who acts.
fn actors(args: &Args, state: &State) -> Result<Vec<Principal>, Failure> {
    let mut actors = match (&args.actor, &state.actors) {
        (None, Some(actors)) => actors.clone(),
        (flag, _) => vec![Principal::parse(flag.as_deref().unwrap_or("human:cli")).map_err(Failure::usage)?],
    };
    if let Some(actor) = actors.last_mut() {
        actor.roles.extend(args.roles.iter().map(|role| role.as_str().into()));
    }
    Ok(actors)
}

fn decide_rules(policy: &Policy, state: &State, format: Format) -> CommandResult {
    let mut strictest = Tier::Allowed;
    let mut decisions = Vec::new();
    for said in propose(policy, &state.snapshot, &state.history) {
        let Some(proposal) = said.proposal else { continue };
        let verdict = verdict(policy, state, &proposal);
        strictest = strictest.max(verdict.tier);
        let rule = policy.rules.get(usize::from(said.rule.0)).map(|rule| rule.name.clone()).unwrap_or_default();
        if format == Format::Human {
            let because = proposal.because.map_or_else(String::new, |because| format!(" — {because}"));
            stdout(&format!("rule {rule} proposes {}{because}\n", verdict.proposal.bold()));
            print_one(&verdict, format)?;
        }
        decisions.push(RuleDecision { rule, verdict });
    }
    match format {
        Format::Human if decisions.is_empty() => stdout("no rule proposes anything\n"),
        Format::Human => {}
        Format::Json => stdout(&line(&Decisions { decisions })?),
        Format::Jsonl => decisions.iter().try_for_each(|decision| line(decision).map(|line| stdout(&line)))?,
    }
    Ok(exit(strictest))
}

/// What the rules would do, in the shape of the contract.
#[derive(Serialize)]
struct Decisions {
    decisions: Vec<RuleDecision>,
}

#[derive(Serialize)]
struct RuleDecision {
    rule: Arc<str>,
    #[serde(flatten)]
    verdict: Verdict,
}

fn line(document: &impl Serialize) -> Result<String, Failure> {
    Ok(format!("{}\n", serde_json::to_string(document).map_err(Failure::usage)?))
}

fn verdict(policy: &Policy, state: &State, proposal: &Proposal) -> Verdict {
    let decision = evaluate(policy, &state.snapshot, &state.history, proposal);
    explain(policy, &state.snapshot, &state.history, &decision)
}

fn print_one(verdict: &Verdict, format: Format) -> Result<(), Failure> {
    match format {
        Format::Human => stdout(&format!("{}\n", verdict_lines(verdict).join("\n"))),
        Format::Json | Format::Jsonl => stdout(&line(verdict)?),
    }
    Ok(())
}

fn exit(tier: Tier) -> Exit {
    match tier {
        Tier::Allowed => Exit::Success,
        Tier::ApprovalRequired => Exit::ApprovalRequired,
        Tier::Forbidden => Exit::Forbidden,
    }
}

fn read_document(path: &Path) -> Result<String, Failure> {
    let cannot = |error: std::io::Error| Failure::usage(format!("cannot read `{}`: {error}", path.display()));
    let mut text = String::new();
    let limit = STATE_BYTES_MAX + 1;
    if path == Path::new("-") {
        std::io::stdin().take(limit).read_to_string(&mut text).map_err(cannot)?;
    } else {
        std::fs::File::open(path).map_err(cannot)?.take(limit).read_to_string(&mut text).map_err(cannot)?;
    }
    if text.len() as u64 > STATE_BYTES_MAX {
        return Err(Failure::errors(format!("`{}` is over {STATE_BYTES_MAX} bytes long", path.display())));
    }
    Ok(text)
}

fn state_error(path: &Path, error: &document::DocumentError) -> Failure {
    let name = if path == Path::new("-") { "the state".to_owned() } else { format!("`{}`", path.display()) };
    Failure::errors(format!("{name}: {error}"))
}
