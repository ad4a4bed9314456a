//! Data that an outsider can write: an `allow` must not rest on it alone, and a restraint that reads it can be lifted.

use std::cell::RefCell;
use std::collections::BTreeMap;

use leeway_diagnostics::{Code, Diagnostic, Span};
use leeway_ir::MetricId;
use leeway_syntax::ast::ClauseKind;

use super::infer::Checker;
use super::ways::{Finder, Marks, Question, Ways};
use crate::hir::{Blueprint, Clause, Expr, ExprKind, Meaning};

/// The way reads untrusted data.
const UNTRUSTED: Marks = 1;

/// The way needs a fact or a trusted metric.
const TRUSTED: Marks = 2;

impl Checker<'_> {
    /// Checks what `blueprint` permits and restrains on the word of an outsider.
    pub(super) fn untrusted(&mut self, blueprint: &Blueprint) {
        let metrics: Vec<Option<Span>> = blueprint.metrics.iter().map(|metric| metric.untrusted).collect();
        if metrics.iter().all(Option::is_none) {
            return;
        }
        let mut found = Vec::new();
        let finder = Finder::new(&self.environment, Trust { metrics: &metrics, lets: RefCell::default() });
        for clause in &blueprint.clauses {
            let Some(when) = &clause.when else { continue };
            let name = finder.first_untrusted(when);
            let Some((name, place)) = name else { continue };
            if clause.kind.node == ClauseKind::Allow && finder.ways(when, true).has(UNTRUSTED) {
                found.push(finder.alone(clause, when));
            }
            let restraint = match (clause.kind.node, clause.otherwise.as_ref().map(|otherwise| otherwise.node)) {
                (ClauseKind::Approve | ClauseKind::Forbid, _) => Some(clause.kind.node),
                (ClauseKind::Allow, Some(ClauseKind::Forbid)) => Some(ClauseKind::Forbid),
                // `else approve` only takes over where the `allow` does not speak: to silence it is to be allowed, and that
                // was looked at above.
                (ClauseKind::Allow, Some(ClauseKind::Approve | ClauseKind::Allow) | None) => None,
            };
            if let Some(kind) = restraint {
                let message = format!("this `{}` reads `{name}`, which an outsider can write", kind.word());
                let finding = Diagnostic::new(Code::W0404, place, message);
                let finding = finding.label(clause.kind.span, "in this clause");
                let help = "who writes it decides whether the clause speaks: read a fact or a trusted metric instead";
                found.push(finding.help(help));
            }
        }
        self.diagnostics.append(&mut found);
    }
}

/// Which metrics can be trusted.
struct Trust<'a> {
    /// Where each metric is declared untrusted, if it is.
    metrics: &'a [Option<Span>],
    /// What lets read and need.
    lets: RefCell<BTreeMap<usize, Marks>>,
}

impl Question for Trust<'_> {
    fn atom(&self, finder: &Finder<'_, Self>, expr: &Expr, truth: bool) -> Ways {
        // That something is not known needs no evidence.
        let absence = matches!(expr.kind, ExprKind::Known(_)) && !truth;
        let marks = finder.marks(expr);
        // Beside what an outsider writes a fact proves nothing: `load > ready` is true whenever the outsider wants.
        Ways::one(if marks & UNTRUSTED != 0 {
            UNTRUSTED
        } else if absence {
            0
        } else {
            marks
        })
    }

    fn quantified(&self, body: Ways, some: bool) -> Ways {
        // The collection is a fact.
        let needed = body.each(|marks| Ways::one(if marks & UNTRUSTED == 0 { marks | TRUSTED } else { marks }));
        if some { needed } else { needed.or(Ways::one(TRUSTED)) }
    }

    fn unknown(&self, finder: &Finder<'_, Self>, expr: &Expr) -> Marks {
        finder.marks(expr) & UNTRUSTED
    }
}

impl Finder<'_, Trust<'_>> {
    /// What `expr` reads of untrusted data, and whether it has no value without a fact or a trusted metric.
    fn marks(&self, expr: &Expr) -> Marks {
        let all = |parts: &[&Expr]| parts.iter().fold(0, |marks, part| marks | self.marks(part));
        match &expr.kind {
            ExprKind::Name(_, meaning) => match meaning {
                Meaning::Metric(id) => self.metric(*id),
                Meaning::Fact(_) | Meaning::Element { .. } => TRUSTED,
                Meaning::Let(at) => self.marks_of_let(*at),
                Meaning::Parameter(..)
                | Meaning::Actor(_)
                | Meaning::ActionRisk
                | Meaning::ActionReversible
                | Meaning::Claims => 0,
            },
            ExprKind::Window(_, metric, ..) | ExprKind::Quantile(_, metric, ..) => self.metric(*metric),
            ExprKind::Budget(_) => TRUSTED,
            // Without the one the other gives the value: both must need a fact.
            ExprKind::Coalesce(a, b) => either(self.marks(a), self.marks(b)),
            ExprKind::If(condition, a, b) => self.marks(condition) | either(self.marks(a), self.marks(b)),
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
            | ExprKind::Known(_)
            | ExprKind::Arithmetic(..)
            | ExprKind::Began(..)
            | ExprKind::Since(_)
            | ExprKind::Change(..)
            | ExprKind::During(..)
            | ExprKind::Function(..)
            | ExprKind::AsRatio(_) => all(&expr.children()),
        }
    }

    fn metric(&self, id: MetricId) -> Marks {
        let untrusted = self.question.metrics.get(usize::from(id.0)).is_some_and(Option::is_some);
        if untrusted { UNTRUSTED } else { TRUSTED }
    }

    fn marks_of_let(&self, at: usize) -> Marks {
        if let Some(known) = self.question.lets.borrow().get(&at) {
            return *known;
        }
        // A let on a cycle, which is reported, comes back here.
        self.question.lets.borrow_mut().insert(at, 0);
        let marks = self.environment.lets.get(at).map_or(0, |known| self.marks(&known.value));
        self.question.lets.borrow_mut().insert(at, marks);
        marks
    }

    /// The first name in `expr` that reads untrusted data, perhaps by way of lets.
    fn first_untrusted<'e>(&self, expr: &'e Expr) -> Option<(&'e str, Span)> {
        let mut first = None;
        expr.walk(&mut |expr| {
            if let Some((name, _)) = expr.name()
                && first.is_none()
                && self.marks(expr) & UNTRUSTED != 0
            {
                first = Some((name.as_ref(), expr.span));
            }
        });
        first
    }

    /// Reports an `allow` that an outsider alone can make true.
    fn alone(&self, clause: &Clause, when: &Expr) -> Diagnostic {
        let way = self.culprit(when, true, UNTRUSTED);
        let (name, place) = self.first_untrusted(way).unwrap_or(("it", way.span));
        let actions: Vec<String> = clause.actions.iter().map(|one| format!("`{}`", one.name)).collect();
        let message = format!("`{name}` is untrusted, and on its word alone {} is allowed", actions.join(", "));
        let finding = Diagnostic::new(Code::E0404, way.span, message);
        let finding = if place == way.span { finding } else { finding.label(place, "an outsider can write this") };
        let read = self.environment.metrics_read(way);
        let mut declared = read.iter().filter_map(|at| self.question.metrics.get(usize::from(*at)).copied().flatten());
        let finding = match declared.next() {
            Some(declared) => finding.label(declared, "declared here"),
            None => finding,
        };
        finding.help("let a fact or a trusted metric speak, too: add one with `and`, or write `approve`")
    }
}

fn either(a: Marks, b: Marks) -> Marks {
    ((a | b) & UNTRUSTED) | (a & b & TRUSTED)
}
