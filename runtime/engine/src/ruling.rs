//! What a policy says to one of those who ask: section 6 of the language, and how the rulings of a chain become one.

use leeway_ir::{Action, ActionId, Autonomy, ClauseKind, Policy, Undo};

use crate::decision::{Guard, LimitVoice};
use crate::expression::Scope;
use crate::limits;
use crate::proposal::{ActorKind, Principal};
use crate::tier::Tier;
use crate::truth::Truth;
use crate::truths::Truths;

/// The tier for one principal, and who spoke. Made once and filled again.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ruling {
    pub(crate) tier: Tier,
    /// The principal, as its place among those who ask.
    pub(crate) actor: usize,
    /// False for the clauses about other actions.
    pub(crate) clauses: Truths,
    pub(crate) limits: Vec<LimitVoice>,
    pub(crate) guards: Vec<Guard>,
    /// The tier if there were no ceiling on rules and agents.
    pub(crate) without_ceiling: Tier,
    /// Whether nothing granted it.
    pub(crate) by_default: bool,
}

/// What the clauses about an action say in sum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Heard {
    /// A `forbid` is true or unknown.
    pub(crate) forbids: bool,
    /// An `approve` is true or unknown.
    pub(crate) asks: bool,
    /// An `allow` or an `approve` is true.
    pub(crate) grants: bool,
}

impl Heard {
    /// The tier, where what is no clause demands at least this.
    pub(crate) fn tier(self, least: Tier) -> Tier {
        let forbidden = self.forbids | !self.grants | (least == Tier::Forbidden);
        let asks = self.asks | (least == Tier::ApprovalRequired);
        match (forbidden, asks) {
            (true, _) => Tier::Forbidden,
            (false, true) => Tier::ApprovalRequired,
            (false, false) => Tier::Allowed,
        }
    }
}

impl Ruling {
    /// Nothing was asked yet, and so nothing is granted.
    pub(crate) fn new() -> Ruling {
        Ruling {
            tier: Tier::Forbidden,
            actor: 0,
            clauses: Truths::default(),
            limits: Vec::new(),
            guards: Vec::new(),
            without_ceiling: Tier::Forbidden,
            by_default: false,
        }
    }

    /// Forgets what was ruled on another proposal.
    pub(crate) fn clear(&mut self, policy: &Policy) {
        self.clauses.clear(policy.clauses.len());
        self.limits.clear();
        self.guards.clear();
        (self.tier, self.without_ceiling) = (Tier::Forbidden, Tier::Forbidden);
        (self.actor, self.by_default) = (0, false);
    }

    /// Asks limits and guards, and rules on what they and the clauses say.
    pub(crate) fn conclude(
        &mut self,
        heard: Heard,
        scope: Scope<'_>,
        (id, action): (ActionId, &Action),
        actor: &Principal,
        (conflicting, claims): (bool, &[Truth]),
    ) {
        limits::speaking(scope, id, action, actor, &mut self.limits);
        self.guards.extend(guards(scope, action, conflicting, claims));
        let limits = self.limits.iter().map(|voice| voice.tier);
        let least = limits.chain(self.guards.iter().map(|guard| guard.tier())).max().unwrap_or(Tier::Allowed);
        self.without_ceiling = heard.tier(least);
        let ceiling = ceiling(scope.policy, actor);
        self.guards.extend(ceiling);
        let least = least.max(ceiling.map_or(Tier::Allowed, Guard::tier));
        self.tier = heard.tier(least);
        self.by_default = !heard.grants && !heard.forbids && least != Tier::Forbidden;
    }

    /// The stricter of two (the first of two alike, so that the same input names the same principal), with the restraints that
    /// spoke for either: each may name people who must agree.
    pub(crate) fn join(&mut self, policy: &Policy, other: &mut Ruling) {
        if other.tier > self.tier {
            std::mem::swap(self, other);
        }
        for (at, clause) in policy.clauses.iter().enumerate() {
            let also = other.clauses.get(at);
            if clause.kind != ClauseKind::Allow && also.restrains() && !self.clauses.get(at).is_true() {
                self.clauses.set(at, also);
            }
        }
        for voice in &other.limits {
            match self.limits.iter_mut().find(|known| known.limit == voice.limit) {
                Some(known) if loudness(voice) > loudness(known) => *known = *voice,
                Some(_) => {}
                None => self.limits.push(*voice),
            }
        }
        self.limits.sort_unstable_by_key(|voice| voice.limit);
        for guard in &other.guards {
            if !self.guards.contains(guard) {
                self.guards.push(*guard);
            }
        }
        self.without_ceiling = self.without_ceiling.max(other.without_ceiling);
    }
}

/// Of what one limit says to two principals: the certain before the unknown, then what lasts longer.
fn loudness(voice: &LimitVoice) -> (bool, Option<u64>) {
    (voice.truth.is_true(), voice.retry_after_ms)
}

fn guards(scope: Scope<'_>, action: &Action, conflicting: bool, claims: &[Truth]) -> impl Iterator<Item = Guard> {
    let safety = &scope.snapshot.safety;
    let of_state = [
        (safety.killed, Guard::Kill),
        (safety.breaker_open, Guard::Breaker),
        (safety.held, Guard::Hold),
        (safety.owner.is_some(), Guard::Owner),
        (action.undo == Undo::Irreversible, Guard::Irreversible),
        (conflicting, Guard::Conflict),
    ];
    let unconfirmed = claims.iter().enumerate().filter_map(|(claim, truth)| {
        let contradicted = !*truth;
        contradicted.restrains().then_some(Guard::Claim { claim, truth: contradicted })
    });
    of_state.into_iter().filter_map(|(speaks, guard)| speaks.then_some(guard)).chain(unconfirmed)
}

/// The strictest ceiling over this actor, the first of several alike. There is none over people.
fn ceiling(policy: &Policy, actor: &Principal) -> Option<Guard> {
    match actor.kind() {
        ActorKind::Human => return None,
        ActorKind::Rule | ActorKind::Agent => {}
    }
    let ceilings = policy.ceilings.iter().enumerate();
    let (ceiling, strictest) = ceilings.min_by_key(|(_, ceiling)| ceiling.level)?;
    let level = strictest.level;
    (level != Autonomy::Act).then_some(Guard::Ceiling { ceiling, level })
}
