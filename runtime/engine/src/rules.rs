//! What the rules would propose now.

use leeway_ir::{Policy, RuleId};

use crate::explain::reason;
use crate::expression::Scope;
use crate::proposal::{Principal, Proposal};
use crate::snapshot::Snapshot;
use crate::suggest::call;
use crate::truth::Truth;

/// What one rule says now.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleProposal {
    /// The rule.
    pub rule: RuleId,
    /// Whether its condition holds.
    pub truth: Truth,
    /// What it proposes: only when its condition is true and its arguments are known.
    pub proposal: Option<Proposal>,
}

/// What each rule says, in source order. A rule proposes only when its condition is true: not when it is unknown.
pub fn propose(policy: &Policy, snapshot: &Snapshot) -> Vec<RuleProposal> {
    let scope = Scope::bare(snapshot);
    let rules = policy.rules.iter().zip(0u16..);
    rules
        .map(|(rule, at)| {
            let truth = scope.truth(&rule.when.expr);
            let proposed = if truth.is_true() { call(policy, scope, &rule.propose) } else { None };
            let proposal = proposed.map(|call| Proposal {
                call,
                actors: vec![Principal::rule(&rule.name)],
                because: rule.because.as_ref().map(|because| reason(because, scope).into()),
            });
            RuleProposal { rule: RuleId(at), truth, proposal }
        })
        .collect()
}
