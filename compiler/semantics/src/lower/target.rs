//! Facts, metrics and actions: the slots that expressions refer to.

use leeway_ir as ir;
use leeway_units::{Type, Unit};

use super::Lowering;
use crate::check::{every_ms, stale_ms};
use crate::hir::{Action, Call, Fact, Metric, Parameter, Undo};

impl Lowering<'_> {
    pub(super) fn facts(&self) -> Vec<ir::Fact> {
        let fact = |fact: &Fact| ir::Fact {
            name: fact.name.node.clone(),
            ty: known(fact.ty.as_ref()),
            stale_ms: stale_ms(fact.stale.as_ref()),
        };
        self.target.facts.iter().map(fact).collect()
    }

    pub(super) fn metrics(&self) -> Vec<ir::Metric> {
        let metric = |metric: &Metric| {
            Some(ir::Metric {
                name: metric.name.node.clone(),
                unit: metric.ty.as_ref().and_then(Type::unit).unwrap_or(Unit::Number),
                source: metric.source.clone()?,
                every_ms: every_ms(metric),
                stale_ms: stale_ms(metric.stale.as_ref()),
            })
        };
        self.blueprint.metrics.iter().filter_map(metric).collect()
    }

    pub(super) fn actions(&self) -> Vec<ir::Action> {
        self.target.actions.iter().map(|action| self.action(action)).collect()
    }

    fn action(&self, action: &Action) -> ir::Action {
        let parameter =
            |parameter: &Parameter| ir::Parameter { name: parameter.name.clone(), ty: known(parameter.ty.as_ref()) };
        let effects = action.effects.iter();
        ir::Action {
            name: action.name.node.clone(),
            parameters: action.parameters.iter().map(parameter).collect(),
            effects: effects.map(|one| ir::Effect { fact: one.fact, value: self.expression(&one.value) }).collect(),
            undo: match &action.undo {
                Some(Undo::Call(call)) => ir::Undo::Call(self.call(call)),
                Some(Undo::Receipt) => ir::Undo::Receipt,
                Some(Undo::Nothing) => ir::Undo::Nothing,
                Some(Undo::Irreversible) | None => ir::Undo::Irreversible,
            },
            risk: action.risk,
            disruptive: action.disruptive,
            stages: self.stages(&action.stages),
        }
    }

    pub(super) fn call(&self, call: &Call) -> ir::CallExpr {
        let arguments = call.arguments.iter().map(|argument| self.expression(argument)).collect();
        ir::CallExpr { action: call.action, arguments }
    }
}

/// In a checked program every type is known.
fn known(ty: Option<&Type>) -> Type {
    ty.cloned().unwrap_or(Type::Bool)
}
