//! The decision: section 6 of the language, in its order.

use std::sync::Arc;

use leeway_ir::{Action, ActionId, Autonomy, Clause, ClauseKind, Policy, Undo};
use leeway_units::Value;

use crate::arguments::bind;
use crate::claims;
use crate::decision::{Bound, Decision, Guard, LimitVoice};
use crate::digest::StateDigest;
use crate::expression::Scope;
use crate::history::History;
use crate::limits;
use crate::plan::Plan;
use crate::proposal::{ActorKind, Principal, Proposal};
use crate::snapshot::Snapshot;
use crate::tier::Tier;
use crate::truth::Truth;

/// Decides on a proposal. For a chain of principals the strictest verdict stands.
///
/// This is the meaning of a policy: it walks the expressions as they stand. [`Compiled::evaluate`] says the same, faster.
pub fn evaluate(policy: &Policy, snapshot: &Snapshot, history: &History, proposal: &Proposal) -> Decision {
    decision(policy, None, snapshot, history, proposal)
}

/// A policy and its plan.
#[derive(Clone, Debug)]
pub struct Compiled {
    policy: Arc<Policy>,
    plan: Plan,
}

impl Compiled {
    /// Compiles a policy.
    pub fn new(policy: Arc<Policy>) -> Compiled {
        let plan = Plan::of(&policy);
        Compiled { policy, plan }
    }

    /// The policy.
    pub fn policy(&self) -> &Arc<Policy> {
        &self.policy
    }

    /// Its plan.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The same decision as [`evaluate`]'s.
    pub fn evaluate(&self, snapshot: &Snapshot, history: &History, proposal: &Proposal) -> Decision {
        decision(&self.policy, Some(&self.plan), snapshot, history, proposal)
    }
}

fn decision(
    policy: &Policy,
    plan: Option<&Plan>,
    snapshot: &Snapshot,
    history: &History,
    proposal: &Proposal,
) -> Decision {
    let truths = claims::judge(Scope::bare(policy, snapshot, Some(history)), &proposal.claims);
    let undecided = Decision {
        tier: Tier::Forbidden,
        bound: Err(crate::ArgumentsError { message: "nobody asks for it".into() }),
        call: proposal.call.clone(),
        actor: proposal.actors.first().cloned(),
        actors: proposal.actors.clone(),
        clauses: vec![Truth::False; policy.clauses.len()],
        limits: Vec::new(),
        guards: Vec::new(),
        claims: proposal.claims.iter().cloned().zip(truths).collect(),
        conflicts_with: proposal.conflicts_with.clone(),
        without_ceiling: Tier::Forbidden,
        by_default: false,
        fingerprint: policy.fingerprint.clone(),
        state: StateDigest::of(policy, policy.action_named(&proposal.call.action).map(|(_, action)| action), snapshot),
        at: snapshot.at,
    };
    let (id, action, arguments) = match bind(policy, &proposal.call) {
        Ok(bound) => bound,
        Err(error) => return Decision { bound: Err(error), ..undecided },
    };
    let judge = Judge { policy, plan, snapshot, history, id, action, arguments: &arguments };
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
    for voice in other.limits {
        match strictest.limits.iter_mut().find(|known| known.limit == voice.limit) {
            Some(known) => *known = louder(known.clone(), voice),
            None => strictest.limits.push(voice),
        }
    }
    strictest.limits.sort_by_key(|voice| voice.limit);
    let also: Vec<Guard> = other.guards.into_iter().filter(|guard| !strictest.guards.contains(guard)).collect();
    strictest.guards.extend(also);
    strictest.without_ceiling = strictest.without_ceiling.max(other.without_ceiling);
    strictest
}

/// Of what one limit says of two principals: the certain before the unknown, then what lasts longer.
fn louder(one: LimitVoice, other: LimitVoice) -> LimitVoice {
    let loudness = |voice: &LimitVoice| (voice.truth.is_true(), voice.retry_after_ms);
    if loudness(&other) > loudness(&one) { other } else { one }
}

