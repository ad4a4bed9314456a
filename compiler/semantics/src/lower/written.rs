//! Conditions as people read them: their text and the names in it.

use std::sync::Arc;

use leeway_diagnostics::Span;
use leeway_ir as ir;

use super::Lowering;
use crate::hir::{Expr, ExprKind, Meaning, Piece, Reason};

impl Lowering<'_> {
    /// What is evaluated, and how it is told.
    pub(super) fn condition(&self, expr: &Expr) -> ir::Condition {
        ir::Condition { expr: self.expression(expr), written: self.written(expr.span).into(), names: self.names(expr) }
    }

    /// The opposite of a condition: `not E`.
    pub(super) fn negated(&self, expr: &Expr) -> ir::Condition {
        let condition = self.condition(expr);
        // The span of what stands in parentheses includes them, and so begins before its first part.
        let bare = if matches!(expr.kind, ExprKind::And(_) | ExprKind::Or(_)) {
            expr.children().first().is_some_and(|first| first.span.start == expr.span.start)
        } else {
            matches!(expr.kind, ExprKind::If(..)) && !condition.written.starts_with('(')
        };
        let written = if bare { format!("not ({})", condition.written) } else { format!("not {}", condition.written) };
        ir::Condition { expr: ir::Expr::Not(Box::new(condition.expr)), written: written.into(), names: condition.names }
    }

    /// A reason, its names replaced by what they mean.
    pub(super) fn because(&self, reason: &Reason) -> ir::Because {
        let piece = |piece: &Piece| match piece {
            Piece::Text(text) => Some(ir::Piece::Text(text.clone())),
            Piece::Value(expr) => self.named(expr).map(ir::Piece::Value),
        };
        ir::Because { pieces: reason.iter().filter_map(piece).collect() }
    }

    /// What `expr` reads, each once, in the order in which it first stands: names, and what is asked of the past or of a
    /// collection as it is written.
    fn names(&self, expr: &Expr) -> Vec<ir::Named> {
        let mut names: Vec<ir::Named> = Vec::new();
        self.collect_names(expr, false, &mut names);
        names
    }

    /// Names inside a quantifier are collected, too, but for its elements and what is asked of them, which have no one value.
    fn collect_names(&self, expr: &Expr, quantified: bool, names: &mut Vec<ir::Named>) {
        let measured = match &expr.kind {
            // What the past holds is shown instead of what there is now.
            ExprKind::Window(..)
            | ExprKind::Quantile(..)
            | ExprKind::Began(..)
            | ExprKind::Since(_)
            | ExprKind::Change(..)
            | ExprKind::Budget(_) => true,
            ExprKind::Quantified { body, .. } => {
                if !quantified {
                    push(names, self.as_written(expr));
                }
                self.collect_names(body, true, names);
                return;
            }
            ExprKind::Broken
            | ExprKind::Constant(_)
            | ExprKind::Opaque(_)
            | ExprKind::Symbol(..)
            | ExprKind::List(_)
            | ExprKind::Name(..)
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
            | ExprKind::Coalesce(..)
            | ExprKind::Known(_)
            | ExprKind::Arithmetic(..)
            | ExprKind::If(..)
            | ExprKind::During(..)
            | ExprKind::Function(..)
            | ExprKind::AsRatio(_) => false,
        };
        if measured {
            push(names, self.as_written(expr));
            return;
        }
        if let Some(named) = self.named(expr) {
            push(names, named);
        }
        for child in expr.children() {
            self.collect_names(child, quantified, names);
        }
    }

    /// What an expression is called by how it is written.
    fn as_written(&self, expr: &Expr) -> ir::Named {
        let written = self.written(expr.span);
        let inside = written.strip_prefix('(').and_then(|written| written.strip_suffix(')'));
        ir::Named { name: inside.unwrap_or(&written).into(), value: self.expression(expr) }
    }

    fn named(&self, expr: &Expr) -> Option<ir::Named> {
        let (name, meaning) = expr.name()?;
        let element = matches!(meaning, Meaning::Element { .. });
        (!element).then(|| ir::Named { name: Arc::clone(name), value: self.meaning(meaning) })
    }

    /// The source at `span` on one line: white space and comments become single spaces, except inside texts.
    pub(super) fn written(&self, span: Span) -> String {
        let mut written = String::new();
        let mut rest = self.sources.text(span).chars().peekable();
        let mut space = false;
        while let Some(c) = rest.next() {
            if c.is_whitespace() {
                space = true;
                continue;
            }
            if c == '/' && rest.peek() == Some(&'/') {
                while rest.next_if(|c| *c != '\n').is_some() {}
                space = true;
                continue;
            }
            if std::mem::take(&mut space) && !written.is_empty() {
                written.push(' ');
            }
            written.push(c);
            if c == '"' {
                while let Some(inside) = rest.next() {
                    written.push(inside);
                    match inside {
                        '"' => break,
                        '\\' => written.extend(rest.next()),
                        _ => {}
                    }
                }
            }
        }
        written
    }
}

/// Adds what is not there yet.
fn push(names: &mut Vec<ir::Named>, new: ir::Named) {
    if !names.iter().any(|known| known.name == new.name) {
        names.push(new);
    }
}
