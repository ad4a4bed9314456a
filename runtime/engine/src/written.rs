//! An expression as the language writes it, for sentences about its parts.

use std::sync::Arc;

use leeway_ir::{
    ActionId, ActorField, ArithmeticOp, Comparison, Expr, FactId, Function, MetricId, Quantifier, WindowFunction,
};
use leeway_units::{Quantity, Unit, Value};

use crate::expression::Scope;

/// The expression in words of the blueprint: facts, metrics and parameters by their names, quantifiers without the name of
/// their element.
pub(crate) fn written(scope: Scope<'_>, expr: &Expr) -> String {
    let inner = |expr: &Expr| written(scope, expr);
    let list = |all: &[Expr], between: &str| all.iter().map(inner).collect::<Vec<_>>().join(between);
    match expr {
        Expr::Constant(value) => shown(value),
        Expr::Fact(id) => fact(scope, *id).to_string(),
        Expr::Metric(id) => metric(scope, *id).to_string(),
        Expr::Parameter(at) => {
            let parameter = scope.action.and_then(|action| action.parameters.get(usize::from(*at)));
            parameter.map_or_else(|| "argument".to_owned(), |parameter| parameter.name.to_string())
        }
        Expr::Actor(field) => match field {
            ActorField::Kind => "actor.kind".to_owned(),
            ActorField::Id => "actor.id".to_owned(),
            ActorField::Roles => "actor.roles".to_owned(),
        },
        Expr::ActionRisk => "action.risk".to_owned(),
        Expr::ActionReversible => "action.reversible".to_owned(),
        Expr::Not(one) => format!("not {}", bracketed(scope, one)),
        Expr::And(all) => list(all, " and "),
        Expr::Or(all) => format!("({})", list(all, " or ")),
        Expr::Compare(left, comparison, right) => format!("{} {} {}", inner(left), symbol(*comparison), inner(right)),
        Expr::InRange(value, low, high) => format!("{} in {}..{}", inner(value), inner(low), inner(high)),
        Expr::InList(value, entries) => format!("{} in [{}]", inner(value), list(entries, ", ")),
        Expr::StartsWith(text, start) => format!("{} starts_with {}", inner(text), inner(start)),
        Expr::EndsWith(text, end) => format!("{} ends_with {}", inner(text), inner(end)),
        Expr::Matches(text, pattern) => format!("{} matches \"{}\"", inner(text), pattern.text()),
        Expr::Quantified { quantifier, over, body } => {
            format!("{} of {}: {}", quantifier_word(*quantifier), fact(scope, *over), inner(body))
        }
        Expr::Element { field, .. } => field.to_string(),
        Expr::Began { actions, window_ms } => format!("count({}, {})", names(scope, actions), span(*window_ms)),
        Expr::Since { actions } => format!("since({})", names(scope, actions)),
        Expr::Change { fact: id, window_ms } => format!("change({}, {})", fact(scope, *id), span(*window_ms)),
        Expr::During(weekly) => format!("the weekly window of {}", weekly.zone.name()),
        Expr::Claims => "proposal.claims".to_owned(),
        Expr::BudgetLeft(slo) => {
            let slo = scope.policy.slos.get(usize::from(slo.0));
            format!("budget({})", slo.map(|slo| slo.name.clone()).unwrap_or_default())
        }
        Expr::Within(percent, value, of) => format!("{} within {percent} of {}", inner(value), inner(of)),
        Expr::Held(condition, window_ms) => format!("{} for {}", bracketed(scope, condition), span(*window_ms)),
        Expr::Window { function, metric: id, window_ms } => window(*function, metric(scope, *id), *window_ms),
        Expr::Coalesce(value, otherwise) => format!("{} ?? {}", bracketed(scope, value), bracketed(scope, otherwise)),
        Expr::Known(one) => format!("known({})", inner(one)),
        Expr::Negate(one) => format!("-{}", bracketed(scope, one)),
        Expr::Arithmetic(left, op, right) => {
            format!("{} {} {}", bracketed(scope, left), operator(*op), bracketed(scope, right))
        }
        Expr::AsRatio(one) => inner(one),
        Expr::Function(function, arguments) => format!("{}({})", function_word(*function), list(arguments, ", ")),
        Expr::If(condition, then, otherwise) => {
            format!("if {} then {} else {}", inner(condition), inner(then), inner(otherwise))
        }
    }
}

