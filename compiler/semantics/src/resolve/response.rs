//! How a metric responds in the closed loop of a simulation: its own name and `recorded(NAME)` are what was recorded, which the
//! response is given as parameters; the named models are written out.

use std::sync::Arc;

use leeway_diagnostics::{Code, Diagnostic, Span, Spanned};
use leeway_ir::Given;
use leeway_syntax::ast::{self, ArithmeticOp};
use leeway_units::{Type, Unit};

use super::Resolver;
use super::blueprint::Here;
use super::function::{Model, usage};
use super::scope::{Bound, Responding, Scope, View};
use crate::hir::{Expr, ExprKind, Meaning, Response, slot};

/// The place at which a response is given its own metric.
const OWN: u16 = 0;

impl Resolver<'_> {
    /// Resolves the response of the metric `name`.
    pub(super) fn response(&mut self, here: &Here<'_>, name: &ast::Ident, responds: &ast::Expr) -> Response {
        let own = here.slots.metric(&here.qualified(&name.node));
        let ty = own.and_then(|own| here.slots.metric_type(own)).cloned();
        let scope = Scope {
            parameters: vec![Bound { name: name.node.clone(), place: OWN, ty, misfit: None }],
            responding: Some(Responding { name: &name.node, slots: here.slots }),
            ..here.scope()
        };
        self.given = own.map(Given::Metric).into_iter().collect();
        let value = self.expression(&scope, responds);
        Response { value, given: std::mem::take(&mut self.given) }
    }

    /// What only a response can ask: what was recorded, and the models made of it.
    pub(super) fn model(
        &mut self,
        view: View<'_>,
        model: Model,
        function: &ast::Ident,
        arguments: &[ast::Expr],
    ) -> ExprKind {
        let Some(own) = view.scope.responding else {
            self.all(view, arguments, None);
            let message = format!("`{}` is known only to the `responds` of a metric", function.node);
            let finding = Diagnostic::new(Code::E0303, function.span, message);
            self.diagnostics.push(finding.help("everywhere else there is only what is measured: write the name alone"));
            return ExprKind::Broken;
        };
        let wanted = match model {
            Model::Recorded | Model::Shared => 1,
            Model::Queueing => 2,
        };
        if arguments.len() != wanted {
            return self.wrong_number(function, wanted, arguments.len());
        }
        let arguments = self.all(view, arguments, None);
        if arguments.iter().any(Expr::is_broken) {
            return ExprKind::Broken;
        }
        let found = match (model, arguments.as_slice()) {
            (Model::Recorded, [of]) => self.recorded(view, of),
            (Model::Shared, [of]) => self.shared(view, own, function, of),
            (Model::Queueing, [utilisation, servers]) => self.queueing(view, own, function, utilisation, servers),
            (Model::Recorded | Model::Shared | Model::Queueing, _) => None,
        };
        found.unwrap_or_else(|| {
            let wants = match model {
                Model::Recorded => "the name of a fact or a metric",
                Model::Shared => "the name of a fact that is a quantity",
                Model::Queueing => "another metric that is a `ratio`, and a fact that is a `count`",
            };
            let finding = Diagnostic::new(Code::E0305, function.span, format!("`{}` takes {wants}", function.node));
            self.diagnostics.push(finding.help(usage(&function.node)));
            ExprKind::Broken
        })
    }

    /// `recorded(NAME)`.
    fn recorded(&mut self, view: View<'_>, of: &Expr) -> Option<ExprKind> {
        let (name, meaning) = of.name()?;
        let given = match meaning {
            // Its own name is what was recorded anyway.
            Meaning::Parameter(OWN, _) => return Some(of.kind.clone()),
            Meaning::Fact(id) => Given::Fact(*id),
            Meaning::Metric(id) => Given::Metric(*id),
            Meaning::Let(_)
            | Meaning::Parameter(..)
            | Meaning::Actor(_)
            | Meaning::ActionRisk
            | Meaning::ActionReversible
            | Meaning::Claims
            | Meaning::Element { .. } => return None,
        };
        let ty = type_of(view, meaning).cloned();
        Some(self.stands_for(format!("recorded({name})"), given, ty))
    }

    /// `shared(FACT)`: the load of all is what it was, and each of them has its part of it.
    fn shared(&mut self, view: View<'_>, own: Responding<'_>, function: &ast::Ident, of: &Expr) -> Option<ExprKind> {
        let Some((_, meaning @ Meaning::Fact(_))) = of.name() else { return None };
        if type_of(view, meaning).is_some_and(|ty| ty.unit().is_none()) {
            return None;
        }
        let recorded = Expr { kind: self.recorded(view, of)?, span: of.span };
        // Divided by how many times more there are, which is exactly 1 where nothing was done.
        let times = computed(of.clone(), ArithmeticOp::Divide, recorded, of.span);
        let share = computed(load(view, own, function.span), ArithmeticOp::Divide, times, function.span);
        Some(share.kind)
    }

    /// `queueing(UTILISATION_METRIC, SERVERS_FACT)`: as many times longer as the queue makes it.
    fn queueing(
        &mut self,
        view: View<'_>,
        own: Responding<'_>,
        function: &ast::Ident,
        utilisation: &Expr,
        servers: &Expr,
    ) -> Option<ExprKind> {
        let is = |expr: &Expr, unit| {
            let ty = expr.name().and_then(|(_, meaning)| type_of(view, meaning));
            ty.is_none_or(|ty| *ty == Type::Quantity(unit))
        };
        let (Some((_, Meaning::Metric(busy))), Some((_, Meaning::Fact(of)))) = (utilisation.name(), servers.name())
        else {
            return None;
        };
        if !is(utilisation, Unit::Ratio) || !is(servers, Unit::Count) {
            return None;
        }
        let given = Given::Queueing { utilisation: *busy, servers: *of };
        let times = self.stands_for(function.node.to_string(), given, Some(Type::Quantity(Unit::Number)));
        let times = Expr { kind: times, span: function.span };
        Some(computed(load(view, own, function.span), ArithmeticOp::Multiply, times, function.span).kind)
    }

    /// A parameter that stands for `given`.
    fn stands_for(&mut self, name: String, given: Given, ty: Option<Type>) -> ExprKind {
        let place = self.given.iter().position(|known| *known == given).unwrap_or_else(|| {
            self.given.push(given);
            self.given.len() - 1
        });
        ExprKind::Name(name.into(), Meaning::Parameter(slot(place), ty))
    }
}

/// The metric itself, as recorded.
fn load(view: View<'_>, own: Responding<'_>, span: Span) -> Expr {
    let bound = view.scope.parameters.iter().find(|bound| bound.name == *own.name);
    let ty = bound.and_then(|bound| bound.ty.clone());
    Expr { kind: ExprKind::Name(Arc::clone(own.name), Meaning::Parameter(OWN, ty)), span }
}

fn computed(left: Expr, op: ArithmeticOp, right: Expr, span: Span) -> Expr {
    Expr { kind: ExprKind::Arithmetic(Box::new(left), Spanned::new(op, span), Box::new(right)), span }
}

/// The type of the fact or metric, if that was declared well.
fn type_of<'a>(view: View<'a>, meaning: &Meaning) -> Option<&'a Type> {
    match meaning {
        Meaning::Fact(id) => view.scope.facts.get(usize::from(id.0))?.ty.as_ref(),
        Meaning::Metric(id) => view.scope.responding?.slots.metric_type(*id),
        Meaning::Let(_)
        | Meaning::Parameter(..)
        | Meaning::Actor(_)
        | Meaning::ActionRisk
        | Meaning::ActionReversible
        | Meaning::Claims
        | Meaning::Element { .. } => None,
    }
}
