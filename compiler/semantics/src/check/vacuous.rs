//! An `allow` that a collection of nothing makes true: over nothing `all` is true, and `count` and `sum` are 0.

use std::cell::RefCell;
use std::collections::BTreeMap;

use leeway_diagnostics::{Code, Diagnostic};
use leeway_syntax::ast::{ClauseKind, Comparison, Quantifier};
use leeway_units::{Quantity, Type, Unit, Value};

use super::constant::compare;
use super::infer::Checker;
use super::ways::{Finder, Marks, Question, Ways};
use crate::hir::{Blueprint, Expr, ExprKind, Meaning};

/// The way is there because a collection is empty.
const EMPTY: Marks = 1;

impl Checker<'_> {
    /// Warns of permissions that empty collections give.
    pub(super) fn vacuous(&mut self, blueprint: &Blueprint) {
        let mut found = Vec::new();
        let finder = Finder::new(&self.environment, Nothing { lets: RefCell::default() });
        for clause in
            blueprint.clauses.iter().filter(|clause| clause.kind.node == ClauseKind::Allow && clause.layer == 0)
        {
            let Some(when) = clause.when.as_ref().filter(|when| finder.ways(when, true).has(EMPTY)) else { continue };
            let way = finder.culprit(when, true, EMPTY);
            let actions: Vec<String> = clause.actions.iter().map(|one| format!("`{}`", one.name)).collect();
            let over = self.collection(way).unwrap_or_else(|| "a collection".to_owned());
            let message = format!("when `{over}` is empty this is true, and {} is allowed", actions.join(", "));
            let finding = Diagnostic::new(Code::W0407, way.span, message);
            let help = format!("say that something must be there, for instance `(count one in {over}: true) > 0`");
            found.push(finding.help(help));
        }
        self.diagnostics.append(&mut found);
    }

    /// The collection that the first quantifier in `expr` is over; a let that stands by itself is looked through.
    fn collection(&self, expr: &Expr) -> Option<String> {
        let mut expr = expr;
        // Lets are not on cycles, or this was reported; their number bounds the way.
        for _ in 0..self.environment.lets.len() {
            let Some(known) = self.environment.let_named(expr) else { break };
            expr = &known.value;
        }
        let mut over = None;
        expr.walk(&mut |expr| {
            if let ExprKind::Quantified { over: of, .. } = &expr.kind {
                over = over.take().or_else(|| of.name().map(|(name, _)| name.to_string()));
            }
        });
        over
    }
}

/// What follows when every collection, and every fact that counts, is nothing.
struct Nothing {
    /// Lets without a value then.
    lets: RefCell<BTreeMap<usize, bool>>,
}

impl Question for Nothing {
    fn atom(&self, finder: &Finder<'_, Self>, expr: &Expr, truth: bool) -> Ways {
        if finder.unknown_over_nothing(expr) {
            return Ways::NONE;
        }
        let sides = if let ExprKind::Compare(a, comparison, b) = &expr.kind {
            vec![(a, comparison.node, b)]
        } else if let ExprKind::InRange { value, low, high, negated: false } = &expr.kind {
            vec![(value, Comparison::GreaterOrEqual, low), (value, Comparison::LessOrEqual, high)]
        } else {
            return Ways::one(0);
        };
        let told = sides.into_iter().map(|(a, comparison, b)| finder.at_nothing(a, comparison, b));
        let told: Option<Vec<(bool, Marks)>> = told.collect();
        let Some(told) = told else { return Ways::one(0) };
        let marks = told.iter().fold(0, |marks, (_, more)| marks | more);
        if told.iter().all(|(holds, _)| *holds) == truth { Ways::one(marks) } else { Ways::NONE }
    }

    fn quantified(&self, _: Ways, some: bool) -> Ways {
        if some { Ways::NONE } else { Ways::one(EMPTY) }
    }

    fn unknown(&self, _: &Finder<'_, Self>, _: &Expr) -> Marks {
        0
    }
}

