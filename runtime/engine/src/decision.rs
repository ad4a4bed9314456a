//! What was found: the tier and who spoke, not yet in words.

use std::sync::Arc;

use jiff::Timestamp;
use leeway_ir::{Action, ActionId, Autonomy, Fingerprint, Policy};
use leeway_units::{Quantity, Value};

use crate::arguments::{Misfit, bind};
use crate::claims::{self, confirmed};
use crate::digest::{Binding, StateDigest, StateSeen};
use crate::expression::Scope;
use crate::history::History;
use crate::proposal::{Principal, Proposal};
use crate::ruling::Ruling;
use crate::snapshot::Snapshot;
use crate::tier::Tier;
use crate::truth::Truth;
use crate::truths::Truths;

/// The verdict of the policy on one proposal. Only [`crate::Decider`] and [`crate::evaluate`] make one.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    pub(crate) proposal: Arc<Proposal>,
    /// The action proposed, if the call fits it.
    pub(crate) bound: Result<ActionId, Misfit>,
    /// The arguments in the order of the action's parameters.
    pub(crate) arguments: Vec<Value>,
    /// The truth of what the proposer says that it saw.
    pub(crate) claims: Vec<Truth>,
    pub(crate) ruling: Ruling,
    pub(crate) fingerprint: Fingerprint,
    pub(crate) at: Timestamp,
}

/// A limit that spoke.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LimitVoice {
    /// Which of the policy's limits.
    pub limit: usize,
    /// What it demands.
    pub tier: Tier,
    /// True, or unknown.
    pub truth: Truth,
    /// After how long it would be silent, where that is known.
    pub retry_after_ms: Option<u64>,
    /// What it found.
    pub finding: Finding,
}

/// What a limit found; nothing where that is unknown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Finding {
    /// That the moment is one of those it speaks of, or that nothing is known.
    Moment,
    /// How many operations began in its window.
    Began(u32),
    /// What the fact was, and what it would be.
    Drift {
        /// What it was.
        was: Option<Quantity>,
        /// What it would be.
        would_be: Option<Quantity>,
    },
    /// What will have been spent.
    Forecast(Option<Quantity>),
}

/// What stands in the way whatever the clauses say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    /// The kill switch is on.
    Kill,
    /// The breaker is open.
    Breaker,
    /// The target is held.
    Hold,
    /// Another controller owns what would be written.
    Owner,
    /// The action cannot be undone.
    Irreversible,
    /// Another rule writes the same fact, and is not known to want the same value.
    Conflict,
    /// Rules and agents may not go so far.
    Ceiling {
        /// Which of the policy's ceilings.
        ceiling: usize,
        /// How far they may go.
        level: Autonomy,
    },
    /// A claim that was not confirmed.
    Claim {
        /// Which of the proposal's claims.
        claim: usize,
        /// True, that it is contradicted, or unknown.
        truth: Truth,
    },
}

impl Guard {
    /// The tier it demands.
    pub fn tier(self) -> Tier {
        match self {
            Guard::Kill | Guard::Breaker => Tier::Forbidden,
            Guard::Hold | Guard::Owner | Guard::Irreversible | Guard::Conflict | Guard::Claim { .. } => {
                Tier::ApprovalRequired
            }
            Guard::Ceiling { level, .. } => match level {
                Autonomy::Observe | Autonomy::Suggest => Tier::Forbidden,
                Autonomy::Approve => Tier::ApprovalRequired,
                Autonomy::Act => Tier::Allowed,
            },
        }
    }
}

impl Decision {
    /// Of a proposal that was not judged yet: nothing grants it.
    pub(crate) fn new(policy: &Policy, proposal: Arc<Proposal>, at: Timestamp) -> Decision {
        Decision {
            proposal,
            bound: Err(Misfit::Nobody),
            arguments: Vec::new(),
            claims: Vec::new(),
            ruling: Ruling::new(),
            fingerprint: policy.fingerprint.clone(),
            at,
        }
    }

