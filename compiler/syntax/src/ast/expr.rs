//! Expressions.

use std::sync::Arc;

use leeway_diagnostics::{Span, Spanned};
use leeway_units::Quantity;

use super::{Amount, Ident};

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of expressions. Parentheses leave no node, but `Expr::span` of what stands in them includes them.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// `true`, `false`.
    Bool(bool),
    /// A number with its unit.
    Quantity(Quantity),
    /// A text.
    Text(Arc<str>),
    /// `[a, b]`.
    List(Vec<Expr>),
    /// A bare name.
    Name(Arc<str>),
    /// `E.name`.
    Field(Box<Expr>, Ident),
    /// `name(a, b)`.
    Function(Ident, Vec<Expr>),
    /// `not E`.
    Not(Box<Expr>),
    /// `-E`.
    Negate(Box<Expr>),
    /// `a and b and c`; at least two.
    And(Vec<Expr>),
    /// `a or b or c`; at least two.
    Or(Vec<Expr>),
    /// `E for D`; D is a duration literal or the name of a constant.
    For(Box<Expr>, Box<Expr>),
    /// `a == b` and its like.
    Compare(Box<Expr>, Spanned<Comparison>, Box<Expr>),
    /// `a in lo..hi`; `negated` for `not in`.
    InRange {
        /// What is looked for.
        value: Box<Expr>,
        /// The least.
        low: Box<Expr>,
        /// The greatest.
        high: Box<Expr>,
        /// Whether `not` stands before `in`.
        negated: bool,
    },
    /// `a in list`; `negated` for `not in`.
    InList {
        /// What is looked for.
        value: Box<Expr>,
        /// Where.
        list: Box<Expr>,
        /// Whether `not` stands before `in`.
        negated: bool,
    },
    /// `a within P% of b`.
    Within {
        /// What is measured.
        value: Box<Expr>,
        /// How far it may be away.
        percent: Box<Amount>,
        /// From what.
        of: Box<Expr>,
    },
    /// `a starts_with b` and its like.
    TextTest(Box<Expr>, Spanned<TextTest>, Box<Expr>),
    /// `any X in C: E` and its like.
    Quantified {
        /// Which of them.
        quantifier: Spanned<Quantifier>,
        /// The name of an element.
        element: Ident,
        /// The collection: a name, or a field of `current`.
        over: Box<Expr>,
        /// What is asked of each element.
        body: Box<Expr>,
    },
    /// `a ?? b`.
    Coalesce(Box<Expr>, Box<Expr>),
    /// `a + b` and its like.
    Arithmetic(Box<Expr>, Spanned<ArithmeticOp>, Box<Expr>),
    /// `if a then b else c`.
    If(Box<Expr>, Box<Expr>, Box<Expr>),
}

/// The comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the operators")]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// The four operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the operators")]
pub enum ArithmeticOp {
    Add,
    Subtract,
    Multiply,
    Divide,
}

/// The tests of texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the operators")]
pub enum TextTest {
    StartsWith,
    EndsWith,
    Matches,
}

/// What can be asked of a collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the language's")]
pub enum Quantifier {
    Any,
    All,
    Count,
    Sum,
    Min,
    Max,
}
