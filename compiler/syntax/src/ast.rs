//! The syntax tree: what was written, with where each part stands. Names are not resolved and types not known.

mod action;
mod clause;
mod expr;
mod item;
mod limit;
mod lost;
mod member;
mod metric;
mod test;
mod verify;

use std::sync::Arc;

use leeway_diagnostics::{Span, Spanned};

pub use action::{ActionRef, Argument, Call};
pub use clause::{Clause, ClauseKind, Rule};
pub use expr::{ArithmeticOp, Comparison, Expr, ExprKind, Quantifier, TextTest};
pub use item::{
    Action, ActionPart, Blueprint, Collection, Enum, Fact, File, Policy, PolicyKind, PolicyParameter, Target, Typed,
    Use,
};
pub use limit::{Approval, Autonomy, Limit};
pub use lost::Lost;
pub use member::{Include, Invariant, Let, Member, MemberKind};
pub use metric::{Burn, Metric, Sampled, Scrape, Slo, Source, SourceKind};
pub use test::{Claim, Expect, Expectation, Given, GivenValue, Past, Test, When};
pub use verify::{Failure, Stage, StageKind, Verify};

/// A name with its place.
pub type Ident = Spanned<Arc<str>>;

/// A text in quotes or backticks, unescaped, with the place of the whole literal.
pub type Text = Spanned<Arc<str>>;

/// Where a number with a unit is wanted: a literal, or the name of a constant. The grammar lets nothing else stand there.
pub type Amount = Expr;

/// Where a text is wanted: a literal, or the name of a constant. The grammar lets nothing else stand there.
pub type Words = Expr;

/// Names joined by points: `std.ratelimiter`.
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    /// The parts; at least one.
    pub parts: Vec<Ident>,
    /// The whole.
    pub span: Span,
}

impl Path {
    /// The path as written, without white space.
    pub fn text(&self) -> String {
        self.parts.iter().map(|part| part.node.as_ref()).collect::<Vec<_>>().join(".")
    }
}
