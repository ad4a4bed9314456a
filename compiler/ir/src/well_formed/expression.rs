//! The types of expressions, as the checker of the compiler has them: what passes here means to the engine what it says.

use std::sync::Arc;

use leeway_units::{Enum, Quantity, Type, Unit, Value, divided_unit, multiplied_unit};

use super::{Checked, Malformed, ensure, fact, measured, part_of_one, time, weekly, wrong};
use crate::action::{ActionId, Parameter};
use crate::expr::{
    ActorField, ArithmeticOp, Comparison, EXPRESSION_DEPTH_MAX, Expr, Function, Quantifier, WindowFunction,
};
use crate::metric::MetricId;
use crate::policy::{Fact, FactId, Policy};

/// How deep quantifiers stand in each other: each level multiplies the work by the size of a collection.
const QUANTIFIER_DEPTH_MAX: usize = 2;

/// The words of `action.risk`, the one enum that has an order.
const RISK: (&str, &[&str]) = ("risk", &["low", "medium", "high"]);

/// The words of `actor.kind`.
const ACTOR_KIND: (&str, &[&str]) = ("actor.kind", &["rule", "human", "agent"]);

type Typed = Result<Type, Malformed>;

/// Types expressions in one place of a policy.
#[derive(Clone, Copy)]
pub(super) struct Typing<'a> {
    policy: &'a Policy,
    /// The lists of parameters that can be read: each must have the parameter, in the same place.
    parameters: &'a [&'a [Parameter]],
}

/// What stands around an expression.
#[derive(Clone, Copy)]
struct Around<'a> {
    depth: usize,
    /// The collections of the quantifiers, the innermost first.
    over: Option<&'a Over<'a>>,
    /// Whether it is looked at for every sample of a time.
    held: bool,
}

struct Over<'a> {
    fact: FactId,
    outer: Option<&'a Over<'a>>,
}

