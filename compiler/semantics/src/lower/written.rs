//! Conditions as people read them: their text and the names in it.

use std::sync::Arc;

use leeway_diagnostics::Span;
use leeway_ir as ir;

use super::Lowering;
use crate::hir::{Expr, ExprKind, Piece, Reason};

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

    /// Each name in `expr` once, in the order in which they first stand.
    fn names(&self, expr: &Expr) -> Vec<ir::Named> {
        let mut names: Vec<ir::Named> = Vec::new();
        expr.walk(&mut |expr| {
            let new = self.named(expr).filter(|new| !names.iter().any(|known| known.name == new.name));
            names.extend(new);
        });
        names
    }

    fn named(&self, expr: &Expr) -> Option<ir::Named> {
        let (name, meaning) = expr.name()?;
        Some(ir::Named { name: Arc::clone(name), value: self.meaning(meaning) })
    }

    /// The source at `span` on one line: white space and comments become single spaces, except inside texts.
    fn written(&self, span: Span) -> String {
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
