//! Where two policies differ about what is proposed: each proposal is judged by both, in the state in which it was made.

use std::sync::Arc;

use jiff::Timestamp;
use leeway_engine::{Record, SecondOpinion, Verdict};

use crate::report::{Age, Change, Changes, Decision, Difference};
use crate::simulate::{Played, Track};

/// So many examples of each kind are told; all are counted.
const EXAMPLES_MAX: usize = 10;

/// What differs so far.
pub(crate) struct Differences {
    /// What the new policy says of what the old one's rules propose, and the other way round.
    of_new: SecondOpinion,
    of_old: SecondOpinion,
    counts: Changes,
    examples: Vec<Difference>,
}

/// A proposal of one policy's rules, judged by both.
struct Judged {
    at: Timestamp,
    rule: String,
    because: Option<Arc<str>>,
    /// By the policy whose rule proposed it.
    own: Verdict,
    /// By the other.
    other: Verdict,
}

impl Differences {
    pub(crate) fn between(old: &Track, new: &Track) -> Differences {
        Differences {
            of_new: SecondOpinion::new(new.policy().clone(), old.policy()),
            of_old: SecondOpinion::new(old.policy().clone(), new.policy()),
            counts: Changes::default(),
            examples: Vec::new(),
        }
    }

    /// Takes in one evaluation by both: first what was proposed where the old policy is followed, then where the new one is.
    pub(crate) fn hear(&mut self, [old, new]: [&Track; 2], [by_old, by_new]: &[Played; 2]) {
        let by_old = judged(by_old, &self.of_new, old, new);
        let by_new = judged(by_new, &self.of_old, new, old);
        for one in &by_old {
            let changed = change(&one.own, &one.other);
            let is_alone = !by_new.iter().any(|twin| is_same(one, twin));
            match changed.or(is_alone.then_some(Change::NoLongerProposed)) {
                Some(Change::NoLongerProposed) => {
                    self.add(Change::NoLongerProposed, Age::Old, Some(one.as_proposed()), None);
                }
                Some(change) => self.add(change, Age::Old, Some(one.as_proposed()), Some(one.by(&one.other))),
                None => {}
            }
        }
        for one in &by_new {
            let changed = change(&one.other, &one.own);
            let twin = by_old.iter().find(|twin| is_same(one, twin));
            match (changed, twin) {
                // Already told, where the old policy is followed.
                (Some(_), Some(twin)) if change(&twin.own, &twin.other) == changed => {}
                (Some(change), _) => {
                    self.add(change, Age::New, Some(one.by(&one.other)), Some(one.as_proposed()));
                }
                (None, None) => self.add(Change::NewlyProposed, Age::New, None, Some(one.as_proposed())),
                (None, Some(_)) => {}
            }
        }
    }

    pub(crate) fn counts(&self) -> &Changes {
        &self.counts
    }

    /// The first of each kind, in order of time.
    pub(crate) fn examples(&self, change: Change) -> impl Iterator<Item = &Difference> {
        self.examples.iter().filter(move |difference| difference.change == change)
    }

    /// The first of each kind, newly permitted first.
    pub(crate) fn into_examples(mut self) -> Vec<Difference> {
        self.examples.sort_by_key(|difference| difference.change);
        self.examples
    }

    fn add(&mut self, change: Change, by: Age, before: Option<Decision>, after: Option<Decision>) {
        self.counts.count(change);
        if self.examples(change).count() < EXAMPLES_MAX {
            self.examples.push(Difference { change, by, before, after });
        }
    }
}

impl Judged {
    /// How the policy decided whose rule proposed it.
    fn as_proposed(&self) -> Decision {
        self.by(&self.own)
    }

    fn by(&self, verdict: &Verdict) -> Decision {
        Decision {
            at: self.at,
            rule: self.rule.clone(),
            because: self.because.clone(),
            verdict: verdict.clone(),
            outcome: None,
        }
    }
}

/// What it is that one verdict became another. Of two that ask people, the one is looser to which other people can agree, or fewer,
/// or later.
fn change(old: &Verdict, new: &Verdict) -> Option<Change> {
    let by_people = || {
        let looser = new.is_content_with_less_than(old).then_some(Change::NewlyPermitted);
        looser.or_else(|| old.is_content_with_less_than(new).then_some(Change::NewlyRestricted))
    };
    Change::between(old.tier, new.tier).or_else(by_people)
}

fn is_same(one: &Judged, other: &Judged) -> bool {
    one.rule == other.rule && one.own.proposal == other.own.proposal
}

/// What was proposed in this evaluation on `track`, each also judged by `opinion`, which is that of the policy on `other`.
fn judged(played: &Played, opinion: &SecondOpinion, track: &Track, other: &Track) -> Vec<Judged> {
    let mut proposal = None;
    let mut judged = Vec::new();
    for happening in &played.happened {
        if let Record::Proposed { proposal: proposed } = &happening.record {
            proposal = Some(proposed);
        } else if let (Record::Decided { verdict, .. }, Some(operation), Some(proposed)) =
            (&happening.record, happening.operation, proposal)
        {
            judged.push(Judged {
                at: happening.at,
                rule: verdict.actor.strip_prefix("rule:").unwrap_or(&verdict.actor).to_owned(),
                because: proposed.because.clone(),
                own: verdict.as_ref().clone(),
                other: opinion.on(track.simulation(), other.simulation(), operation, proposed),
            });
        }
    }
    judged
}
