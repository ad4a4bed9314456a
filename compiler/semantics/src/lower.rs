//! From a checked program to the policies that the runtime enforces.

mod clause;
mod expression;
mod limit;
mod member;
mod scenario;
mod slo;
mod target;
mod written;

use leeway_diagnostics::{SourceMap, Span};
use leeway_ir as ir;
use leeway_units::Value;

use crate::check::{Checked, constant};
use crate::hir::{Blueprint, Expr, Target};

pub(crate) use clause::spelt_out;

/// What a program comes to.
#[derive(Debug, Default)]
pub struct Lowered {
    /// The policy of each blueprint, in the order in which they stand.
    pub policies: Vec<ir::Policy>,
    /// The tests: of each blueprint that has some, then of each policy by itself.
    pub suites: Vec<ir::Suite>,
}

/// Lowers a program.
pub fn lower(checked: &Checked, sources: &SourceMap) -> Lowered {
    let hir = &checked.0;
    let of = |blueprint: &Blueprint| {
        let lowering = Lowering::new(blueprint, hir.targets.get(blueprint.target)?, sources);
        Some((lowering.policy(), lowering.scenarios()))
    };
    let suite = |(policy, scenarios): (ir::Policy, Vec<ir::Scenario>)| ir::Suite { policy, scenarios };
    let blueprints: Vec<(ir::Policy, Vec<ir::Scenario>)> = hir.blueprints.iter().filter_map(of).collect();
    let policies = hir.policies.iter().filter(|policy| !policy.tests.is_empty()).filter_map(of);
    let tested = blueprints.iter().filter(|(_, scenarios)| !scenarios.is_empty()).cloned();
    let suites = tested.chain(policies).map(suite).collect();
    Lowered { policies: blueprints.into_iter().map(|(policy, _)| policy).collect(), suites }
}

/// Lowers one blueprint.
struct Lowering<'a> {
    blueprint: &'a Blueprint,
    target: &'a Target,
    sources: &'a SourceMap,
    /// The lets, lowered, and the values of those that are constants; in the order of their places.
    lets: Vec<ir::Expr>,
    constants: Vec<Option<Value>>,
}

impl<'a> Lowering<'a> {
    fn new(blueprint: &'a Blueprint, target: &'a Target, sources: &'a SourceMap) -> Lowering<'a> {
        let count = blueprint.lets.len();
        let lets = vec![ir::Expr::Constant(Value::Bool(false)); count];
        let mut lowering = Lowering { blueprint, target, sources, lets, constants: vec![None; count] };
        for at in &blueprint.let_order {
            if let Some(one) = blueprint.lets.get(*at) {
                let constant = lowering.constant(&one.value);
                // A policy is instantiated with values: how its includer wrote them says nothing.
                let argument = constant.clone().filter(|_| one.parameter.is_some()).map(ir::Expr::Constant);
                let value = argument.unwrap_or_else(|| lowering.expression(&one.value));
                if let Some(slot) = lowering.constants.get_mut(*at) {
                    *slot = constant;
                }
                if let Some(slot) = lowering.lets.get_mut(*at) {
                    *slot = value;
                }
            }
        }
        lowering
    }

    fn policy(&self) -> ir::Policy {
        let blueprint = self.blueprint;
        let (facts, metrics) = (self.facts(), self.metrics());
        let mut policy = ir::Policy {
            blueprint: blueprint.name.node.clone(),
            version: blueprint.version.clone(),
            owner: blueprint.owner.clone(),
            labels: blueprint.labels.clone(),
            audit_retention_ms: self.retention_ms(),
            target: ir::Target { kind: self.target.kind.clone(), name: blueprint.target_name.clone() },
            invariants: self.invariants(&facts, &metrics),
            facts,
            metrics,
            actions: self.actions(),
            clauses: self.clauses(),
            limits: self.limits(),
            approvals: self.approvals(),
            ceilings: self.ceilings(),
            rules: self.rules(),
            objectives: self.objectives(),
            verifications: self.verifications(),
            slos: self.slos(),
            fingerprint: ir::Fingerprint::default(),
        };
        policy.fingerprint = ir::Fingerprint::of(&policy);
        debug_assert_eq!(ir::well_formed(&policy), Ok(()), "what is compiled can be shipped");
        policy
    }

    /// The value of `expr`, if it is a constant.
    fn constant(&self, expr: &Expr) -> Option<Value> {
        constant(expr, &|at| self.constants.get(at).cloned().flatten())
    }

    fn origin(&self, span: Span) -> ir::Origin {
        let start = self.sources.start(span);
        ir::Origin { path: self.sources.path(span).into(), line: start.line, column: start.column }
    }
}
