//! What a name can mean in one place.

use std::collections::BTreeMap;
use std::sync::Arc;

use leeway_units::Type;

use crate::hir::{Fact, Meaning};

/// The names that an expression can use.
pub(super) struct Scope<'a> {
    /// The facts of the target.
    pub(super) facts: &'a [Fact],
    /// The metrics and lets of the blueprint; in a target there are none.
    pub(super) names: &'a BTreeMap<Arc<str>, Meaning>,
    /// The parameters in scope, which come before everything else of their name.
    pub(super) parameters: Vec<Bound>,
    /// Parameters that are not named, with their action: reading a fact of such a name would be misread.
    pub(super) hidden: Vec<(Arc<str>, Arc<str>)>,
    /// Whether there is a proposal whose `actor` and `action` can be asked about.
    pub(super) proposal: bool,
    /// Whether declarations were lost in parsing: then an unknown name is likely one of those.
    pub(super) partial: bool,
}

/// A parameter in scope.
pub(super) struct Bound {
    pub(super) name: Arc<str>,
    pub(super) place: u16,
    pub(super) ty: Option<Type>,
    /// Why it cannot be read: it does not fit each of several actions.
    pub(super) misfit: Option<String>,
}

impl<'a> Scope<'a> {
    /// A scope without parameters and without a proposal.
    pub(super) fn bare(facts: &'a [Fact], names: &'a BTreeMap<Arc<str>, Meaning>, partial: bool) -> Scope<'a> {
        Scope { facts, names, parameters: Vec::new(), hidden: Vec::new(), proposal: false, partial }
    }

    /// Every name in scope, for "did you mean".
    pub(super) fn known(&self) -> Vec<&str> {
        let parameters = self.parameters.iter().map(|parameter| parameter.name.as_ref());
        let facts = self.facts.iter().map(|fact| fact.name.node.as_ref());
        parameters.chain(self.names.keys().map(AsRef::as_ref)).chain(facts).collect()
    }
}
