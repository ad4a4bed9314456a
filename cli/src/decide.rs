//! `leeway decide`: one verdict, by the function that the enforcer uses.

mod actors;
mod batch;
mod claims;
mod document;
mod flags;
mod foreign;
mod human;
mod infracost;
mod input;
mod literal;
mod members;
mod past;
mod quote;
mod samples;
mod state;
mod tofu;

#[cfg(test)]
mod corruption;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::ValueEnum;
use jiff::Timestamp;
use leeway_diagnostics::SourceMap;
use leeway_engine::{Compiled, Decision, Proposal, Tier, Verdict, propose};
use leeway_ir::Policy;
use leeway_units::Call;
use serde::Serialize;

use crate::blueprint::OneBlueprint;
use crate::decide::claims::read_claims;
use crate::decide::document::Node;
use crate::decide::flags::{Flags, unreadable};
use crate::decide::foreign::Foreign;
use crate::decide::human::Case;
use crate::decide::input::{read_document, refused};
use crate::decide::state::{FactsAre, Reader, State};
use crate::exit::{CommandResult, Exit, Failure};
use crate::terminal::{harmless, stdout};

/// What `leeway verify` reads in the same way.
pub(crate) mod reading {
    pub(crate) use super::document::{DocumentError, Node};
    pub(crate) use super::input::{read_document, refused};
    pub(crate) use super::literal::time;
    pub(crate) use super::members::{Members, Read};
    pub(crate) use super::past::read_before;
    pub(crate) use super::state::{FactsAre, Reader};
}

#[derive(clap::Args)]
#[command(
    after_help = "Exit codes: 0 allowed, 3 approval required, 4 forbidden; of a batch 1 where a line could not be judged"
)]
pub(crate) struct Args {
    #[command(flatten)]
    one: OneBlueprint,
    /// The call to decide on, such as 'scale(to: 6)'; without it, what the rules would propose
    #[arg(long, value_name = "CALL")]
    propose: Option<String>,
    /// Facts, metrics and history as JSON; `-` reads standard input. What it does not say is unknown
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// Facts from a plan (`tofu show -json`, `terraform show -json`) or from Infracost's JSON; may be given for both, and beside
    /// `--state`. `-` reads standard input
    #[arg(long, value_name = "FILE")]
    state_from: Vec<PathBuf>,
    /// What who proposes says that metrics show, as JSON; `-` reads standard input
    #[arg(long, value_name = "FILE", requires = "propose")]
    claims: Option<PathBuf>,
    /// A proposal and its state a line, as JSON; `-` reads standard input. A verdict a line is written, whatever the format
    #[arg(long, value_name = "FILE", conflicts_with_all = ["propose", "state", "state_from", "claims"])]
    batch: Option<PathBuf>,
    /// Who proposes, such as agent:atlas; before the state's own `actor`, and human:cli without either. Rules propose in their own names
    #[arg(long)]
    actor: Option<String>,
    /// The roles of who proposes, with commas between several; in place of those in the state
    #[arg(long, value_delimiter = ',')]
    roles: Vec<String>,
    /// The moment to decide at, such as 2026-01-01T12:00:00Z; before the state's own `at` and the newest time in what `--state-from` reads, and needed without them
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

pub(crate) fn decide(args: Args) -> CommandResult {
    let (policy, sources) = args.one.quotable()?;
    let compiled = Compiled::new(Arc::new(policy));
    let policy = compiled.policy();
    let flags = Flags::new(args.at, args.actor.as_deref(), &args.roles)?;
    if let Some(lines) = &args.batch {
        return batch::decide_batch(&compiled, lines, &flags);
    }
    let one = One { compiled: &compiled, sources: &sources, state: read_state(&args, policy)?, format: args.format };
    match &args.propose {
        Some(text) => one.decide(proposal(text, &args, &flags, policy, &one.state)?),
        None => one.decide_rules(),
    }
}

fn read_state(args: &Args, policy: &Policy) -> Result<State, Failure> {
    let named = args.state.iter().chain(&args.claims).chain(&args.state_from);
    if named.filter(|path| path.as_path() == Path::new("-")).count() > 1 {
        return Err(Failure::usage("standard input is only one of the documents"));
    }
    let document = args.state.as_deref().map_or_else(|| Ok(Node::empty()), read_document)?;
    let foreign = Foreign::read(&args.state_from, policy)?;
    // What the state says before what the other documents say: they tell when they were written, it tells when to decide.
    let at = args.at.or_else(|| foreign.newest().filter(|_| document.get("at").is_none()));
    let reader = Reader { policy, at, path: "$", facts_are: FactsAre::Values };
    let state =
        reader.read(&document).map_err(|error| refused(args.state.as_deref().unwrap_or(Path::new("-")), &error))?;
    let mut state = state.ok_or_else(|| {
        Failure::usage("no moment to decide at").help("give `--at 2026-01-01T12:00:00Z`, or `\"at\"` in the state")
    })?;
    foreign.add_to(policy, &mut state.snapshot)?;
    Ok(state)
}

fn proposal(text: &str, args: &Args, flags: &Flags, policy: &Policy, state: &State) -> Result<Proposal, Failure> {
    let call = Call::parse(text).map_err(|error| Failure::usage(harmless(&unreadable(policy, text, &error))))?;
    let claims = match &args.claims {
        Some(path) => {
            let document = read_document(path)?;
            read_claims(policy, "$", &document).map_err(|error| refused(path, &error))?
        }
        None => Vec::new(),
    };
    let actors = flags.actors(state.actors.clone());
    Ok(Proposal { call, actors, claims, because: None, conflicts_with: None })
}

/// One state, and what is decided on it.
struct One<'a> {
    compiled: &'a Compiled,
    sources: &'a SourceMap,
    state: State,
    format: Format,
}

