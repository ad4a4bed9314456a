//! What `evaluate` found: the tier and who spoke, not yet in words.

use std::sync::Arc;

use jiff::Timestamp;
use leeway_ir::{ActionId, Autonomy, Claim, Fingerprint, Policy};
use leeway_units::{Call, Value};

use crate::arguments::ArgumentsError;
use crate::claims::confirmed;
use crate::digest::{Binding, StateDigest};
use crate::expression::Scope;
use crate::history::History;
use crate::proposal::Principal;
use crate::snapshot::Snapshot;
use crate::tier::Tier;
use crate::truth::Truth;

/// The verdict of the policy on one proposal. Only [`crate::evaluate`] makes one.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    pub(crate) tier: Tier,
    /// What is proposed, as bound to the policy's action.
    pub(crate) bound: Result<Bound, ArgumentsError>,
    pub(crate) call: Call,
    /// The principal whose verdict is the strictest.
    pub(crate) actor: Option<Principal>,
    /// Everybody who asks: none of them may approve.
    pub(crate) actors: Vec<Principal>,
    /// The truth of each clause of the policy, in order; false for those about other actions.
    pub(crate) clauses: Vec<Truth>,
    pub(crate) limits: Vec<LimitVoice>,
    pub(crate) guards: Vec<Guard>,
    /// What the proposer says that it saw, and the truth of it.
    pub(crate) claims: Vec<(Claim, Truth)>,
    /// The other rule of a conflict.
    pub(crate) conflicts_with: Option<Arc<str>>,
    /// The tier if there were no ceiling on rules and agents.
    pub(crate) without_ceiling: Tier,
    /// Whether nothing granted it.
    pub(crate) by_default: bool,
    pub(crate) fingerprint: Fingerprint,
    pub(crate) state: StateDigest,
    pub(crate) at: Timestamp,
}

/// A call that fits its action.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Bound {
    pub(crate) action: ActionId,
    pub(crate) arguments: Vec<Value>,
}

/// A limit that spoke.
#[derive(Clone, Debug, PartialEq)]
pub struct LimitVoice {
    /// Which of the policy's limits.
    pub limit: usize,
    /// What it demands.
    pub tier: Tier,
    /// True, or unknown.
    pub truth: Truth,
    /// After how long it would be silent, where that is known.
    pub retry_after_ms: Option<u64>,
    /// What it found, by name; nothing where that is unknown.
    pub values: Vec<(Arc<str>, Option<Value>)>,
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
    /// Another rule wants a different value for the same fact.
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
    /// What the expressions of the clauses were judged in: the proposal on the evidence that was decided on.
    pub(crate) fn scope<'a>(
        &'a self,
        policy: &'a Policy,
        snapshot: &'a Snapshot,
        history: Option<&'a History>,
    ) -> Scope<'a> {
        let bound = self.bound.as_ref().ok();
        let truths: Vec<Truth> = self.claims.iter().map(|(_, truth)| *truth).collect();
        Scope {
            arguments: bound.map_or(&[], |bound| &bound.arguments),
            action: bound.and_then(|bound| policy.action(bound.action)),
            actor: self.actor.as_ref(),
            claims: confirmed(&truths),
            ..Scope::bare(policy, snapshot, history)
        }
    }

    /// The tier.
    pub fn tier(&self) -> Tier {
        self.tier
    }

    /// Whether nothing but a ceiling on rules and agents forbids it.
    pub fn only_ceiling_forbids(&self) -> bool {
        self.tier == Tier::Forbidden && self.without_ceiling != Tier::Forbidden
    }

    /// The truth of each clause of the policy, in source order.
    pub fn clauses(&self) -> &[Truth] {
        &self.clauses
    }

    /// The limits that spoke.
    pub fn limits(&self) -> &[LimitVoice] {
        &self.limits
    }

    /// What stands in the way beside clauses and limits.
    pub fn guards(&self) -> &[Guard] {
        &self.guards
    }

    /// The state it was made on.
    pub fn state(&self) -> &StateDigest {
        &self.state
    }

    /// What an approval of it must be bound to.
    pub fn binding(&self) -> Binding {
        Binding::of(&self.fingerprint, &self.call, &self.state)
    }

    /// When it was made: the moment of its snapshot.
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// After how many milliseconds the last limit is silent of those that demand this tier and pass by themselves; nothing when
    /// none does.
    pub fn retry_after_ms(&self) -> Option<u64> {
        let demanding = self.limits.iter().filter(|voice| voice.tier == self.tier);
        demanding.filter_map(|voice| voice.retry_after_ms).max()
    }

    /// Whether two decisions say the same for the same reasons on the same state, whenever they were made.
    pub fn says_the_same(&self, other: &Decision) -> bool {
        let silent =
            |decision: &Decision| decision.limits.iter().map(|voice| (voice.limit, voice.truth)).collect::<Vec<_>>();
        self.tier == other.tier
            && self.state == other.state
            && self.call == other.call
            && self.clauses == other.clauses
            && self.guards == other.guards
            && self.by_default == other.by_default
            && silent(self) == silent(other)
    }
}
