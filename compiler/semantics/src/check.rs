//! Types, units, authority and times. What passes is a [`Checked`] program: there is no other way to one, and nothing else
//! is lowered.

mod authority;
mod constant;
mod environment;
mod functions;
mod infer;
mod metric;
mod time;
mod unlike;
mod wanted;

use leeway_diagnostics::{Diagnostic, SourceMap};

use crate::hir::{Blueprint, Call, Expr, Hir, Limit, Rule, Stage, Target, Undo};
use environment::{Environment, KnownLet};
use infer::Checker;

pub(crate) use constant::constant;
pub(crate) use time::{every_ms, milliseconds, stale_ms, whole};

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
    for blueprint in &mut hir.blueprints {
        let Some(target) = hir.targets.get(blueprint.target) else { continue };
        let mut checker = Checker::new(sources, Environment::of(target));
        checker.blueprint(blueprint);
        checker.authority(blueprint, target);
        diagnostics.append(&mut checker.diagnostics);
    }
    let good = hir.whole && !diagnostics.iter().any(Diagnostic::is_error);
    Judged { checked: good.then_some(Checked(hir)), diagnostics }
}

impl Checker<'_> {
    fn target(&mut self, target: &mut Target) {
        for fact in &target.facts {
            self.time(fact.stale.as_ref());
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

    fn blueprint(&mut self, blueprint: &mut Blueprint) {
        for metric in &blueprint.metrics {
            self.metric(metric);
            self.environment.metrics.push(metric.ty.clone());
            self.environment.every_ms.push(time::every_ms(metric));
        }
        self.lets(blueprint);
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
        }
        for limit in &blueprint.limits {
            match limit {
                Limit::Cooldown { duration, .. } => self.time(Some(duration)),
                Limit::Breaker { failures, .. } => self.failures(failures),
            }
        }
        for verification in &mut blueprint.verifications {
            self.stages(&mut verification.stages);
        }
    }

    /// Lets in the order in which they can be looked through; those on a cycle stay without a type.
    fn lets(&mut self, blueprint: &mut Blueprint) {
        let known = |one: &crate::hir::Let| KnownLet::new(one.value.clone());
        self.environment.lets = blueprint.lets.iter().map(known).collect();
        for at in &blueprint.let_order {
            let Some(one) = blueprint.lets.get_mut(*at) else { continue };
            let ty = self.infer(&mut one.value);
            // One that is too large counts as small from here on: what reads it would only repeat the report.
            let nodes = self.bounded(&one.value).unwrap_or(1);
            let known = KnownLet {
                ty,
                value: one.value.clone(),
                constant: self.environment.constant(&one.value),
                nodes,
                metrics: self.environment.metrics_read(&one.value),
                holds_for: self.environment.holds_for(&one.value),
            };
            if let Some(slot) = self.environment.lets.get_mut(*at) {
                *slot = known;
            }
        }
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
                Some(ty) => self.want(argument, ty, &format!("argument `{}`", parameter.name)),
                None => drop(self.infer(argument)),
            }
        }
    }
}
