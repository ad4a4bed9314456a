//! Which proposals are told in full: one of each kind, then the strictest, the newest first; all are counted.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;
use jiff::fmt::serde::timestamp::millisecond;
use leeway_engine::Tier;
use serde::ser::{Error as _, SerializeStruct as _};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use crate::report::{Decision, Outcome};

/// More proposals than this are counted, not told.
pub(super) const SHOWN_MAX: usize = 5_000;

/// Takes in proposals as they come, any number of them, in bounded memory.
#[derive(Debug)]
pub(crate) struct Shown {
    max: usize,
    proposals: Proposals,
    kept: BTreeMap<u64, Decision>,
    ranks: BTreeSet<Rank>,
    /// The newest of each kind.
    newest: HashMap<Kind, u64>,
    next: u64,
}

/// What is dropped first stands first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    is_newest_of_its_kind: bool,
    tier: Tier,
    at: Timestamp,
    number: u64,
}

/// Proposals of one kind are the same call by the same rule, decided alike by the same voice.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Kind {
    rule: String,
    proposal: String,
    by: String,
    tier: Tier,
}

impl Default for Shown {
    fn default() -> Shown {
        Shown::bounded(SHOWN_MAX)
    }
}

impl Shown {
    fn bounded(max: usize) -> Shown {
        Shown {
            max,
            proposals: Proposals::default(),
            kept: BTreeMap::new(),
            ranks: BTreeSet::new(),
            newest: HashMap::new(),
            next: 0,
        }
    }

    /// Takes one in, in order of time, and gives its number.
    pub(crate) fn add(&mut self, decision: Decision) -> u64 {
        let number = self.next;
        self.next += 1;
        self.proposals.counts.count(decision.verdict.tier);
        if let Some(before) = self.newest.insert(Kind::of(&decision), number)
            && let Some(older) = self.kept.get(&before)
        {
            self.ranks.remove(&Rank::of(older, before, true));
            self.ranks.insert(Rank::of(older, before, false));
        }
        self.ranks.insert(Rank::of(&decision, number, true));
        self.kept.insert(number, decision);
        if self.kept.len() > self.max {
            self.drop_least();
        }
        number
    }

    /// What came of the one with that number.
    pub(crate) fn settle(&mut self, number: u64, outcome: Outcome) {
        if let Some(decision) = self.kept.get_mut(&number) {
            decision.outcome = Some(outcome);
        }
    }

    /// All counted, and those that are told.
    pub(crate) fn finish(mut self) -> Proposals {
        self.proposals.shown = self.kept.into_values().collect();
        self.proposals
    }

    fn drop_least(&mut self) {
        let Some(least) = self.ranks.pop_first() else { return };
        let Some(decision) = self.kept.remove(&least.number) else { return };
        let span = Untold { from: decision.at, to: decision.at };
        let untold = self.proposals.untold.entry(decision.verdict.tier).or_insert(span);
        *untold = Untold { from: untold.from.min(span.from), to: untold.to.max(span.to) };
        if least.is_newest_of_its_kind {
            self.newest.remove(&Kind::of(&decision));
        }
    }
}

impl Rank {
    fn of(decision: &Decision, number: u64, is_newest_of_its_kind: bool) -> Rank {
        Rank { is_newest_of_its_kind, tier: decision.verdict.tier, at: decision.at, number }
    }
}

impl Kind {
    fn of(decision: &Decision) -> Kind {
        let verdict = &decision.verdict;
        Kind {
            rule: decision.rule.clone(),
            proposal: verdict.proposal.clone(),
            by: verdict.deciding().map_or_else(String::new, |voice| voice.by.to_string()),
            tier: verdict.tier,
        }
    }
}

/// All proposals counted, some of them in full.
#[derive(Debug, Default)]
pub(crate) struct Proposals {
    /// How many were made.
    pub(crate) counts: Counts,
    /// Those that are told in full, in order of time.
    pub(crate) shown: Vec<Decision>,
    /// When the others were made, of the tiers that have any.
    pub(crate) untold: BTreeMap<Tier, Untold>,
}

/// The first and the last of some proposals that are counted and not told.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Untold {
    #[serde(with = "millisecond::required")]
    from: Timestamp,
    #[serde(with = "millisecond::required")]
    to: Timestamp,
}

/// What the voices of one clause have in common, its id, text and place, is written once, in `common`.
impl Serialize for Proposals {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (mut common, mut known) = (Vec::new(), HashMap::new());
        let mut shown = serde_json::to_value(&self.shown).map_err(S::Error::custom)?;
        let decisions = shown.as_array_mut().into_iter().flatten();
        let voices = decisions.filter_map(|decision| decision.pointer_mut("/verdict/voices")?.as_array_mut()).flatten();
        for voice in voices {
            let Value::Object(own) = voice.take() else { continue };
            let (mut own, shared): (Map<_, _>, Map<_, _>) =
                own.into_iter().partition(|(name, _)| name == "truth" || name == "values");
            let shared = Value::Object(shared);
            let place = *known.entry(shared.to_string()).or_insert_with(|| {
                common.push(shared);
                common.len() - 1
            });
            own.insert("common".to_owned(), place.into());
            *voice = Value::Object(own);
        }
        let mut proposals = serializer.serialize_struct("Proposals", 4)?;
        proposals.serialize_field("counts", &self.counts)?;
        proposals.serialize_field("common", &common)?;
        proposals.serialize_field("shown", &shown)?;
        proposals.serialize_field("untold", &self.untold)?;
        proposals.end()
    }
}

