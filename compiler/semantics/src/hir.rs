//! The program with its names resolved: ids instead of strings, and spans for what later steps have to say.

use std::sync::Arc;

use leeway_diagnostics::{Span, Spanned};
use leeway_ir as ir;
use leeway_ir::{ActionId, ActorField, FactId, Function, MetricId, Risk, WindowFunction};
use leeway_syntax::ast::{ArithmeticOp, ClauseKind, Comparison, Failure, Ident, StageKind, Text};
use leeway_units::{Quantity, Type, Value};

/// A program whose names are resolved.
#[derive(Debug)]
pub struct Hir {
    pub(crate) targets: Vec<Target>,
    pub(crate) blueprints: Vec<Blueprint>,
    /// Whether nothing was lost on the way here; only then can it be lowered.
    pub(crate) whole: bool,
}

#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) kind: Arc<str>,
    pub(crate) facts: Vec<Fact>,
    pub(crate) actions: Vec<Action>,
}

/// A fact; without a type if that is unknown, which was reported.
#[derive(Debug)]
pub(crate) struct Fact {
    pub(crate) name: Ident,
    pub(crate) ty: Option<Type>,
    pub(crate) stale: Option<Spanned<Quantity>>,
}

#[derive(Clone, Debug)]
pub(crate) struct Parameter {
    pub(crate) name: Arc<str>,
    pub(crate) ty: Option<Type>,
}

#[derive(Debug)]
pub(crate) struct Action {
    pub(crate) name: Ident,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) effects: Vec<Effect>,
    /// `None` only where its absence was reported.
    pub(crate) undo: Option<Undo>,
    pub(crate) risk: Risk,
    pub(crate) disruptive: bool,
    pub(crate) stages: Vec<Stage>,
}

#[derive(Debug)]
pub(crate) struct Effect {
    pub(crate) fact: FactId,
    pub(crate) value: Expr,
}

#[derive(Debug)]
pub(crate) enum Undo {
    Call(Call),
    Receipt,
    Nothing,
    Irreversible,
}

/// A complete call: one argument for each parameter, in their order.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) action: ActionId,
    pub(crate) arguments: Vec<Expr>,
}

#[derive(Debug)]
pub(crate) struct Blueprint {
    pub(crate) name: Ident,
    /// Whether members were lost in parsing: then nothing is said about what seems to be missing.
    pub(crate) partial: bool,
    /// A place in [`Hir::targets`].
    pub(crate) target: usize,
    pub(crate) target_name: Arc<str>,
    pub(crate) version: Option<Arc<str>>,
    pub(crate) owner: Option<Arc<str>>,
    pub(crate) lets: Vec<Let>,
    /// The lets, each after those it reads. Those on a cycle are left out.
    pub(crate) let_order: Vec<usize>,
    pub(crate) metrics: Vec<Metric>,
    pub(crate) objectives: Vec<Objective>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) clauses: Vec<Clause>,
    pub(crate) limits: Vec<Limit>,
    pub(crate) verifications: Vec<Verification>,
}

#[derive(Clone, Debug)]
pub(crate) struct Let {
    pub(crate) name: Ident,
    pub(crate) value: Expr,
}

#[derive(Debug)]
pub(crate) struct Metric {
    pub(crate) name: Ident,
    pub(crate) ty: Option<Type>,
    pub(crate) ty_span: Span,
    /// `None` where a selector is malformed, which was reported.
    pub(crate) source: Option<ir::Source>,
    pub(crate) source_span: Span,
    /// The windows its readings look over.
    pub(crate) windows: Vec<Spanned<Quantity>>,
    pub(crate) every: Option<Spanned<Quantity>>,
    pub(crate) stale: Option<Spanned<Quantity>>,
}

#[derive(Debug)]
pub(crate) struct Objective {
    pub(crate) condition: Expr,
    pub(crate) span: Span,
}

#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) name: Arc<str>,
    pub(crate) when: Expr,
    pub(crate) propose: Option<Call>,
    pub(crate) because: Option<Reason>,
    pub(crate) span: Span,
}

/// A `because`: texts and the names between them.
pub(crate) type Reason = Vec<Piece>;

#[derive(Debug)]
pub(crate) enum Piece {
    Text(Arc<str>),
    Value(Expr),
}

#[derive(Debug)]
pub(crate) struct Clause {
    pub(crate) kind: Spanned<ClauseKind>,
    pub(crate) actions: Vec<ActionRef>,
    pub(crate) when: Option<Expr>,
    pub(crate) otherwise: Option<Spanned<ClauseKind>>,
    pub(crate) because: Option<Reason>,
    pub(crate) suggest: Option<Call>,
    pub(crate) by: Vec<Text>,
    pub(crate) name: Option<Ident>,
}

