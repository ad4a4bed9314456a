//! A `because`: text with `{name}` and `{name.field}` in it.

use leeway_diagnostics::{Code, Diagnostic, Span, Spanned};
use leeway_syntax::ast;
use leeway_units::Type;

use super::Resolver;
use super::scope::{Scope, View};
use crate::hir::{Expr, ExprKind, Meaning, Piece, Reason};
use crate::quoted::{Character, characters};

impl Resolver<'_> {
    /// Splits a reason into texts and values.
    pub(super) fn reason(&mut self, scope: &Scope<'_>, text: &ast::Text) -> Reason {
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut rest = characters(self.sources, text).into_iter();
        while let Some(character) = rest.next() {
            match character {
                Character { value: '{', escaped: false, .. } => {
                    let inside: Vec<Character> = rest.by_ref().take_while(|c| c.value != '}' || c.escaped).collect();
                    if !plain.is_empty() {
                        pieces.push(Piece::Text(std::mem::take(&mut plain).into()));
                    }
                    pieces.push(Piece::Value(self.placeholder(scope, character.span, &inside)));
                }
                Character { value: '}', escaped: false, span } => {
                    let finding = Diagnostic::new(Code::E0101, span, "`}` without a `{` before it");
                    self.diagnostics.push(finding.help("write `\\}` if the brace itself is meant"));
                }
                Character { value, .. } => plain.push(value),
            }
        }
        if !plain.is_empty() {
            pieces.push(Piece::Text(plain.into()));
        }
        pieces
    }

    /// What stands between braces: a name, or a name and a field.
    fn placeholder(&mut self, scope: &Scope<'_>, open: Span, inside: &[Character]) -> Expr {
        let written: String = inside.iter().map(|c| c.value).collect();
        let span = inside.first().zip(inside.last()).map_or(open, |(first, last)| first.span.to(last.span));
        let part = |from: usize, to: usize| {
            let characters = inside.get(from..to).unwrap_or_default();
            let text: String = characters.iter().map(|c| c.value).collect();
            let place = characters.first().zip(characters.last()).map_or(span, |(a, b)| a.span.to(b.span));
            Spanned::new(std::sync::Arc::<str>::from(text), place)
        };
        let is_name = |text: &str| {
            text.starts_with(|c: char| c.is_ascii_lowercase())
                && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        };
        let (base, field) = match inside.iter().position(|c| c.value == '.') {
            Some(point) => (part(0, point), Some(part(point + 1, inside.len()))),
            None => (part(0, inside.len()), None),
        };
        if !is_name(&base.node) || !field.as_ref().is_none_or(|field| is_name(&field.node)) {
            let finding = Diagnostic::new(Code::E0101, span, format!("`{{{written}}}` is not a name in braces"));
            self.diagnostics.push(
                finding.help("only `{name}` or `{name.field}` is replaced; write `\\{` if the brace itself is meant"),
            );
            return Expr::broken(span);
        }
        let name = ast::Expr { kind: ast::ExprKind::Name(base.node), span: base.span };
        let read = match field {
            Some(field) => ast::Expr { kind: ast::ExprKind::Field(Box::new(name), field), span },
            None => name,
        };
        let found = self.expression_at(View { scope, element: None, words: false }, &read, None);
        debug_assert!(matches!(found.kind, ExprKind::Name(..) | ExprKind::Broken));
        if let Some((name, Meaning::Fact(id))) = found.name()
            && let Some(Some(Type::Records(_))) = scope.facts.get(usize::from(id.0)).map(|fact| &fact.ty)
        {
            let message = format!("`{name}` is a collection and cannot stand in a sentence");
            let finding = Diagnostic::new(Code::E0307, span, message);
            self.diagnostics.push(finding.help("give a name to what is asked of it with `let`, and write that name"));
            return Expr::broken(span);
        }
        found
    }
}
