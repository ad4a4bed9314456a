//! Actions as clauses name them, and calls of them.

use leeway_diagnostics::Span;

use super::{Expr, Ident};

/// An action as clauses, limits and `verify` name it: `any`, `disruptive`, `scale`, `scale(to)`, `resize(cpu_request, ..)`.
#[derive(Clone, Debug, PartialEq)]
pub struct ActionRef {
    /// The action's name, or `any` or `disruptive`.
    pub name: Ident,
    /// The parameters named.
    pub parameters: Vec<Ident>,
    /// Whether `..` says that the rest is not read on purpose.
    pub rest: bool,
    /// The whole.
    pub span: Span,
}

/// An argument with its name.
pub type Argument = (Ident, Expr);

/// A call of an action with expressions as arguments.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The action.
    pub action: Ident,
    /// The arguments, by name.
    pub arguments: Vec<Argument>,
    /// The whole.
    pub span: Span,
}
