//! The names in expressions: facts, metrics, lets, parameters, fields, functions and the words of enums.

use std::sync::Arc;

use leeway_diagnostics::{Code, Diagnostic, Span};
use leeway_ir::{ActorField, FactId};
use leeway_syntax::ast;
use leeway_units::{Type, Value};

use super::Resolver;
use super::scope::Scope;
use crate::closest::{unknown, unknown_of};
use crate::hir::{Expr, ExprKind, Meaning, slot};

/// The enums that the language itself has.
#[derive(Clone, Copy)]
pub(crate) enum Words {
    ActorKind,
    Risk,
}

impl Words {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Words::ActorKind => "actor.kind",
            Words::Risk => "action.risk",
        }
    }

    const fn all(self) -> &'static [&'static str] {
        match self {
            Words::ActorKind => &["rule", "human", "agent"],
            Words::Risk => &["low", "medium", "high"],
        }
    }

    /// The type of this enum's values.
    pub(crate) fn ty(self) -> Type {
        Type::Enum(self.name().into())
    }
}

impl Resolver<'_> {
    /// Resolves an expression.
    pub(super) fn expression(&mut self, scope: &Scope<'_>, expr: &ast::Expr) -> Expr {
        self.expecting(scope, expr, None)
    }

    fn boxed(&mut self, scope: &Scope<'_>, expr: &ast::Expr) -> Box<Expr> {
        Box::new(self.expression(scope, expr))
    }

    pub(super) fn all(&mut self, scope: &Scope<'_>, all: &[ast::Expr], words: Option<Words>) -> Vec<Expr> {
        all.iter().map(|one| self.expecting(scope, one, words)).collect()
    }

    /// Resolves an expression. Where `words` of an enum are expected, bare names are looked up there and nowhere else.
    fn expecting(&mut self, scope: &Scope<'_>, expr: &ast::Expr, words: Option<Words>) -> Expr {
        let boxed = |this: &mut Self, expr: &ast::Expr, words| Box::new(this.expecting(scope, expr, words));
        let kind = match &expr.kind {
            ast::ExprKind::Bool(value) => ExprKind::Constant(Value::Bool(*value)),
            ast::ExprKind::Quantity(value) => ExprKind::Constant(Value::Quantity(*value)),
            ast::ExprKind::Text(value) => ExprKind::Constant(Value::Text(value.clone())),
            ast::ExprKind::List(all) => ExprKind::List(self.all(scope, all, words)),
            ast::ExprKind::Name(name) => match words {
                Some(words) => self.symbol(name, expr.span, words),
                None => self.name(scope, name, expr.span),
            },
            ast::ExprKind::Field(base, field) => self.field(scope, base, field),
            ast::ExprKind::Function(name, arguments) => self.function(scope, name, arguments),
            ast::ExprKind::Not(a) => ExprKind::Not(self.boxed(scope, a)),
            ast::ExprKind::Negate(a) => ExprKind::Negate(self.boxed(scope, a)),
            ast::ExprKind::And(all) => {
                self.closing_for(all, "and", expr.span);
                ExprKind::And(self.all(scope, all, None))
            }
            ast::ExprKind::Or(all) => {
                self.closing_for(all, "or", expr.span);
                ExprKind::Or(self.all(scope, all, None))
            }
            ast::ExprKind::For(a, window) => ExprKind::For(self.boxed(scope, a), self.boxed(scope, window)),
            ast::ExprKind::Compare(a, comparison, b) => {
                let expected = enum_of(a).or_else(|| enum_of(b));
                // Both sides may be the field itself: only names are looked up among the words.
                ExprKind::Compare(boxed(self, a, expected), comparison.clone(), boxed(self, b, expected))
            }
            ast::ExprKind::InRange { value, low, high, negated } => {
                let expected = enum_of(value);
                ExprKind::InRange {
                    value: boxed(self, value, expected),
                    low: boxed(self, low, expected),
                    high: boxed(self, high, expected),
                    negated: *negated,
                }
            }
            ast::ExprKind::InList { value, list, negated } => {
                let expected = enum_of(value);
                let list = if matches!(list.kind, ast::ExprKind::List(_)) {
                    boxed(self, list, expected)
                } else {
                    self.boxed(scope, list)
                };
                ExprKind::InList { value: boxed(self, value, expected), list, negated: *negated }
            }
            ast::ExprKind::Within { value, percent, of } => ExprKind::Within {
                value: self.boxed(scope, value),
                percent: percent.clone(),
                of: self.boxed(scope, of),
            },
            ast::ExprKind::Coalesce(a, b) => {
                let words = words.or_else(|| enum_of(a));
                ExprKind::Coalesce(boxed(self, a, words), boxed(self, b, words))
            }
            ast::ExprKind::Arithmetic(a, op, b) => {
                ExprKind::Arithmetic(self.boxed(scope, a), op.clone(), self.boxed(scope, b))
            }
            ast::ExprKind::If(condition, a, b) => {
                ExprKind::If(self.boxed(scope, condition), boxed(self, a, words), boxed(self, b, words))
            }
        };
        Expr { kind, span: expr.span }
    }

    /// A bare name.
    fn name(&mut self, scope: &Scope<'_>, name: &Arc<str>, span: Span) -> ExprKind {
        if let Some(bound) = scope.parameters.iter().find(|bound| bound.name == *name) {
            if let Some(misfit) = &bound.misfit {
                let message = format!("parameter `{name}` does not fit each of these actions: {misfit}");
                let finding = Diagnostic::new(Code::E0305, span, message);
                self.diagnostics
                    .push(finding.help("name the same parameter with each action, or write one clause for each"));
                return ExprKind::Broken;
            }
            return ExprKind::Name(name.clone(), Meaning::Parameter(bound.place, bound.ty.clone()));
        }
        if let Some(meaning) = scope.names.get(name) {
            return ExprKind::Name(name.clone(), meaning.clone());
        }
        if let Some(at) = scope.facts.iter().position(|fact| fact.name.node == *name) {
            if let Some((_, action)) = scope.hidden.iter().find(|(hidden, _)| hidden == name) {
                let message = format!("`{name}` could be the fact or the parameter of `{action}`");
                let finding = Diagnostic::new(Code::E0402, span, message)
                    .help(format!("write `{action}({name}, ..)` for the parameter, or `current.{name}` for the fact"))
                    .fix("read the fact", span, format!("current.{name}"));
                self.diagnostics.push(finding);
            }
            return ExprKind::Name(name.clone(), Meaning::Fact(FactId(slot(at))));
        }
        let special = match name.as_ref() {
            "current" => Some("write `current.` and the name of a fact"),
            "actor" => Some("write `actor.kind`, `actor.id` or `actor.roles`"),
            "action" => Some("write `action.risk` or `action.reversible`"),
            _ => None,
        };
        if let Some(help) = special {
            let message = format!("`{name}` is not a value by itself");
            self.diagnostics.push(Diagnostic::new(Code::E0201, span, message).help(help));
        } else if let Some((_, action)) = scope.hidden.iter().find(|(hidden, _)| hidden == name) {
            let message = format!("`{name}` is a parameter of `{action}` that is not named here");
            let help = format!("name it where the action stands: `{action}({name})`");
            self.diagnostics.push(Diagnostic::new(Code::E0201, span, message).help(help));
        } else if !scope.partial {
            self.diagnostics.push(unknown(Code::E0201, span, "name", name, scope.known()));
        }
        ExprKind::Broken
    }

    /// A word of an enum.
    fn symbol(&mut self, name: &Arc<str>, span: Span, words: Words) -> ExprKind {
        if words.all().contains(&name.as_ref()) {
            return ExprKind::Symbol(name.clone(), words.ty());
        }
        let what = ("value", words.name());
        self.diagnostics.push(unknown_of(Code::E0201, span, what, name, words.all().iter().copied()));
        ExprKind::Broken
    }

    /// `current.quota`, `actor.kind`, `action.risk`.
    fn field(&mut self, scope: &Scope<'_>, base: &ast::Expr, field: &ast::Ident) -> ExprKind {
        let base = if let ast::ExprKind::Name(base) = &base.kind { base.as_ref() } else { "" };
        let written: Arc<str> = format!("{base}.{}", field.node).into();
        let named = |meaning| ExprKind::Name(written.clone(), meaning);
        let known: Vec<&str> = match base {
            "current" => {
                if let Some(at) = scope.facts.iter().position(|fact| fact.name.node == field.node) {
                    return named(Meaning::Fact(FactId(slot(at))));
                }
                scope.facts.iter().map(|fact| fact.name.node.as_ref()).collect()
            }
            "actor" | "action" if !scope.proposal => {
                let message = format!("there is no `{base}` here: only clauses judge a proposal");
                let finding = Diagnostic::new(Code::E0201, field.span, message);
                self.diagnostics.push(finding.help(format!("ask for `{written}` in the `when` of a clause")));
                return ExprKind::Broken;
            }
            "actor" => match field.node.as_ref() {
                "kind" => return named(Meaning::Actor(ActorField::Kind)),
                "id" => return named(Meaning::Actor(ActorField::Id)),
                "roles" => return named(Meaning::Actor(ActorField::Roles)),
                _ => vec!["kind", "id", "roles"],
            },
            "action" => match field.node.as_ref() {
                "risk" => return named(Meaning::ActionRisk),
                "reversible" => return named(Meaning::ActionReversible),
                _ => vec!["risk", "reversible"],
            },
            "proposal" => {
                let message = format!("`{written}` is not in this version of the language yet");
                self.diagnostics.push(Diagnostic::new(Code::E0108, field.span, message));
                return ExprKind::Broken;
            }
            _ => {
                let message = format!("nothing here has a field `{}`", field.node);
                let finding = Diagnostic::new(Code::E0201, field.span, message);
                self.diagnostics.push(finding.help("only `current`, `actor` and `action` have fields"));
                return ExprKind::Broken;
            }
        };
        let what = if base == "current" { ("fact", "") } else { ("field", base) };
        self.diagnostics.push(unknown_of(Code::E0201, field.span, what, &field.node, known));
        ExprKind::Broken
    }

    /// Warns of `a or b for 2m`, in which the `for` belongs to `b` alone.
    fn closing_for(&mut self, all: &[ast::Expr], word: &str, whole: Span) {
        let Some(last) = all.last() else { return };
        let ast::ExprKind::For(_, window) = &last.kind else { return };
        if self.sources.text(last.span).starts_with('(') && last.span.end > window.span.end {
            return;
        }
        let insert = |at: u32, text: &str| leeway_diagnostics::Edit {
            span: Span { file: whole.file, start: at, end: at },
            replacement: text.to_owned(),
        };
        let ast::ExprKind::For(held, _) = &last.kind else { return };
        let start = all.first().map_or(whole.start, |first| first.span.start);
        let written = self.sources.text(window.span);
        let message = format!("`for {written}` belongs to what stands after the last `{word}` alone");
        let mut finding = Diagnostic::new(Code::W0502, last.span, message).help("say in parentheses which is meant");
        for (title, from, to) in
            [("the last alone", last.span.start, last.span.end), ("the whole", start, held.span.end)]
        {
            let edits = vec![insert(from, "("), insert(to, ")")];
            finding.fixes.push(leeway_diagnostics::Fix { title: format!("`for {written}` for {title}"), edits });
        }
        self.diagnostics.push(finding);
    }
}

