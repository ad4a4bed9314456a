//! Tests of texts: `starts_with`, `ends_with` and `matches`, whose pattern is read here.

use leeway_diagnostics::{Code, Diagnostic, Span, Spanned};
use leeway_ir::Pattern;
use leeway_syntax::ast::TextTest;
use leeway_units::{Type, Value};

use super::environment::Ty;
use super::infer::Checker;
use crate::hir::{Expr, ExprKind};
use crate::quoted::characters;

impl Checker<'_> {
    pub(super) fn text_test(&mut self, a: &mut Expr, test: &Spanned<TextTest>, b: &mut Expr) -> Option<Ty> {
        let word = match test.node {
            TextTest::StartsWith => "starts_with",
            TextTest::EndsWith => "ends_with",
            TextTest::Matches => "matches",
        };
        let (left, right) = (self.infer(a), self.infer(b));
        let mut good = true;
        for (expr, found) in [(&*a, &left), (&*b, &right)] {
            if let Some(found) = found.as_ref().filter(|found| found.ty != Type::Text) {
                let message = format!("`{word}` compares texts, and this is a `{}`", found.ty);
                let finding = Diagnostic::new(Code::E0301, expr.span, message);
                self.diagnostics.push(match &found.ty {
                    Type::Enum(_) => finding.help("compare it with `==` or `!=`, or ask whether it is `in` a list"),
                    Type::Bool | Type::Quantity(_) | Type::Text | Type::List(_) | Type::Records(_) => finding,
                });
                good = false;
            }
        }
        left.and(right)?;
        if good && test.node == TextTest::Matches {
            self.pattern(b);
        }
        good.then(|| Type::Bool.into())
    }

    /// A pattern: a constant text that can be read.
    fn pattern(&mut self, expr: &Expr) {
        let Some(Value::Text(pattern)) = self.environment.constant(expr) else {
            if !self.environment.fixed(expr) {
                let finding = Diagnostic::new(Code::E0703, expr.span, "a pattern must be a constant text");
                self.diagnostics.push(finding.help(
                    "write it in quotes, or give the name of a `let` that is one; compare other texts with `==`",
                ));
            }
            return;
        };
        let Err(error) = Pattern::new(&pattern) else { return };
        let (reason, at) = reason(&error);
        let place = self.inside(expr, at);
        let finding = Diagnostic::new(Code::E0703, place, format!("malformed pattern: {reason}"));
        let finding = if place == expr.span { finding } else { finding.label(expr.span, "in this pattern") };
        self.diagnostics.push(finding.help(if reason.contains("look-around") || reason.contains("backreference") {
            "patterns match in linear time, without look-around and backreferences"
        } else {
            "a sign such as `(` or `[` that means itself is written `\\\\(` or `\\\\[`"
        }));
    }

    /// The place of the character that stands at `at` in the text of `expr`, if it is written there.
    fn inside(&self, expr: &Expr, at: Option<usize>) -> Span {
        let literal = matches!(expr.kind, ExprKind::Constant(Value::Text(_)));
        let Some(at) = at.filter(|_| literal) else { return expr.span };
        let written = Spanned::new("".into(), expr.span);
        let all = characters(self.sources, &written);
        all.get(at).or(all.last()).map_or(expr.span, |character| character.span)
    }
}

/// Why a pattern is malformed, in a few words, and the number of the character where.
fn reason(error: &str) -> (String, Option<usize>) {
    // The reader draws the pattern with a mark below it, and then says `error: REASON`.
    let reason = error.lines().rev().find_map(|line| line.strip_prefix("error: ")).unwrap_or(error);
    let mark = error.lines().find(|line| line.trim_start().starts_with('^'));
    const INDENT: usize = 4;
    let at = mark.and_then(|mark| mark.find('^')).and_then(|at| at.checked_sub(INDENT));
    let reason = if reason.contains("size limit") { "it is too large once it is compiled" } else { reason };
    (reason.to_owned(), at)
}
