//! The policy of `peers/` beside hand-written Rust and other policy engines.
//!
//! `cargo bench -p leeway-benches --bench decisions --features peers` compares every answer first, and then prints the table;
//! without the feature it leaves the other engines out.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a benchmark may stop at the first surprise")]

mod by_hand;
#[cfg(feature = "peers")]
mod peers;

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use comfy_table::Table;
use cpu_time::ThreadTime;
use jiff::Timestamp;
use leeway_benches::{Input, NAMES, plan, policy, random};
use leeway_engine::{
    Columns, Compiled, Decider, History, Inputs, Lanes, Plan, Principal, Proposal, Sample, Snapshot, Tier, decide,
    decide_columns, read_json,
};
use leeway_ir::ActionId;
use leeway_units::{Call, Quantity, Unit, Value};

/// The place among [`NAMES`] of the one that is an argument.
const TARGET: usize = 10;

/// How many groups of 21 rules make 1,008.
const GROUPS: usize = 48;

/// How much processor time each contender is given, five times; the median counts. Other work on the machine does not.
const SLICE: Duration = Duration::from_millis(120);
const SLICES: usize = 5;

struct Row {
    what: String,
    ns: f64,
}

fn main() {
    for (groups, count) in [(1, 1_024), (1, 16_384), (GROUPS, 1_024)] {
        let mut inputs = random(count);
        if groups > 1 {
            // `action != 'rollback'` means something else where there are 48 rollbacks: there nothing is that young.
            for (at, input) in inputs.iter_mut().enumerate() {
                (input.numbers[8], input.group) = (input.numbers[8] + 30, at % groups);
            }
        }
        let rows = measured(groups, &inputs);
        let (hand, ours) = (rows[0].ns, rows[1].ns);
        let mut table = Table::new();
        table.set_header(["what", "ns a decision", "by hand = 1", "Leeway = 1"]);
        for Row { what, ns } in &rows {
            table.add_row([what.clone(), format!("{ns:.1}"), format!("{:.1}", ns / hand), format!("{:.1}", ns / ours)]);
        }
        println!("{} rules, {count} random inputs\n{table}", groups * 21);
    }
}

/// One way to decide on the input of that place.
type Contender<'a> = (&'a str, Box<dyn FnMut(usize) -> Tier + 'a>);

fn measured(groups: usize, inputs: &[Input]) -> Vec<Row> {
    let plan = plan(groups);
    let proposals: Vec<by_hand::Proposal> = inputs.iter().map(by_hand::Proposal::of).collect();
    let expected: Vec<Tier> = proposals.iter().map(by_hand::decide).collect();
    let rows: Vec<[f64; 11]> = inputs.iter().map(|input| input.row(&plan)).collect();
    let actions: Vec<ActionId> = inputs.iter().map(|input| plan.action_named(&input.action_name()).unwrap()).collect();
    let documents: Vec<String> = inputs.iter().map(Input::json).collect();
    let (mut slots, mut read) = (Inputs::new(&plan), Inputs::new(&plan));
    let mut live = Live::new(groups, inputs);

    #[cfg(feature = "peers")]
    let (cel, cedar) = (peers::Cel::new(groups, inputs), peers::Cedar::new(groups, inputs));
    #[cfg(feature = "peers")]
    let (mut in_vm, mut interpreted) = (peers::Rego::new(groups, inputs), peers::Rego::new(groups, inputs));

    let mut found =
        vec![Row { what: "hand-written Rust".into(), ns: time(inputs.len(), |at| by_hand::decide(&proposals[at])) }];
    let mut contenders: Vec<Contender<'_>> = vec![
        (
            "Leeway",
            Box::new(|at| {
                slots.fill(&plan, &rows[at]);
                decide(&plan, &mut slots, actions[at])
            }),
        ),
        ("Leeway, on a snapshot", Box::new(|at| live.decide(at))),
        (
            "Leeway, from JSON text",
            Box::new(|at| {
                let action = read_json(&plan, &documents[at], &mut read).unwrap();
                decide(&plan, &mut read, action)
            }),
        ),
    ];
    #[cfg(feature = "peers")]
    contenders.extend([
        ("cel", Box::new(|at| cel.decide(at)) as Box<dyn FnMut(usize) -> Tier>),
        ("regorus, virtual machine", Box::new(|at| in_vm.in_vm(at))),
        ("regorus, interpreter", Box::new(|at| interpreted.interpreted(at))),
        ("cedar-policy", Box::new(|at| cedar.decide(at))),
    ]);
    for (what, contender) in &mut contenders {
        for (at, expected) in expected.iter().enumerate() {
            assert_eq!(contender(at), *expected, "{what} on {:?}", inputs[at]);
        }
    }
    println!("{} contenders gave the same answers to {} inputs", contenders.len() + 1, inputs.len());
    for (what, contender) in &mut contenders {
        found.push(Row { what: (*what).into(), ns: time(inputs.len(), contender) });
    }
    found.insert(3, Row { what: "Leeway, in columns".into(), ns: in_columns(&plan, inputs, &actions, &expected) });
    found
}

