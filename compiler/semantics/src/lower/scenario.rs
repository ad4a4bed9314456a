//! Tests as scenarios.

use std::sync::Arc;

use jiff::Timestamp;
use leeway_ir as ir;
use leeway_syntax::ast;
use leeway_units::{Record, Value};

use super::Lowering;
use super::expression::comparison;
use crate::hir::{
    Claim, Expected, ExpectedKind, Expr, GivenFact, GivenMetric, GivenOperation, GivenSeries, GivenValue, Scenario,
    When,
};

/// The clock of a test that gives none: 2026-01-07T12:00:00Z, a Wednesday.
const CLOCK_SECONDS: i64 = 1_767_787_200;

impl Lowering<'_> {
    pub(super) fn scenarios(&self) -> Vec<ir::Scenario> {
        self.blueprint.tests.iter().map(|scenario| self.scenario(scenario)).collect()
    }

    fn scenario(&self, scenario: &Scenario) -> ir::Scenario {
        let clock = Timestamp::from_second(CLOCK_SECONDS).unwrap_or_default();
        let history = scenario.history.as_ref();
        ir::Scenario {
            name: scenario.name.clone(),
            at: scenario.at.unwrap_or(clock),
            facts: scenario.facts.iter().filter_map(|given| self.given_fact(given)).collect(),
            metrics: scenario.metrics.iter().filter_map(|given| self.given_metric(given)).collect(),
            series: scenario.series.iter().map(|given| self.series(given)).collect(),
            history: history.map(|operations| operations.iter().map(|one| self.operation(one)).collect()),
            actor: scenario.actor.clone(),
            claims: scenario.claims.iter().filter_map(|claim| self.claim(claim)).collect(),
            breaker_open: scenario.breaker_open,
            held: scenario.held,
            killed: scenario.killed,
            owner: scenario.owner.clone(),
            propose: scenario.propose.as_ref().map(|call| self.call(call)),
            expect: scenario.expect.iter().map(|expected| self.expected(expected)).collect(),
            origin: self.origin(scenario.span),
        }
    }

    fn given_fact(&self, given: &GivenFact) -> Option<ir::GivenFact> {
        let ty = self.target.facts.get(usize::from(given.fact.0)).and_then(|fact| fact.ty.as_ref());
        let value = match &given.value {
            GivenValue::One(value) => self.constant(value)?,
            GivenValue::Records(records) => {
                let record = |fields: &Vec<(ast::Ident, Expr)>| {
                    let fields = fields.iter();
                    let known = fields.filter_map(|(name, value)| Some((name.node.clone(), self.constant(value)?)));
                    Value::Record(Record::new(known))
                };
                Value::List(records.node.iter().map(record).collect())
            }
        };
        debug_assert!(ty.is_none_or(|ty| value.is_a(ty)), "{value} for {ty:?}");
        Some(ir::GivenFact { fact: given.fact, value, held_ms: self.held_ms(given.held.as_ref()) })
    }

    fn given_metric(&self, given: &GivenMetric) -> Option<ir::GivenMetric> {
        let value = self.quantity(&given.value)?;
        Some(ir::GivenMetric { metric: given.metric, value, held_ms: self.held_ms(given.held.as_ref()) })
    }

    fn series(&self, given: &GivenSeries) -> ir::GivenSeries {
        ir::GivenSeries { of: given.of, every_ms: self.ms(&given.every), samples: given.samples.clone() }
    }

    fn operation(&self, operation: &GivenOperation) -> ir::GivenOperation {
        let arguments = operation.arguments.as_ref().map(|call| call.arguments.iter());
        ir::GivenOperation {
            action: operation.action,
            arguments: arguments.map(|all| all.filter_map(|argument| self.constant(argument)).collect()),
            succeeded: operation.succeeded,
            ago_ms: self.ms(&operation.ago),
        }
    }

    fn claim(&self, claim: &Claim) -> Option<ir::Claim> {
        Some(ir::Claim {
            metric: claim.metric,
            comparison: comparison(claim.comparison),
            value: self.quantity(&claim.value)?,
            window_ms: self.held_ms(claim.held.as_ref()),
        })
    }

    fn expected(&self, expected: &Expected) -> ir::Expected {
        let written = self.written(expected.span);
        let kind = match &expected.kind {
            ExpectedKind::Tier { tier, by } => {
                ir::ExpectedKind::Tier { tier: super::clause::clause_kind(*tier), by: by.as_ref().map(Arc::clone) }
            }
            ExpectedKind::Proposes { rule, call } => ir::ExpectedKind::Proposes { rule: *rule, call: self.call(call) },
            ExpectedKind::Silent { rule } => ir::ExpectedKind::Silent { rule: *rule },
        };
        let whole = expected.when.is_some() || written.starts_with("expect ");
        let written = if whole { written } else { format!("expect {written}") };
        let since_start = |time: &Expr| self.quantity(time).and_then(crate::check::whole).unwrap_or(0);
        let when = expected.when.as_ref().map(|when| match &when.node {
            When::At(time) => ir::When::At(since_start(time)),
            When::Within(time) => ir::When::Within(since_start(time)),
            When::Never => ir::When::Never,
        });
        ir::Expected { when, kind, written: written.into(), origin: self.origin(expected.span) }
    }

    fn held_ms(&self, held: Option<&Expr>) -> Option<u64> {
        held.map(|held| self.ms(held))
    }
}
