//! The parts of a policy that may speak, each with how often it did.

use leeway_engine::{Principal, Tally};
use leeway_ir::{Autonomy, Origin, Policy};

use crate::report::{Part, PartKind};

/// Rules, clauses, limits, and ceilings that hold somebody back, each in source order.
pub(crate) fn parts(policy: &Policy, tally: &Tally) -> Vec<Part> {
    let part = |kind, id: &str, text: &str, at: &Origin| Part {
        kind,
        id: id.to_owned(),
        text: text.to_owned(),
        at: at.clone(),
        times: tally.times(id),
    };
    let rules = policy
        .rules
        .iter()
        .map(|rule| part(PartKind::Rule, Principal::rule(&rule.name).id(), &rule.when.written, &rule.origin));
    let clauses = policy.clauses.iter().map(|clause| {
        let when = clause.when.as_ref().map_or("always", |when| &when.written);
        part(PartKind::Clause, &clause.id, when, &clause.origin)
    });
    let limits = policy.limits.iter().map(|limit| part(PartKind::Limit, &limit.id, &limit.written, &limit.origin));
    let ceilings = policy.ceilings.iter().filter_map(|ceiling| {
        let word = match ceiling.level {
            Autonomy::Observe => "autonomy observe",
            Autonomy::Suggest => "autonomy suggest",
            Autonomy::Approve => "autonomy approve",
            Autonomy::Act => return None,
        };
        Some(part(PartKind::Ceiling, &ceiling.id, word, &ceiling.origin))
    });
    rules.chain(clauses).chain(limits).chain(ceilings).collect()
}