/// What the daemon asks: proposals on evidence, with all that may stand in their way.
struct Live {
    decider: Decider,
    history: History,
    cases: Vec<(Snapshot, Arc<Proposal>)>,
}

impl Live {
    fn new(groups: usize, inputs: &[Input]) -> Live {
        let compiled = Compiled::new(policy(groups));
        let (policy, at) = (compiled.policy(), Timestamp::UNIX_EPOCH);
        let person = Principal::parse("human:ada").unwrap();
        let case = |input: &Input| {
            let mut snapshot = Snapshot::empty(policy, at);
            let value = |name| Value::Quantity(Quantity::new(Unit::Count, input.number(name)).unwrap());
            for (fact, series) in policy.facts.iter().zip(&mut snapshot.facts) {
                let name = NAMES.iter().position(|name| *name == fact.name.as_ref()).unwrap();
                series.push(Sample { at, value: Ok(value(name)) });
            }
            let parameters = &policy.action_named(&input.action_name()).unwrap().1.parameters;
            let arguments = parameters.iter().map(|parameter| (parameter.name.clone(), value(TARGET))).collect();
            let call = Call { action: input.action_name().into(), arguments };
            (snapshot, Arc::new(Proposal::new(person.clone(), call, None)))
        };
        let cases = inputs.iter().map(case).collect();
        Live { decider: Decider::new(&compiled), history: History::since(at), cases }
    }

    fn decide(&mut self, at: usize) -> Tier {
        let (snapshot, proposal) = &self.cases[at];
        self.decider.decide(snapshot, &self.history, proposal).tier()
    }
}

/// The median over some slices of time, of nanoseconds for one decision.
fn time(inputs: usize, mut decide: impl FnMut(usize) -> Tier) -> f64 {
    let mut slices: Vec<f64> = (0..SLICES)
        .map(|_| {
            let began = ThreadTime::now();
            let (mut decisions, mut at, mut batch) = (0_u32, 0, 64);
            // The clock is asked less and less often: asking takes as long as some decisions.
            while began.elapsed() < SLICE {
                for _ in 0..batch {
                    black_box(decide(black_box(at)));
                    at = if at + 1 == inputs { 0 } else { at + 1 };
                }
                decisions += batch;
                batch *= 2;
            }
            began.elapsed().as_secs_f64() * 1e9 / f64::from(decisions)
        })
        .collect();
    slices.sort_by(f64::total_cmp);
    slices[SLICES / 2]
}

/// All inputs of one action together, as a simulation asks.
fn in_columns(plan: &Plan, inputs: &[Input], actions: &[ActionId], expected: &[Tier]) -> f64 {
    let mut all: Vec<ActionId> = actions.to_vec();
    all.sort();
    all.dedup();
    let parts: Vec<(ActionId, Vec<Vec<f64>>, Vec<Tier>)> = all
        .into_iter()
        .map(|action| {
            let of: Vec<usize> = (0..inputs.len()).filter(|at| actions[*at] == action).collect();
            let column = |name: usize| of.iter().map(|at| inputs[*at].number(name)).collect();
            (action, (0..NAMES.len()).map(column).collect(), of.iter().map(|at| expected[*at]).collect())
        })
        .collect();
    let prepared: Vec<(ActionId, usize, Columns<'_>)> = parts
        .iter()
        .map(|(action, columns, expected)| {
            let mut given = Columns::new(plan, expected.len());
            NAMES.iter().zip(columns).for_each(|(name, column)| given.set(plan.named(name).unwrap(), column));
            (*action, expected.len(), given)
        })
        .collect();
    let (mut lanes, mut out) = (Lanes::new(plan), vec![Tier::Forbidden; inputs.len()]);
    for ((action, rows, given), (.., expected)) in prepared.iter().zip(&parts) {
        decide_columns(plan, *action, given, &mut lanes, &mut out[..*rows]);
        assert_eq!(&out[..*rows], expected.as_slice());
    }
    let mut slices: Vec<f64> = (0..SLICES)
        .map(|_| {
            let began = ThreadTime::now();
            let mut runs = 0_u32;
            while began.elapsed() < SLICE {
                for (action, rows, given) in &prepared {
                    decide_columns(plan, *action, given, &mut lanes, &mut out[..*rows]);
                    black_box(&out);
                }
                runs += 1;
            }
            began.elapsed().as_secs_f64() * 1e9 / f64::from(runs) / f64::from(u32::try_from(inputs.len()).unwrap())
        })
        .collect();
    slices.sort_by(f64::total_cmp);
    slices[SLICES / 2]
}
