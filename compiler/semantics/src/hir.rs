//! The program with its names resolved: ids instead of strings, and spans for what later steps have to say.

mod blueprint;
mod limit;
mod metric;
mod scenario;

use std::sync::Arc;

use leeway_diagnostics::{Span, Spanned};
use leeway_ir::{ActionId, ActorField, FactId, Function, MetricId, Risk, SloId, WindowFunction};
use leeway_syntax::ast::{ArithmeticOp, Comparison, Ident, Quantifier, TextTest};
use leeway_units::{Enum, Quantity, Type, Value};

pub(crate) use blueprint::{
    ActionMeaning, ActionRef, Blueprint, Clause, Invariant, Layer, Let, Objective, Piece, Reason, Rule, Stage,
    Verification, qualified,
};
pub(crate) use limit::{Approval, Ceiling, Limit, LimitKind};
pub(crate) use metric::{Burn, Metric, Reading, ReadingKind, Response, Slo, Source};
pub(crate) use scenario::{
    Claim, Expected, ExpectedKind, GivenFact, GivenMetric, GivenOperation, GivenSeries, GivenValue, Records, Scenario,
    When,
};

/// A program whose names are resolved.
#[derive(Debug)]
pub struct Hir {
    pub(crate) targets: Vec<Target>,
    /// Every policy by itself, as if it were a blueprint.
    pub(crate) policies: Vec<Blueprint>,
    pub(crate) blueprints: Vec<Blueprint>,
    /// Whether nothing was lost on the way here; only then can it be lowered.
    pub(crate) whole: bool,
}

#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) kind: Arc<str>,
    /// Whether declarations were lost in parsing: then an unknown name is likely one of those.
    pub(crate) partial: bool,
    pub(crate) enums: Vec<Enum>,
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
    /// A constant of which only the type is known: a parameter of a policy that is checked by itself.
    Opaque(Type),
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
        percent: Box<Expr>,
        of: Box<Expr>,
    },
    TextTest(Box<Expr>, Spanned<TextTest>, Box<Expr>),
    /// The collection is a name that means a fact.
    Quantified {
        quantifier: Spanned<Quantifier>,
        over: Box<Expr>,
        fact: FactId,
        body: Box<Expr>,
    },
    Coalesce(Box<Expr>, Box<Expr>),
    Known(Box<Expr>),
    Arithmetic(Box<Expr>, Spanned<ArithmeticOp>, Box<Expr>),
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    /// A function over samples: the metric (a name), then the window.
    Window(WindowFunction, MetricId, Box<Expr>, Box<Expr>),
    /// `quantile(q, m, D)`: q, then as above.
    Quantile(Box<Expr>, MetricId, Box<Expr>, Box<Expr>),
    /// `count(ACTION, D)`.
    Began(Vec<ActionId>, Box<Expr>),
    /// `since(ACTION)`.
    Since(Vec<ActionId>),
    /// `change(FACT, D)`: the fact (a name), then the window.
    Change(FactId, Box<Expr>, Box<Expr>),
    /// `during(TEXT, ZONE)`.
    During(Box<Expr>, Box<Expr>),
    /// `budget(SLO)`.
    Budget(SloId),
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
    Claims,
    /// A field of an element; depth 0 is that of the innermost quantifier around it.
    Element {
        depth: u16,
        field: Arc<str>,
        ty: Type,
    },
}

impl Target {
    /// The target that a policy `for any` knows: one without facts and actions.
    pub(crate) fn any() -> Target {
        Target { kind: "any".into(), partial: false, enums: Vec::new(), facts: Vec::new(), actions: Vec::new() }
    }
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
            ExprKind::Broken
            | ExprKind::Constant(_)
            | ExprKind::Opaque(_)
            | ExprKind::Symbol(..)
            | ExprKind::Name(..)
            | ExprKind::Since(_)
            | ExprKind::Budget(_) => vec![],
            ExprKind::Not(a)
            | ExprKind::Negate(a)
            | ExprKind::Known(a)
            | ExprKind::AsRatio(a)
            | ExprKind::Began(_, a) => vec![a],
            ExprKind::List(all) | ExprKind::And(all) | ExprKind::Or(all) | ExprKind::Function(_, _, all) => {
                all.iter().collect()
            }
            ExprKind::For(a, b)
            | ExprKind::Compare(a, _, b)
            | ExprKind::Coalesce(a, b)
            | ExprKind::Arithmetic(a, _, b)
            | ExprKind::TextTest(a, _, b)
            | ExprKind::Change(_, a, b)
            | ExprKind::During(a, b)
            | ExprKind::Window(_, _, a, b) => vec![a, b],
            ExprKind::InList { value, list, .. } => vec![value, list],
            ExprKind::Quantified { over, body, .. } => vec![over, body],
            ExprKind::Within { value, percent, of } => vec![value, percent, of],
            ExprKind::Quantile(a, _, b, c) => vec![a, b, c],
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
