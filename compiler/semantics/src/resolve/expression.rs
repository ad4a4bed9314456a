//! The names in expressions: facts, metrics, lets, parameters and fields.

use std::sync::Arc;

use leeway_diagnostics::{Code, Diagnostic, Span};
use leeway_ir::{ActorField, FactId};
use leeway_syntax::ast;
use leeway_units::{Enum, Type, Value};

use super::Resolver;
use super::scope::{Hidden, Scope, View, Way};
use super::word::{enum_of, enums, is_let, of_enum};
use crate::closest::{unknown, unknown_of};
use crate::hir::{Expr, ExprKind, Meaning, slot};

impl Resolver<'_> {
    /// Resolves an expression.
    pub(super) fn expression(&mut self, scope: &Scope<'_>, expr: &ast::Expr) -> Expr {
        self.wanted(scope, expr, None)
    }

    /// Resolves an expression where a value of `ty` is wanted: if that is an enum, its words can be written bare.
    pub(super) fn wanted(&mut self, scope: &Scope<'_>, expr: &ast::Expr, ty: Option<&Type>) -> Expr {
        self.elements.clear();
        self.expression_at(View { scope, element: None, words: ty.is_none() }, expr, ty.and_then(of_enum))
    }

    pub(super) fn all(&mut self, view: View<'_>, all: &[ast::Expr], words: Option<&Enum>) -> Vec<Expr> {
        all.iter().map(|one| self.expression_at(view, one, words)).collect()
    }

    /// Resolves an expression. Where `words` of an enum are expected, bare names are looked up there first.
    pub(super) fn expression_at(&mut self, view: View<'_>, expr: &ast::Expr, words: Option<&Enum>) -> Expr {
        // What the whole may be its outcomes may be, and nothing else in it.
        let (outer, view) = (view, View { words: false, ..view });
        let boxed = |this: &mut Self, expr: &ast::Expr| Box::new(this.expression_at(view, expr, None));
        let outcome =
            |this: &mut Self, expr: &ast::Expr, words: Option<&Enum>| Box::new(this.expression_at(outer, expr, words));
        let compared = |this: &mut Self, expr: &ast::Expr, words: Option<&Enum>, beside: &[&ast::Expr]| {
            let words_of_any = words.is_none() && beside.iter().any(|other| is_let(view, other));
            Box::new(this.expression_at(View { words: words_of_any, ..view }, expr, words))
        };
        let kind = match &expr.kind {
            ast::ExprKind::Bool(value) => ExprKind::Constant(Value::Bool(*value)),
            ast::ExprKind::Quantity(value) => ExprKind::Constant(Value::Quantity(*value)),
            ast::ExprKind::Text(value) => ExprKind::Constant(Value::Text(value.clone())),
            ast::ExprKind::List(all) => {
                let own = words.is_none().then(|| enum_of(view, expr)).flatten();
                ExprKind::List(self.all(outer, all, words.or(own.as_ref())))
            }
            ast::ExprKind::Name(name) => match words {
                Some(words) => self.word(view, name, expr.span, words),
                None => self.name(outer, name, expr.span),
            },
            ast::ExprKind::Field(base, field) => self.field(view, base, field),
            ast::ExprKind::Function(name, arguments) => self.function(view, name, arguments),
            ast::ExprKind::Not(a) => ExprKind::Not(boxed(self, a)),
            ast::ExprKind::Negate(a) => ExprKind::Negate(boxed(self, a)),
            ast::ExprKind::And(all) => {
                self.closing_for(all, "and", expr.span);
                ExprKind::And(self.all(view, all, None))
            }
            ast::ExprKind::Or(all) => {
                self.closing_for(all, "or", expr.span);
                ExprKind::Or(self.all(view, all, None))
            }
            ast::ExprKind::For(a, window) => ExprKind::For(boxed(self, a), boxed(self, window)),
            ast::ExprKind::Compare(a, comparison, b) => {
                let of = enum_of(view, a).or_else(|| enum_of(view, b));
                let from = self.diagnostics.len();
                let (left, right) = (compared(self, a, of.as_ref(), &[b]), compared(self, b, of.as_ref(), &[a]));
                if of.is_none() && left.is_broken() && right.is_broken() {
                    self.unsaid_word(view, from, b);
                }
                ExprKind::Compare(left, comparison.clone(), right)
            }
            ast::ExprKind::InRange { value, low, high, negated } => {
                let of = enum_of(view, value).or_else(|| enum_of(view, low)).or_else(|| enum_of(view, high));
                ExprKind::InRange {
                    value: compared(self, value, of.as_ref(), &[low, high]),
                    low: compared(self, low, of.as_ref(), &[value]),
                    high: compared(self, high, of.as_ref(), &[value]),
                    negated: *negated,
                }
            }
            ast::ExprKind::InList { value, list, negated } => {
                let of = enum_of(view, value).or_else(|| enum_of(view, list));
                // Another form of list is a name, which no enum has as a word.
                let written = matches!(list.kind, ast::ExprKind::List(_));
                let words = of.as_ref().filter(|_| written);
                let (value, list) =
                    (compared(self, value, of.as_ref(), &[list]), compared(self, list, words, &[value]));
                ExprKind::InList { value, list, negated: *negated }
            }
            ast::ExprKind::Within { value, percent, of } => {
                ExprKind::Within { value: boxed(self, value), percent: boxed(self, percent), of: boxed(self, of) }
            }
            ast::ExprKind::Coalesce(a, b) => {
                let own = words.is_none().then(|| enum_of(view, expr)).flatten();
                let words = words.or(own.as_ref());
                ExprKind::Coalesce(outcome(self, a, words), outcome(self, b, words))
            }
            ast::ExprKind::Arithmetic(a, op, b) => ExprKind::Arithmetic(boxed(self, a), op.clone(), boxed(self, b)),
            ast::ExprKind::TextTest(a, test, b) => ExprKind::TextTest(boxed(self, a), test.clone(), boxed(self, b)),
            ast::ExprKind::Quantified { quantifier, element, over, body } => {
                self.quantified(view, quantifier, element, over, body)
            }
            ast::ExprKind::If(condition, a, b) => {
                let condition = boxed(self, condition);
                let own = words.is_none().then(|| enum_of(view, expr)).flatten();
                let words = words.or(own.as_ref());
                ExprKind::If(condition, outcome(self, a, words), outcome(self, b, words))
            }
        };
        Expr { kind, span: expr.span }
    }

    /// Takes back that `expr` is unknown if it is a word of some enum: what it is compared with is unknown, and may be of that.
    fn unsaid_word(&mut self, view: View<'_>, from: usize, expr: &ast::Expr) {
        let ast::ExprKind::Name(name) = &expr.kind else { return };
        if enums(view).iter().any(|of| of.words.contains(name)) {
            let found = self.diagnostics.split_off(from);
            self.diagnostics.extend(found.into_iter().filter(|one| one.primary.span != expr.span));
        }
    }

    /// A bare name.
    pub(super) fn name(&mut self, view: View<'_>, name: &Arc<str>, span: Span) -> ExprKind {
        let scope = view.scope;
        if let Some((_, element)) = view.element(name) {
            return self.bare_element(element, span);
        }
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
        if let Some((at, _)) = view.fact(name) {
            if let Some(Hidden { action, way, .. }) = scope.hidden.iter().find(|hidden| hidden.name == *name) {
                let message = format!("`{name}` could be the fact or the parameter of `{action}`");
                let finding = Diagnostic::new(Code::E0402, span, message)
                    .help(format!("write `{action}({name}, ..)` for the parameter, or `current.{name}` for the fact"));
                let fact = |finding: Diagnostic| finding.fix("read the fact", span, format!("current.{name}"));
                self.diagnostics.push(match way {
                    Way::Alone(place, named) => fact(finding).fix("read the parameter", *place, named.as_str()),
                    Way::Group => fact(finding),
                    Way::Several => finding,
                });
            }
            return ExprKind::Name(name.clone(), Meaning::Fact(FactId(slot(at))));
        }
        let special = match name.as_ref() {
            "current" => Some("write `current.` and the name of a fact"),
            "actor" => Some("write `actor.kind`, `actor.id` or `actor.roles`"),
            "action" => Some("write `action.risk` or `action.reversible`"),
            "proposal" => Some("write `proposal.claims`"),
            _ => None,
        };
        if let Some(help) = special {
            let message = format!("`{name}` is not a value by itself");
            self.diagnostics.push(Diagnostic::new(Code::E0201, span, message).help(help));
        } else if let Some(Hidden { action, way, .. }) = scope.hidden.iter().find(|hidden| hidden.name == *name) {
            let message = format!("`{name}` is a parameter of `{action}` that is not named here");
            let help = format!("name it where the action stands: `{action}({name})`");
            let finding = Diagnostic::new(Code::E0201, span, message).help(help);
            self.diagnostics.push(match way {
                Way::Alone(place, named) => finding.fix("name it", *place, named.as_str()),
                Way::Group | Way::Several => finding,
            });
        } else if let Some(word) = self.word_of_any(view, name, span) {
            return word;
        } else if !scope.gaps.cover(name) {
            let words = if view.words { enums(view) } else { Vec::new() };
            let words = words.iter().flat_map(|of| of.words.iter().map(AsRef::as_ref));
            self.diagnostics.push(unknown(Code::E0201, span, "name", name, view.known().into_iter().chain(words)));
        }
        ExprKind::Broken
    }

    /// `current.quota`, `actor.kind`, `action.risk`, `proposal.claims`, `pod.restarts`.
    fn field(&mut self, view: View<'_>, base: &ast::Expr, field: &ast::Ident) -> ExprKind {
        let base = if let ast::ExprKind::Name(base) = &base.kind { base.as_ref() } else { "" };
        if let Some(element) = view.element(base) {
            return self.element_field(element, field);
        }
        let written: Arc<str> = format!("{base}.{}", field.node).into();
        let named = |meaning| ExprKind::Name(written.clone(), meaning);
        let known: Vec<&str> = match base {
            "current" => {
                if let Some((at, _)) = view.fact(&field.node) {
                    return named(Meaning::Fact(FactId(slot(at))));
                }
                if view.scope.facts_lost {
                    return ExprKind::Broken;
                }
                view.scope.facts.iter().map(|fact| fact.name.node.as_ref()).collect()
            }
            "actor" | "action" | "proposal" if !view.scope.proposal => {
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
            "proposal" => match field.node.as_ref() {
                "claims" => return named(Meaning::Claims),
                _ => vec!["claims"],
            },
            _ => {
                let message = format!("nothing here has a field `{}`", field.node);
                let finding = Diagnostic::new(Code::E0201, field.span, message);
                let finding = match view.element {
                    Some(element) => finding.help(format!("`{}` has fields here", element.name)),
                    None if self.elements.contains(base) => finding.help(format!(
                        "`{base}` is known only in its quantifier, which ends behind one comparison; put more in \
                         parentheses: `any {base} in …: (… and …)`"
                    )),
                    None => finding.help("only `current`, `actor`, `action` and `proposal` have fields"),
                };
                self.diagnostics.push(finding);
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
            finding.fixes.push(leeway_diagnostics::Fix {
                title: format!("`for {written}` for {title}"),
                certain: false,
                edits,
            });
        }
        self.diagnostics.push(finding);
    }
}
