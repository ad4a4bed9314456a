//! What pest read, as the tree of [`crate::ast`]. Each function takes the pair of the rule it is named after; `None` would mean
//! that grammar and tree disagree.

#![expect(clippy::wildcard_enum_match_arm, reason = "the rules are pest's; each place knows the few it can meet")]

mod clause;
mod expression;
mod item;
mod limit;
mod literal;
mod member;
mod metric;
mod test;
mod verify;

use std::sync::Arc;

use leeway_diagnostics::{FileId, Span, Spanned};
use pest::iterators::Pair as PestPair;

use crate::ast;
use crate::grammar::Rule;

pub(crate) use member::Built;

/// What pest read.
pub(crate) type Pair<'a> = PestPair<'a, Rule>;

/// Where the text that pest read stands in its file.
#[derive(Clone, Copy)]
pub(crate) struct Builder {
    pub(crate) file: FileId,
    /// The byte of the file at which the text begins.
    pub(crate) base: usize,
}

impl Builder {
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

    fn path(self, pair: &Pair<'_>) -> ast::Path {
        let parts = pair.clone().into_inner().filter(|part| matches!(part.as_rule(), Rule::name | Rule::label));
        ast::Path { parts: parts.map(|part| self.ident(&part)).collect(), span: self.span(pair) }
    }

    fn typed(self, pair: &Pair<'_>) -> Option<ast::Typed> {
        Some(ast::Typed { name: self.ident(&child(pair, Rule::label)?), ty: self.ident(&child(pair, Rule::name)?) })
    }

    /// The name that `pair` has, given that it has one.
    fn named(self, pair: &Pair<'_>) -> Option<ast::Ident> {
        Some(self.ident(&child(pair, Rule::name)?))
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

/// What `read` makes of the first child of that rule: nothing, if there is none.
fn optional<'a, T>(pair: &Pair<'a>, rule: Rule, read: impl FnOnce(&Pair<'a>) -> Option<T>) -> Option<Option<T>> {
    match child(pair, rule) {
        Some(part) => read(&part).map(Some),
        None => Some(None),
    }
}
