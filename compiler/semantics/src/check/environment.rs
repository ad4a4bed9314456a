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
    pub(super) nodes: usize,
    /// The metrics it reads, also by way of others.
    pub(super) metrics: BTreeSet<u16>,
}

impl KnownLet {
    /// A let of which nothing is known yet.
    pub(super) fn new(value: Expr) -> KnownLet {
        KnownLet { ty: None, value, constant: None, nodes: 1, metrics: BTreeSet::new() }
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
        expr.walk(&mut |expr| match &expr.kind {
            ExprKind::Name(_, Meaning::Metric(metric)) => drop(read.insert(metric.0)),
            ExprKind::Name(_, Meaning::Let(at)) => read.extend(self.lets.get(*at).iter().flat_map(|one| &one.metrics)),
            _ => {}
        });
        read
    }

    /// The expression of a let.
    pub(super) fn let_expr(&self, at: usize) -> Option<&Expr> {
        self.lets.get(at).map(|one| &one.value)
    }

    /// The value of `expr`, if it is a constant.
    pub(super) fn constant(&self, expr: &Expr) -> Option<Value> {
        constant(expr, &|at| self.lets.get(at).and_then(|one| one.constant.clone()))
    }

    /// How many nodes `expr` has once lets are written out.
    pub(super) fn nodes(&self, expr: &Expr) -> usize {
        let mut nodes: usize = 0;
        expr.walk(&mut |expr| {
            let of_let = match &expr.kind {
                ExprKind::Name(_, Meaning::Let(at)) => self.lets.get(*at).map_or(1, |one| one.nodes),
                _ => 1,
            };
            nodes = nodes.saturating_add(of_let);
        });
        nodes
    }
}