#[derive(Debug)]
pub(crate) struct ActionRef {
    pub(crate) meaning: ActionMeaning,
    /// The name as written.
    pub(crate) name: Arc<str>,
    /// Whether `..` stands in its brackets.
    pub(crate) rest: bool,
    pub(crate) span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ActionMeaning {
    Any,
    Disruptive,
    One(ActionId),
}

#[derive(Debug)]
pub(crate) enum Limit {
    Cooldown { duration: Spanned<Quantity>, after: Vec<ActionRef>, span: Span },
    Breaker { failures: Spanned<Quantity>, span: Span },
}

#[derive(Debug)]
pub(crate) struct Verification {
    pub(crate) actions: Vec<ActionRef>,
    pub(crate) stages: Vec<Stage>,
    pub(crate) otherwise: Failure,
    pub(crate) span: Span,
}

#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) kind: StageKind,
    pub(crate) duration: Spanned<Quantity>,
    pub(crate) condition: Expr,
}

#[derive(Clone, Debug)]
pub(crate) struct Expr {
    pub(crate) kind: ExprKind,
    pub(crate) span: Span,
}

#[derive(Clone, Debug)]
pub(crate) enum ExprKind {
    /// What stood here was reported; nothing more is said about it.
    Broken,
    Constant(Value),
    /// An enum's word; the type is the enum.
    Symbol(Arc<str>, Type),
    List(Vec<Expr>),
    /// A name as written (`current.quota`) with what it means.
    Name(Arc<str>, Meaning),
    Not(Box<Expr>),
    Negate(Box<Expr>),
    And(Vec<Expr>),
    Or(Vec<Expr>),
    For(Box<Expr>, Box<Expr>),
    Compare(Box<Expr>, Spanned<Comparison>, Box<Expr>),
    InRange {
        value: Box<Expr>,
        low: Box<Expr>,
        high: Box<Expr>,
        negated: bool,
    },
    InList {
        value: Box<Expr>,
        list: Box<Expr>,
        negated: bool,
    },
    Within {
        value: Box<Expr>,
        percent: Spanned<Quantity>,
        of: Box<Expr>,
    },
    Coalesce(Box<Expr>, Box<Expr>),
    Known(Box<Expr>),
    Arithmetic(Box<Expr>, Spanned<ArithmeticOp>, Box<Expr>),
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    /// A function over samples: the metric (a name), then the window.
    Window(WindowFunction, MetricId, Box<Expr>, Box<Expr>),
    Function(Function, Ident, Vec<Expr>),
    /// Put there by the checker where a computed number is read as a ratio.
    AsRatio(Box<Expr>),
}

/// What a name stands for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Meaning {
    Fact(FactId),
    Metric(MetricId),
    /// A place in [`Blueprint::lets`].
    Let(usize),
    Parameter(u16, Option<Type>),
    Actor(ActorField),
    ActionRisk,
    ActionReversible,
}

impl Action {
    pub(crate) fn irreversible(&self) -> bool {
        matches!(self.undo, Some(Undo::Irreversible))
    }
}

impl Expr {
    pub(crate) fn broken(span: Span) -> Expr {
        Expr { kind: ExprKind::Broken, span }
    }

    /// The name that stands here, with what it means.
    pub(crate) fn name(&self) -> Option<(&Arc<str>, &Meaning)> {
        if let ExprKind::Name(name, meaning) = &self.kind { Some((name, meaning)) } else { None }
    }

    pub(crate) fn is_broken(&self) -> bool {
        matches!(self.kind, ExprKind::Broken)
    }

    /// The expressions directly inside this one, in the order written.
    pub(crate) fn children(&self) -> Vec<&Expr> {
        match &self.kind {
            ExprKind::Broken | ExprKind::Constant(_) | ExprKind::Symbol(..) | ExprKind::Name(..) => vec![],
            ExprKind::Not(a) | ExprKind::Negate(a) | ExprKind::Known(a) | ExprKind::AsRatio(a) => vec![a],
            ExprKind::List(all) | ExprKind::And(all) | ExprKind::Or(all) | ExprKind::Function(_, _, all) => {
                all.iter().collect()
            }
            ExprKind::For(a, b)
            | ExprKind::Compare(a, _, b)
            | ExprKind::Coalesce(a, b)
            | ExprKind::Arithmetic(a, _, b)
            | ExprKind::Window(_, _, a, b) => vec![a, b],
            ExprKind::InList { value, list, .. } => vec![value, list],
            ExprKind::Within { value, of, .. } => vec![value, of],
            ExprKind::InRange { value, low, high, .. } => vec![value, low, high],
            ExprKind::If(a, b, c) => vec![a, b, c],
        }
    }

    /// This and every expression inside it, outermost first, in the order written.
    pub(crate) fn walk<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        visit(self);
        for child in self.children() {
            child.walk(visit);
        }
    }
}

/// The place of a declaration as an id. Resolving refuses more declarations than ids.
pub(crate) fn slot(at: usize) -> u16 {
    u16::try_from(at).unwrap_or(u16::MAX)
}
