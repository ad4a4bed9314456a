//! `leeway diff`: one history through two policies, and what differs.

mod differences;
mod document;
mod markdown;
mod words;

use std::path::PathBuf;

use clap::ValueEnum;
use leeway_ir::{Metric, Policy};

use crate::blueprint::OneBlueprint;
use crate::diff::differences::Differences;
use crate::exit::{CommandResult, Exit};
use crate::report::{self, Comparison, Report, said_of_both};
use crate::simulate::{Bars, CourseArgs, HistoryArgs, Player, Recorder};
use crate::terminal::{stderr, stdout};
use crate::whole_file;

/// What to type, for somebody who does it for the first time.
const EXAMPLES: &str = "Examples:
  leeway diff shop.leeway changed.leeway --series history.csv --fact replicas=3
  leeway diff shop.leeway changed.leeway --series cpu=asg.csv:value@% --format markdown --report out.html

Exit codes: 0 nothing is newly permitted, 5 something is";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The blueprint as it was, or a bundle of it
    old: PathBuf,
    /// The blueprint as it shall be
    new: PathBuf,
    /// Which one, when the files hold several
    #[arg(long, value_name = "NAME")]
    blueprint: Option<String>,
    #[command(flatten)]
    history: HistoryArgs,
    #[command(flatten)]
    course: CourseArgs,
    /// Write a page to look at, with both: one HTML file that needs nothing else
    #[arg(long, value_name = "FILE.html")]
    report: Option<PathBuf>,
    /// How it is told
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Human,
    /// For programs
    Json,
    /// For the description of a change
    Markdown,
}

pub(crate) fn diff(args: Args) -> CommandResult {
    let policy = |path| OneBlueprint::at(path, args.blueprint.clone()).policy();
    let (old, new) = (policy(args.old.clone())?, policy(args.new.clone())?);
    let beside = std::slice::from_ref;
    let settings = (args.course.settings(&old, beside(&new))?, args.course.settings(&new, beside(&old))?);
    let read = || [args.old.as_path(), &args.new].into_iter().chain(args.history.files());
    args.report.iter().try_for_each(|page| whole_file::has_place(page, read()))?;
    let mut player = Player::open([(&old, settings.0), (&new, settings.1)], &[], &args.history)?;
    let mut recorders = player.tracks().each_ref().map(Recorder::new);
    let [old, new] = player.tracks();
    let mut differences = Differences::between(old, new);
    let mut bar = Bars::new(args.format == Format::Human).begin(None);
    let mut span = None;
    while let Some(at) = player.advance(|tracks, at| {
        recorders.iter_mut().zip(tracks).for_each(|(recorder, track)| recorder.see(track, at));
    })? {
        let [old, new] = player.tracks_mut();
        let played = [old.evaluate(at)?, new.evaluate(at)?];
        differences.hear([old, new], &played);
        let tracks = player.tracks();
        recorders
            .iter_mut()
            .zip(tracks)
            .zip(&played)
            .for_each(|((recorder, track), played)| recorder.hear(track, played));
        bar.show(at, player.reading());
        span = Some((span.map_or(at, |(from, _)| from), at));
    }
    drop(bar);
    let [old, new] = player.tracks();
    let summaries = [old.summary(), new.summary()];
    let [of_old, of_new] = recorders;
    let mut before = of_old.run(old, player.reading(), &summaries[0]);
    let mut run = of_new.run(new, player.reading(), &summaries[1]);
    let other_source = other_source(old.policy(), new.policy()).filter(|_| !args.history.is_queried());
    for warning in other_target(old.policy(), new.policy()).into_iter().chain(other_source) {
        before.warnings.push(warning.clone());
        run.warnings.push(warning);
    }
    let exit = if differences.counts().newly_permitted > 0 { Exit::NewlyPermitted } else { Exit::Success };
    if args.format == Format::Json {
        let both = [(old.policy().as_ref(), &summaries[0]), (new.policy().as_ref(), &summaries[1])];
        let warnings = said_of_both(&before.warnings, &run.warnings);
        stdout(&document::document(&warnings, both, &differences)?);
    }
    let comparison = Comparison { before, counts: *differences.counts(), differences: differences.into_examples() };
    let report = Report::of(new.policy(), span, player.step_ms(), run, Some(comparison));
    match args.format {
        Format::Human => stdout(&words::told(&report)),
        Format::Markdown => stdout(&markdown::told(&report)),
        Format::Json => {}
    }
    if let Some(path) = &args.report {
        whole_file::write(path, &report::page(&report))?;
        stderr(&format!("the report is in {}\n", path.display()));
    }
    Ok(exit)
}

/// That metrics of one name are measured otherwise, which a file does not show.
fn other_source(old: &Policy, new: &Policy) -> Option<String> {
    let twin = |metric: &Metric| new.metrics.iter().find(|twin| twin.name == metric.name);
    let is_other = |metric: &&Metric| twin(metric).is_some_and(|twin| twin.source != metric.source);
    let names: Vec<String> = old.metrics.iter().filter(is_other).map(|metric| format!("`{}`", metric.name)).collect();
    (!names.is_empty()).then(|| {
        format!(
            "{} would be measured otherwise, which a file does not show: ask a server with `--prometheus`",
            names.join(", ")
        )
    })
}

/// That the two are for different targets.
fn other_target(old: &Policy, new: &Policy) -> Option<String> {
    let (was, is) = (report::target(old), report::target(new));
    (was != is).then(|| {
        format!("the old blueprint is for `{was}` and the new one for `{is}`: they are compared as if that were one")
    })
}
