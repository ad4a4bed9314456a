//! The decision: section 6 of the language, in its order.

use leeway_ir::{Action, ActionId, Clause, ClauseKind, Limit, Policy, Undo};
use leeway_units::Value;

use crate::arguments::bind;
use crate::decision::{Bound, Decision, Guard, LimitVoice};
use crate::digest::StateDigest;
use crate::expression::Scope;
use crate::history::History;
use crate::proposal::{Principal, Proposal};
use crate::series::{ms_after, ms_between};
use crate::snapshot::Snapshot;
use crate::tier::Tier;
use crate::truth::Truth;

/// Decides on a proposal. For a chain of principals the strictest verdict stands.
pub fn evaluate(policy: &Policy, snapshot: &Snapshot, history: &History, proposal: &Proposal) -> Decision {
    let undecided = Decision {
        tier: Tier::Forbidden,
        bound: Err(crate::ArgumentsError { message: "nobody asks for it".into() }),
        call: proposal.call.clone(),
        actor: proposal.actors.first().cloned(),
        actors: proposal.actors.clone(),
        clauses: vec![Truth::False; policy.clauses.len()],
        limits: Vec::new(),
        guards: Vec::new(),
        conflicts_with: proposal.conflicts_with.clone(),
        by_default: false,
        fingerprint: policy.fingerprint.clone(),
        state: StateDigest::of(policy, policy.action_named(&proposal.call.action).map(|(_, action)| action), snapshot),
        at: snapshot.at,
    };
    let (id, action, arguments) = match bind(policy, &proposal.call) {
        Ok(bound) => bound,
        Err(error) => return Decision { bound: Err(error), ..undecided },
    };
    let judge = Judge { policy, snapshot, history, id, action, arguments: &arguments };
    let verdicts = proposal.actors.iter().map(|actor| judge.decide(actor, &undecided));
    verdicts.reduce(|one, next| stricter(policy, one, next)).unwrap_or(undecided)
}

/// The stricter of two principals' verdicts (the first of two alike, so that the same input names the same principal), with
/// the restraints that spoke for either: each may name people who must agree.
fn stricter(policy: &Policy, one: Decision, next: Decision) -> Decision {
    let (mut strictest, other) = if next.tier > one.tier { (next, one) } else { (one, next) };
    for ((truth, also), clause) in strictest.clauses.iter_mut().zip(&other.clauses).zip(&policy.clauses) {
        if clause.kind != ClauseKind::Allow && *truth != Truth::True && also.restrains() {
            *truth = *also;
        }
    }
    strictest
}

struct Judge<'a> {
    policy: &'a Policy,
    snapshot: &'a Snapshot,
    history: &'a History,
    id: ActionId,
    action: &'a Action,
    arguments: &'a [Value],
}

impl Judge<'_> {
    fn decide(&self, actor: &Principal, undecided: &Decision) -> Decision {
        let scope = Scope {
            snapshot: self.snapshot,
            at: self.snapshot.at,
            since: None,
            arguments: self.arguments,
            action: Some(self.action),
            actor: Some(actor),
        };
        let clauses: Vec<Truth> = self.policy.clauses.iter().map(|clause| self.clause(scope, clause)).collect();
        let limits = self.limits();
        let guards = self.guards(undecided.conflicts_with.is_some());

        let speaking = |kind| {
            self.policy
                .clauses
                .iter()
                .zip(&clauses)
                .filter(move |(clause, _)| clause.kind == kind)
                .map(|(_, truth)| *truth)
        };
        let granted = speaking(ClauseKind::Allow).chain(speaking(ClauseKind::Approve)).any(Truth::is_true);
        let restrained = |tier: Tier| guards.iter().any(|guard| guard.tier() == tier);

        let forbidden =
            speaking(ClauseKind::Forbid).any(Truth::restrains) || !limits.is_empty() || restrained(Tier::Forbidden);
        let by_default = !forbidden && !granted;
        let tier = if forbidden || by_default {
            Tier::Forbidden
        } else if speaking(ClauseKind::Approve).any(Truth::restrains) || restrained(Tier::ApprovalRequired) {
            Tier::ApprovalRequired
        } else {
            Tier::Allowed
        };
        Decision {
            tier,
            bound: Ok(Bound { action: self.id, arguments: self.arguments.to_vec() }),
            actor: Some(actor.clone()),
            clauses,
            limits,
            guards,
            by_default,
            ..undecided.clone()
        }
    }

    fn clause(&self, scope: Scope<'_>, clause: &Clause) -> Truth {
        if clause.actions.contains(&self.id) {
            clause.when.as_ref().map_or(Truth::True, |when| scope.truth(&when.expr))
        } else {
            Truth::False
        }
    }

    /// The limits that speak; each of this version forbids.
    fn limits(&self) -> Vec<LimitVoice> {
        let mut voices = Vec::new();
        for (limit, declared) in self.policy.limits.iter().enumerate() {
            match declared {
                Limit::Cooldown { duration_ms, actions, .. } if actions.contains(&self.id) => {
                    match self.history.last_began(actions) {
                        Err(_) => voices.push(LimitVoice { limit, truth: Truth::Unknown, retry_after_ms: None }),
                        Ok(None) => {}
                        Ok(Some(began)) => {
                            let left = ms_between(self.snapshot.at, ms_after(began, *duration_ms));
                            if let Some(left) = u64::try_from(left).ok().filter(|left| *left > 0) {
                                voices.push(LimitVoice { limit, truth: Truth::True, retry_after_ms: Some(left) });
                            }
                        }
                    }
                }
                // Whether it is open is kept in the snapshot's safety: it outlives the history that opened it.
                Limit::Cooldown { .. } | Limit::Breaker { .. } => {}
            }
        }
        voices
    }

    fn guards(&self, conflicting: bool) -> Vec<Guard> {
        let safety = &self.snapshot.safety;
        [
            (safety.killed, Guard::Kill),
            (safety.breaker_open, Guard::Breaker),
            (safety.held, Guard::Hold),
            (safety.owner.is_some(), Guard::Owner),
            (self.action.undo == Undo::Irreversible, Guard::Irreversible),
            (conflicting, Guard::Conflict),
        ]
        .into_iter()
        .filter_map(|(speaks, guard)| speaks.then_some(guard))
        .collect()
    }
}
