//! A year at steps of 15 s through a blueprint of ten metrics, an SLO, four rules and twenty clauses, all but two with windows.
//!
//! `cargo bench -p leeway-benches --bench simulation` prints the table; each row is a process of its own, so that its peak memory
//! is its own. With `-- profile DAYS` it simulates so many days and prints nothing, to be looked at by a profiler.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a benchmark may stop at the first surprise"
)]

mod load;

use std::hint::black_box;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use comfy_table::Table;
use cpu_time::ThreadTime;
use leeway_engine::{Assumed, Moment, People, Simulation, Tally};
use leeway_ir::{MetricId, Policy};
use leeway_units::{Quantity, Value};

use crate::load::{Load, STEPS_PER_DAY, start};

const DAYS: u32 = 365;

/// Tells the program that it is one row.
const ROW: &str = "--row";

/// What is run: with how many blueprints at once, and whether the numbers of the report are kept.
const ROWS: [(&str, usize, bool); 3] =
    [("evaluated", 1, false), ("evaluated and tallied", 1, true), ("two blueprints on two threads, tallied", 2, true)];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let after = |word: &str| arguments.iter().position(|argument| argument == word).map(|at| &arguments[at + 1]);
    if let Some(days) = after("profile") {
        black_box(simulate(&policy(), days.parse().unwrap(), false));
    } else if let Some(row) = after(ROW) {
        measure(ROWS[row.parse::<usize>().unwrap()]);
    } else {
        let mut table = Table::new();
        table.set_header([
            "a year",
            "evaluations",
            "proposals",
            "evaluation s",
            "ns each",
            "a second",
            "wall s",
            "peak MB",
        ]);
        for (row, (what, ..)) in ROWS.iter().enumerate() {
            let child = Command::new(std::env::current_exe().unwrap()).args([ROW, &row.to_string()]).output().unwrap();
            let said = String::from_utf8(child.stdout).unwrap();
            assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stderr));
            table.add_row([*what].into_iter().chain(said.trim().split(' ')));
        }
        println!("{table}");
    }
}

/// Measures one row, and prints its cells.
fn measure((_, blueprints, tallied): (&str, usize, bool)) {
    let policy = policy();
    let wall = Instant::now();
    let runs: Vec<Run> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..blueprints).map(|_| scope.spawn(|| simulate(&policy, DAYS, tallied))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let wall = wall.elapsed();
    let (evaluations, proposals) = (sum(&runs, |run| run.evaluations), sum(&runs, |run| run.proposals));
    let used: Duration = runs.iter().map(|run| run.used).sum();
    let each = used.as_secs_f64() / evaluations;
    let peak = peak_bytes() / 1e6;
    let used = used.as_secs_f64();
    println!(
        "{evaluations} {proposals} {used:.2} {:.0} {:.0} {:.2} {peak:.0}",
        each * 1e9,
        1.0 / each,
        wall.as_secs_f64()
    );
}

fn sum(runs: &[Run], of: impl Fn(&Run) -> u64) -> f64 {
    runs.iter().map(of).sum::<u64>() as f64
}

/// What came of one simulation.
struct Run {
    /// Processor time of evaluation: that of everything less that of making the moments alone.
    used: Duration,
    evaluations: u64,
    proposals: u64,
}

fn simulate(policy: &Arc<Policy>, days: u32, tallied: bool) -> Run {
    let steps = days * STEPS_PER_DAY;
    let mut moment = Moment::empty(policy, start());
    let making = ThreadTime::now();
    let mut load = Load::new(policy);
    for step in 0..steps {
        load.fill(&mut moment, step);
        black_box(&moment);
    }
    let making = making.elapsed();

    let all = ThreadTime::now();
    let replicas = policy.fact_named("replicas").unwrap();
    let facts = [(replicas, Value::Quantity(Quantity::count(3)))];
    let mut simulation = Simulation::new(policy.clone(), start(), &facts, People::Agree);
    let mut tally = Tally::new(policy.clone());
    let (mut load, mut proposals) = (Load::new(policy), 0);
    for step in 0..steps {
        load.fill(&mut moment, step);
        simulation.record(&moment).unwrap();
        simulation.evaluate(moment.at).unwrap();
        for happening in simulation.happened() {
            proposals += u64::from(matches!(happening.record, leeway_engine::Record::Proposed { .. }));
            if tallied {
                tally.happened(&happening);
            }
        }
        black_box(simulation.tickets());
        if tallied {
            tally.saw(&simulation, moment.at);
            tally.evaluated(&simulation);
        }
    }
    black_box(tally.summary());
    Run { used: all.elapsed() - making, evaluations: simulation.evaluations(), proposals }
}

/// The blueprint as it can be simulated when its metrics and `replicas` are recorded.
fn policy() -> Arc<Policy> {
    let compilation = leeway_driver::compile_text("year.leeway", include_str!("blueprint.leeway"));
    let errors: Vec<String> =
        compilation.diagnostics.iter().filter(|found| found.is_error()).map(|found| format!("{found:?}")).collect();
    let policy = compilation.policies.into_iter().next().unwrap_or_else(|| panic!("{errors:#?}"));
    assert_eq!(policy.metrics.len(), 12);
    let metrics = (0..).map(MetricId).take(policy.metrics.len()).collect();
    Arc::new(Assumed::of(&policy, &policy.fact_named("replicas").into_iter().collect(), &metrics).policy)
}

/// The most memory that this process ever had in use.
fn peak_bytes() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().strip_suffix(" kB").unwrap().parse::<f64>().unwrap() * 1024.0
}
