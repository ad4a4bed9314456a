//! What series may record: facts and metrics of the policy that is played, and of others that are played beside it.

use std::collections::BTreeSet;
use std::sync::Arc;

use leeway_ir::Policy;
use leeway_units::Type;

use crate::series::slot::Slot;

/// The names of facts and metrics.
#[derive(Clone, Copy)]
pub(crate) struct Names<'a> {
    pub(crate) policy: &'a Policy,
    /// What only these know is left to them; the policy itself may be among them.
    pub(crate) beside: &'a [Policy],
}

/// What a name means.
pub(crate) enum Named {
    /// Something of the policy.
    Own(Slot, Type),
    /// Something of a policy beside it alone.
    Beside,
    /// Nothing.
    Unknown,
}

impl<'a> Names<'a> {
    pub(crate) fn named(&self, name: &str) -> Named {
        match Slot::named(self.policy, name) {
            Some((slot, ty)) => Named::Own(slot, ty),
            None if self.beside.iter().any(|policy| Slot::named(policy, name).is_some()) => Named::Beside,
            None => Named::Unknown,
        }
    }

    /// The facts, and the metrics, that only others have.
    pub(crate) fn of_others(&self) -> [BTreeSet<Arc<str>>; 2] {
        [facts, metrics].map(|names: fn(&Policy) -> BTreeSet<Arc<str>>| {
            let all: BTreeSet<Arc<str>> = self.beside.iter().flat_map(names).collect();
            all.difference(&names(self.policy)).cloned().collect()
        })
    }

    /// All names that there are, each once.
    pub(crate) fn all(&self) -> Vec<&'a str> {
        let mut names: Vec<&str> = Slot::names(self.policy).collect();
        for name in self.beside.iter().flat_map(Slot::names) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// The blueprints, as messages name them: "`web`", "`web`, `db`".
    pub(crate) fn blueprints(&self) -> String {
        let policies = std::iter::once(self.policy).chain(self.beside);
        let names: BTreeSet<String> = policies.map(|policy| format!("`{}`", policy.blueprint)).collect();
        let names: Vec<String> = names.into_iter().collect();
        names.join(", ")
    }
}

fn facts(policy: &Policy) -> BTreeSet<Arc<str>> {
    policy.facts.iter().map(|fact| fact.name.clone()).collect()
}

fn metrics(policy: &Policy) -> BTreeSet<Arc<str>> {
    policy.metrics.iter().map(|metric| metric.name.clone()).collect()
}
