//! How clauses are written out.

use leeway_ir::{ActorField, Clause, ClauseKind, Expr, Policy};

use crate::{policy, tenant};

fn told(policy: &Policy) -> Vec<(String, String)> {
    let told = |clause: &Clause| {
        let when = clause.when.as_ref().map_or_else(String::new, |when| when.written.to_string());
        (clause.id.to_string(), when)
    };
    policy.clauses.iter().map(told).collect()
}

#[test]
fn the_else_half_is_a_clause_of_its_own_with_the_opposite_condition() {
    let policy = tenant(
        "allow set_burst(to) when to in 1..10 else approve because \"b\" suggest set_burst(to: 1) by \"x\"
         allow set_burst(to) when to < 3 and workers > 1 else forbid as small
         allow set_burst(to) when (to < 3 or workers > 1) else approve
         allow set_burst(to) when (to < 3) or (workers > 1) else approve
         allow set_burst(to) when not (to < 3 and workers > 1) else approve
         allow set_burst(to) when (if enabled then to < 3 else to < 2) else approve",
    );
    let expected = [
        ("acme/allow/set_burst/1", "to in 1..10"),
        ("acme/approve/set_burst/1", "not to in 1..10"),
        ("acme/allow/small", "to < 3 and workers > 1"),
        ("acme/forbid/small", "not (to < 3 and workers > 1)"),
        ("acme/allow/set_burst/2", "(to < 3 or workers > 1)"),
        ("acme/approve/set_burst/2", "not (to < 3 or workers > 1)"),
        ("acme/allow/set_burst/3", "(to < 3) or (workers > 1)"),
        ("acme/approve/set_burst/3", "not ((to < 3) or (workers > 1))"),
        ("acme/allow/set_burst/4", "not (to < 3 and workers > 1)"),
        ("acme/approve/set_burst/4", "not not (to < 3 and workers > 1)"),
        ("acme/allow/set_burst/5", "(if enabled then to < 3 else to < 2)"),
        ("acme/approve/set_burst/5", "not (if enabled then to < 3 else to < 2)"),
    ];
    assert_eq!(told(&policy), expected.map(|(id, when)| (id.to_owned(), when.to_owned())));
    let [allow, approve, ..] = policy.clauses.as_slice() else { panic!() };
    assert_eq!((allow.kind, approve.kind), (ClauseKind::Allow, ClauseKind::Approve));
    let (first, second) = (allow.when.as_ref().unwrap(), approve.when.as_ref().unwrap());
    assert_eq!(second.expr, Expr::Not(Box::new(first.expr.clone())));
    assert_eq!(first.names, second.names);
    assert_eq!(
        (&allow.because, &allow.suggest, &allow.by, &allow.origin),
        (&approve.because, &approve.suggest, &approve.by, &approve.origin)
    );
    assert!(allow.because.is_some() && allow.suggest.is_some() && !allow.by.is_empty());
}

#[test]
fn groups_are_spelt_out_and_an_allow_leaves_out_what_cannot_be_undone() {
    let policy = policy(
        "target queue(name: text) {
           fact depth: count
           action a_clear() { effect depth = 0 irreversible disruptive }
           action b_trim(to: count) { effect depth = to undo nothing disruptive }
           action c_fill(to: count) { effect depth = to undo nothing }
         }
         blueprint jobs for queue(\"jobs\") {
           allow any when depth > 3 else approve
           forbid disruptive when depth > 9
           allow disruptive when depth > 4
           limit cooldown 1m after any
         }",
    );
    let actions: Vec<(&str, Vec<u16>)> = policy
        .clauses
        .iter()
        .map(|clause| (clause.id.as_ref(), clause.actions.iter().map(|id| id.0).collect()))
        .collect();
    assert_eq!(
        actions,
        [
            ("jobs/allow/any/1", vec![1, 2]),
            ("jobs/approve/any/1", vec![0, 1, 2]),
            ("jobs/forbid/disruptive/1", vec![0, 1]),
            ("jobs/allow/disruptive/1", vec![1]),
        ]
    );
}

#[test]
fn conditions_are_told_on_one_line_without_comments() {
    let policy = tenant(
        "forbid set_burst(to) when to > 3 // at most
           and   \t actor.id\n == \"a // b   c\"   // nobody else
         approve any",
    );
    assert_eq!(
        told(&policy).first().unwrap(),
        &("acme/forbid/set_burst/1".to_owned(), "to > 3 and actor.id == \"a // b   c\"".to_owned())
    );
}

#[test]
fn parameters_shadow_facts_and_current_is_the_fact() {
    let policy = policy(
        "target pod(name: text) {
           fact memory: bytes
           action resize(memory: bytes) { effect memory = memory undo resize(memory: current.memory) }
         }
         blueprint web for pod(\"web\") {
           allow resize(memory) when memory <= current.memory
           verify resize { within 1m current.memory == memory } else rollback
         }",
    );
    let named = |condition: &leeway_ir::Condition| -> Vec<(String, Expr)> {
        condition.names.iter().map(|named| (named.name.to_string(), named.value.clone())).collect()
    };
    let fact = Expr::Fact(leeway_ir::FactId(0));
    let condition = policy.clauses.first().unwrap().when.as_ref().unwrap();
    let expected = [("memory".to_owned(), Expr::Parameter(0)), ("current.memory".to_owned(), fact.clone())];
    assert_eq!(named(condition), expected);
    let stage = policy.verifications.first().unwrap().stages.first().unwrap();
    assert_eq!(named(&stage.condition), [expected[1].clone(), expected[0].clone()]);
    assert_eq!(policy.actions.first().unwrap().effects.first().unwrap().value, Expr::Parameter(0));
}

#[test]
fn lets_are_looked_through_and_a_computed_number_beside_a_ratio_becomes_one() {
    let policy = tenant(
        "metric errors: ratio = scrape rate(\"e\", 1m) / rate(\"r\", 1m)
         let used = burst / 100
         let roles = [\"a\", \"b\"]
         objective errors < used
         objective burst / 50 in burst / 100..50%
         forbid drain when actor.id in roles or \"on-call\" in actor.roles
         approve any",
    );
    let objective = &policy.objectives.first().unwrap().condition;
    let Expr::Compare(_, _, used) = &objective.expr else { panic!() };
    assert!(matches!(used.as_ref(), Expr::AsRatio(inner) if matches!(inner.as_ref(), Expr::Arithmetic(..))));
    let Expr::InRange(value, low, high) = &policy.objectives.last().unwrap().condition.expr else { panic!() };
    assert!(matches!(
        (value.as_ref(), low.as_ref(), high.as_ref()),
        (Expr::AsRatio(_), Expr::AsRatio(_), Expr::Constant(_))
    ));
    let Expr::Or(parts) = &policy.clauses.first().unwrap().when.as_ref().unwrap().expr else { panic!() };
    let [Expr::InList(_, names), Expr::InList(_, roles)] = parts.as_slice() else { panic!("{parts:?}") };
    assert!(matches!(names.as_slice(), [Expr::Constant(leeway_units::Value::List(all))] if all.len() == 2));
    assert_eq!(roles.as_slice(), [Expr::Actor(ActorField::Roles)]);
}