/// A value as people read it.
pub(crate) fn shown(value: &Value) -> String {
    value.rounded().to_string()
}

/// A span of time as people read it.
pub(crate) fn span(ms: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "spans are far below 2^53 ms")]
    let quantity = Quantity::new(Unit::Duration, ms as f64);
    quantity.map_or_else(String::new, |quantity| quantity.rounded().to_string())
}

/// The comparison as written.
pub(crate) fn symbol(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Equal => "==",
        Comparison::NotEqual => "!=",
        Comparison::Less => "<",
        Comparison::LessOrEqual => "<=",
        Comparison::Greater => ">",
        Comparison::GreaterOrEqual => ">=",
    }
}

/// The comparison that is true when this one is false.
pub(crate) fn opposite(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Equal => Comparison::NotEqual,
        Comparison::NotEqual => Comparison::Equal,
        Comparison::Less => Comparison::GreaterOrEqual,
        Comparison::LessOrEqual => Comparison::Greater,
        Comparison::Greater => Comparison::LessOrEqual,
        Comparison::GreaterOrEqual => Comparison::Less,
    }
}

/// The fact's name.
pub(crate) fn fact(scope: Scope<'_>, id: FactId) -> Arc<str> {
    scope.policy.fact(id).map(|fact| fact.name.clone()).unwrap_or_default()
}

/// The metric's name.
pub(crate) fn metric(scope: Scope<'_>, id: MetricId) -> Arc<str> {
    scope.policy.metric(id).map(|metric| metric.name.clone()).unwrap_or_default()
}

/// The names of the actions; `any`, where these are all.
pub(crate) fn names(scope: Scope<'_>, actions: &[ActionId]) -> String {
    if actions.len() > 1 && actions.len() == scope.policy.actions.len() {
        return "any".to_owned();
    }
    let name = |id: &ActionId| Some(scope.policy.action(*id)?.name.to_string());
    actions.iter().filter_map(name).collect::<Vec<_>>().join(", ")
}

/// What stands inside something else: in brackets, unless it is one word.
fn bracketed(scope: Scope<'_>, expr: &Expr) -> String {
    let text = written(scope, expr);
    let whole = matches!(expr, Expr::Function(..) | Expr::Window { .. }) || !text.contains(' ');
    if whole { text } else { format!("({text})") }
}

fn window(function: WindowFunction, metric: Arc<str>, window_ms: u64) -> String {
    let window = span(window_ms);
    match function {
        WindowFunction::Average => format!("avg({metric}, {window})"),
        WindowFunction::Minimum => format!("min({metric}, {window})"),
        WindowFunction::Maximum => format!("max({metric}, {window})"),
        WindowFunction::Delta => format!("delta({metric}, {window})"),
        WindowFunction::Forecast => format!("forecast({metric}, {window})"),
        WindowFunction::Quantile(q) => format!("quantile({q}, {metric}, {window})"),
    }
}

fn operator(op: ArithmeticOp) -> &'static str {
    match op {
        ArithmeticOp::Add => "+",
        ArithmeticOp::Subtract => "-",
        ArithmeticOp::Multiply => "*",
        ArithmeticOp::Divide => "/",
    }
}

fn quantifier_word(quantifier: Quantifier) -> &'static str {
    match quantifier {
        Quantifier::Any => "any",
        Quantifier::All => "all",
        Quantifier::Count => "count",
        Quantifier::Sum => "sum",
        Quantifier::Min => "min",
        Quantifier::Max => "max",
    }
}

fn function_word(function: Function) -> &'static str {
    match function {
        Function::Abs => "abs",
        Function::Least => "least",
        Function::Greatest => "greatest",
        Function::Clamp => "clamp",
        Function::Round => "round",
        Function::Ceil => "ceil",
        Function::Floor => "floor",
    }
}