/// The enum that an expression is of, seen from its form.
fn enum_of(expr: &ast::Expr) -> Option<Words> {
    match &expr.kind {
        ast::ExprKind::Field(base, field) => match (&base.kind, field.node.as_ref()) {
            (ast::ExprKind::Name(base), "kind") if base.as_ref() == "actor" => Some(Words::ActorKind),
            (ast::ExprKind::Name(base), "risk") if base.as_ref() == "action" => Some(Words::Risk),
            _ => None,
        },
        ast::ExprKind::Coalesce(a, b) | ast::ExprKind::If(_, a, b) => enum_of(a).or_else(|| enum_of(b)),
        ast::ExprKind::Bool(_)
        | ast::ExprKind::Quantity(_)
        | ast::ExprKind::Text(_)
        | ast::ExprKind::List(_)
        | ast::ExprKind::Name(_)
        | ast::ExprKind::Function(..)
        | ast::ExprKind::Not(_)
        | ast::ExprKind::Negate(_)
        | ast::ExprKind::And(_)
        | ast::ExprKind::Or(_)
        | ast::ExprKind::For(..)
        | ast::ExprKind::Compare(..)
        | ast::ExprKind::InRange { .. }
        | ast::ExprKind::InList { .. }
        | ast::ExprKind::Within { .. }
        | ast::ExprKind::Arithmetic(..) => None,
    }
}
