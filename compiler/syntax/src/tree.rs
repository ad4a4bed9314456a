//! What pest read, as the tree of [`crate::ast`]. Each function takes the pair of the rule it is named after; `None` would mean
//! that grammar and tree disagree.

#![expect(clippy::wildcard_enum_match_arm, reason = "the rules are pest's; each place knows the few it can meet")]

mod clause;
mod expression;
mod item;
mod metric;

use std::sync::Arc;

use leeway_diagnostics::{FileId, Span, Spanned};
use leeway_units::{Quantity, parse_literal};
use pest::iterators::Pair as PestPair;

use crate::ast;
use crate::grammar::Rule;
use crate::text;

/// What pest read.
pub(crate) type Pair<'a> = PestPair<'a, Rule>;

/// Where the text that pest read stands in its file.
#[derive(Clone, Copy)]
pub(crate) struct Builder {
    pub(crate) file: FileId,
    /// The byte of the file at which the text begins.
    pub(crate) base: usize,
}

/// What a block may contain, read.
pub(crate) enum Built {
    /// A member of a blueprint.
    Member(Box<ast::MemberKind>),
    /// A fact of a target.
    Fact(ast::Fact),
    /// An action of a target.
    Action(ast::Action),
}

impl Builder {
    /// A member of a block.
    pub(crate) fn member(self, pair: &Pair<'_>) -> Option<Built> {
        use ast::MemberKind;
        let kind = match pair.as_rule() {
            Rule::version => MemberKind::Version(self.text(&child(pair, Rule::text)?)),
            Rule::owner => MemberKind::Owner(self.text(&child(pair, Rule::text)?)),
            Rule::let_ => MemberKind::Let(self.let_(pair)?),
            Rule::metric => MemberKind::Metric(self.metric(pair)?),
            Rule::objective => MemberKind::Objective(self.expr(&child(pair, Rule::expr)?)?),
            Rule::rule_ => MemberKind::Rule(self.rule(pair)?),
            Rule::clause => MemberKind::Clause(self.clause(pair)?),
            Rule::limit => MemberKind::Limit(self.limit(pair)?),
            Rule::verify => MemberKind::Verify(self.verify(pair)?),
            Rule::fact => return self.fact(pair).map(Built::Fact),
            Rule::action => return self.action(pair).map(Built::Action),
            _ => return None,
        };
        Some(Built::Member(Box::new(kind)))
    }

    /// Where the pair stands. Pest counts white space before an absent last part to a rule, so that only the end of the last
    /// token is its true end.
    fn span(self, pair: &Pair<'_>) -> Span {
        let mut last = pair.clone();
        while let Some(inner) = last.clone().into_inner().last() {
            last = inner;
        }
        Span::new(self.file, self.base + pair.as_span().start(), self.base + last.as_span().end())
    }

    fn ident(self, pair: &Pair<'_>) -> ast::Ident {
        Spanned::new(Arc::from(pair.as_str()), self.span(pair))
    }

    fn text(self, pair: &Pair<'_>) -> ast::Text {
        Spanned::new(text::unescape(pair.as_str(), false).into(), self.span(pair))
    }

    fn quantity(self, pair: &Pair<'_>) -> Option<Spanned<Quantity>> {
        Some(Spanned::new(parse_literal(pair.as_str()).ok()?, self.span(pair)))
    }

    fn path(self, pair: &Pair<'_>) -> ast::Path {
        let parts = pair.clone().into_inner().filter(|part| matches!(part.as_rule(), Rule::name | Rule::label));
        ast::Path { parts: parts.map(|part| self.ident(&part)).collect(), span: self.span(pair) }
    }

    fn typed(self, pair: &Pair<'_>) -> Option<ast::Typed> {
        Some(ast::Typed { name: self.ident(&child(pair, Rule::label)?), ty: self.ident(&child(pair, Rule::name)?) })
    }

    fn let_(self, pair: &Pair<'_>) -> Option<ast::Let> {
        Some(ast::Let { name: self.ident(&child(pair, Rule::name)?), value: self.expr(&child(pair, Rule::expr)?)? })
    }
}

/// The first child of that rule.
fn child<'a>(pair: &Pair<'a>, rule: Rule) -> Option<Pair<'a>> {
    children(pair, rule).next()
}

/// The children of that rule.
fn children<'a>(pair: &Pair<'a>, rule: Rule) -> impl Iterator<Item = Pair<'a>> {
    pair.clone().into_inner().filter(move |inner| inner.as_rule() == rule)
}