/// How many of each tier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Counts {
    /// Done at once.
    pub(crate) allowed: u64,
    /// Put to people.
    pub(crate) approval_required: u64,
    /// Refused.
    pub(crate) forbidden: u64,
}

impl Counts {
    /// One more.
    pub(crate) fn count(&mut self, tier: Tier) {
        match tier {
            Tier::Allowed => self.allowed += 1,
            Tier::ApprovalRequired => self.approval_required += 1,
            Tier::Forbidden => self.forbidden += 1,
        }
    }

    /// How many of that tier.
    pub(crate) fn of(&self, tier: Tier) -> u64 {
        match tier {
            Tier::Allowed => self.allowed,
            Tier::ApprovalRequired => self.approval_required,
            Tier::Forbidden => self.forbidden,
        }
    }

    /// All together.
    pub(crate) fn all(&self) -> u64 {
        self.allowed + self.approval_required + self.forbidden
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;
    use crate::report::sample::decision;
    use proptest::prelude::*;

    const TIERS: [Tier; 3] = [Tier::Allowed, Tier::ApprovalRequired, Tier::Forbidden];

    fn shown(max: usize, made: &[(usize, u32)]) -> Proposals {
        let mut shown = Shown::bounded(max);
        for (minute, (tier, to)) in (0..).zip(made) {
            shown.add(decision(minute, TIERS[*tier], &format!("scale(to: {to})")));
        }
        shown.finish()
    }

    proptest! {
        #[test]
        fn all_are_counted_and_no_kind_is_crowded_out(made in prop::collection::vec((0_usize..3, 0_u32..3), 0..200)) {
            let proposals = shown(9, &made);
            prop_assert_eq!(proposals.counts.all(), u64::try_from(made.len()).unwrap());
            prop_assert_eq!(proposals.shown.len(), made.len().min(9));
            prop_assert!(proposals.shown.is_sorted_by_key(|decision| decision.at));
            for (tier, to) in &made {
                let call = format!("scale(to: {to})");
                let of_kind = |one: &&Decision| one.verdict.tier == TIERS[*tier] && one.verdict.proposal == call;
                let newest = made.iter().rposition(|other| other == &(*tier, *to)).unwrap();
                let told = proposals.shown.iter().rfind(of_kind).unwrap();
                prop_assert_eq!(told.at, decision(i64::try_from(newest).unwrap(), Tier::Allowed, "").at);
            }
        }
    }

    proptest! {
        #[test]
        fn the_untold_of_a_tier_are_between_the_first_and_the_last(made in prop::collection::vec((0_usize..3, 0_u32..3), 0..200)) {
            let proposals = shown(9, &made);
            let told: BTreeSet<Timestamp> = proposals.shown.iter().map(|decision| decision.at).collect();
            for (number, tier) in TIERS.into_iter().enumerate() {
                let of_tier = (0..).zip(&made).filter(|(_, (of, _))| *of == number);
                let made = of_tier.map(|(minute, _)| decision(minute, tier, "").at);
                let untold: Vec<_> = made.filter(|at| !told.contains(at)).collect();
                let span = proposals.untold.get(&tier).map(|span| (span.from, span.to));
                prop_assert_eq!(span, untold.first().copied().zip(untold.last().copied()));
            }
        }
    }

    #[test]
    fn of_what_repeats_the_strictest_and_newest_are_told() {
        let proposals = shown(4, &[(2, 0), (0, 0), (2, 0), (0, 0), (2, 0), (0, 0)]);
        let told: Vec<_> = proposals.shown.iter().map(|one| one.verdict.tier).collect();
        assert_eq!(told, [Tier::Forbidden, Tier::Forbidden, Tier::Forbidden, Tier::Allowed]);
    }

    #[test]
    fn what_came_of_it_is_told_where_it_is_told_itself() {
        let mut shown = Shown::bounded(1);
        let dropped = shown.add(decision(0, Tier::Allowed, "restart()"));
        let kept = shown.add(decision(1, Tier::Forbidden, "restart()"));
        for number in [dropped, kept] {
            let at = Timestamp::UNIX_EPOCH;
            shown.settle(number, Outcome { state: leeway_engine::State::Refused, at, why: Some(number.to_string()) });
        }
        let proposals = shown.finish();
        assert_eq!(proposals.shown.len(), 1);
        assert_eq!(proposals.shown[0].outcome.as_ref().unwrap().why.as_deref(), Some("1"));
    }
}