struct Judge<'a> {
    policy: &'a Policy,
    plan: Option<&'a Plan>,
    snapshot: &'a Snapshot,
    history: &'a History,
    id: ActionId,
    action: &'a Action,
    arguments: &'a [Value],
}

impl Judge<'_> {
    fn decide(&self, actor: &Principal, undecided: &Decision) -> Decision {
        let truths: Vec<Truth> = undecided.claims.iter().map(|(_, truth)| *truth).collect();
        let scope = Scope {
            arguments: self.arguments,
            action: Some(self.action),
            actor: Some(actor),
            claims: claims::confirmed(&truths),
            ..Scope::bare(self.policy, self.snapshot, Some(self.history))
        };
        let planned = self.plan.and_then(|plan| plan.truths(scope, self.id));
        let clauses = planned.unwrap_or_else(|| self.policy.clauses.iter().map(|c| self.clause(scope, c)).collect());
        let limits = limits::speaking(scope, self.id, self.action, actor);
        let ceiling = self.ceiling(actor);
        let guards = self.guards(undecided.conflicts_with.is_some(), &truths);

        let speaking = |kind| {
            self.policy
                .clauses
                .iter()
                .zip(&clauses)
                .filter(move |(clause, _)| clause.kind == kind)
                .map(|(_, truth)| *truth)
        };
        let granted = speaking(ClauseKind::Allow).chain(speaking(ClauseKind::Approve)).any(Truth::is_true);
        let restrained = |tier: Tier, ceiling: Option<Guard>| {
            limits.iter().any(|voice| voice.tier == tier)
                || guards.iter().copied().chain(ceiling).any(|guard| guard.tier() == tier)
        };
        let forbidden =
            |ceiling| speaking(ClauseKind::Forbid).any(Truth::restrains) || restrained(Tier::Forbidden, ceiling);
        let tier = |ceiling| {
            if forbidden(ceiling) || !granted {
                Tier::Forbidden
            } else if speaking(ClauseKind::Approve).any(Truth::restrains) || restrained(Tier::ApprovalRequired, ceiling)
            {
                Tier::ApprovalRequired
            } else {
                Tier::Allowed
            }
        };
        Decision {
            tier: tier(ceiling),
            without_ceiling: tier(None),
            by_default: !forbidden(ceiling) && !granted,
            bound: Ok(Bound { action: self.id, arguments: self.arguments.to_vec() }),
            actor: Some(actor.clone()),
            clauses,
            limits,
            guards: guards.into_iter().chain(ceiling).collect(),
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

    fn guards(&self, conflicting: bool, claims: &[Truth]) -> Vec<Guard> {
        let safety = &self.snapshot.safety;
        let of_state = [
            (safety.killed, Guard::Kill),
            (safety.breaker_open, Guard::Breaker),
            (safety.held, Guard::Hold),
            (safety.owner.is_some(), Guard::Owner),
            (self.action.undo == Undo::Irreversible, Guard::Irreversible),
            (conflicting, Guard::Conflict),
        ];
        let unconfirmed = claims.iter().enumerate().filter_map(|(claim, truth)| {
            let contradicted = !*truth;
            contradicted.restrains().then_some(Guard::Claim { claim, truth: contradicted })
        });
        of_state.into_iter().filter_map(|(speaks, guard)| speaks.then_some(guard)).chain(unconfirmed).collect()
    }

    /// The strictest ceiling over this actor, the first of several alike. There is none over people.
    fn ceiling(&self, actor: &Principal) -> Option<Guard> {
        match actor.kind() {
            ActorKind::Human => return None,
            ActorKind::Rule | ActorKind::Agent => {}
        }
        let ceilings = self.policy.ceilings.iter().enumerate();
        let (ceiling, strictest) = ceilings.min_by_key(|(_, ceiling)| ceiling.level)?;
        let level = strictest.level;
        (level != Autonomy::Act).then_some(Guard::Ceiling { ceiling, level })
    }
}
