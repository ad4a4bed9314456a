//! Where a policy is said not to be wider than an older one, no verdict is more permissive.

use std::cell::Cell;

use leeway_ir::widenings;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use crate::world::{World, ago};

/// Parts of conditions, with room for a number.
const PARTS: [&str; 12] = [
    "to < #",
    "to <= #",
    "to > #",
    "to >= #",
    "to == #",
    "to != #",
    "to in #..5",
    "to in 1..#",
    "to in [#, 2, 6]",
    "to within #0% of current.replicas",
    "cpu > #0%",
    "cpu < #0%",
];

fn part() -> impl Strategy<Value = String> {
    (prop::sample::select(PARTS.to_vec()), 1u32..8).prop_map(|(part, n)| part.replace('#', &n.to_string()))
}

fn condition() -> impl Strategy<Value = String> {
    part().prop_recursive(2, 6, 2, |inner| {
        let two = (inner.clone(), inner.clone());
        prop_oneof![
            two.clone().prop_map(|(a, b)| format!("({a} and {b})")),
            two.prop_map(|(a, b)| format!("({a} or {b})")),
            inner.prop_map(|a| format!("not ({a})")),
        ]
    })
}

/// The kinds of clauses, one with what else.
const KINDS: [(&str, &str); 4] = [("allow", ""), ("allow", " else approve"), ("approve", ""), ("forbid", "")];

#[derive(Clone, Debug)]
struct Clause {
    kind: (&'static str, &'static str),
    when: String,
}

fn clause() -> impl Strategy<Value = Clause> {
    (prop::sample::select(KINDS.to_vec()), condition()).prop_map(|(kind, when)| Clause { kind, when })
}

/// What is done to a clause; most of it is narrower for some kind.
#[derive(Clone, Debug)]
enum Change {
    Keep,
    Drop,
    And(String),
    Or(String),
    Number(char),
    Kind((&'static str, &'static str)),
    Add(Clause),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        3 => Just(Change::Keep),
        1 => Just(Change::Drop),
        2 => part().prop_map(Change::And),
        2 => part().prop_map(Change::Or),
        3 => prop::char::range('1', '7').prop_map(Change::Number),
        1 => prop::sample::select(KINDS.to_vec()).prop_map(Change::Kind),
        1 => clause().prop_map(Change::Add),
    ]
}

fn changed(clause: &Clause, change: &Change) -> Vec<Clause> {
    let when = |when: String| vec![Clause { kind: clause.kind, when }];
    match change {
        Change::Keep => vec![clause.clone()],
        Change::Drop => vec![],
        Change::And(part) => when(format!("({} and {part})", clause.when)),
        Change::Or(part) => when(format!("({} or {part})", clause.when)),
        Change::Number(n) => {
            let at = clause.when.find(|c: char| c.is_ascii_digit()).unwrap();
            when(format!("{}{n}{}", &clause.when[..at], &clause.when[at + 1..]))
        }
        Change::Kind(kind) => vec![Clause { kind: *kind, when: clause.when.clone() }],
        Change::Add(other) => vec![clause.clone(), other.clone()],
    }
}

fn world(clauses: &[Clause], cpu: Option<u32>, replicas: Option<u32>) -> World {
    let line = |clause: &Clause| {
        let reads = if clause.when.contains("to ") { "to" } else { ".." };
        let (kind, otherwise) = clause.kind;
        format!("{kind} scale({reads}) when {}{otherwise}", clause.when)
    };
    let mut world = World::new(&clauses.iter().map(line).collect::<Vec<_>>().join("\n"));
    if let Some(cpu) = cpu {
        world = world.at(ago(5), "cpu", &format!("{cpu}%"));
    }
    if let Some(replicas) = replicas {
        world = world.at(ago(5), "replicas", &replicas.to_string());
    }
    world
}

#[test]
fn what_is_not_wider_permits_no_more() {
    let input = (
        prop::collection::vec((clause(), change()), 1..5),
        prop::option::weighted(0.6, 0u32..100),
        prop::option::weighted(0.6, 0u32..8),
    );
    let (all, narrower) = (Cell::new(0), Cell::new(0));
    let mut runner = TestRunner::new(ProptestConfig { cases: 300, ..ProptestConfig::default() });
    let checked = runner.run(&input, |(clauses, cpu, replicas)| {
        let old: Vec<Clause> = clauses.iter().map(|(clause, _)| clause.clone()).collect();
        let new: Vec<Clause> = clauses.iter().flat_map(|(clause, change)| changed(clause, change)).collect();
        let (old, new) = (world(&old, cpu, replicas), world(&new, cpu, replicas));
        all.set(all.get() + 1);
        if !widenings(&old.policy, &new.policy).is_empty() {
            return Ok(());
        }
        narrower.set(narrower.get() + 1);
        for to in 0..9 {
            let call = format!("scale(to: {to})");
            prop_assert!(new.tier(&call) >= old.tier(&call), "{}", call);
        }
        Ok(())
    });
    checked.unwrap();
    assert!(narrower.get() * 5 > all.get(), "only {} of {} were narrower", narrower.get(), all.get());
}
