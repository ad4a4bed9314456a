//! How long it takes from text to a policy that is ready to decide, beside what others need for the same policy.
//!
//! `cargo bench -p leeway-benches --bench compile --features peers` compares what is decided first, and then prints the table;
//! without the feature it leaves the other engines out. With `-- profile N` it compiles the largest policy N times and nothing
//! else, to be looked at by a profiler.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a benchmark may stop at the first surprise"
)]

mod ours;
#[cfg(feature = "peers")]
mod peers;
mod texts;

use std::hint::black_box;
use std::time::{Duration, Instant};

use comfy_table::Table;
use leeway_engine::Tier;

use crate::texts::{CASES, Case, Texts};

/// How many groups of 21 clauses make 1,008.
const GROUPS: usize = 48;

/// How many lines the workspace has, at least.
const LINES: usize = 5_000;

/// How long each contender is timed, five times; the median counts.
const SLICE: Duration = Duration::from_millis(200);
const SLICES: usize = 5;

/// What was compiled: it decides.
type Ready = Box<dyn FnMut(&Case) -> Tier>;

/// A way to get there.
type Contender = (&'static str, fn(&Texts) -> Ready);

const OURS: [Contender; 2] = [("Leeway", ours::ready), ("Leeway, with its plan", ours::planned)];

#[cfg(feature = "peers")]
const PEERS: [Contender; 4] = [
    ("cedar-policy", peers::cedar),
    ("cedar-policy, with schema and validation", peers::cedar_validated),
    ("regorus", peers::regorus),
    ("regorus, for its virtual machine", peers::regorus_program),
];

#[cfg(not(feature = "peers"))]
const PEERS: [Contender; 0] = [];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some(at) = arguments.iter().position(|argument| argument == "profile") {
        let texts = Texts::new(GROUPS);
        return (0..arguments[at + 1].parse().unwrap()).for_each(|_| drop(black_box(ours::ready(black_box(&texts)))));
    }
    for groups in [1, GROUPS] {
        let texts = Texts::new(groups);
        let mut table = Table::new();
        table.set_header(["what", "µs", "Leeway = 1"]);
        let mut first = None;
        for (what, compile) in OURS.into_iter().chain(PEERS) {
            let mut decide = compile(&texts);
            for case in CASES {
                assert_eq!(decide(&case), case.tier(), "{what} decides otherwise on {case:?}");
            }
            let us = time(|| drop(black_box(compile(black_box(&texts)))));
            let one = *first.get_or_insert(us);
            table.add_row([what.to_owned(), format!("{us:.0}"), format!("{:.1}", us / one)]);
        }
        println!("{} clauses from text\n{table}", groups * 21);
    }
    let workspace = texts::workspace(LINES);
    let lines: usize = workspace.iter().map(|(_, text)| text.lines().count()).sum();
    let us = time(|| drop(black_box(ours::checked(black_box(&workspace)))));
    println!("a workspace of {lines} lines in {} files, checked: {:.1} ms", workspace.len(), us / 1_000.0);
}

/// Microseconds a run, the median of the slices.
fn time(mut run: impl FnMut()) -> f64 {
    run();
    let mut slices: Vec<f64> = (0..SLICES)
        .map(|_| {
            let (begin, mut runs) = (Instant::now(), 0_u32);
            while begin.elapsed() < SLICE {
                run();
                runs += 1;
            }
            begin.elapsed().as_secs_f64() * 1e6 / f64::from(runs)
        })
        .collect();
    slices.sort_by(f64::total_cmp);
    slices[SLICES / 2]
}