impl One<'_> {
    fn decide(&self, proposal: Proposal) -> CommandResult {
        let (decision, verdict) = self.verdict(&proposal);
        match self.format {
            Format::Human => stdout(&self.told(&proposal, &decision, &verdict)),
            Format::Json | Format::Jsonl => stdout(&line(&verdict)?),
        }
        Ok(exit(verdict.tier))
    }

    fn decide_rules(&self) -> CommandResult {
        let mut strictest = Tier::Allowed;
        let mut decisions = Vec::new();
        let policy = self.compiled.policy();
        let said = propose(policy, &self.state.snapshot, &self.state.history);
        let mut told = String::new();
        for (rule, said) in policy.rules.iter().zip(&said) {
            let Some(proposal) = &said.proposal else { continue };
            let (decision, verdict) = self.verdict(proposal);
            strictest = strictest.max(verdict.tier);
            if self.format == Format::Human {
                told.push_str(&human::rule_proposes(&rule.name, proposal));
                told.push_str(&self.told(proposal, &decision, &verdict));
                told.push('\n');
            }
            decisions.push(RuleDecision { rule: rule.name.clone(), verdict });
        }
        match self.format {
            Format::Human => {
                if decisions.is_empty() {
                    told.push_str("no rule proposes anything\n");
                }
                told.push_str(&human::silent_rules(policy, self.sources, &self.state, &said));
                stdout(&told);
            }
            Format::Json => stdout(&line(&Decisions { decisions })?),
            Format::Jsonl => decisions.iter().try_for_each(|decision| line(decision).map(|line| stdout(&line)))?,
        }
        Ok(exit(strictest))
    }

    fn verdict(&self, proposal: &Proposal) -> (Decision, Verdict) {
        let State { snapshot, history, .. } = &self.state;
        let decision = self.compiled.evaluate(snapshot, history, proposal);
        let verdict = self.compiled.explain(snapshot, history, &decision);
        (decision, verdict)
    }

    fn told(&self, proposal: &Proposal, decision: &Decision, verdict: &Verdict) -> String {
        let (compiled, sources, state) = (self.compiled, self.sources, &self.state);
        Case { compiled, sources, state, proposal, decision, verdict }.told()
    }
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

fn exit(tier: Tier) -> Exit {
    match tier {
        Tier::Allowed => Exit::Success,
        Tier::ApprovalRequired => Exit::ApprovalRequired,
        Tier::Forbidden => Exit::Forbidden,
    }
}
