//! From a checked program to the policies that the runtime enforces.

mod clause;
mod expression;
mod member;
mod target;
mod written;

use leeway_diagnostics::{SourceMap, Span};
use leeway_ir as ir;
use leeway_units::Value;

use crate::check::{Checked, constant};
use crate::hir::{Blueprint, Expr, Target};

pub(crate) use clause::spelt_out;

/// The policy of each blueprint, in the order in which they stand.
pub fn lower(checked: &Checked, sources: &SourceMap) -> Vec<ir::Policy> {
    let hir = &checked.0;
    let of = |blueprint| Some(Lowering::new(blueprint, hir.targets.get(blueprint.target)?, sources).policy());
    hir.blueprints.iter().filter_map(of).collect()
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
                let value = lowering.expression(&one.value);
                let constant = lowering.constant(&one.value);
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
        let mut policy = ir::Policy {
            blueprint: blueprint.name.node.clone(),
            version: blueprint.version.clone(),
            owner: blueprint.owner.clone(),
            target: ir::Target { kind: self.target.kind.clone(), name: blueprint.target_name.clone() },
            facts: self.facts(),
            metrics: self.metrics(),
            actions: self.actions(),
            clauses: self.clauses(),
            limits: self.limits(),
            rules: self.rules(),
            objectives: self.objectives(),
            verifications: self.verifications(),
            fingerprint: ir::Fingerprint::default(),
        };
        policy.fingerprint = ir::Fingerprint::of(&policy);
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