impl Finder<'_, Nothing> {
    /// Whether `expr` has no value over nothing, as the least of a collection.
    fn unknown_over_nothing(&self, expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::Quantified { quantifier, .. } => match quantifier.node {
                Quantifier::Min | Quantifier::Max => true,
                Quantifier::Any | Quantifier::All | Quantifier::Count | Quantifier::Sum => false,
            },
            ExprKind::Name(_, Meaning::Let(at)) => {
                if let Some(known) = self.question.lets.borrow().get(at) {
                    return *known;
                }
                // A let on a cycle, which is reported, comes back here.
                self.question.lets.borrow_mut().insert(*at, false);
                let unknown =
                    self.environment.lets.get(*at).is_some_and(|known| self.unknown_over_nothing(&known.value));
                self.question.lets.borrow_mut().insert(*at, unknown);
                unknown
            }
            ExprKind::Compare(a, _, b) | ExprKind::Arithmetic(a, _, b) => {
                self.unknown_over_nothing(a) || self.unknown_over_nothing(b)
            }
            ExprKind::InRange { value, .. } | ExprKind::InList { value, .. } | ExprKind::Within { value, .. } => {
                self.unknown_over_nothing(value)
            }
            ExprKind::Negate(a) | ExprKind::AsRatio(a) => self.unknown_over_nothing(a),
            ExprKind::Function(_, _, all) => all.iter().any(|one| self.unknown_over_nothing(one)),
            ExprKind::Known(a) => self.unknown_over_nothing(a),
            ExprKind::Broken
            | ExprKind::Constant(_)
            | ExprKind::Opaque(_)
            | ExprKind::Symbol(..)
            | ExprKind::List(_)
            | ExprKind::Name(..)
            | ExprKind::Not(_)
            | ExprKind::And(_)
            | ExprKind::Or(_)
            | ExprKind::For(..)
            | ExprKind::TextTest(..)
            | ExprKind::Coalesce(..)
            | ExprKind::If(..)
            | ExprKind::Window(..)
            | ExprKind::Quantile(..)
            | ExprKind::Began(..)
            | ExprKind::Since(_)
            | ExprKind::Change(..)
            | ExprKind::During(..)
            | ExprKind::Budget(_) => false,
        }
    }

    /// Whether a comparison holds when there is nothing, if that can be told, and whether a collection is why.
    fn at_nothing(&self, a: &Expr, comparison: Comparison, b: &Expr) -> Option<(bool, Marks)> {
        let (zero, other, zero_first) = match (self.zero(a), self.zero(b)) {
            (Some(marks), None) => (marks, b, true),
            (None, Some(marks)) => (marks, a, false),
            (Some(_), Some(_)) | (None, None) => return None,
        };
        let other = self.environment.constant(other)?.quantity()?;
        let nothing = Value::Quantity(Quantity::new(other.unit(), 0.0)?);
        let other = Value::Quantity(other);
        let (left, right) = if zero_first { (&nothing, &other) } else { (&other, &nothing) };
        Some((compare(left, comparison, right)?, zero))
    }

    /// Whether `expr` is 0 when there is nothing, and the mark of that.
    fn zero(&self, expr: &Expr) -> Option<Marks> {
        let expr = self.environment.let_named(expr).map_or(expr, |known| &known.value);
        if let ExprKind::Quantified { quantifier, .. } = &expr.kind {
            return match quantifier.node {
                Quantifier::Count | Quantifier::Sum => Some(EMPTY),
                Quantifier::Any | Quantifier::All | Quantifier::Min | Quantifier::Max => None,
            };
        }
        let Some((_, Meaning::Fact(id))) = expr.name() else { return None };
        let ty = self.environment.facts.get(usize::from(id.0)).and_then(Option::as_ref);
        (ty == Some(&Type::Quantity(Unit::Count))).then_some(0)
    }
}
