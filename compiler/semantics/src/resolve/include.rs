//! What an `include` gives a policy: its parameters and the metrics it needs.

use std::collections::BTreeMap;

use leeway_diagnostics::{Code, Diagnostic};
use leeway_ir::MetricId;
use leeway_syntax::ast;
use leeway_units::Type;

use super::Resolver;
use super::blueprint::Here;
use super::layers::{Inclusion, Plan};
use super::names::{Names, Slots};
use super::scope::{Gaps, Scope};
use crate::closest::unknown_of;
use crate::hir::{Expr, ExprKind, Let, Meaning, Parameter};

impl Resolver<'_> {
    /// The parameters of the policy of a layer, as lets. `by` is the layer that includes it; without one the policy stands by
    /// itself, and of a parameter without a default only the type is known.
    pub(super) fn parameters(&mut self, policy: &ast::Policy, here: &Here<'_>, by: Option<&Here<'_>>) -> Vec<Let> {
        let include = here.plan.include.map(|include| include.written);
        if let Some(include) = include {
            self.arguments(include, policy);
        }
        let nothing = BTreeMap::new();
        let bare = Scope::bare(&[], &nothing, Gaps::default());
        let mut lets = Vec::new();
        for parameter in &policy.parameters {
            let name = &parameter.typed.name;
            let ty = self.ty(&parameter.typed.ty, &here.target.enums);
            let given = include.and_then(|include| include.arguments.iter().find(|(given, _)| given.node == name.node));
            let value = match (given, by, &parameter.default) {
                (Some((_, value)), Some(by), _) => self.wanted(&by.scope(), value, ty.as_ref()),
                (_, _, Some(default)) => self.wanted(&bare, default, ty.as_ref()),
                (_, None, None) => match &ty {
                    Some(ty) => Expr { kind: ExprKind::Opaque(ty.clone()), span: name.span },
                    None => Expr::broken(name.span),
                },
                (_, Some(_), None) => Expr::broken(name.span),
            };
            let parameter = Parameter { name: name.node.clone(), ty };
            lets.push(Let { name: name.clone(), value, parameter: Some(parameter) });
        }
        lets
    }

    /// Each argument must be for a parameter or a needed metric, and each parameter without a default must have one.
    fn arguments(&mut self, include: &ast::Include, policy: &ast::Policy) {
        let needs = policy.members.iter().filter_map(|member| {
            if let ast::MemberKind::Needs(typed) = &member.kind { Some(typed.name.node.as_ref()) } else { None }
        });
        let known: Vec<&str> =
            policy.parameters.iter().map(|parameter| parameter.typed.name.node.as_ref()).chain(needs).collect();
        let mut fits = true;
        for (at, (name, _)) in include.arguments.iter().enumerate() {
            if !known.contains(&name.node.as_ref()) {
                fits = false;
                if !policy.lost.covers(&name.node) {
                    let what = ("argument", policy.name.node.as_ref());
                    self.diagnostics.push(unknown_of(Code::E0305, name.span, what, &name.node, known.iter().copied()));
                }
            } else if include.arguments.iter().take(at).any(|(first, _)| first.node == name.node) {
                let message = format!("argument `{}` is given twice", name.node);
                self.diagnostics.push(Diagnostic::new(Code::E0305, name.span, message).help("remove one"));
            }
        }
        let given = |name: &str| include.arguments.iter().any(|(given, _)| given.node.as_ref() == name);
        let missing: Vec<String> = policy
            .parameters
            .iter()
            .filter(|parameter| parameter.default.is_none() && !given(&parameter.typed.name.node))
            .map(|parameter| format!("`{}: {}`", parameter.typed.name.node, parameter.typed.ty.node))
            .collect();
        // A wrong name explains why another is missing; saying both would be noise.
        if !missing.is_empty() && fits {
            let message = format!("`{}` lacks {}", include.path.text(), missing.join(", "));
            let finding = Diagnostic::new(Code::E0305, include.path.span, message);
            self.diagnostics.push(finding.label(policy.name.span, "declared here").help("give each an argument"));
        }
    }

    /// The includer's metric that a policy needs: that of its name, or the one given as argument.
    pub(super) fn needed(
        &mut self,
        typed: &ast::Typed,
        include: Inclusion<'_>,
        plans: &[Plan<'_>],
        before: &[Names],
        slots: &Slots,
    ) -> Option<MetricId> {
        let by = before.get(include.layer)?;
        let wanted = &typed.name.node;
        let given = include.written.arguments.iter().find(|(name, _)| name.node == *wanted).map(|(_, value)| value);
        let (name, place) = match given {
            None => (wanted, include.written.path.span),
            Some(ast::Expr { kind: ast::ExprKind::Name(name), span }) => (name, *span),
            Some(other) => {
                let message = format!("`{wanted}` is a metric, and this is the name of none");
                let finding = Diagnostic::new(Code::E0212, other.span, message);
                self.diagnostics.push(finding.label(typed.name.span, "needed here").help("write the name of a metric"));
                return None;
            }
        };
        let Some(Meaning::Metric(id)) = by.meanings.get(name) else {
            // A member that was lost in parsing is likely the metric.
            if !by.lost.contains(name) && !plans.get(include.layer).is_some_and(|plan| plan.lost.covers(name)) {
                let path = include.written.path.text();
                let message = match given {
                    Some(_) => format!("`{name}` is no metric, and `{path}` needs one for `{wanted}`"),
                    None => format!("`{path}` needs a metric `{wanted}`, and there is none"),
                };
                let help = format!("declare `metric {name}: {} = …`, or name another: `{wanted}: NAME`", typed.ty.node);
                let finding = Diagnostic::new(Code::E0212, place, message).label(typed.name.span, "needed here");
                self.diagnostics.push(finding.help(help));
            }
            return None;
        };
        let (needed, found) = (Type::named(&typed.ty.node), slots.metric_type(*id));
        if let (Some(needed), Some(found)) = (needed, found)
            && needed != *found
        {
            let message = format!("`{wanted}` must be a `{needed}`, and `{name}` is a `{found}`");
            let finding = Diagnostic::new(Code::E0212, place, message).label(typed.ty.span, "needed here");
            self.diagnostics.push(finding.help(format!("name a metric that is one: `{wanted}: NAME`")));
            return None;
        }
        Some(*id)
    }
}
