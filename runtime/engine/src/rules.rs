//! What the rules would propose now.

use leeway_ir::{FactId, Policy, RuleId};
use leeway_units::Value;

use crate::arguments::bound;
use crate::explain::reason;
use crate::expression::Scope;
use crate::history::History;
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
pub fn propose(policy: &Policy, snapshot: &Snapshot, history: &History) -> Vec<RuleProposal> {
    let scope = Scope::bare(policy, snapshot, Some(history));
    let rules = policy.rules.iter().zip(0u16..);
    let mut proposals: Vec<RuleProposal> = rules
        .map(|(rule, at)| {
            let truth = scope.truth(&rule.when.expr);
            let proposed = if truth.is_true() { call(policy, scope, &rule.propose) } else { None };
            let because = rule.because.as_ref().map(|because| reason(because, scope).into());
            let proposal = proposed.map(|call| Proposal::new(Principal::rule(&rule.name), call, because));
            RuleProposal { rule: RuleId(at), truth, proposal }
        })
        .collect();
    mark_conflicts(policy, scope, &mut proposals);
    proposals
}

/// Rules that want different values for one fact in one round are both recorded, and both need approval.
fn mark_conflicts(policy: &Policy, scope: Scope<'_>, proposals: &mut [RuleProposal]) {
    let effects: Vec<Vec<(FactId, Value)>> = proposals
        .iter()
        .map(|said| said.proposal.as_ref().map(|proposal| effects(policy, scope, proposal)).unwrap_or_default())
        .collect();
    let differ = |one: &[(FactId, Value)], other: &[(FactId, Value)]| {
        one.iter().any(|(fact, value)| other.iter().any(|(same, wanted)| fact == same && value != wanted))
    };
    for (at, said) in proposals.iter_mut().enumerate() {
        let Some(mine) = effects.get(at) else { continue };
        let rival = effects.iter().position(|theirs| differ(mine, theirs));
        let name = rival.and_then(|rival| policy.rules.get(rival)).map(|rule| rule.name.clone());
        if let Some(proposal) = &mut said.proposal {
            proposal.conflicts_with = name;
        }
    }
}

fn effects(policy: &Policy, scope: Scope<'_>, proposal: &Proposal) -> Vec<(FactId, Value)> {
    let Ok((action, arguments)) = bound(policy, &proposal.call) else { return Vec::new() };
    let scope = Scope { arguments: &arguments, action: Some(action), ..scope };
    action.effects.iter().filter_map(|effect| Some((effect.fact, scope.value(&effect.value)?))).collect()
}
