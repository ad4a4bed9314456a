//! The unit of an expression, by its form alone: over nothing a sum is 0 of that unit.

use leeway_ir::{Action, ArithmeticOp, Expr, FactId, Function, Policy, Quantifier, WindowFunction};
use leeway_units::{Type, Unit, Value, divided_unit, multiplied_unit};

/// The unit of `expr`, if it is a quantity. `over` are the collections of the quantifiers around it, the innermost last.
pub(crate) fn unit_of(policy: &Policy, action: Option<&Action>, expr: &Expr, over: &[FactId]) -> Option<Unit> {
    let of = |expr: &Expr| unit_of(policy, action, expr, over);
    match expr {
        Expr::Constant(Value::Quantity(quantity)) => Some(quantity.unit()),
        Expr::Fact(id) => policy.fact(*id)?.ty.unit(),
        Expr::Change { fact, .. } => policy.fact(*fact)?.ty.unit(),
        Expr::Metric(id) => Some(policy.metric(*id)?.unit),
        Expr::Window { metric, function, .. } => Some(window_unit(policy.metric(*metric)?.unit, *function)),
        Expr::Parameter(at) => action?.parameters.get(usize::from(*at))?.ty.unit(),
        Expr::Element { depth, field } => element_unit(policy, over, *depth, field),
        Expr::Negate(inner) => of(inner),
        Expr::AsRatio(_) | Expr::BudgetLeft(_) => Some(Unit::Ratio),
        Expr::Since { .. } => Some(Unit::Duration),
        Expr::Began { .. } | Expr::Claims => Some(Unit::Count),
        Expr::Coalesce(one, other) | Expr::If(_, one, other) => of(one).or_else(|| of(other)),
        Expr::Arithmetic(left, op, right) => match op {
            ArithmeticOp::Add | ArithmeticOp::Subtract => match (of(left)?, of(right)?) {
                (Unit::Count, Unit::Number) => Some(Unit::Number),
                (left, _) => Some(left),
            },
            ArithmeticOp::Multiply => multiplied_unit(of(left)?, of(right)?),
            ArithmeticOp::Divide => divided_unit(of(left)?, of(right)?),
        },
        Expr::Function(function, arguments) => match function {
            Function::Abs | Function::Least | Function::Greatest | Function::Clamp => of(arguments.first()?),
            Function::Round | Function::Ceil | Function::Floor => Some(Unit::Count),
        },
        Expr::Quantified { quantifier, over: inner, body } => match quantifier {
            Quantifier::Any | Quantifier::All => None,
            Quantifier::Count => Some(Unit::Count),
            Quantifier::Sum | Quantifier::Min | Quantifier::Max => {
                unit_of(policy, action, body, &[over, &[*inner]].concat())
            }
        },
        Expr::Constant(_)
        | Expr::Actor(_)
        | Expr::ActionRisk
        | Expr::ActionReversible
        | Expr::Not(_)
        | Expr::And(_)
        | Expr::Or(_)
        | Expr::Compare(..)
        | Expr::InRange(..)
        | Expr::InList(..)
        | Expr::StartsWith(..)
        | Expr::EndsWith(..)
        | Expr::Matches(..)
        | Expr::During(_)
        | Expr::Within(..)
        | Expr::Held(..)
        | Expr::Known(_) => None,
    }
}

/// The unit of a function over the samples of a metric of `unit`: what is between whole things is a number.
pub(crate) fn window_unit(unit: Unit, function: WindowFunction) -> Unit {
    match function {
        WindowFunction::Minimum | WindowFunction::Maximum | WindowFunction::Delta => unit,
        WindowFunction::Average | WindowFunction::Forecast | WindowFunction::Quantile(_) if unit == Unit::Count => {
            Unit::Number
        }
        WindowFunction::Average | WindowFunction::Forecast | WindowFunction::Quantile(_) => unit,
    }
}

fn element_unit(policy: &Policy, over: &[FactId], depth: u16, field: &str) -> Option<Unit> {
    let at = over.len().checked_sub(usize::from(depth) + 1)?;
    match &policy.fact(*over.get(at)?)?.ty {
        Type::Records(fields) => fields.iter().find(|known| known.name.as_ref() == field)?.ty.unit(),
        Type::Bool | Type::Quantity(_) | Type::Text | Type::Enum(_) | Type::List(_) => None,
    }
}
