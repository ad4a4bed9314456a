//! `leeway test`: runs the tests that stand in blueprints and policies.

mod coverage;
mod human;
mod json;
mod junit;

use std::path::PathBuf;
use std::sync::Arc;

use clap::ValueEnum;
use leeway_engine::{Compiled, Played, play};
use leeway_ir::{Scenario, Suite};

use crate::blueprint::compile_suites;
use crate::exit::{CommandResult, Exit, Failure};
use crate::terminal;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Files or folders; the current folder without any
    paths: Vec<PathBuf>,
    /// Run only the tests whose name, or whose blueprint's name, contains this text as it is written
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// How the outcome is written
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// Say which clauses, and which of their three truth values, no test has shown
    #[arg(long)]
    coverage: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Human,
    Json,
    Junit,
}

/// One suite with what came of its tests.
struct Tested<'a> {
    suite: &'a Suite,
    /// The tests that were run, in source order.
    runs: Vec<Run<'a>>,
}

/// A test with what came of it.
struct Run<'a> {
    scenario: &'a Scenario,
    played: Played,
}

impl Run<'_> {
    fn passed(&self) -> bool {
        self.played.outcomes.iter().all(|outcome| outcome.met)
    }
}

pub(crate) fn test(args: Args) -> CommandResult {
    if args.coverage && args.format == Format::Junit {
        return Err(Failure::usage("JUnit XML has no place for coverage").help("use `--format human` or `json`"));
    }
    let suites = compile_suites(&args.paths)?;
    let tested: Vec<Tested<'_>> = suites.iter().map(|suite| run(suite, args.filter.as_deref())).collect();
    let text = match args.format {
        Format::Human => human::report(&tested, args.filter.as_deref(), args.coverage),
        Format::Json => json::report(&tested, args.coverage),
        Format::Junit => junit::report(&tested)?,
    };
    terminal::stdout(&text);
    let failed = tested.iter().flat_map(|tested| &tested.runs).any(|run| !run.passed());
    Ok(if failed { Exit::Errors } else { Exit::Success })
}

fn run<'a>(suite: &'a Suite, filter: Option<&str>) -> Tested<'a> {
    let wanted = |scenario: &&Scenario| {
        filter.is_none_or(|filter| scenario.name.contains(filter) || suite.policy.blueprint.contains(filter))
    };
    let compiled = Compiled::new(Arc::new(suite.policy.clone()));
    let runs = suite.scenarios.iter().filter(wanted);
    Tested { suite, runs: runs.map(|scenario| Run { scenario, played: play(&compiled, scenario) }).collect() }
}
