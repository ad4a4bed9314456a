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
    /// What only these know is left to them.
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

    /// The facts that only others have.
    pub(crate) fn facts_beside(&self) -> Vec<Arc<str>> {
        let is_own = |name: &str| self.policy.facts.iter().any(|own| *own.name == *name);
        let facts = self.beside.iter().flat_map(|policy| &policy.facts).map(|fact| fact.name.clone());
        facts.filter(|name| !is_own(name)).collect()
    }

    /// The metrics that only others have.
    pub(crate) fn metrics_beside(&self) -> Vec<Arc<str>> {
        let is_own = |name: &str| self.policy.metrics.iter().any(|own| *own.name == *name);
        let metrics = self.beside.iter().flat_map(|policy| &policy.metrics).map(|metric| metric.name.clone());
        metrics.filter(|name| !is_own(name)).collect()
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
