//! The ways for a condition to come true: each is what holds together, and of each a few marks are kept. As marks only add up,
//! there are few kinds of ways, and they are found in one pass, however many ways there are.

use std::cell::RefCell;
use std::collections::BTreeMap;

use leeway_syntax::ast::Quantifier;
use leeway_units::{Type, Value};

use super::environment::Environment;
use crate::hir::{Expr, ExprKind, Meaning};

/// What is marked of one way; the marks of what holds together add up.
pub(super) type Marks = u8;

/// How many marks there are.
const MARKS: u8 = 2;

/// A set of ways, told apart by their marks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Ways(u8);

impl Ways {
    /// No way.
    pub(super) const NONE: Ways = Ways(0);

    /// One way with these marks.
    pub(super) const fn one(marks: Marks) -> Ways {
        Ways(1 << marks)
    }

    /// Either of them.
    #[must_use]
    pub(super) const fn or(self, other: Ways) -> Ways {
        Ways(self.0 | other.0)
    }

    /// Both together.
    #[must_use]
    pub(super) fn and(self, other: Ways) -> Ways {
        self.each(|marks| other.each(|more| Ways::one(marks | more)))
    }

    /// What each of them becomes.
    #[must_use]
    pub(super) fn each(self, of: impl Fn(Marks) -> Ways) -> Ways {
        (0..1 << MARKS).filter(|marks| self.has(*marks)).map(of).fold(Ways::NONE, Ways::or)
    }

    /// Whether there is a way with exactly these marks.
    pub(super) const fn has(self, marks: Marks) -> bool {
        self.0 & (1 << marks) != 0
    }
}

/// What is asked about the ways of a condition.
pub(super) trait Question {
    /// The ways for what is no junction to be true, or false.
    fn atom(&self, ways: &Finder<'_, Self>, expr: &Expr, truth: bool) -> Ways
    where
        Self: Sized;

    /// The ways for `any` or `all` over a collection. `some` says whether one element suffices.
    fn quantified(&self, body: Ways, some: bool) -> Ways;

    /// The marks of a way that comes from `expr` being unknown.
    fn unknown(&self, ways: &Finder<'_, Self>, expr: &Expr) -> Marks
    where
        Self: Sized;
}

/// Finds the ways; what was found of a let is kept, so that lets that double each other cost nothing.
pub(super) struct Finder<'a, Q> {
    pub(super) environment: &'a Environment,
    pub(super) question: Q,
    lets: RefCell<BTreeMap<(usize, bool), Ways>>,
}

impl<'a, Q: Question> Finder<'a, Q> {
    pub(super) fn new(environment: &'a Environment, question: Q) -> Finder<'a, Q> {
        Finder { environment, question, lets: RefCell::default() }
    }

    /// The ways for `expr` to be `truth`.
    pub(super) fn ways(&self, expr: &Expr, truth: bool) -> Ways {
        let alternatives = |parts: &[(&Expr, bool)]| {
            parts.iter().fold(Ways::NONE, |ways, (part, truth)| ways.or(self.ways(part, *truth)))
        };
        match parts(expr, truth) {
            Parts::Together(all) => {
                all.iter().fold(Ways::one(0), |ways, (part, truth)| ways.and(self.ways(part, *truth)))
            }
            Parts::Either(all) => alternatives(&all),
            Parts::Choice(condition, a, b) => {
                let first = self.ways(condition, true).and(self.ways(a, truth));
                first.or(self.ways(condition, false).and(self.ways(b, truth)))
            }
            Parts::Default(a, b) => {
                let unknown = Ways::one(self.question.unknown(self, a));
                self.ways(a, truth).or(unknown.and(self.ways(b, truth)))
            }
            Parts::Elements(body, some) => self.question.quantified(self.ways(body, truth), some),
            Parts::Constant(value) => {
                if value == truth {
                    Ways::one(0)
                } else {
                    Ways::NONE
                }
            }
            Parts::Atom => match expr.name() {
                Some((_, Meaning::Let(at))) if self.is_condition(*at) => self.of_let(*at, truth),
                Some(_) | None => self.question.atom(self, expr, truth),
            },
        }
    }

    /// The smallest part of `expr` for which `wanted` is a way by itself.
    pub(super) fn culprit<'e>(&self, expr: &'e Expr, truth: bool, wanted: Marks) -> &'e Expr {
        let parts = match parts(expr, truth) {
            Parts::Together(all) => {
                // Of what holds together one part is to blame only if the others do not matter.
                if all.len() == 1 { all } else { return self.blamed(expr, all, wanted) }
            }
            Parts::Either(all) => all,
            Parts::Elements(..) | Parts::Choice(..) | Parts::Default(..) | Parts::Constant(_) | Parts::Atom => {
                return expr;
            }
        };
        let found = parts.into_iter().find(|(part, truth)| self.ways(part, *truth).has(wanted));
        found.map_or(expr, |(part, truth)| self.culprit(part, truth, wanted))
    }

