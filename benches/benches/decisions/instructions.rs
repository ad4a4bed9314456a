//! How many instructions a decision takes: a guard that does not depend on the clock, nor on what else the machine does.
//!
//! Valgrind counts the instructions of this program making N decisions, and then 2 N; the difference is theirs alone.

use std::hint::black_box;
use std::process::Command;

use leeway_engine::{Inputs, Tier, decide};

use crate::input;
use crate::ours;

/// Makes so many decisions and ends.
pub(crate) const ARGUMENT: &str = "instructions";

/// Decisions of the shorter of the two runs.
const DECISIONS: u64 = 20_000;

/// What one decision of the bench policy takes, with the copying of its inputs; measured on x86-64 with Rust 1.95.
const EXPECTED: f64 = 506.0;

/// How far it may rise: compilers differ a little, and a slot more or less is no news.
const TOLERANCE: f64 = 0.15;

pub(crate) fn child(decisions: u64) {
    let plan = ours::plan(1);
    let inputs = input::random(1_024);
    let rows: Vec<[f64; 11]> = inputs.iter().map(|input| input.row(&plan)).collect();
    let actions: Vec<_> = inputs.iter().map(|input| plan.action_named(&input.action_name()).unwrap()).collect();
    let mut slots = Inputs::new(&plan);
    let mut allowed = 0_u64;
    for at in (0..inputs.len()).cycle().take(usize::try_from(decisions).unwrap()) {
        slots.fill(&plan, &rows[at]);
        allowed += u64::from(decide(&plan, &mut slots, actions[at]) == Tier::Allowed);
    }
    black_box(allowed);
}

pub(crate) fn guard() {
    if Command::new("valgrind").arg("--version").output().is_err() {
        eprintln!("WARNING: no valgrind here, so nobody counted the instructions of a decision: the guard was SKIPPED");
        return;
    }
    let (short, long) = (counted(DECISIONS), counted(2 * DECISIONS));
    #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
    let each = (long - short) as f64 / DECISIONS as f64;
    println!("{each:.1} instructions a decision; {EXPECTED:.1} are expected, and {:.0}% more pass", TOLERANCE * 100.0);
    assert!(each <= EXPECTED * (1.0 + TOLERANCE), "a decision takes {each:.1} instructions, too many");
}

/// Instructions of a run with so many decisions.
fn counted(decisions: u64) -> u64 {
    let this = std::env::current_exe().unwrap();
    let output = Command::new("valgrind")
        .args(["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"])
        .arg(this)
        .args([ARGUMENT, &decisions.to_string()])
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    let line = said.lines().find(|line| line.contains("I refs:") || line.contains("I   refs:"));
    let line = line.unwrap_or_else(|| panic!("valgrind counted nothing:\n{said}"));
    let digits: String = line.split_once(':').unwrap().1.chars().filter(char::is_ascii_digit).collect();
    digits.parse().unwrap()
}