    /// Turns to what is proposed: its arguments, and its claims beside the evidence.
    pub(crate) fn turn_to<'a>(
        &mut self,
        action: Option<(ActionId, &'a Action)>,
        bare: Scope<'_>,
    ) -> Option<(ActionId, &'a Action)> {
        self.at = bare.at;
        self.ruling.clear(bare.policy);
        claims::judge(bare, &self.proposal.claims, &mut self.claims);
        let bound = bind(action, &self.proposal.call, &mut self.arguments);
        self.bound = match bound {
            Ok(_) if self.proposal.actors.is_empty() => Err(Misfit::Nobody),
            Ok((id, _)) => Ok(id),
            Err(misfit) => Err(misfit),
        };
        bound.ok().filter(|_| self.bound.is_ok())
    }

    /// What the expressions of the clauses were judged in: the proposal on the evidence that was decided on.
    pub(crate) fn scope<'a>(
        &'a self,
        policy: &'a Policy,
        snapshot: &'a Snapshot,
        history: Option<&'a History>,
    ) -> Scope<'a> {
        Scope {
            arguments: self.bound.map_or(&[], |_| &self.arguments),
            action: self.bound.ok().and_then(|id| policy.action(id)),
            actor: self.actor(),
            claims: confirmed(&self.claims),
            ..Scope::bare(policy, snapshot, history)
        }
    }

    /// The tier.
    pub fn tier(&self) -> Tier {
        self.ruling.tier
    }

    /// What was decided on.
    pub fn proposal(&self) -> &Arc<Proposal> {
        &self.proposal
    }

    /// The principal whose verdict is the strictest.
    pub(crate) fn actor(&self) -> Option<&Principal> {
        self.proposal.actors.get(self.ruling.actor)
    }

    /// Whether nothing but a ceiling on rules and agents forbids it.
    pub fn only_ceiling_forbids(&self) -> bool {
        self.tier() == Tier::Forbidden && self.ruling.without_ceiling != Tier::Forbidden
    }

    /// The truth of each clause of the policy, in source order; false for those about other actions.
    pub fn clauses(&self) -> &Truths {
        &self.ruling.clauses
    }

    /// The limits that spoke.
    pub fn limits(&self) -> &[LimitVoice] {
        &self.ruling.limits
    }

    /// What stands in the way beside clauses and limits.
    pub fn guards(&self) -> &[Guard] {
        &self.ruling.guards
    }

    /// The state it was made on: `snapshot` is the one decided on.
    pub fn state(&self, policy: &Policy, snapshot: &Snapshot) -> StateDigest {
        StateDigest::of(policy, &self.state_seen(policy, snapshot))
    }

    /// The same before it is put into a digest.
    pub(crate) fn state_seen(&self, policy: &Policy, snapshot: &Snapshot) -> StateSeen {
        let named = || policy.action_named(&self.proposal.call.action);
        let action = self.bound.ok().and_then(|id| policy.action(id)).or_else(|| named().map(|(_, action)| action));
        StateSeen::of(action, snapshot)
    }

    /// What an approval of it must be bound to: `snapshot` is the one decided on.
    pub fn binding(&self, policy: &Policy, snapshot: &Snapshot) -> Binding {
        Binding::of(&self.fingerprint, &self.proposal.call, &self.state(policy, snapshot))
    }

    /// When it was made: the moment of its snapshot.
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// After how many milliseconds the last limit is silent of those that demand this tier and pass by themselves; nothing when
    /// none does.
    pub fn retry_after_ms(&self) -> Option<u64> {
        let demanding = self.limits().iter().filter(|voice| voice.tier == self.tier());
        demanding.filter_map(|voice| voice.retry_after_ms).max()
    }

    /// Whether two decisions say the same for the same reasons, whenever they were made; on which state each was, its caller knows.
    pub fn says_the_same(&self, other: &Decision) -> bool {
        let spoke = |voice: &LimitVoice| (voice.limit, voice.truth);
        self.tier() == other.tier()
            && self.proposal.call == other.proposal.call
            && self.clauses() == other.clauses()
            && self.guards() == other.guards()
            && self.ruling.by_default == other.ruling.by_default
            && self.limits().iter().map(spoke).eq(other.limits().iter().map(spoke))
    }
}
