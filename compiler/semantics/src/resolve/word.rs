//! The words of enums: written bare, and looked up in the enum that is expected where they stand.

use std::sync::Arc;

use leeway_diagnostics::{Code, Diagnostic, Span};
use leeway_syntax::ast;
use leeway_units::{Enum, Type};

use super::Resolver;
use super::scope::View;
use crate::closest::unknown_of;
use crate::hir::{ExprKind, Meaning};

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

    /// The words, of `action.risk` in their order.
    pub(crate) const fn all(self) -> &'static [&'static str] {
        match self {
            Words::ActorKind => &["rule", "human", "agent"],
            Words::Risk => &["low", "medium", "high"],
        }
    }

    pub(crate) fn of(self) -> Enum {
        Enum { name: self.name().into(), words: self.all().iter().map(|word| Arc::<str>::from(*word)).collect() }
    }

    /// The type of this enum's values.
    pub(crate) fn ty(self) -> Type {
        Type::Enum(self.of())
    }
}

impl Resolver<'_> {
    /// A bare name where a value of `of` is expected: a word of it, or else a name in scope.
    pub(super) fn word(&mut self, view: View<'_>, name: &Arc<str>, span: Span, of: &Enum) -> ExprKind {
        if of.words.contains(name) {
            return ExprKind::Symbol(name.clone(), Type::Enum(of.clone()));
        }
        let hidden = view.scope.hidden.iter().any(|hidden| hidden.name == *name);
        if hidden || view.known().contains(&name.as_ref()) {
            return self.name(view, name, span);
        }
        let what = ("value", of.name.as_ref());
        self.diagnostics.push(unknown_of(Code::E0201, span, what, name, of.words.iter().map(AsRef::as_ref)));
        ExprKind::Broken
    }

    /// A bare name that nothing in scope has, where no enum is expected but any may stand, as in `let calm = medium`: the one
    /// that has the word is meant.
    pub(super) fn word_of_any(&mut self, view: View<'_>, name: &Arc<str>, span: Span) -> Option<ExprKind> {
        if !view.words {
            return None;
        }
        let mut having: Vec<Enum> = enums(view).into_iter().filter(|of| of.words.contains(name)).collect();
        if having.len() > 1 {
            let listed: Vec<String> = having.iter().map(|of| format!("`{}`", of.name)).collect();
            let message = format!("`{name}` could be a value of {}", listed.join(" or of "));
            let finding = Diagnostic::new(Code::E0309, span, message);
            self.diagnostics.push(finding.help("write the word itself where it is compared, and no name for it"));
            return Some(ExprKind::Broken);
        }
        having.pop().map(|of| ExprKind::Symbol(name.clone(), Type::Enum(of)))
    }
}

/// The enum that an expression is of, seen from its form; a let is not looked into.
pub(super) fn enum_of(view: View<'_>, expr: &ast::Expr) -> Option<Enum> {
    let of_type = |ty: Option<&Type>| ty.and_then(of_enum).cloned();
    match &expr.kind {
        ast::ExprKind::Name(name) => {
            let bound = view.scope.parameters.iter().find(|bound| bound.name == *name);
            match (bound, view.scope.names.get(name)) {
                (Some(bound), _) => of_type(bound.ty.as_ref()),
                (None, Some(Meaning::Parameter(_, ty))) => of_type(ty.as_ref()),
                (None, Some(_)) => None,
                (None, None) => of_type(view.fact(name).and_then(|(_, fact)| fact.ty.as_ref())),
            }
        }
        ast::ExprKind::Field(base, field) => {
            let ast::ExprKind::Name(base) = &base.kind else { return None };
            match (base.as_ref(), field.node.as_ref()) {
                ("actor", "kind") => Some(Words::ActorKind.of()),
                ("action", "risk") => Some(Words::Risk.of()),
                ("current", name) => of_type(view.fact(name).and_then(|(_, fact)| fact.ty.as_ref())),
                (element, name) => {
                    let fields = view.element(element)?.1.fields?;
                    of_type(fields.iter().find(|field| field.name.as_ref() == name).map(|field| &field.ty))
                }
            }
        }
        ast::ExprKind::Coalesce(a, b) | ast::ExprKind::If(_, a, b) => enum_of(view, a).or_else(|| enum_of(view, b)),
        ast::ExprKind::List(all) => all.iter().find_map(|one| enum_of(view, one)),
        ast::ExprKind::Bool(_)
        | ast::ExprKind::Quantity(_)
        | ast::ExprKind::Text(_)
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
        | ast::ExprKind::TextTest(..)
        | ast::ExprKind::Quantified { .. }
        | ast::ExprKind::Arithmetic(..) => None,
    }
}

/// Whether `expr` is the name of a let, whose enum is only known later.
pub(super) fn is_let(view: View<'_>, expr: &ast::Expr) -> bool {
    matches!(&expr.kind, ast::ExprKind::Name(name) if matches!(view.scope.names.get(name), Some(Meaning::Let(_))))
}

/// The enum, if the type is one or a list of one.
pub(super) fn of_enum(ty: &Type) -> Option<&Enum> {
    match ty {
        Type::Enum(of) => Some(of),
        Type::List(of) => of_enum(of),
        Type::Bool | Type::Quantity(_) | Type::Text | Type::Records(_) => None,
    }
}

/// The enums that something in scope is of, and those of the language; each once.
pub(super) fn enums(view: View<'_>) -> Vec<Enum> {
    let mut found = vec![Words::ActorKind.of(), Words::Risk.of()];
    let facts = view.scope.facts.iter().filter_map(|fact| fact.ty.as_ref());
    let parameters = view.scope.parameters.iter().filter_map(|bound| bound.ty.as_ref());
    for ty in facts.chain(parameters) {
        let inside: Vec<&Type> =
            if let Type::Records(fields) = ty { fields.iter().map(|field| &field.ty).collect() } else { vec![ty] };
        for of in inside.into_iter().filter_map(of_enum) {
            if !found.contains(of) {
                found.push(of.clone());
            }
        }
    }
    found
}
