//! How often everything in a policy that may speak did so in a simulation.

use std::sync::Arc;

use leeway_ir::{Autonomy, Policy};

use crate::proposal::Principal;

/// Rules, clauses, limits, and ceilings that hold somebody back, each in the order of the policy.
pub(super) struct Speakers {
    all: Vec<Speaker>,
    /// How many of them stand before the limits.
    before_limits: usize,
}

struct Speaker {
    /// Its id; of a rule, that of the actor that it is.
    id: Arc<str>,
    /// In how many verdicts it spoke; of a rule, how often it proposed.
    spoke: u64,
    /// How often it made a rule wait, which then asks nobody.
    held_back: u64,
}

impl Speakers {
    /// None of them has spoken.
    pub(super) fn of(policy: &Policy) -> Speakers {
        let rules = policy.rules.iter().map(|rule| Principal::rule(&rule.name).id().clone());
        let clauses = policy.clauses.iter().map(|clause| clause.id.clone());
        let limits = policy.limits.iter().map(|limit| limit.id.clone());
        let ceilings = policy.ceilings.iter().filter(|ceiling| ceiling.level != Autonomy::Act);
        let ids = rules.chain(clauses).chain(limits).chain(ceilings.map(|ceiling| ceiling.id.clone()));
        Speakers {
            all: ids.map(|id| Speaker { id, spoke: 0, held_back: 0 }).collect(),
            before_limits: policy.rules.len() + policy.clauses.len(),
        }
    }

    /// One of them, if it is one, proposed or had a voice.
    pub(super) fn spoke(&mut self, id: &str) {
        self.all.iter_mut().filter(|speaker| speaker.id.as_ref() == id).for_each(|speaker| speaker.spoke += 1);
    }

    /// So often each limit made a rule wait until now.
    pub(super) fn held_back(&mut self, limits: &[u64]) {
        let held = self.all.iter_mut().skip(self.before_limits).zip(limits);
        held.for_each(|(speaker, times)| speaker.held_back = *times);
    }

    /// How often one of them spoke or made a rule wait.
    pub(super) fn times(&self, id: &str) -> u64 {
        let of_id = self.all.iter().find(|speaker| speaker.id.as_ref() == id);
        of_id.map_or(0, |speaker| speaker.spoke + speaker.held_back)
    }

    /// Those that never did either.
    pub(super) fn silent(&self) -> Vec<Arc<str>> {
        let silent = self.all.iter().filter(|speaker| speaker.spoke + speaker.held_back == 0);
        silent.map(|speaker| speaker.id.clone()).collect()
    }
}
