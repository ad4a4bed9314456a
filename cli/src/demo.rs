//! `leeway demo`: a rate limiter under real load, and a blueprint that holds agents to their leeway, on this machine alone.

mod scene;
mod stage;
mod watcher;

use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use owo_colors::OwoColorize as _;

use crate::approver::Approver;
use crate::demo::scene::{Scene, play, warm_up};
use crate::demo::stage::Stage;
use crate::exit::{CommandResult, Exit, Failure};
use crate::terminal::{self, stdout};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Show only this scene; all of them without it
    #[arg(long, value_enum, value_name = "NAME")]
    scenario: Option<Scene>,
    /// End after this time at the latest
    #[arg(long, value_name = "N", default_value_t = 90, value_parser = clap::value_parser!(u64).range(10..=600))]
    seconds: u64,
    /// Ask nobody: a stand-in approves after three seconds
    #[arg(long)]
    headless: bool,
    /// Where the ledger lies; a new temporary folder without it
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

/// How long a person at the terminal has before a stand-in answers.
const PERSON_TIME: Duration = Duration::from_secs(20);

/// The same when nobody is asked.
const HEADLESS_TIME: Duration = Duration::from_secs(3);

/// Kept of the time for ending in order.
const ENDING_TIME: Duration = Duration::from_secs(3);

pub(crate) fn demo(args: Args) -> CommandResult {
    crate::process::log_to_stderr();
    let interactive = !args.headless && terminal::is_interactive();
    let patience = if args.headless { HEADLESS_TIME } else { PERSON_TIME };
    let approver = Approver { interactive, stand_in_after: Some(patience) };
    let scenes = args.scenario.map_or_else(|| Scene::ALL.to_vec(), |scene| vec![scene]);
    let time = Duration::from_secs(args.seconds).saturating_sub(ENDING_TIME);
    let runtime = crate::process::runtime()?;
    let result = runtime.block_on(async {
        let from = Timestamp::now();
        let mut stage = Stage::set(args.data, approver, from).await?;
        let mut results: Vec<(Scene, Result<(), String>)> = Vec::new();
        let mut broken_off = None;
        tokio::select! {
            () = play_all(&mut stage, &scenes, patience, &mut results) => {}
            () = tokio::time::sleep(time) => broken_off = Some(format!("the time of {} seconds was over", args.seconds)),
            () = crate::process::told_to_stop() => broken_off = Some("it was told to stop".to_owned()),
        }
        let shown = results.len();
        results.extend(scenes.iter().skip(shown).map(|scene| {
            (*scene, Err(broken_off.clone().unwrap_or_else(|| "it was not reached".to_owned())))
        }));
        stage.watcher.catch_up();
        report(&stage, &results, from);
        let all_well = results.iter().all(|(_, result)| result.is_ok());
        stage.strike().await?;
        Ok(if all_well { Exit::Success } else { Exit::Errors })
    });
    // A question may still be open at the terminal; it must not hold the program.
    runtime.shutdown_background();
    result
}

async fn play_all(
    stage: &mut Stage,
    scenes: &[Scene],
    patience: Duration,
    results: &mut Vec<(Scene, Result<(), String>)>,
) {
    if let Err(why) = warm_up(stage).await {
        results.extend(scenes.iter().map(|scene| (*scene, Err(why.clone()))));
        return;
    }
    for (scene, number) in scenes.iter().zip(1..) {
        stdout(&format!("\n{}\n", format!("── {number}. {}: {}", scene.name(), scene.promise()).bold()));
        let result = play(*scene, stage, patience).await;
        match &result {
            Ok(()) => stdout(&format!("   {} {}\n", "✓".green(), scene.name())),
            Err(why) => stdout(&format!("   {} {}: {why}\n", "✗".red(), scene.name())),
        }
        results.push((*scene, result));
    }
}

fn report(stage: &Stage, results: &[(Scene, Result<(), String>)], from: Timestamp) {
    stdout(&format!("\n{}\n{}", "Every operation".bold(), stage.watcher.operations.table()));
    for (scene, result) in results {
        match result {
            Ok(()) => stdout(&format!("{} {:<18} {}\n", "✓".green(), scene.name(), scene.promise())),
            Err(why) => stdout(&format!("{} {:<18} {why}\n", "✗".red(), scene.name())),
        }
    }
    let data = stage.data.display();
    let seconds = Timestamp::now().duration_since(from).as_secs();
    stdout(&format!(
        "\nThat took {seconds} s. Every step is in the ledger in {data}\n  \
         leeway audit list --data {data}      what happened\n  \
         leeway audit verify --data {data}    that nobody changed it since\n"
    ));
    if stage.breaker_is_open() {
        let target = &stage.policy.target.name;
        stdout(&format!("  leeway breaker reset {target} --data {data}    close the breaker\n"));
    }
    stdout("In this checkout, `leeway` is `cargo run --release --`.\n");
}

/// What went wrong before a scene could begin.
fn failure(what: impl std::fmt::Display) -> Failure {
    Failure::errors(format!("the demo cannot start: {what}"))
}
