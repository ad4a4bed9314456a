//! Types, units, authority and times. What passes is a [`Checked`] program: there is no other way to one, and nothing else
//! is lowered.

mod amount;
mod authority;
mod consequence;
mod constant;
mod environment;
mod functions;
mod infer;
mod limit;
mod metric;
mod moment;
mod pattern;
mod promql;
mod quantifier;
mod redundant;
mod response;
mod same;
mod scenario;
mod series;
mod slo;
mod spread;
mod time;
mod unlike;
mod untrusted;
mod vacuous;
mod wanted;
mod ways;
mod window;

use leeway_diagnostics::{Diagnostic, SourceMap};

use crate::hir::{Blueprint, Call, Expr, Hir, Rule, Stage, Target, Undo};
use crate::included::Included;
use environment::{Environment, KnownLet, Size, Ty};
use infer::Checker;

pub(crate) use constant::constant;
pub(crate) use time::{EVERY_MS_DEFAULT, STALE_MS_DEFAULT, milliseconds, time_or, whole};

/// A program without errors.
#[derive(Debug)]
pub struct Checked(pub(crate) Hir);

/// What checking gives.
#[derive(Debug)]
pub struct Judged {
    /// The program, if nothing is wrong with it: neither found here nor before.
    pub checked: Option<Checked>,
    /// The findings.
    pub diagnostics: Vec<Diagnostic>,
}

/// Checks a program.
pub fn check(mut hir: Hir, sources: &SourceMap) -> Judged {
    let mut diagnostics = Vec::new();
    for target in &mut hir.targets {
        let mut checker = Checker::new(sources, Environment::of(target));
        checker.target(target);
        diagnostics.append(&mut checker.diagnostics);
    }
    let mut included = Included::default();
    for blueprint in hir.policies.iter_mut().chain(&mut hir.blueprints) {
        let Some(target) = hir.targets.get(blueprint.target) else { continue };
        let mut checker = Checker::new(sources, Environment::of(target));
        checker.blueprint(blueprint, target);
        checker.authority(blueprint, target);
        diagnostics.append(&mut included.sort_out(checker.diagnostics, &blueprint.layers));
    }
    included.settle(&mut diagnostics);
    let good = hir.whole && !diagnostics.iter().any(Diagnostic::is_error);
    Judged { checked: good.then_some(Checked(hir)), diagnostics }
}

impl Checker<'_> {
    fn target(&mut self, target: &mut Target) {
        for fact in &target.facts {
            self.fact_stale(fact.stale.as_ref());
        }
        for action in &mut target.actions {
            for effect in &mut action.effects {
                let fact = target.facts.get(usize::from(effect.fact.0));
                if let Some((name, ty)) = fact.and_then(|fact| fact.ty.as_ref().map(|ty| (&fact.name.node, ty))) {
                    self.want(&mut effect.value, ty, &format!("fact `{name}`"));
                }
            }
            if let Some(Undo::Call(call)) = &mut action.undo {
                self.call(call);
            }
            self.stages(&mut action.stages);
        }
    }

    fn blueprint(&mut self, blueprint: &mut Blueprint, target: &Target) {
        self.environment.metrics = blueprint.metrics.iter().map(|metric| metric.ty.clone()).collect();
        self.lets(blueprint);
        for metric in &mut blueprint.metrics {
            self.metric(metric);
        }
        self.responses(&mut blueprint.metrics);
        for objective in &mut blueprint.objectives {
            self.condition(&mut objective.condition);
        }
        for rule in &mut blueprint.rules {
            self.rule(rule);
        }
        for clause in &mut blueprint.clauses {
            if let Some(when) = &mut clause.when {
                self.condition(when);
            }
            if let Some(suggest) = &mut clause.suggest {
                self.call(suggest);
            }
            self.groups(&mut clause.by);
        }
        for limit in &mut blueprint.limits {
            self.limit(limit, target);
        }
        for approval in &mut blueprint.approvals {
            self.approval(approval);
        }
        for retention in &mut blueprint.retentions {
            self.time(retention, "the time for which records are kept");
        }
        for verification in &mut blueprint.verifications {
            self.stages(&mut verification.stages);
        }
        for slo in &mut blueprint.slos {
            self.slo(slo);
        }
        for invariant in &mut blueprint.invariants {
            self.condition(&mut invariant.condition);
        }
        for test in &mut blueprint.tests {
            self.scenario(test, target);
        }
    }

    /// Lets in the order in which they can be looked through; those on a cycle stay without a type.
    fn lets(&mut self, blueprint: &mut Blueprint) {
        let known = |one: &crate::hir::Let| KnownLet::new(one.value.clone());
        self.environment.lets = blueprint.lets.iter().map(known).collect();
        for at in &blueprint.let_order {
            let Some(one) = blueprint.lets.get_mut(*at) else { continue };
            let ty = match &one.parameter {
                None => self.infer(&mut one.value),
                Some(parameter) => {
                    let parameter = parameter.clone();
                    self.parameter(&mut one.value, &parameter)
                }
            };
            // One that is too large counts as small from here on: what reads it would only repeat the report.
            let size = self.bounded(&one.value).unwrap_or(Size::ONE);
            let known = KnownLet {
                ty,
                value: one.value.clone(),
                constant: self.environment.constant(&one.value),
                size,
                metrics: self.environment.metrics_read(&one.value),
                holds_for: self.environment.holds_for(&one.value),
                fixed: self.environment.fixed(&one.value),
                without_past: self.without_past(&one.value),
                beyond: self.environment.beyond(&one.value),
            };
            if let Some(slot) = self.environment.lets.get_mut(*at) {
                *slot = known;
            }
        }
    }

    /// The argument of a policy's parameter, which is of that type whatever it is.
    fn parameter(&mut self, value: &mut Expr, parameter: &crate::hir::Parameter) -> Option<Ty> {
        let ty = parameter.ty.clone()?;
        let what = format!("argument `{}`", parameter.name);
        self.constant_of(value, &ty, &what);
        Some(ty.into())
    }

    fn rule(&mut self, rule: &mut Rule) {
        self.condition(&mut rule.when);
        if let Some(propose) = &mut rule.propose {
            self.call(propose);
        }
    }

    fn stages(&mut self, stages: &mut [Stage]) {
        for stage in stages {
            self.condition(&mut stage.condition);
            self.stage_time(stage);
        }
    }

    /// The arguments of a call against the types of the parameters.
    fn call(&mut self, call: &mut Call) {
        let Some(parameters) = self.environment.actions.get(usize::from(call.action.0)).cloned() else { return };
        let given: Vec<(&mut Expr, crate::hir::Parameter)> = call.arguments.iter_mut().zip(parameters).collect();
        for (argument, parameter) in given {
            match &parameter.ty {
                Some(ty) => drop(self.want(argument, ty, &format!("argument `{}`", parameter.name))),
                None => drop(self.infer(argument)),
            }
        }
    }
}
