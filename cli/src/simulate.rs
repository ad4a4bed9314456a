//! `leeway simulate`: what a policy would have done over a recorded history.

mod answers;
mod document;
mod figures;
mod history;
mod joined;
mod levels;
mod parts;
mod player;
mod progress;
mod reading;
mod recorder;
mod track;

use std::path::PathBuf;

use clap::ValueEnum;
use leeway_engine::Loop;
use leeway_ir::Policy;

use crate::blueprint::OneBlueprint;
use crate::exit::{CommandResult, Exit, Failure};
use crate::report::{self, Report};
use crate::simulate::answers::{Answers, given_facts};
use crate::simulate::document::{Documents, Stream};
use crate::terminal::{stderr, stdout};
use crate::whole_file;

pub(crate) use crate::simulate::answers::joined;
pub(crate) use crate::simulate::history::HistoryArgs;
pub(crate) use crate::simulate::player::Player;
pub(crate) use crate::simulate::progress::Bar;
pub(crate) use crate::simulate::recorder::Recorder;
pub(crate) use crate::simulate::track::{Played, Settings, Track};

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    one: OneBlueprint,
    #[command(flatten)]
    history: HistoryArgs,
    #[command(flatten)]
    course: CourseArgs,
    /// Let metrics that declare how they respond follow what is done
    #[arg(long)]
    closed_loop: bool,
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
    /// What people answer: `all` at once, `none`, or all `after 10m`; without it, of a recorded run what they answered then, and
    /// else nothing
    #[arg(long, value_name = "all|none|after D")]
    approve: Option<Answers>,
}

impl CourseArgs {
    /// Facts that only the policy `beside` has are left to it.
    pub(crate) fn settings(&self, policy: &Policy, beside: Option<&Policy>) -> Result<Settings, Failure> {
        let facts = given_facts(policy, beside, &self.fact)?;
        let people = self.approve.map(Answers::people).unwrap_or_default();
        Ok(Settings { facts, people, metrics: Loop::Open, as_recorded: false })
    }

    /// Whether all is as it was recorded.
    fn is_as_recorded(&self) -> bool {
        self.fact.is_empty() && self.approve.is_none()
    }
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Human,
    Json,
    Jsonl,
}

pub(crate) fn simulate(args: Args) -> CommandResult {
    let policy = args.one.policy()?;
    let metrics = if args.closed_loop { Loop::Closed } else { Loop::Open };
    let as_recorded = args.course.is_as_recorded() && args.history.step_ms().is_none() && !args.closed_loop;
    let settings = Settings { metrics, as_recorded, ..args.course.settings(&policy, None)? };
    // Nobody shall wait for a history to be gone through, and then learn that its report has no place.
    args.report.as_deref().map_or(Ok(()), whole_file::has_place)?;
    let mut player = Player::open([(&policy, settings)], &args.history)?;
    let [track] = player.tracks();
    let mut recorder = Recorder::new(track);
    let mut documents = Documents::new(match args.format {
        Format::Human => Stream::Nothing,
        Format::Json => Stream::Kept,
        Format::Jsonl => Stream::Lines,
    })?;
    let mut bar = Bar::new(args.report.is_some() || args.format == Format::Human);
    let mut span = None;
    while let Some(at) = player.advance()? {
        let [track] = player.tracks_mut();
        let played = track.evaluate(at)?;
        recorder.hear(track, &played);
        documents.hear(&played)?;
        bar.show(at, player.reading());
        span = Some((span.map_or(at, |(from, _)| from), at));
    }
    bar.done();
    let [track] = player.tracks();
    let summary = track.summary();
    if args.report.is_some() || args.format == Format::Human {
        let run = recorder.run(track, player.reading(), &summary);
        let report = Report::of(track.policy(), span, player.step_ms(), run, None);
        if let Some(path) = &args.report {
            whole_file::write(path, &report::page(&report))?;
        }
        if args.format == Format::Human {
            stdout(&report::summary(&report));
        }
        if let Some(path) = &args.report {
            stderr(&format!("the report is in {}\n", path.display()));
        }
    }
    documents.finish(track, player.reading(), &summary)?;
    Ok(Exit::Success)
}
