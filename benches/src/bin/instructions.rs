//! How many instructions a decision takes: a guard that does not depend on the clock, nor on what else the machine does.
//!
//! Without arguments it has valgrind count the instructions of itself making N decisions of each kind, and then 2 N; the
//! difference is theirs alone, with the copying or reading of their inputs. `instructions rows 20000` makes them and nothing else.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a benchmark may stop at the first surprise"
)]

use std::hint::black_box;
use std::process::{Command, ExitCode};

use leeway_benches::{Input, NAMES, plan, random};
use leeway_engine::{Columns, Inputs, Lanes, Plan, Tier, decide, decide_columns, read_json};
use leeway_ir::ActionId;

/// The kinds of decisions, and what one of each takes; measured on x86-64 with Rust 1.95.
const EXPECTED: [(&str, f64); 3] = [("rows", 480.0), ("columns", 168.0), ("json", 6_210.0)];

/// How far it may rise: compilers differ a little, and a slot more or less is no news.
const TOLERANCE: f64 = 0.15;

/// Decisions of the shorter of the two runs: whole rounds over the inputs.
const DECISIONS: usize = 20 * INPUTS;
const INPUTS: usize = 1_024;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [kind, decisions] = arguments.as_slice() {
        make(kind, decisions.parse().unwrap());
        return ExitCode::SUCCESS;
    }
    let mut risen = false;
    for (kind, expected) in EXPECTED {
        #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
        let each = (counted(kind, 2 * DECISIONS) - counted(kind, DECISIONS)) as f64 / DECISIONS as f64;
        let most = expected * (1.0 + TOLERANCE);
        println!("{kind}: {each:.0} instructions a decision; {expected:.0} are expected, and more than {most:.0} fail");
        risen |= each > most;
    }
    if risen { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Instructions of a run with so many decisions.
fn counted(kind: &str, decisions: usize) -> u64 {
    let output = Command::new("valgrind")
        .args(["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"])
        .arg(std::env::current_exe().unwrap())
        .args([kind, &decisions.to_string()])
        .output()
        .unwrap_or_else(|error| panic!("valgrind counts the instructions, and cannot be started: {error}"));
    let said = String::from_utf8(output.stderr).unwrap();
    let line = said.lines().find(|line| line.contains("I refs:") || line.contains("I   refs:"));
    let line = line.unwrap_or_else(|| panic!("valgrind counted nothing:\n{said}"));
    let digits: String = line.split_once(':').unwrap().1.chars().filter(char::is_ascii_digit).collect();
    digits.parse().unwrap()
}

fn make(kind: &str, decisions: usize) {
    let plan = plan(1);
    let inputs = random(INPUTS);
    let rounds = decisions / INPUTS;
    let allowed = match kind {
        "rows" => by_rows(&plan, &inputs, rounds),
        "columns" => by_columns(&plan, &inputs, rounds),
        "json" => by_json(&plan, &inputs, rounds),
        other => panic!("there is no kind `{other}`"),
    };
    black_box(allowed);
}

fn action(plan: &Plan, input: &Input) -> ActionId {
    plan.action_named(&input.action_name()).unwrap()
}

fn by_rows(plan: &Plan, inputs: &[Input], rounds: usize) -> usize {
    let prepared: Vec<(ActionId, [f64; 11])> =
        inputs.iter().map(|input| (action(plan, input), input.row(plan))).collect();
    let mut slots = Inputs::new(plan);
    let mut allowed = 0;
    for (action, row) in (0..rounds).flat_map(|_| &prepared) {
        slots.fill(plan, row);
        allowed += usize::from(decide(plan, &mut slots, *action) == Tier::Allowed);
    }
    allowed
}

fn by_columns(plan: &Plan, inputs: &[Input], rounds: usize) -> usize {
    let mut sorted: Vec<&Input> = inputs.iter().collect();
    sorted.sort_by_key(|input| input.action);
    let parts: Vec<(ActionId, Vec<Vec<f64>>)> = sorted
        .chunk_by(|one, other| one.action == other.action)
        .map(|part| {
            let column = |name| part.iter().map(|input| input.number(name)).collect();
            (action(plan, part[0]), (0..NAMES.len()).map(column).collect())
        })
        .collect();
    let prepared: Vec<(ActionId, usize, Columns<'_>)> = parts
        .iter()
        .map(|(action, columns)| {
            let mut given = Columns::new(plan, columns[0].len());
            NAMES.iter().zip(columns).for_each(|(name, column)| given.set(plan.named(name).unwrap(), column));
            (*action, columns[0].len(), given)
        })
        .collect();
    let (mut lanes, mut out) = (Lanes::new(plan), vec![Tier::Forbidden; inputs.len()]);
    let mut allowed = 0;
    for (action, rows, columns) in (0..rounds).flat_map(|_| &prepared) {
        decide_columns(plan, *action, columns, &mut lanes, &mut out[..*rows]);
        allowed += out.iter().filter(|tier| **tier == Tier::Allowed).count();
    }
    allowed
}

fn by_json(plan: &Plan, inputs: &[Input], rounds: usize) -> usize {
    let documents: Vec<String> = inputs.iter().map(Input::json).collect();
    let mut slots = Inputs::new(plan);
    let mut allowed = 0;
    for document in (0..rounds).flat_map(|_| &documents) {
        let action = read_json(plan, document, &mut slots).unwrap();
        allowed += usize::from(decide(plan, &mut slots, action) == Tier::Allowed);
    }
    allowed
}
