//! Responses of metrics: they read the moment alone, and not each other in a circle.

use leeway_units::{Type, Unit};

use super::expression::Typing;
use super::{Checked, Malformed, Parts, at, each, ensure};
use crate::action::Parameter;
use crate::expr::Expr;
use crate::metric::{Metric, MetricId};
use crate::response::{Given, Response, response_order};

impl Parts<'_> {
    pub(super) fn responses(&self) -> Checked {
        let metrics = &self.policy.metrics;
        for ((place, metric), id) in metrics.iter().enumerate().zip((0_u16..).map(MetricId)) {
            if let Some(response) = &metric.responds {
                let response = self.response(id, metric, response).map_err(at("responds", None));
                response.map_err(at("metrics", place))?;
            }
        }
        let responding = metrics.iter().filter(|metric| metric.responds.is_some()).count();
        ensure(response_order(metrics).len() == responding, "metrics respond to each other in a circle")
            .map_err(at("metrics", None))
    }

    fn response(&self, id: MetricId, metric: &Metric, response: &Response) -> Checked {
        let Response { given, value, written: _ } = response;
        ensure(given.first() == Some(&Given::Metric(id)), "it begins with the metric itself")
            .map_err(at("given", 0))?;
        each("given", given, |given| self.given(given).map(drop))?;
        let types: Result<Vec<Type>, Malformed> = given.iter().map(|given| self.given(given)).collect();
        let parameters: Vec<Parameter> = types?.into_iter().map(|ty| Parameter { name: "given".into(), ty }).collect();
        let only = [parameters.as_slice()];
        let mut of_the_moment = true;
        value.walk(&mut |expr| of_the_moment &= is_of_the_moment(expr));
        ensure(of_the_moment, "it reads more than the moment").map_err(at("value", None))?;
        Typing::new(self.policy, &only).fits(value, &Type::Quantity(metric.unit)).map_err(at("value", None))
    }

    fn given(&self, given: &Given) -> Result<Type, Malformed> {
        let typing = Typing::new(self.policy, &[]);
        match given {
            Given::Metric(id) => typing.metric(*id).map(Type::Quantity),
            Given::Fact(id) => {
                let ty = &typing.fact(*id)?.ty;
                ensure(!matches!(ty, Type::Records(_)), "a collection is no value").map(|()| ty.clone())
            }
            Given::Queueing { utilisation, servers } => {
                ensure(typing.metric(*utilisation)? == Unit::Ratio, "utilisation is a `ratio`")?;
                let count = typing.fact(*servers)?.ty == Type::Quantity(Unit::Count);
                ensure(count, "servers are a `count`").map(|()| Type::Quantity(Unit::Number))
            }
        }
    }
}

/// Whether it reads what is the case at one moment, and makes no value of a gap.
fn is_of_the_moment(expr: &Expr) -> bool {
    match expr {
        Expr::Held(..)
        | Expr::Window { .. }
        | Expr::Began { .. }
        | Expr::Since { .. }
        | Expr::Change { .. }
        | Expr::During(_)
        | Expr::BudgetLeft(_)
        | Expr::Claims
        | Expr::Actor(_)
        | Expr::ActionRisk
        | Expr::ActionReversible
        | Expr::Coalesce(..)
        | Expr::Known(_) => false,
        Expr::Constant(_)
        | Expr::Fact(_)
        | Expr::Metric(_)
        | Expr::Parameter(_)
        | Expr::Not(_)
        | Expr::And(_)
        | Expr::Or(_)
        | Expr::Compare(..)
        | Expr::InRange(..)
        | Expr::InList(..)
        | Expr::StartsWith(..)
        | Expr::EndsWith(..)
        | Expr::Matches(..)
        | Expr::Quantified { .. }
        | Expr::Element { .. }
        | Expr::Within(..)
        | Expr::Negate(_)
        | Expr::Arithmetic(..)
        | Expr::AsRatio(_)
        | Expr::Function(..)
        | Expr::If(..) => true,
    }
}
