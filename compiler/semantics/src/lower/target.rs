//! Facts, metrics and actions: the slots that expressions refer to.

use leeway_ir as ir;
use leeway_units::{Type, Unit};

use super::Lowering;
use crate::check::{EVERY_MS_DEFAULT, STALE_MS_DEFAULT, time_or};
use crate::hir::{Action, Call, Fact, Metric, Parameter, Reading, ReadingKind, Source, Undo};

impl Lowering<'_> {
    pub(super) fn facts(&self) -> Vec<ir::Fact> {
        let fact = |fact: &Fact| ir::Fact {
            name: fact.name.node.clone(),
            ty: known(fact.ty.as_ref()),
            stale_ms: time_or(fact.stale.as_ref().map(|stale| stale.node), STALE_MS_DEFAULT),
        };
        self.target.facts.iter().map(fact).collect()
    }

    pub(super) fn metrics(&self) -> Vec<ir::Metric> {
        let metric = |metric: &Metric| {
            Some(ir::Metric {
                untrusted: metric.untrusted.is_some(),
                name: metric.name.node.clone(),
                unit: metric.ty.as_ref().and_then(Type::unit).unwrap_or(Unit::Number),
                source: self.source(metric)?,
                every_ms: time_or(metric.every.as_ref().and_then(|every| self.quantity(every)), EVERY_MS_DEFAULT),
                stale_ms: time_or(metric.stale.as_ref().and_then(|stale| self.quantity(stale)), STALE_MS_DEFAULT),
                responds: metric.responds.as_ref().map(|response| ir::Response {
                    given: response.given.clone(),
                    value: self.expression(&response.value),
                    written: self.written(response.value.span).into(),
                }),
            })
        };
        self.blueprint.metrics.iter().filter_map(metric).collect()
    }

    fn source(&self, metric: &Metric) -> Option<ir::Source> {
        Some(match metric.source.as_ref()? {
            Source::Prometheus(query) => ir::Source::Prometheus(query.node.clone()),
            Source::Scrape { reading, divided_by } => ir::Source::Scrape {
                reading: self.reading(reading),
                divided_by: divided_by.as_ref().map(|reading| self.reading(reading)),
            },
            Source::HttpJson { path, pointer } => ir::Source::HttpJson { path: path.clone(), pointer: pointer.clone() },
            Source::Constant(value) => ir::Source::Constant(self.quantity(value)?),
            // Only the tests of a policy by itself see this, and they give what is measured.
            Source::Needed => ir::Source::Prometheus(metric.name.node.clone()),
        })
    }

    fn reading(&self, reading: &Reading) -> ir::Reading {
        ir::Reading {
            kind: match &reading.kind {
                ReadingKind::Gauge => ir::ReadingKind::Gauge,
                ReadingKind::Sum => ir::ReadingKind::Sum,
                ReadingKind::Rate(window) => ir::ReadingKind::Rate { window_ms: self.ms(window) },
                ReadingKind::Quantile(q, window) => ir::ReadingKind::Quantile { q: *q, window_ms: self.ms(window) },
                ReadingKind::Mean(window) => ir::ReadingKind::Mean { window_ms: self.ms(window) },
            },
            series: reading.series.clone(),
            labels: reading.labels.clone(),
        }
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
