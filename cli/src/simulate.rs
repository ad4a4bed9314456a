//! `leeway simulate`: what a policy would have done over a recorded history.

mod abreast;
mod answers;
mod document;
mod figures;
mod history;
mod joined;
mod levels;
mod parts;
mod player;
mod playing;
mod progress;
mod reading;
mod recorder;
mod standing;
mod track;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use leeway_engine::Loop;
use leeway_ir::Policy;

use crate::blueprint::{Blueprints, Chosen};
use crate::exit::{CommandResult, Exit, Failure};
use crate::report;
use crate::simulate::abreast::abreast;
use crate::simulate::answers::{Answers, given_facts};
use crate::simulate::document::Stream;
use crate::simulate::playing::{Playing, Simulated};
use crate::terminal::{stderr, stdout};
use crate::whole_file;

pub(crate) use crate::simulate::answers::joined;
pub(crate) use crate::simulate::history::HistoryArgs;
pub(crate) use crate::simulate::player::Player;
pub(crate) use crate::simulate::progress::Bars;
pub(crate) use crate::simulate::recorder::Recorder;
pub(crate) use crate::simulate::track::{Played, Settings, Track};

/// What to type, for somebody who does it for the first time.
const EXAMPLES: &str = "Examples:
  leeway simulate shop.leeway --series history.csv --fact replicas=3
  leeway simulate shop.leeway --series cpu=asg.csv:value@% --approve \"after 10m\" --report out.html
  leeway simulate shop.leeway --prometheus http://127.0.0.1:9090 --from 2026-11-01T00:00:00Z --to 2026-11-08T00:00:00Z";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(flatten)]
    blueprints: Blueprints,
    #[command(flatten)]
    history: HistoryArgs,
    #[command(flatten)]
    course: CourseArgs,
    /// Let metrics that declare how they respond follow what is done
    #[arg(long)]
    closed_loop: bool,
    /// Write a page to look at: one HTML file that needs nothing else; of several blueprints one each, FILE-NAME.html
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
    /// What people answer: `all` at once, `none`, or all `after 10m`; without it nothing, and where a recorded run is replayed what
    /// they answered then
    #[arg(long, value_name = "all|none|after D")]
    approve: Option<Answers>,
}

impl CourseArgs {
    /// Facts that only policies `beside` have are left to them.
    pub(crate) fn settings(&self, policy: &Policy, beside: &[Policy]) -> Result<Settings, Failure> {
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

impl Args {
    fn stream(&self) -> Stream {
        match self.format {
            Format::Human => Stream::Nothing,
            Format::Json => Stream::Kept,
            Format::Jsonl => Stream::Lines,
        }
    }

    fn playing<'a>(&'a self, policy: &'a Policy, chosen: &'a Chosen) -> Result<Playing<'a>, Failure> {
        let beside = chosen.beside();
        let metrics = if self.closed_loop { Loop::Closed } else { Loop::Open };
        let as_recorded = self.course.is_as_recorded() && self.history.step_ms().is_none() && !self.closed_loop;
        let settings = Settings { metrics, as_recorded, ..self.course.settings(policy, beside)? };
        let is_reported = self.report.is_some() || self.format == Format::Human;
        let (stream, is_named) = (self.stream(), chosen.is_list);
        Ok(Playing { policy, settings, history: &self.history, beside, stream, is_named, is_reported })
    }
}

pub(crate) fn simulate(args: Args) -> CommandResult {
    let chosen = args.blueprints.policies()?;
    let playing = chosen.policies.iter().map(|policy| args.playing(policy, &chosen));
    let playing = playing.collect::<Result<Vec<_>, _>>()?;
    let pages: Vec<PathBuf> =
        args.report.iter().flat_map(|path| playing.iter().map(|one| page_of(path, one.name()))).collect();
    // Nobody shall wait for a history to be gone through, and then learn that its report has no place.
    let read = || std::iter::once(args.blueprints.path()).chain(args.history.files());
    pages.iter().try_for_each(|page| whole_file::has_place(page, read()))?;
    let bars = Bars::new(args.format == Format::Human);
    let simulated = abreast(&playing, |one, over| one.play(&bars, over))?;
    let reports = || simulated.iter().filter_map(|one| one.report.as_ref());
    for (page, report) in pages.iter().zip(reports()) {
        whole_file::write(page, &report::page(report))?;
    }
    if args.format == Format::Human {
        let summaries: Vec<String> = reports().map(report::summary).collect();
        stdout(&summaries.join("\n"));
    }
    for page in &pages {
        stderr(&format!("the report is in {}\n", page.display()));
    }
    let ended = simulated.into_iter().map(|Simulated { documents, sum, .. }| (documents, sum));
    document::finish(args.stream(), chosen.is_list, ended.collect())?;
    Ok(Exit::Success)
}

/// Where the page of one blueprint goes: `out.html`, or `out-web.html` among several.
fn page_of(path: &Path, blueprint: Option<&str>) -> PathBuf {
    let Some(blueprint) = blueprint else { return path.to_owned() };
    let mut name: OsString = path.file_stem().unwrap_or_default().to_owned();
    name.push(format!("-{blueprint}"));
    if let Some(end) = path.extension() {
        name.push(".");
        name.push(end);
    }
    path.with_file_name(name)
}
