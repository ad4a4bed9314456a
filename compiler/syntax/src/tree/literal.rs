//! Literals, and where the name of a constant may stand for one.

use std::sync::Arc;

use leeway_diagnostics::Spanned;
use leeway_units::{Quantity, parse_literal};

use super::{Builder, Pair, child, children};
use crate::ast::{self, Expr, ExprKind};
use crate::grammar::Rule;
use crate::text;

impl Builder {
    pub(super) fn text(self, pair: &Pair<'_>) -> ast::Text {
        Spanned::new(text::unescape(pair.as_str(), false).into(), self.span(pair))
    }

    /// The text of a `because`, which has escapes of its own.
    pub(super) fn because(self, pair: &Pair<'_>) -> Option<ast::Text> {
        let literal = child(pair, Rule::text)?;
        Some(Spanned::new(text::unescape(literal.as_str(), true).into(), self.span(&literal)))
    }

    pub(super) fn quantity(self, pair: &Pair<'_>) -> Option<Spanned<Quantity>> {
        Some(Spanned::new(parse_literal(pair.as_str()).ok()?, self.span(pair)))
    }

    pub(super) fn name(self, pair: &Pair<'_>) -> Expr {
        Expr { kind: ExprKind::Name(Arc::from(pair.as_str())), span: self.span(pair) }
    }

    /// What stands alone in `pair`: a literal or the name of a constant.
    pub(super) fn amount(self, pair: &Pair<'_>) -> Option<Expr> {
        self.plain(&pair.clone().into_inner().next()?)
    }

    /// The child of `pair` that stands for a literal or the name of a constant, and is of that rule.
    pub(super) fn amount_of(self, pair: &Pair<'_>, rule: Rule) -> Option<Expr> {
        self.amount(&child(pair, rule)?)
    }

    pub(super) fn literal(self, pair: &Pair<'_>) -> Option<Expr> {
        let inner = pair.clone().into_inner().next()?;
        if inner.as_rule() != Rule::literals {
            return self.plain(&inner);
        }
        let elements = children(&inner, Rule::plain).map(|plain| self.amount(&plain)).collect::<Option<_>>()?;
        Some(Expr { kind: ExprKind::List(elements), span: self.span(&inner) })
    }

    /// A name, a boolean, a text or a quantity.
    pub(super) fn plain(self, pair: &Pair<'_>) -> Option<Expr> {
        let kind = match pair.as_rule() {
            Rule::name => return Some(self.name(pair)),
            Rule::boolean => ExprKind::Bool(pair.as_str() == "true"),
            Rule::text => ExprKind::Text(self.text(pair).node),
            _ => ExprKind::Quantity(self.quantity(pair)?.node),
        };
        Some(Expr { kind, span: self.span(pair) })
    }
}
