//! The reference: a policy's meaning, small and slow. Every other way of deciding agrees with it: `tests/laws/agreement.rs`.

use std::sync::Arc;

use leeway_ir::{ActionId, ClauseKind, Policy};

use crate::claims::confirmed;
use crate::decision::Decision;
use crate::expression::Scope;
use crate::history::History;
use crate::proposal::Proposal;
use crate::ruling::{Heard, Ruling};
use crate::snapshot::Snapshot;
use crate::truth::Truth;
use crate::truths::Truths;

/// Decides on a proposal by walking the expressions as they stand. For a chain of principals the strictest verdict stands.
///
/// Whoever decides more than once, or on anything that is alive, has a [`crate::Compiled`] policy, which says the same.
pub fn evaluate(policy: &Policy, snapshot: &Snapshot, history: &History, proposal: &Proposal) -> Decision {
    let mut decision = Decision::new(policy, Arc::new(proposal.clone()), snapshot.at);
    let bare = Scope::bare(policy, snapshot, Some(history));
    let Some((id, action)) = decision.turn_to(policy.action_named(&proposal.call.action), bare) else {
        return decision;
    };
    let conflicting = proposal.conflicts_with.is_some();
    let rulings = proposal.actors.iter().enumerate().map(|(place, actor)| {
        let scope = Scope {
            arguments: &decision.arguments,
            action: Some(action),
            actor: Some(actor),
            claims: confirmed(&decision.claims),
            ..bare
        };
        let mut ruling = Ruling::new();
        ruling.clear(policy);
        ruling.actor = place;
        let heard = walk(scope, id, &mut ruling.clauses);
        ruling.conclude(heard, scope, (id, action), actor, (conflicting, &decision.claims));
        ruling
    });
    let joined = rulings.reduce(|mut one, mut next| {
        one.join(policy, &mut next);
        one
    });
    decision.ruling = joined.unwrap_or_else(Ruling::new);
    decision
}

/// The truth of each clause, and what they say in sum.
pub(crate) fn walk(scope: Scope<'_>, id: ActionId, truths: &mut Truths) -> Heard {
    let mut heard = Heard::default();
    for (at, clause) in scope.policy.clauses.iter().enumerate().filter(|(_, clause)| clause.actions.contains(&id)) {
        let truth = clause.when.as_ref().map_or(Truth::True, |when| scope.truth(&when.expr));
        match clause.kind {
            ClauseKind::Forbid => heard.forbids |= truth.restrains(),
            ClauseKind::Approve => {
                heard.asks |= truth.restrains();
                heard.grants |= truth.is_true();
            }
            ClauseKind::Allow => heard.grants |= truth.is_true(),
        }
        truths.set(at, truth);
    }
    heard
}
