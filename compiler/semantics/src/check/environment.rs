//! The types of what names stand for, in one target or blueprint.

use std::collections::BTreeSet;

use leeway_units::{Type, Value};

use super::constant::constant;
use crate::hir::{Expr, ExprKind, Meaning, Parameter, Target};

/// A type, and whether the value was computed by a division: only such a number can be read as a ratio.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Ty {
    pub(super) ty: Type,
    pub(super) computed: bool,
}

impl From<Type> for Ty {
    fn from(ty: Type) -> Ty {
        Ty { ty, computed: false }
    }
}

/// What is known of the names in scope; a type is `None` where its absence was reported.
#[derive(Debug)]
pub(super) struct Environment {
    pub(super) facts: Vec<Option<Type>>,
    pub(super) actions: Vec<Vec<Parameter>>,
    pub(super) metrics: Vec<Option<Type>>,
    /// How often each metric is sampled.
    pub(super) every_ms: Vec<u64>,
    pub(super) lets: Vec<KnownLet>,
}

/// A let that has been looked at.
#[derive(Debug)]
pub(super) struct KnownLet {
    pub(super) ty: Option<Ty>,
    pub(super) value: Expr,
    /// Its value, if it is a constant.
    pub(super) constant: Option<Value>,
    /// How large it is once its own lets are written out.
    pub(super) size: Size,
    /// The metrics it reads, also by way of others.
    pub(super) metrics: BTreeSet<u16>,
    /// Whether it holds a `for`, also by way of others.
    pub(super) holds_for: bool,
    /// Whether it is a constant, though perhaps of no known value.
    pub(super) fixed: bool,
    /// Whether it reads something without a past, also by way of others.
    pub(super) without_past: bool,
    /// What in it reads beyond the moment, also by way of others.
    pub(super) beyond: Option<&'static str>,
}

/// How large an expression is once its lets are written out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    /// How many expressions it consists of.
    pub(super) nodes: usize,
    /// How many of them stand inside each other.
    pub(super) depth: usize,
}

impl Size {
    /// The size of what has no parts.
    pub(super) const ONE: Size = Size { nodes: 1, depth: 1 };
}

impl KnownLet {
    /// A let of which nothing is known yet.
    pub(super) fn new(value: Expr) -> KnownLet {
        let metrics = BTreeSet::new();
        KnownLet {
            ty: None,
            value,
            constant: None,
            size: Size::ONE,
            metrics,
            holds_for: false,
            fixed: true,
            without_past: false,
            beyond: None,
        }
    }
}

impl Environment {
    pub(super) fn of(target: &Target) -> Environment {
        Environment {
            facts: target.facts.iter().map(|fact| fact.ty.clone()).collect(),
            actions: target.actions.iter().map(|action| action.parameters.clone()).collect(),
            metrics: Vec::new(),
            every_ms: Vec::new(),
            lets: Vec::new(),
        }
    }

    /// The metrics that `expr` reads; lets are looked through.
    pub(super) fn metrics_read(&self, expr: &Expr) -> BTreeSet<u16> {
        let mut read = BTreeSet::new();
        expr.walk(&mut |expr| {
            if let Some((_, Meaning::Metric(metric))) = expr.name() {
                read.insert(metric.0);
            } else if let Some(known) = self.let_named(expr) {
                read.extend(&known.metrics);
            }
        });
        read
    }

    /// Whether a `for` stands in `expr`; lets are looked through.
    pub(super) fn holds_for(&self, expr: &Expr) -> bool {
        let mut holds = false;
        expr.walk(&mut |expr| {
            let named = self.let_named(expr).is_some_and(|known| known.holds_for);
            holds |= named || matches!(expr.kind, ExprKind::For(..));
        });
        holds
    }

    /// The let whose name `expr` is.
    pub(super) fn let_named(&self, expr: &Expr) -> Option<&KnownLet> {
        if let Some((_, Meaning::Let(at))) = expr.name() { self.lets.get(*at) } else { None }
    }

    /// The value of `expr`, if it is a constant.
    pub(super) fn constant(&self, expr: &Expr) -> Option<Value> {
        constant(expr, &|at| self.lets.get(at).and_then(|one| one.constant.clone()))
    }

    /// Whether `expr` is a constant, though perhaps one of which no value is known. What was reported passes for one.
    pub(super) fn fixed(&self, expr: &Expr) -> bool {
        let mut fixed = true;
        expr.walk(&mut |expr| {
            fixed &= match &expr.kind {
                ExprKind::Name(_, Meaning::Let(at)) => self.lets.get(*at).is_none_or(|known| known.fixed),
                ExprKind::Name(..)
                | ExprKind::Since(_)
                | ExprKind::Began(..)
                | ExprKind::During(..)
                | ExprKind::Budget(_) => false,
                ExprKind::Broken
                | ExprKind::Constant(_)
                | ExprKind::Opaque(_)
                | ExprKind::Symbol(..)
                | ExprKind::List(_)
                | ExprKind::Not(_)
                | ExprKind::Negate(_)
                | ExprKind::And(_)
                | ExprKind::Or(_)
                | ExprKind::For(..)
                | ExprKind::Compare(..)
                | ExprKind::InRange { .. }
                | ExprKind::InList { .. }
                | ExprKind::Within { .. }
                | ExprKind::TextTest(..)
                | ExprKind::Quantified { .. }
                | ExprKind::Coalesce(..)
                | ExprKind::Known(_)
                | ExprKind::Arithmetic(..)
                | ExprKind::If(..)
                | ExprKind::Window(..)
                | ExprKind::Quantile(..)
                | ExprKind::Change(..)
                | ExprKind::Function(..)
                | ExprKind::AsRatio(_) => true,
            };
        });
        fixed
    }

    /// How large `expr` is once lets are written out, as it is lowered: `not in` is a `not` around an `in`.
    pub(super) fn size(&self, expr: &Expr) -> Size {
        if let Some(known) = self.let_named(expr) {
            return known.size;
        }
        let negated =
            matches!(expr.kind, ExprKind::InRange { negated: true, .. } | ExprKind::InList { negated: true, .. });
        let own = 1 + usize::from(negated);
        let inside = expr.children().into_iter().map(|child| self.size(child));
        let all = inside.fold(Size { nodes: own, depth: 0 }, |all, one| Size {
            nodes: all.nodes.saturating_add(one.nodes),
            depth: all.depth.max(one.depth),
        });
        Size { depth: all.depth + own, ..all }
    }
}
