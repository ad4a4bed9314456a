//! `leeway simulate`: what a policy would have done over a recorded history.

mod answers;
mod document;
mod history;
mod levels;
mod player;
mod progress;
mod recorder;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::ValueEnum;
use leeway_ir::Policy;

use crate::blueprint::OneBlueprint;
use crate::exit::{CommandResult, Exit, Failure};
use crate::report;
use crate::simulate::document::{Documents, Stream};
use crate::terminal::{stderr, stdout};
use crate::whole_file;

pub(crate) use crate::simulate::answers::{Answers, given_facts, joined};
pub(crate) use crate::simulate::history::HistoryArgs;
pub(crate) use crate::simulate::player::{Played, Player, Settings};
pub(crate) use crate::simulate::progress::Bar;
pub(crate) use crate::simulate::recorder::Recorder;

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    one: OneBlueprint,
    #[command(flatten)]
    history: HistoryArgs,
    #[command(flatten)]
    course: CourseArgs,
    /// Write a page to look at: one HTML file that needs nothing else
    #[arg(long, value_name = "FILE.html")]
    report: Option<PathBuf>,
    /// How it is told
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

/// What is the case beside the history.
#[derive(clap::Args)]
pub(crate) struct CourseArgs {
    /// A fact at the beginning, such as replicas=3; what is done changes it
    #[arg(long, value_name = "NAME=VALUE")]
    fact: Vec<String>,
    /// What people answer: `all` at once, `none`, or all `after 10m`
    #[arg(long, value_name = "all|none|after D", default_value = "none")]
    approve: Answers,
}

impl CourseArgs {
    pub(crate) fn settings(&self, policy: &Policy) -> Result<Settings, Failure> {
        Ok(Settings { facts: given_facts(policy, &self.fact)?, people: self.approve.people() })
    }
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Human,
    Json,
    Jsonl,
}

pub(crate) fn simulate(args: Args) -> CommandResult {
    let policy = Arc::new(args.one.policy()?);
    let settings = args.course.settings(&policy)?;
    // Nobody shall wait for a history to be gone through, and then learn that its report has no place.
    args.report.as_deref().map_or(Ok(()), whole_file::has_place)?;
    let mut player = Player::open(policy, &args.history, settings)?;
    let mut recorder = Recorder::new(&player);
    let mut documents = Documents::new(match args.format {
        Format::Human => Stream::Nothing,
        Format::Json => Stream::Kept,
        Format::Jsonl => Stream::Lines,
    })?;
    let mut bar = Bar::new(args.report.is_some() || args.format == Format::Human);
    while let Some(played) = player.advance()? {
        recorder.hear(&player, &played);
        documents.hear(&played)?;
        bar.show(&player);
    }
    bar.done();
    let summary = player.summary();
    let report = recorder.report(&player, &summary);
    if let Some(path) = &args.report {
        whole_file::write(path, &report::page(&report))?;
    }
    match args.format {
        Format::Human => {
            stdout(&report::summary(&report));
            tell_report(args.report.as_deref());
        }
        Format::Json | Format::Jsonl => documents.finish(&player, &summary)?,
    }
    Ok(Exit::Success)
}

fn tell_report(path: Option<&Path>) {
    if let Some(path) = path {
        stderr(&format!("the report is in {}\n", path.display()));
    }
}
