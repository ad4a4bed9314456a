//! What quantifiers ask of an element, and what they give.

use leeway_diagnostics::{Code, Diagnostic, Edit, Fix, Span, Spanned};
use leeway_ir::FactId;
use leeway_syntax::ast::Quantifier;
use leeway_units::{Type, Unit};

use super::environment::Ty;
use super::infer::Checker;
use crate::hir::{Expr, ExprKind};

impl Checker<'_> {
    /// The type of a quantifier.
    pub(super) fn quantified(&mut self, quantifier: &Spanned<Quantifier>, body: &mut Expr) -> Option<Ty> {
        match quantifier.node {
            Quantifier::Any | Quantifier::All => self.operand(body).map(|()| Type::Bool.into()),
            Quantifier::Count => {
                let before = self.diagnostics.len();
                let Some(found) = self.infer(body) else {
                    self.number_compared(quantifier, body, before);
                    return None;
                };
                if found.ty == Type::Bool {
                    return Some(Type::Quantity(Unit::Count).into());
                }
                let message = format!("`count` asks of how many something is true, and this is a `{}`", found.ty);
                let finding = Diagnostic::new(Code::E0306, body.span, message);
                self.diagnostics.push(if found.ty.unit().is_some() {
                    finding.help("compare it, or add it up with `sum`").fix("add it up", quantifier.span, "sum")
                } else {
                    finding.help("compare it with `==`, or ask whether it is `in` a list")
                });
                None
            }
            Quantifier::Sum | Quantifier::Min | Quantifier::Max => {
                let found = self.infer(body)?;
                if found.ty != Type::Bool {
                    return self.quantity(found, body.span);
                }
                let finding = Diagnostic::new(Code::E0303, body.span, "nothing can be computed with a `bool`");
                let help =
                    "of how many elements something is true, `count` says; of any or all of them, `any` and `all`";
                self.diagnostics.push(finding.help(help).fix("count them", quantifier.span, "count"));
                None
            }
        }
    }

    /// `count X in C: E < 3` compares E, and not the number, which is what was meant if E is true or false.
    fn number_compared(&mut self, quantifier: &Spanned<Quantifier>, body: &mut Expr, before: usize) {
        let ExprKind::Compare(a, _, b) = &mut body.kind else { return };
        let reported = self.diagnostics.split_off(before);
        let (left, right) = (self.infer(a), self.infer(b));
        self.diagnostics.truncate(before);
        let counted = left.is_some_and(|found| found.ty == Type::Bool);
        if !counted || right.and_then(|found| found.ty.unit()).is_none() {
            self.diagnostics.extend(reported);
            return;
        }
        let message = "this is true or false for each element, and compared with a number";
        let mut finding = Diagnostic::new(Code::E0301, a.span, message)
            .help("put the quantifier in parentheses to compare what it counts");
        let insert =
            |at: u32, text: &str| Edit { span: Span { start: at, end: at, ..a.span }, replacement: text.to_owned() };
        let edits = vec![insert(quantifier.span.start, "("), insert(a.span.end, ")")];
        finding.fixes.push(Fix { title: "compare the number".to_owned(), certain: true, edits });
        self.diagnostics.push(finding);
    }

    pub(super) fn is_collection(&self, fact: FactId) -> bool {
        let ty = self.environment.facts.get(usize::from(fact.0)).and_then(Option::as_ref);
        matches!(ty, Some(Type::Records(_)))
    }
}
