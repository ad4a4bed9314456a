//! What a name can mean in one place.

use std::collections::BTreeMap;
use std::sync::Arc;

use leeway_diagnostics::Span;
use leeway_syntax::ast;
use leeway_units::{Field, Type};

use super::names::Slots;
use crate::hir::{Action, Fact, Meaning};

/// The names that an expression can use.
pub(super) struct Scope<'a> {
    /// The facts of the target.
    pub(super) facts: &'a [Fact],
    /// The metrics and lets of the blueprint; in a target there are none.
    pub(super) names: &'a BTreeMap<Arc<str>, Meaning>,
    /// The actions whose history can be asked about; in a target that cannot be asked.
    pub(super) actions: Option<&'a [Action]>,
    /// The service level objectives whose budget can be asked about, each at the place of its id.
    pub(super) slos: &'a [Arc<str>],
    /// The parameters in scope, which come before everything else of their name.
    pub(super) parameters: Vec<Bound>,
    /// Parameters that are not named: reading a fact of such a name would be misread.
    pub(super) hidden: Vec<Hidden>,
    /// Whether there is a proposal whose `actor` and `action` can be asked about.
    pub(super) proposal: bool,
    /// What was lost in parsing: an unknown name is likely one of those.
    pub(super) gaps: Gaps<'a>,
    /// Whether the target's were: then so is an unknown fact.
    pub(super) facts_lost: bool,
    /// The metric whose response this is, if it is one.
    pub(super) responding: Option<Responding<'a>>,
}

/// What a response is about.
#[derive(Clone, Copy)]
pub(super) struct Responding<'a> {
    /// The metric that responds.
    pub(super) name: &'a Arc<str>,
    /// What all metrics measure.
    pub(super) slots: &'a Slots,
}

/// What declarations may be missing.
#[derive(Clone, Copy, Default)]
pub(super) struct Gaps<'a> {
    /// What broken members of the layer may have declared.
    pub(super) members: Option<&'a ast::Lost>,
    /// Needed metrics that the includer lacks, which was reported.
    pub(super) needed: &'a [Arc<str>],
    /// Whether some of the target are.
    pub(super) target: bool,
}

impl Gaps<'_> {
    /// Whether `name` may be one of them.
    pub(super) fn cover(self, name: &str) -> bool {
        self.target
            || self.members.is_some_and(|lost| lost.covers(name))
            || self.needed.iter().any(|needed| needed.as_ref() == name)
    }
}

/// A parameter that is not in scope, since it is not named.
pub(super) struct Hidden {
    pub(super) name: Arc<str>,
    pub(super) action: Arc<str>,
    pub(super) way: Way,
}

/// How a clause came by an action.
pub(super) enum Way {
    /// As one of a group, where no parameter can be named.
    Group,
    /// As one of several.
    Several,
    /// By itself, here; so the parameter is named.
    Alone(Span, String),
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
    pub(super) fn bare(facts: &'a [Fact], names: &'a BTreeMap<Arc<str>, Meaning>, gaps: Gaps<'a>) -> Scope<'a> {
        Scope {
            facts,
            names,
            actions: None,
            slos: &[],
            parameters: Vec::new(),
            hidden: Vec::new(),
            proposal: false,
            gaps,
            facts_lost: false,
            responding: None,
        }
    }
}

/// A scope from inside the quantifiers that stand around a place.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) scope: &'a Scope<'a>,
    pub(super) element: Option<&'a Element<'a>>,
    /// Whether a bare name that nothing has may be a word of whichever enum has it, as in `let calm = medium`.
    pub(super) words: bool,
}

/// An element that a quantifier names.
#[derive(Clone, Copy)]
pub(super) struct Element<'a> {
    pub(super) name: &'a str,
    /// The collection as written.
    pub(super) over: &'a str,
    /// What it has; `None` where the collection is unknown, which was reported.
    pub(super) fields: Option<&'a [Field]>,
    /// That of the quantifier around.
    pub(super) outer: Option<&'a Element<'a>>,
}

impl<'a> View<'a> {
    /// The elements in scope, the innermost first; each stands at the place of its depth.
    pub(super) fn elements(self) -> impl Iterator<Item = &'a Element<'a>> {
        std::iter::successors(self.element, |element| element.outer)
    }

    /// The element of that name, with its depth.
    pub(super) fn element(self, name: &str) -> Option<(u16, &'a Element<'a>)> {
        (0..).zip(self.elements()).find(|(_, element)| element.name == name)
    }

    /// The fact of that name, with its place.
    pub(super) fn fact(self, name: &str) -> Option<(usize, &'a Fact)> {
        self.scope.facts.iter().enumerate().find(|(_, fact)| fact.name.node.as_ref() == name)
    }

    /// Every name in scope, for "did you mean".
    pub(super) fn known(self) -> Vec<&'a str> {
        let scope = self.scope;
        let parameters = scope.parameters.iter().map(|parameter| parameter.name.as_ref());
        let facts = scope.facts.iter().map(|fact| fact.name.node.as_ref());
        let elements = self.elements().map(|element| element.name);
        elements.chain(parameters).chain(scope.names.keys().map(AsRef::as_ref)).chain(facts).collect()
    }
}
