//! `leeway verify`: how an operation turned out, judged on its evidence alone by the function that the enforcer uses.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::ValueEnum;
use jiff::Timestamp;
use leeway_engine::{Act, Judgement, Outcome, StageReport, Truth, Unjudgeable, judge};
use leeway_ir::{OnFailure, Policy};
use leeway_units::Call;
use owo_colors::OwoColorize as _;
use serde::Serialize;

use crate::blueprint::OneBlueprint;
use crate::decide::reading::{
    DocumentError, FactsAre, Members, Node, Read, Reader, read_before, read_document, refused, time,
};
use crate::exit::{CommandResult, Exit, Failure};
use crate::terminal::{harmless, stdout};
use crate::verdict::bracketed;

#[derive(clap::Args)]
#[command(after_help = "Exit codes: 0 confirmed or partial, 6 failed, 7 inconclusive")]
pub(crate) struct Args {
    #[command(flatten)]
    one: OneBlueprint,
    /// What was done, as JSON: proposal, target, began, ended, before
    #[arg(long, value_name = "FILE")]
    receipt: PathBuf,
    /// Facts and metrics since then as JSON, series too; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    state: PathBuf,
    /// The moment to judge at; before the state's own `at`
    #[arg(long, value_name = "RFC3339")]
    at: Option<Timestamp>,
    /// How the outcome is written
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Human,
    Json,
}

pub(crate) fn verify(args: Args) -> CommandResult {
    if args.receipt == Path::new("-") && args.state == Path::new("-") {
        return Err(Failure::usage("standard input is either the receipt or the state"));
    }
    let policy = args.one.policy()?;
    let receipt = read_document(&args.receipt)?;
    let act = read_receipt(&policy, &receipt).map_err(|error| refused(&args.receipt, &error))?;
    let document = read_document(&args.state)?;
    let reader = Reader { policy: &policy, at: args.at, path: "$", facts_are: FactsAre::ValuesOrSeries };
    let state = reader.read(&document).map_err(|error| refused(&args.state, &error))?.ok_or_else(|| {
        Failure::usage("no moment to judge at").help("give `--at 2026-01-01T12:00:00Z`, or `\"at\"` in the state")
    })?;
    let judgement = judge(&policy, &act, &state.snapshot, &state.history).map_err(|error| {
        let path = match &error {
            Unjudgeable::Call(_) => "$.proposal",
            Unjudgeable::Before(_) => "$.before",
        };
        refused(&args.receipt, &DocumentError::new(path, error.to_string()))
    })?;
    let report = Report::of(&policy, &act, state.snapshot.at, &judgement);
    match args.format {
        Format::Human => stdout(&report.told(&judgement)),
        Format::Json => stdout(&format!("{}\n", serde_json::to_string(&report).map_err(Failure::usage)?)),
    }
    Ok(match report.outcome {
        Outcome::Confirmed | Outcome::Partial => Exit::Success,
        Outcome::Failed => Exit::Failed,
        Outcome::Inconclusive => Exit::Inconclusive,
    })
}

/// `{ "proposal", "target", "began", "ended", "before"? }`.
fn read_receipt(policy: &Policy, document: &Node) -> Read<Act> {
    let mut members = Members::of("$", document)?;
    let text = members.required_text("proposal")?;
    let call = Call::parse(&text).map_err(|error| DocumentError::new("$.proposal", error.to_string()))?;
    let target = members.required_text("target")?;
    if *policy.target.name != *target {
        let message = format!("the blueprint is for `{}`, the receipt for `{target}`", policy.target.name);
        return Err(DocumentError::new("$.target", message));
    }
    let began = time("$.began", members.required("began")?)?;
    let ended = time("$.ended", members.required("ended")?)?;
    if ended < began {
        return Err(DocumentError::new("$.ended", "it ended before it began"));
    }
    let before = members.take("before").map(|node| read_before(policy, "$.before", node)).transpose()?;
    members.done("member")?;
    Ok(Act { call, began, ended, before: before.unwrap_or_default() })
}