impl<'a> Typing<'a> {
    pub(super) fn new(policy: &'a Policy, parameters: &'a [&'a [Parameter]]) -> Typing<'a> {
        Typing { policy, parameters }
    }

    /// The type of an expression.
    pub(super) fn of(&self, expr: &Expr) -> Typed {
        self.at(expr, Around { depth: 0, over: None, held: false })
    }

    /// Checks that the expression can stand where a `ty` is wanted; a count passes for a number.
    pub(super) fn fits(&self, expr: &Expr, wanted: &Type) -> Checked {
        let found = self.of(expr)?;
        let like = joined(&found, wanted).is_some_and(|joined| joined == *wanted);
        ensure(like, &format!("expected a `{wanted}`, and this is a `{found}`"))
    }

    pub(super) fn fact(&self, id: FactId) -> Result<&'a Fact, Malformed> {
        fact(self.policy, id)
    }

    fn at(&self, expr: &Expr, around: Around<'_>) -> Typed {
        ensure(around.depth < EXPRESSION_DEPTH_MAX, "it nests too deep")?;
        if around.held {
            ensure(has_past(expr), "what is held for a time has no past")?;
        }
        let around = Around { depth: around.depth + 1, ..around };
        let of = |expr: &Expr| self.at(expr, around);
        let quantity = |expr: &Expr| of(expr).and_then(|ty| unit_of(&ty));
        match expr {
            Expr::Constant(value) => constant(value),
            Expr::Fact(id) => Ok(self.fact(*id)?.ty.clone()),
            Expr::Metric(id) => self.metric(*id).map(Type::Quantity),
            Expr::Parameter(place) => self.parameter(*place),
            Expr::Actor(field) => Ok(match field {
                ActorField::Kind => words(ACTOR_KIND),
                ActorField::Id => Type::Text,
                ActorField::Roles => Type::List(Arc::new(Type::Text)),
            }),
            Expr::ActionRisk => Ok(words(RISK)),
            Expr::ActionReversible => Ok(Type::Bool),
            Expr::Not(inner) => boolean(&of(inner)?),
            Expr::And(all) | Expr::Or(all) => {
                all.iter().try_for_each(|inner| boolean(&of(inner)?).map(drop)).map(|()| Type::Bool)
            }
            Expr::Compare(left, comparison, right) => {
                let equality = matches!(comparison, Comparison::Equal | Comparison::NotEqual);
                comparable(&alike([of(left)?, of(right)?])?, equality)
            }
            Expr::InRange(value, low, high) => comparable(&alike([of(value)?, of(low)?, of(high)?])?, false),
            Expr::InList(value, list) => self.in_list(&of(value)?, list, around),
            Expr::StartsWith(text, part) | Expr::EndsWith(text, part) => texts([of(text)?, of(part)?]),
            Expr::Matches(inner, _) => texts([of(inner)?]),
            Expr::Quantified { quantifier, over, body } => self.quantified(*quantifier, *over, body, around),
            Expr::Element { depth, field } => self.element(*depth, field, around),
            Expr::Began { actions, window_ms } => {
                self.known(actions)?;
                time(*window_ms).map(|()| Type::Quantity(Unit::Count))
            }
            Expr::Since { actions } => self.known(actions).map(|()| Type::Quantity(Unit::Duration)),
            Expr::Change { fact, window_ms } => {
                time(*window_ms)?;
                unit_of(&self.fact(*fact)?.ty).map(Type::Quantity)
            }
            Expr::During(when) => weekly(when).map(|()| Type::Bool),
            Expr::Claims => Ok(Type::Quantity(Unit::Count)),
            Expr::BudgetLeft(id) => {
                let there = self.policy.slos.get(usize::from(id.0)).is_some();
                ensure(there, "there is no such objective").map(|()| Type::Quantity(Unit::Ratio))
            }
            Expr::Within(percent, value, of_what) => {
                ensure(percent.unit() == Unit::Ratio, "how far something may be away is a `ratio`")?;
                unit_of(&alike([of(value)?, of(of_what)?])?).map(|_| Type::Bool)
            }
            Expr::Held(inner, window_ms) => {
                time(*window_ms)?;
                boolean(&self.at(inner, Around { held: true, ..around })?)
            }
            Expr::Window { function, metric, window_ms } => self.window(*function, *metric, *window_ms),
            Expr::Coalesce(value, otherwise) => alike([of(value)?, of(otherwise)?]),
            Expr::Known(inner) => of(inner).map(|_| Type::Bool),
            Expr::Negate(inner) => quantity(inner).map(Type::Quantity),
            Expr::Arithmetic(left, op, right) => arithmetic(quantity(left)?, *op, quantity(right)?),
            Expr::AsRatio(inner) => match quantity(inner)? {
                Unit::Number | Unit::Count | Unit::Ratio => Ok(Type::Quantity(Unit::Ratio)),
                Unit::Duration | Unit::Bytes | Unit::Cpu | Unit::Rate | Unit::Money | Unit::Spend => {
                    Err(wrong("only a number is read as a ratio"))
                }
            },
            Expr::Function(function, arguments) => {
                let arguments = arguments.iter().map(of).collect::<Result<Vec<Type>, _>>()?;
                call(*function, arguments)
            }
            Expr::If(condition, then, otherwise) => {
                boolean(&of(condition)?)?;
                alike([of(then)?, of(otherwise)?])
            }
        }
    }

    pub(super) fn metric(&self, id: MetricId) -> Result<Unit, Malformed> {
        measured(self.policy, id).map(|metric| metric.unit)
    }

    /// The parameter in that place, which must be the same in each of the lists.
    fn parameter(&self, place: u16) -> Typed {
        let of = |all: &&[Parameter]| all.get(usize::from(place)).map(|parameter| parameter.ty.clone());
        let mut types = self.parameters.iter().map(of);
        let first = types.next().flatten();
        let same = types.all(|ty| ty == first);
        first.filter(|_| same).ok_or_else(|| wrong(format!("parameter {place} is not there, or not always the same")))
    }

    fn known(&self, actions: &[ActionId]) -> Checked {
        actions.iter().try_for_each(|id| ensure(self.policy.action(*id).is_some(), "there is no such action"))
    }

    fn in_list(&self, value: &Type, list: &[Expr], around: Around<'_>) -> Typed {
        let entry = |ty: Type| if let Type::List(of) = ty { of.as_ref().clone() } else { ty };
        let mut found = value.clone();
        for one in list {
            found = alike([found, entry(self.at(one, around)?)])?;
        }
        comparable(&found, true)
    }

    fn quantified(&self, quantifier: Quantifier, over: FactId, body: &Expr, around: Around<'_>) -> Typed {
        ensure(matches!(self.fact(over)?.ty, Type::Records(_)), "a quantifier asks of a collection")?;
        let depth = std::iter::successors(around.over, |over| over.outer).count();
        ensure(depth < QUANTIFIER_DEPTH_MAX, "quantifiers stand too deep in each other")?;
        let over = Over { fact: over, outer: around.over };
        let body = self.at(body, Around { over: Some(&over), ..around })?;
        match quantifier {
            Quantifier::Any | Quantifier::All => boolean(&body),
            Quantifier::Count => boolean(&body).map(|_| Type::Quantity(Unit::Count)),
            Quantifier::Sum | Quantifier::Min | Quantifier::Max => unit_of(&body).map(Type::Quantity),
        }
    }

    fn element(&self, depth: u16, field: &str, around: Around<'_>) -> Typed {
        let over = std::iter::successors(around.over, |over| over.outer).nth(usize::from(depth));
        let over = over.ok_or_else(|| wrong("an element stands outside its quantifier"))?;
        let known = match &self.fact(over.fact)?.ty {
            Type::Records(fields) => fields.iter().find(|known| known.name.as_ref() == field),
            Type::Bool | Type::Quantity(_) | Type::Text | Type::Enum(_) | Type::List(_) => None,
        };
        known.map(|known| known.ty.clone()).ok_or_else(|| wrong("an element has no such field"))
    }

    /// What is between whole things is a number.
    fn window(&self, function: WindowFunction, metric: MetricId, window_ms: u64) -> Typed {
        time(window_ms)?;
        let unit = self.metric(metric)?;
        let between = match function {
            WindowFunction::Minimum | WindowFunction::Maximum | WindowFunction::Delta => false,
            WindowFunction::Average | WindowFunction::Forecast => true,
            WindowFunction::Quantile(q) => part_of_one(q).map(|()| true)?,
        };
        Ok(Type::Quantity(if between && unit == Unit::Count { Unit::Number } else { unit }))
    }
}

/// Whether it can be looked at as it was some time ago, at a bounded price.
fn has_past(expr: &Expr) -> bool {
    !matches!(
        expr,
        Expr::Held(..)
            | Expr::Began { .. }
            | Expr::Since { .. }
            | Expr::Change { .. }
            | Expr::During(_)
            | Expr::BudgetLeft(_)
            | Expr::Claims
            | Expr::Parameter(_)
            | Expr::Actor(_)
            | Expr::ActionRisk
            | Expr::ActionReversible
    )
}

fn words((name, all): (&str, &[&str])) -> Type {
    Type::Enum(Enum { name: name.into(), words: all.iter().map(|word| Arc::from(*word)).collect() })
}

/// The type of a value. Of a word its enum is not known: it has no name, and this one word.
fn constant(value: &Value) -> Typed {
    match value {
        Value::Bool(_) => Ok(Type::Bool),
        Value::Quantity(quantity) => Ok(Type::Quantity(Quantity::unit(*quantity))),
        Value::Text(_) => Ok(Type::Text),
        Value::Symbol(word) => Ok(words(("", &[word]))),
        Value::List(all) => {
            let mut entries = all.iter().map(constant);
            let first = entries.next().unwrap_or_else(|| Err(wrong("nothing is in a list of nothing")))?;
            let of = entries.try_fold(first, |known, next| alike([known, next?]))?;
            ensure(!matches!(of, Type::List(_)), "a list holds simple values")?;
            Ok(Type::List(Arc::new(of)))
        }
        Value::Record(_) => Err(wrong("a record is no constant")),
    }
}

fn boolean(ty: &Type) -> Typed {
    ensure(*ty == Type::Bool, &format!("expected a `bool`, and this is a `{ty}`")).map(|()| Type::Bool)
}

fn texts<const N: usize>(all: [Type; N]) -> Typed {
    ensure(all.iter().all(|ty| *ty == Type::Text), "only texts are looked into").map(|()| Type::Bool)
}

fn unit_of(ty: &Type) -> Result<Unit, Malformed> {
    ty.unit().ok_or_else(|| wrong(format!("expected a quantity, and this is a `{ty}`")))
}

/// The type of values that are brought together.
fn alike<const N: usize>(all: [Type; N]) -> Typed {
    let mut all = all.into_iter();
    let first = all.next().unwrap_or(Type::Bool);
    all.try_fold(first, |known, next| {
        joined(&known, &next).ok_or_else(|| wrong(format!("a `{known}` and a `{next}` are unlike")))
    })
}

/// The type of two values in one place; a count is like a number, and a word like each enum that has it.
fn joined(one: &Type, other: &Type) -> Option<Type> {
    match (one, other) {
        (one, other) if one == other => Some(one.clone()),
        (Type::Quantity(Unit::Count | Unit::Number), Type::Quantity(Unit::Count | Unit::Number)) => {
            Some(Type::Quantity(Unit::Number))
        }
        (Type::Enum(one), Type::Enum(other)) => {
            let has =
                |of: &Enum, part: &Enum| part.name.is_empty() && part.words.iter().all(|word| of.words.contains(word));
            match (one.name.is_empty(), other.name.is_empty()) {
                (true, true) => {
                    let words = one.words.iter().chain(other.words.iter()).cloned().collect();
                    Some(Type::Enum(Enum { name: "".into(), words }))
                }
                _ if has(one, other) => Some(Type::Enum(one.clone())),
                _ if has(other, one) => Some(Type::Enum(other.clone())),
                _ => None,
            }
        }
        (Type::List(one), Type::List(other)) => joined(one, other).map(|of| Type::List(Arc::new(of))),
        _ => None,
    }
}

/// Whether values of that type are compared so: all that is simple for being equal, and what has an order by it.
fn comparable(ty: &Type, equality: bool) -> Typed {
    let good = match ty {
        Type::Quantity(_) => true,
        Type::Enum(of) => equality || of.name.as_ref() == RISK.0 || of.name.is_empty(),
        Type::Bool | Type::Text => equality,
        Type::List(_) | Type::Records(_) => false,
    };
    ensure(good, &format!("a `{ty}` is not compared so")).map(|()| Type::Bool)
}

fn arithmetic(left: Unit, op: ArithmeticOp, right: Unit) -> Typed {
    let unit = match op {
        ArithmeticOp::Add | ArithmeticOp::Subtract => return alike([Type::Quantity(left), Type::Quantity(right)]),
        ArithmeticOp::Multiply => multiplied_unit(left, right),
        ArithmeticOp::Divide => divided_unit(left, right),
    };
    unit.map(Type::Quantity)
        .ok_or_else(|| wrong(format!("a `{}` and a `{}` are not computed so", left.name(), right.name())))
}

fn call(function: Function, arguments: Vec<Type>) -> Typed {
    let (count, whole) = match function {
        Function::Abs => (1, false),
        Function::Round | Function::Ceil | Function::Floor => (1, true),
        Function::Least | Function::Greatest => (2, false),
        Function::Clamp => (3, false),
    };
    ensure(arguments.len() == count, "a function has another number of arguments")?;
    let mut arguments = arguments.into_iter();
    let first = arguments.next().unwrap_or(Type::Bool);
    let of = arguments.try_fold(first, |known, next| alike([known, next]))?;
    let unit = unit_of(&of)?;
    if whole {
        ensure(matches!(unit, Unit::Count | Unit::Number), "only numbers are rounded")?;
        return Ok(Type::Quantity(Unit::Count));
    }
    Ok(of)
}
