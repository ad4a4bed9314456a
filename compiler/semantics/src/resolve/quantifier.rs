//! Quantifiers over collections: `any pod in pods: pod.crashed`.

use leeway_diagnostics::{Code, Diagnostic, Spanned};
use leeway_ir::FactId;
use leeway_syntax::ast;
use leeway_units::{Field, Type};

use super::Resolver;
use super::declared::BUILT_IN;
use super::scope::{Element, View};
use crate::closest::unknown_of;
use crate::hir::{Expr, ExprKind, Meaning};

/// How deep quantifiers may stand in each other: each level multiplies the work of a decision by the size of a collection.
const QUANTIFIER_DEPTH_MAX: usize = 2;

impl Resolver<'_> {
    /// Resolves a quantifier; in its body the element has a name.
    pub(super) fn quantified(
        &mut self,
        view: View<'_>,
        quantifier: &Spanned<ast::Quantifier>,
        element: &ast::Ident,
        over: &ast::Expr,
        body: &ast::Expr,
    ) -> ExprKind {
        self.elements.insert(element.node.to_string());
        self.shadowing(view, element);
        if view.elements().count() == QUANTIFIER_DEPTH_MAX {
            let message = format!("quantifiers stand more than {QUANTIFIER_DEPTH_MAX} deep in each other");
            let finding = Diagnostic::new(Code::E0105, quantifier.span, message);
            self.diagnostics.push(finding.help("ask the inner question in a quantifier of its own, beside this one"));
            return ExprKind::Broken;
        }
        let over = self.expression_at(view, over, None);
        let collection = self.collection(view, &over);
        let fields = collection.as_ref().and_then(|(_, fields)| *fields);
        let written = over.name().map_or("", |(name, _)| name.as_ref());
        let inner = Element { name: &element.node, over: written, fields, outer: view.element };
        let inside = View { scope: view.scope, element: Some(&inner), words: false };
        let body = Box::new(self.expression_at(inside, body, None));
        match collection {
            Some((fact, _)) => {
                ExprKind::Quantified { quantifier: quantifier.clone(), over: Box::new(over), fact, body }
            }
            None => ExprKind::Broken,
        }
    }

    /// The collection that `over` names, with its fields unless they are unknown; what else it names is reported.
    fn collection<'a>(&mut self, view: View<'a>, over: &Expr) -> Option<(FactId, Option<&'a [Field]>)> {
        if over.is_broken() {
            return None;
        }
        if let Some((_, Meaning::Fact(id))) = over.name() {
            match view.scope.facts.get(usize::from(id.0)).map(|fact| &fact.ty) {
                Some(Some(Type::Records(fields))) => return Some((*id, Some(fields))),
                // Of an unknown type, which was reported.
                Some(None) | None => return Some((*id, None)),
                Some(Some(Type::Bool | Type::Quantity(_) | Type::Text | Type::Enum(_) | Type::List(_))) => {}
            }
        }
        let written = self.sources.text(over.span);
        let known = view.scope.facts.iter().filter(|fact| matches!(fact.ty, Some(Type::Records(_))));
        let known: Vec<String> = known.map(|fact| format!("`{}`", fact.name.node)).collect();
        let finding = Diagnostic::new(Code::E0308, over.span, format!("`{written}` is no collection"));
        self.diagnostics.push(finding.help(if known.is_empty() {
            "the target declares no collection".to_owned()
        } else {
            format!("the collections of the target are {}", known.join(", "))
        }));
        None
    }

    /// Reports the name of an element that already means something.
    fn shadowing(&mut self, view: View<'_>, element: &ast::Ident) {
        let name = element.node.as_ref();
        let what = if BUILT_IN.contains(&name) {
            "a word of the language"
        } else if view.element(name).is_some() {
            "the element of the quantifier around it"
        } else if view.scope.parameters.iter().any(|bound| bound.name.as_ref() == name) {
            "a parameter of the action"
        } else if view.fact(name).is_some() {
            "a fact"
        } else {
            match view.scope.names.get(name) {
                Some(Meaning::Metric(_)) => "a metric",
                Some(Meaning::Let(_)) => "a let",
                Some(_) => "declared",
                None => return,
            }
        };
        let finding = Diagnostic::new(Code::E0202, element.span, format!("`{name}` is already {what}"));
        self.diagnostics.push(finding.help("choose another name for an element"));
    }

    /// `pod.restarts`, where `pod` is the element at that depth.
    pub(super) fn element_field(&mut self, (depth, element): (u16, &Element<'_>), field: &ast::Ident) -> ExprKind {
        let Some(fields) = element.fields else { return ExprKind::Broken };
        if let Some(found) = fields.iter().find(|known| known.name == field.node) {
            let written = format!("{}.{}", element.name, field.node).into();
            let meaning = Meaning::Element { depth, field: field.node.clone(), ty: found.ty.clone() };
            return ExprKind::Name(written, meaning);
        }
        let known = fields.iter().map(|field| field.name.as_ref());
        self.diagnostics.push(unknown_of(Code::E0201, field.span, ("field", element.over), &field.node, known));
        ExprKind::Broken
    }

    /// An element by itself.
    pub(super) fn bare_element(&mut self, element: &Element<'_>, span: leeway_diagnostics::Span) -> ExprKind {
        let message = format!("`{}` is an element of `{}` and not a value by itself", element.name, element.over);
        let mut finding = Diagnostic::new(Code::E0307, span, message);
        if let Some(fields) = element.fields {
            let listed: Vec<String> = fields.iter().map(|field| format!("`{}.{}`", element.name, field.name)).collect();
            finding = finding.help(format!("read one of its fields: {}", listed.join(", ")));
        }
        self.diagnostics.push(finding);
        ExprKind::Broken
    }
}