    fn blamed<'e>(&self, whole: &'e Expr, all: Vec<(&'e Expr, bool)>, wanted: Marks) -> &'e Expr {
        let mut marked = all.into_iter().filter(|(part, truth)| self.ways(part, *truth).has(wanted));
        match (marked.next(), marked.next()) {
            (Some((part, truth)), None) => self.culprit(part, truth, wanted),
            _ => whole,
        }
    }

    fn is_condition(&self, at: usize) -> bool {
        self.environment.lets.get(at).and_then(|known| known.ty.as_ref()).is_some_and(|found| found.ty == Type::Bool)
    }

    fn of_let(&self, at: usize, truth: bool) -> Ways {
        if let Some(known) = self.lets.borrow().get(&(at, truth)) {
            return *known;
        }
        // A let on a cycle, which is reported, comes back here.
        self.lets.borrow_mut().insert((at, truth), Ways::NONE);
        let found = self.environment.lets.get(at).map_or(Ways::NONE, |known| self.ways(&known.value, truth));
        self.lets.borrow_mut().insert((at, truth), found);
        found
    }
}

/// What a condition consists of, once `not` is moved inward: for it to be true (or false) the parts must be what stands beside
/// them.
pub(super) enum Parts<'e> {
    Together(Vec<(&'e Expr, bool)>),
    Either(Vec<(&'e Expr, bool)>),
    /// `if`, of which both arms are asked for the same.
    Choice(&'e Expr, &'e Expr, &'e Expr),
    /// `??`.
    Default(&'e Expr, &'e Expr),
    /// `any` or `all`, and whether one element suffices.
    Elements(&'e Expr, bool),
    Constant(bool),
    Atom,
}

impl Parts<'_> {
    /// How many parts there are.
    pub(super) fn len(&self) -> usize {
        match self {
            Parts::Together(all) | Parts::Either(all) => all.len(),
            Parts::Choice(..) | Parts::Default(..) | Parts::Elements(..) | Parts::Constant(_) | Parts::Atom => 1,
        }
    }
}

/// The parts of `expr`, which is to be `truth`.
pub(super) fn parts(expr: &Expr, truth: bool) -> Parts<'_> {
    match &expr.kind {
        ExprKind::And(parts) | ExprKind::Or(parts) => {
            let listed = parts.iter().map(|part| (part, truth)).collect();
            if matches!(expr.kind, ExprKind::And(_)) == truth { Parts::Together(listed) } else { Parts::Either(listed) }
        }
        ExprKind::Not(a) => Parts::Either(vec![(a, !truth)]),
        ExprKind::For(a, _) => Parts::Either(vec![(a, truth)]),
        ExprKind::If(condition, a, b) => Parts::Choice(condition, a, b),
        ExprKind::Coalesce(a, b) => Parts::Default(a, b),
        ExprKind::Constant(Value::Bool(value)) => Parts::Constant(*value),
        ExprKind::Quantified { quantifier, body, .. } => match quantifier.node {
            Quantifier::Any => Parts::Elements(body, truth),
            Quantifier::All => Parts::Elements(body, !truth),
            Quantifier::Count | Quantifier::Sum | Quantifier::Min | Quantifier::Max => Parts::Atom,
        },
        ExprKind::Broken
        | ExprKind::Constant(_)
        | ExprKind::Opaque(_)
        | ExprKind::Symbol(..)
        | ExprKind::List(_)
        | ExprKind::Name(..)
        | ExprKind::Negate(_)
        | ExprKind::Compare(..)
        | ExprKind::InRange { .. }
        | ExprKind::InList { .. }
        | ExprKind::Within { .. }
        | ExprKind::TextTest(..)
        | ExprKind::Known(_)
        | ExprKind::Arithmetic(..)
        | ExprKind::Window(..)
        | ExprKind::Quantile(..)
        | ExprKind::Began(..)
        | ExprKind::Since(_)
        | ExprKind::Change(..)
        | ExprKind::During(..)
        | ExprKind::Budget(_)
        | ExprKind::Function(..)
        | ExprKind::AsRatio(_) => Parts::Atom,
    }
}
