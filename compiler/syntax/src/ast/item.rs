//! What a file consists of: `use`, `target`, `policy`, `blueprint`, and what a target declares.

use std::sync::Arc;

use leeway_diagnostics::{Span, Spanned};
use leeway_units::Quantity;

use super::{Call, Expr, Ident, Lost, Member, Path, Stage, Text};

/// A file: whole items only; what was broken is in the diagnostics.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct File {
    /// The `use`s, in order.
    pub uses: Vec<Use>,
    /// The `target`s, in order.
    pub targets: Vec<Target>,
    /// The `policy`s, in order.
    pub policies: Vec<Policy>,
    /// The `blueprint`s, in order.
    pub blueprints: Vec<Blueprint>,
    /// How many items were dropped because they were broken.
    pub broken: usize,
}

/// `use PATH [as NAME]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Use {
    /// The module.
    pub path: Path,
    /// The name it is bound to, if given.
    pub alias: Option<Ident>,
}

/// `name: type`, as parameters and facts declare it.
#[derive(Clone, Debug, PartialEq)]
pub struct Typed {
    /// The name.
    pub name: Ident,
    /// The type's name: a built-in one, or that of an enum of the target.
    pub ty: Ident,
}

/// `target KIND(name: text) { … }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// The `///` lines before it.
    pub doc: Option<Arc<str>>,
    /// The kind.
    pub kind: Path,
    /// Its parameters.
    pub parameters: Vec<Typed>,
    /// Its facts.
    pub facts: Vec<Fact>,
    /// Its enums.
    pub enums: Vec<Enum>,
    /// Its collections.
    pub collections: Vec<Collection>,
    /// Its actions.
    pub actions: Vec<Action>,
    /// How many declarations were dropped because they were broken.
    pub broken: usize,
    /// What these may have declared.
    pub lost: Lost,
}

/// `fact NAME: TYPE [stale D]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    /// The `///` lines before it.
    pub doc: Option<Arc<str>>,
    /// Name and type.
    pub typed: Typed,
    /// How old a value may be.
    pub stale: Option<Spanned<Quantity>>,
}

/// `enum NAME { WORD … }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Enum {
    /// The `///` lines before it.
    pub doc: Option<Arc<str>>,
    /// The name, which is a type in this target.
    pub name: Ident,
    /// Its words, in order; at least one.
    pub words: Vec<Ident>,
}

/// `collection NAME { FIELD: TYPE … } [stale D]`: a fact that is a list of records.
#[derive(Clone, Debug, PartialEq)]
pub struct Collection {
    /// The `///` lines before it.
    pub doc: Option<Arc<str>>,
    /// The name.
    pub name: Ident,
    /// What each record has; at least one.
    pub fields: Vec<Typed>,
    /// How old a value may be.
    pub stale: Option<Spanned<Quantity>>,
}

/// `action NAME(PARAMETERS) { … }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Action {
    /// The `///` lines before it.
    pub doc: Option<Arc<str>>,
    /// The name.
    pub name: Ident,
    /// The parameters.
    pub parameters: Vec<Typed>,
    /// What stands in its block, in order.
    pub parts: Vec<Spanned<ActionPart>>,
}

/// One statement about an action.
#[derive(Clone, Debug, PartialEq)]
pub enum ActionPart {
    /// `effect FACT = E`.
    Effect {
        /// The fact it writes.
        fact: Ident,
        /// The value the fact has afterwards.
        value: Expr,
    },
    /// `undo CALL`.
    UndoCall(Call),
    /// `undo receipt`.
    UndoReceipt,
    /// `undo nothing`.
    UndoNothing,
    /// `irreversible`.
    Irreversible,
    /// `disruptive`.
    Disruptive,
    /// `risk low | medium | high`, the word as written.
    Risk(Ident),
    /// `verify { … }`.
    Verify(Vec<Stage>),
}

/// `policy NAME(PARAMETERS) for KIND { … }`: members that blueprints include.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// The `///` lines before it.
    pub doc: Option<Arc<str>>,
    /// The name.
    pub name: Ident,
    /// What its includer sets.
    pub parameters: Vec<PolicyParameter>,
    /// What it is for.
    pub kind: PolicyKind,
    /// Its whole members, in order.
    pub members: Vec<Member>,
    /// How many members were dropped because they were broken.
    pub broken: usize,
    /// What these may have declared.
    pub lost: Lost,
    /// The header, from `policy` to before the `{`.
    pub span: Span,
}

/// What a policy is for.
#[derive(Clone, Debug, PartialEq)]
pub enum PolicyKind {
    /// `any`: every target.
    Any(Span),
    /// Targets of that kind.
    Kind(Path),
}

/// `NAME: TYPE [= LITERAL]`.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyParameter {
    /// Name and type.
    pub typed: Typed,
    /// What it is unless the includer says otherwise: a literal.
    pub default: Option<Expr>,
}

/// `blueprint NAME for KIND("NAME") { … }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Blueprint {
    /// The `///` lines before it.
    pub doc: Option<Arc<str>>,
    /// The name.
    pub name: Ident,
    /// The kind of its target.
    pub kind: Path,
    /// The name of its target.
    pub target: Text,
    /// Its whole members, in order.
    pub members: Vec<Member>,
    /// How many members were dropped because they were broken.
    pub broken: usize,
    /// What these may have declared.
    pub lost: Lost,
    /// The header, from `blueprint` to before the `{`.
    pub span: Span,
}