/// The outcome as programs read it.
#[derive(Serialize)]
struct Report {
    outcome: Outcome,
    blueprint: Arc<str>,
    version: Option<Arc<str>>,
    fingerprint: Arc<str>,
    target: Arc<str>,
    proposal: String,
    began: Timestamp,
    ended: Timestamp,
    at: Timestamp,
    stages: Vec<Stage>,
    objectives: Vec<Stage>,
    on_failure: OnFailure,
}

/// A stage or an objective.
#[derive(Serialize)]
struct Stage {
    text: Arc<str>,
    /// `true`, `false`, `unknown`; null while it is open.
    passed: Option<Truth>,
    values: BTreeMap<Arc<str>, String>,
}

impl Stage {
    fn of(report: &StageReport) -> Stage {
        Stage { text: report.text.clone(), passed: report.passed, values: report.values.iter().cloned().collect() }
    }
}

impl Report {
    fn of(policy: &Policy, act: &Act, at: Timestamp, judgement: &Judgement) -> Report {
        Report {
            // While a stage is open the evidence does not say.
            outcome: judgement.progress.outcome.unwrap_or(Outcome::Inconclusive),
            blueprint: policy.blueprint.clone(),
            version: policy.version.clone(),
            fingerprint: policy.fingerprint.text().into(),
            target: policy.target.name.clone(),
            proposal: act.call.to_string(),
            began: act.began,
            ended: act.ended,
            at,
            stages: judgement.progress.stages.iter().map(Stage::of).collect(),
            objectives: judgement.objectives.iter().map(Stage::of).collect(),
            on_failure: judgement.progress.on_failure,
        }
    }

    fn told(&self, judgement: &Judgement) -> String {
        let outcome = match self.outcome {
            Outcome::Confirmed => "confirmed".green().to_string(),
            Outcome::Partial => "partial".yellow().to_string(),
            Outcome::Failed => "failed".red().to_string(),
            Outcome::Inconclusive => "inconclusive".yellow().to_string(),
        };
        let call = harmless(&self.proposal);
        let target = harmless(&self.target);
        let mut lines =
            vec![format!("{outcome}: {} on {target}, ended {}, judged at {}", call.bold(), self.ended, self.at)];
        for stage in &judgement.progress.stages {
            let said = match stage.passed {
                Some(Truth::True) => "passed".green().to_string(),
                Some(Truth::False) => "failed".red().to_string(),
                Some(Truth::Unknown) => "cannot be judged: evidence is missing".yellow().to_string(),
                None => "open: its time is not over".dimmed().to_string(),
            };
            lines.push(format!("  {} — {said}{}", stage.text, values(stage)));
        }
        for objective in judgement.objectives.iter().filter(|objective| objective.passed != Some(Truth::True)) {
            let said = if objective.passed == Some(Truth::False) { "is not met" } else { "is not known to be met" };
            lines.push(format!("  objective {} {}{}", objective.text, said.yellow(), values(objective)));
        }
        match (self.outcome, self.on_failure) {
            (Outcome::Failed, OnFailure::Rollback) => lines.push("then: it is taken back, where it can be".to_owned()),
            (Outcome::Failed, OnFailure::Escalate) => lines.push("then: people are told".to_owned()),
            (Outcome::Failed, OnFailure::Nothing) => lines.push("then: it is recorded".to_owned()),
            (Outcome::Inconclusive, _) => {
                lines.push("then: the target is held until a person or fresh evidence decides".to_owned());
            }
            (Outcome::Confirmed | Outcome::Partial, _) => {}
        }
        lines.push(String::new());
        lines.join("\n")
    }
}

fn values(stage: &StageReport) -> String {
    let harmless: Vec<(Arc<str>, String)> =
        stage.values.iter().map(|(name, value)| (name.clone(), harmless(value))).collect();
    bracketed(&harmless)
}
