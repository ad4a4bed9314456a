//! What the rules would propose now.

use std::sync::Arc;

use leeway_ir::{Expr, FactId, Input, LimitKind, Policy, RuleId};
use leeway_units::{Call, Value};

use crate::arguments::bound;
use crate::digest::facts_of;
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

/// What each rule says, in source order, and why. A rule proposes only when its condition is true: not when it is unknown.
pub fn propose(policy: &Policy, snapshot: &Snapshot, history: &History) -> Vec<RuleProposal> {
    let mut all = proposed(policy, snapshot, history);
    for said in &mut all {
        if let Some(proposal) = &mut said.proposal {
            proposal.because = because(policy, snapshot, history, said.rule);
        }
    }
    all
}

/// Why the rule proposes, in its own words.
pub(crate) fn because(policy: &Policy, snapshot: &Snapshot, history: &History, rule: RuleId) -> Option<Arc<str>> {
    let because = policy.rules.get(usize::from(rule.0))?.because.as_ref()?;
    Some(reason(because, Scope::bare(policy, snapshot, Some(history))).into())
}

/// What each rule says; why, is to be asked of what is taken in: most rounds come to nothing new.
pub(crate) fn proposed(policy: &Policy, snapshot: &Snapshot, history: &History) -> Vec<RuleProposal> {
    let scope = Scope::bare(policy, snapshot, Some(history));
    let rules = policy.rules.iter().zip(0u16..);
    let mut proposals: Vec<RuleProposal> = rules
        .map(|(rule, at)| {
            let truth = scope.truth(&rule.when.expr);
            let proposed = if truth.is_true() { call(policy, scope, &rule.propose) } else { None };
            let proposal = proposed.map(|call| Proposal::new(Principal::rule(&rule.name), call, None));
            RuleProposal { rule: RuleId(at), truth, proposal }
        })
        .collect();
    mark_conflicts(policy, scope, &mut proposals);
    proposals
}

/// The facts that a rule reads, and those that what it proposes is decided by.
pub(crate) fn read_by(policy: &Policy, rule: RuleId) -> Vec<FactId> {
    let Some(rule) = policy.rules.get(usize::from(rule.0)) else { return Vec::new() };
    let about = policy.clauses.iter().filter(|clause| clause.actions.contains(&rule.propose.action));
    let conditions = about.filter_map(|clause| clause.when.as_ref()).chain([&rule.when]);
    let exprs = conditions.map(|condition| &condition.expr).chain(&rule.propose.arguments);
    let read = exprs.flat_map(Expr::inputs).filter_map(Input::fact);
    let limited = policy.limits.iter().filter_map(|limit| match limit.kind {
        LimitKind::Drift { fact, .. } => Some(fact),
        LimitKind::Cooldown { .. }
        | LimitKind::Breaker { .. }
        | LimitKind::AtMost { .. }
        | LimitKind::Pace { .. }
        | LimitKind::Budget { .. }
        | LimitKind::Freeze { .. } => None,
    });
    let written = policy.action(rule.propose.action).map(facts_of).unwrap_or_default();
    read.chain(limited).chain(written).collect()
}

/// Rules that want different values for one fact in one round are both recorded, and both need approval; so are those of which it
/// is not known that they want the same.
fn mark_conflicts(policy: &Policy, scope: Scope<'_>, proposals: &mut [RuleProposal]) {
    if proposals.iter().filter(|said| said.proposal.is_some()).count() < 2 {
        return;
    }
    let wanted: Vec<Option<Wanted>> = proposals
        .iter()
        .map(|said| said.proposal.as_ref().map(|proposal| Wanted::of(policy, scope, &proposal.call)))
        .collect();
    for (said, mine) in proposals.iter_mut().zip(&wanted) {
        let (Some(proposal), Some(mine)) = (&mut said.proposal, mine) else { continue };
        proposal.conflicts_with = rival(policy, mine, &wanted);
    }
}

/// The rule with which the proposal of a rule of another policy conflicts in this round; that of its own name takes its place.
pub(crate) fn conflict(
    policy: &Policy,
    snapshot: &Snapshot,
    history: &History,
    proposal: &Proposal,
) -> Option<Arc<str>> {
    let scope = Scope::bare(policy, snapshot, Some(history));
    let others = |said: RuleProposal| said.proposal.filter(|theirs| theirs.actors != proposal.actors);
    let wanted: Vec<Option<Wanted>> = proposed(policy, snapshot, history)
        .into_iter()
        .map(|said| others(said).map(|theirs| Wanted::of(policy, scope, &theirs.call)))
        .collect();
    rival(policy, &Wanted::of(policy, scope, &proposal.call), &wanted)
}

/// The first rule, in the order of the policy, that wants or may want another value for a fact.
fn rival(policy: &Policy, mine: &Wanted, wanted: &[Option<Wanted>]) -> Option<Arc<str>> {
    let rival = wanted.iter().position(|theirs| theirs.as_ref().is_some_and(|theirs| mine.may_differ(theirs)))?;
    policy.rules.get(rival).map(|rule| rule.name.clone())
}

/// What a rule wants done, and what each fact would be then; nothing, where that is unknown.
struct Wanted {
    call: Call,
    facts: Vec<(FactId, Option<Value>)>,
}

impl Wanted {
    fn of(policy: &Policy, scope: Scope<'_>, call: &Call) -> Wanted {
        let facts = bound(policy, call).map_or_else(
            |_| Vec::new(),
            |(action, arguments)| {
                let scope = Scope { arguments: &arguments, action: Some(action), ..scope };
                action.effects.iter().map(|effect| (effect.fact, scope.value(&effect.value))).collect()
            },
        );
        Wanted { call: call.clone(), facts }
    }

    /// Whether one fact is not known to become the same by both. The same call does the same, whatever that is.
    fn may_differ(&self, other: &Wanted) -> bool {
        let same = |one: &Option<Value>, other: &Option<Value>| one.is_some() && one == other;
        let rivals = |(fact, value): &(FactId, Option<Value>)| {
            other.facts.iter().any(|(known, wanted)| known == fact && !same(value, wanted))
        };
        self.call != other.call && self.facts.iter().any(rivals)
    }
}
