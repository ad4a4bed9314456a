//! What the tests have not shown: of each clause the truth values that it had in no decision.

use leeway_engine::Truth;
use leeway_ir::{Clause, Expr};

use super::Tested;

/// A clause with truth values that no test has shown.
pub(super) struct Unseen<'a> {
    /// The clause.
    pub(super) clause: &'a Clause,
    /// The truth values; at least one.
    pub(super) unseen: Vec<Truth>,
}

/// The clauses of the suite with truth values that none of its tests has shown, in source order.
pub(super) fn unseen<'a>(tested: &Tested<'a>) -> Vec<Unseen<'a>> {
    let clauses = tested.suite.policy.clauses.iter().enumerate();
    let unseen = clauses.map(|(at, clause)| {
        let seen = |truth: &Truth| {
            tested.runs.iter().filter_map(|run| run.played.coverage.get(at)).any(|seen| seen.contains(truth))
        };
        Unseen { clause, unseen: possible(clause).into_iter().filter(|truth| !seen(truth)).collect() }
    });
    unseen.filter(|clause| !clause.unseen.is_empty()).collect()
}

/// The truth values that a clause can have: without a condition it is always true, and arguments and constants are never unknown.
fn possible(clause: &Clause) -> Vec<Truth> {
    let Some(when) = &clause.when else { return vec![Truth::True] };
    if can_be_unknown(&when.expr) {
        vec![Truth::True, Truth::False, Truth::Unknown]
    } else {
        vec![Truth::True, Truth::False]
    }
}

fn can_be_unknown(expr: &Expr) -> bool {
    let mut can = false;
    expr.walk(&mut |expr| can |= expr.input().is_some());
    can
}
