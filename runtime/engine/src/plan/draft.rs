//! The clauses of one action, on their way into flat code.
//!
//! A condition becomes the ways in which it can be true, each a set of comparisons. Kleene's `and` and `or` distribute over each
//! other, and `not` moves inwards until it turns a comparison round, so that both truth bits of a condition follow from those of
//! its comparisons, without a branch.

use leeway_ir::{Action, ArithmeticOp, Expr, Function, Policy};
use leeway_units::{Quantity, Unit, Value, divided_unit, multiplied_unit};

use super::compile::is_constant;
use super::inputs::like;
use super::layout::Layout;
use super::ways::{Dnf, Literal, all_of, mask, one_of, turned};
use super::{EQUAL, FIRST_INPUT, GREATER, Kind, LESS, Op, Words};
use crate::expression::Scope;
use crate::snapshot::Snapshot;
use crate::truth::Truth;
use crate::unit::unit_of;

/// A condition with more comparisons in all its ways is left to the reference evaluator, too.
const LITERALS_MAX: usize = 64;

/// A number that a comparison or a step reads; where it lies is settled when all actions are drafted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Operand {
    Unknown,
    Input(u32),
    Constant(u32),
    Outside(u32),
    Step(u32),
}

/// What is drafted for one action.
pub(super) struct Draft<'a> {
    policy: &'a Policy,
    action: &'a Action,
    nothing: &'a Snapshot,
    layout: &'a Layout,
    words: &'a Words,
    pub(super) constants: Vec<f64>,
    pub(super) steps: Vec<(Op, Operand, Operand)>,
    pub(super) outside: Vec<(Expr, Kind)>,
}

/// An operand and what it holds.
type Typed = (Operand, Kind);

impl<'a> Draft<'a> {
    pub(super) fn new(
        policy: &'a Policy,
        action: &'a Action,
        nothing: &'a Snapshot,
        layout: &'a Layout,
        words: &'a Words,
        constants: Vec<f64>,
    ) -> Draft<'a> {
        Draft { policy, action, nothing, layout, words, constants, steps: vec![], outside: vec![] }
    }

    /// The ways in which a condition is true.
    pub(super) fn condition(&mut self, expr: &Expr) -> Dnf {
        let ways = self.truth(expr, true);
        let literals: usize = ways.iter().map(Vec::len).sum();
        if literals <= LITERALS_MAX { ways } else { self.left_outside(expr, true) }
    }

    fn truth(&mut self, expr: &Expr, wanted: bool) -> Dnf {
        let (steps, outside) = (self.steps.len(), self.outside.len());
        self.flat(expr, wanted).unwrap_or_else(|| {
            self.steps.truncate(steps);
            self.outside.truncate(outside);
            self.left_outside(expr, wanted)
        })
    }

    /// The condition as one input that the reference evaluator computes.
    fn left_outside(&mut self, expr: &Expr, wanted: bool) -> Dnf {
        let operand = self.outside(expr, Kind::Bool);
        self.is(operand, wanted)
    }

    /// That an operand which holds a truth value is `wanted`.
    fn is(&mut self, operand: Operand, wanted: bool) -> Dnf {
        let wanted = self.constant(f64::from(u8::from(wanted)));
        vec![vec![(operand, wanted, EQUAL)]]
    }

    fn flat(&mut self, expr: &Expr, wanted: bool) -> Option<Dnf> {
        if is_constant(expr) {
            let truth = self.scope().truth(expr);
            return Some(match if wanted { truth } else { !truth } {
                Truth::True => vec![vec![]],
                Truth::False => vec![],
                Truth::Unknown => vec![vec![(Operand::Unknown, Operand::Unknown, EQUAL)]],
            });
        }
        match expr {
            Expr::Not(inner) => Some(self.truth(inner, !wanted)),
            Expr::And(all) | Expr::Or(all) => {
                let every = matches!(expr, Expr::And(_)) == wanted;
                let all: Vec<Dnf> = all.iter().map(|inner| self.truth(inner, wanted)).collect();
                if every { all_of(all) } else { one_of(all) }
            }
            Expr::Compare(left, comparison, right) => {
                let (left, right) = (self.operand(left)?, self.operand(right)?);
                let literal = self.compared(left, mask(*comparison), right)?;
                Some(vec![vec![turned(literal, wanted)]])
            }
            Expr::InRange(value, low, high) => {
                let (value, low, high) = (self.operand(value)?, self.operand(low)?, self.operand(high)?);
                let above = turned(self.compared(value, GREATER | EQUAL, low)?, wanted);
                let below = turned(self.compared(value, LESS | EQUAL, high)?, wanted);
                Some(if wanted { vec![vec![above, below]] } else { vec![vec![above], vec![below]] })
            }
            Expr::InList(value, list) => {
                let value = self.operand(value)?;
                let mut ways = Vec::new();
                for entry in entries(list) {
                    let entry = self.operand(&entry)?;
                    ways.push(vec![vec![turned(self.compared(value, EQUAL, entry)?, wanted)]]);
                }
                // In an empty list nothing is, but of what is unknown that is not said.
                if ways.is_empty() {
                    None
                } else if wanted {
                    one_of(ways)
                } else {
                    all_of(ways)
                }
            }
            Expr::Within(percent, value, of) => {
                let ((value, unit), (of, other)) = (self.quantity(value)?, self.quantity(of)?);
                if !like(unit, other) {
                    return None;
                }
                let (points, most) = (self.constant(100.0), self.constant(percent.base()));
                let difference = self.step(Op::Subtract, value, of);
                let difference = self.step(Op::Abs, difference, difference);
                let of = self.step(Op::Abs, of, of);
                let left = self.step(Op::MultiplyToCompare, points, difference);
                let right = self.step(Op::MultiplyToCompare, most, of);
                Some(vec![vec![turned((left, right, LESS | EQUAL), wanted)]])
            }
            Expr::Known(inner) => {
                let (operand, _) = self.operand(inner)?;
                let known = self.step(Op::Known, operand, operand);
                Some(self.is(known, wanted))
            }
            Expr::Fact(_) | Expr::Parameter(_) | Expr::Coalesce(..) => {
                let (operand, kind) = self.operand(expr)?;
                (kind == Kind::Bool).then(|| self.is(operand, wanted))
            }
            Expr::Constant(_)
            | Expr::Metric(_)
            | Expr::Actor(_)
            | Expr::ActionRisk
            | Expr::ActionReversible
            | Expr::StartsWith(..)
            | Expr::EndsWith(..)
            | Expr::Matches(..)
            | Expr::Quantified { .. }
            | Expr::Element { .. }
            | Expr::Began { .. }
            | Expr::Since { .. }
            | Expr::Change { .. }
            | Expr::During(_)
            | Expr::Claims
            | Expr::BudgetLeft(_)
            | Expr::Held(..)
            | Expr::Window { .. }
            | Expr::Negate(_)
            | Expr::Arithmetic(..)
            | Expr::AsRatio(_)
            | Expr::Function(..)
            | Expr::If(..) => None,
        }
    }

    /// A comparison of like operands. Of texts and words it is only asked whether one equals one that stands in the policy.
    fn compared(&self, (left, kind): Typed, mask: u32, (right, other): Typed) -> Option<Literal> {
        let is_constant = |operand| matches!(operand, Operand::Constant(_));
        let compares = match (kind, other) {
            (Kind::Quantity(unit), Kind::Quantity(other)) => like(unit, other),
            (Kind::Bool, Kind::Bool) => true,
            (Kind::Text, Kind::Text) | (Kind::Symbol, Kind::Symbol) => {
                (mask == EQUAL || mask == LESS | GREATER) && (is_constant(left) || is_constant(right))
            }
            _ => false,
        };
        compares.then_some((left, right, mask))
    }

    /// An operand that holds the value of `expr`; nothing where flat code has none and its unit is not known.
    fn operand(&mut self, expr: &Expr) -> Option<Typed> {
        if is_constant(expr) {
            let value = self.scope().value(expr)?;
            return match &value {
                Value::Quantity(quantity) => Some((self.constant(quantity.base()), Kind::Quantity(quantity.unit()))),
                Value::Bool(holds) => Some((self.constant(f64::from(u8::from(*holds))), Kind::Bool)),
                Value::Text(word) => Some((self.constant(self.words.number(word)), Kind::Text)),
                // A word that no condition writes, such as a risk that is read, has no number of its own.
                Value::Symbol(_) if !matches!(expr, Expr::Constant(_)) => None,
                Value::Symbol(word) => Some((self.constant(self.words.number(word)), Kind::Symbol)),
                Value::List(_) | Value::Record(_) => None,
            };
        }
        match expr {
            Expr::Fact(id) => self.input(u32::from(id.0), Kind::of(&self.policy.fact(*id)?.ty)),
            Expr::Metric(id) => {
                self.input(self.layout.facts + u32::from(id.0), Kind::Quantity(self.policy.metric(*id)?.unit))
            }
            Expr::Parameter(at) => {
                let parameter = self.action.parameters.get(usize::from(*at))?;
                self.input(self.layout.parameter(&parameter.name)? - FIRST_INPUT, Kind::of(&parameter.ty))
            }
            Expr::Negate(inner) => {
                let (inner, unit) = self.quantity(inner)?;
                let zero = self.constant(0.0);
                Some((self.step(Op::Subtract, zero, inner), Kind::Quantity(unit)))
            }
            Expr::Arithmetic(left, op, right) => {
                let (left, right) = (self.quantity(left)?, self.quantity(right)?);
                self.arithmetic(left, *op, right).map(|(operand, unit)| (operand, Kind::Quantity(unit)))
            }
            Expr::AsRatio(inner) => {
                let (inner, unit) = self.quantity(inner)?;
                match unit {
                    Unit::Number | Unit::Count => {
                        let points = self.constant(100.0);
                        Some((self.step(Op::Multiply, inner, points), Kind::Quantity(Unit::Ratio)))
                    }
                    Unit::Ratio => Some((inner, Kind::Quantity(unit))),
                    Unit::Duration | Unit::Bytes | Unit::Cpu | Unit::Rate | Unit::Money | Unit::Spend => None,
                }
            }
            Expr::Coalesce(value, otherwise) => {
                let ((value, kind), (otherwise, other)) = (self.operand(value)?, self.operand(otherwise)?);
                let alike = match (kind, other) {
                    (Kind::Quantity(unit), Kind::Quantity(other)) => like(unit, other),
                    (Kind::Bool, Kind::Bool) => true,
                    _ => false,
                };
                alike.then(|| (self.step(Op::Coalesce, value, otherwise), kind))
            }
            Expr::Function(function, arguments) => {
                self.function(*function, arguments).map(|(operand, unit)| (operand, Kind::Quantity(unit)))
            }
            Expr::Quantified { .. }
            | Expr::Began { .. }
            | Expr::Since { .. }
            | Expr::Change { .. }
            | Expr::Claims
            | Expr::BudgetLeft(_)
            | Expr::Window { .. }
            | Expr::If(..) => {
                let kind = Kind::Quantity(unit_of(self.policy, Some(self.action), expr, &[])?);
                Some((self.outside(expr, kind), kind))
            }
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
            | Expr::Element { .. }
            | Expr::During(_)
            | Expr::Within(..)
            | Expr::Held(..)
            | Expr::Known(_) => None,
        }
    }

    fn quantity(&mut self, expr: &Expr) -> Option<(Operand, Unit)> {
        match self.operand(expr)? {
            (operand, Kind::Quantity(unit)) => Some((operand, unit)),
            (_, Kind::Bool | Kind::Text | Kind::Symbol | Kind::Other) => None,
        }
    }

    /// The same computations as [`Quantity`]'s, with the units settled now.
    fn arithmetic(
        &mut self,
        left: (Operand, Unit),
        op: ArithmeticOp,
        right: (Operand, Unit),
    ) -> Option<(Operand, Unit)> {
        let ((left, left_unit), (right, right_unit)) = (left, right);
        let probe = |unit| Quantity::new(unit, 1.0);
        match op {
            ArithmeticOp::Add => {
                let unit = probe(left_unit)?.plus(probe(right_unit)?)?.unit();
                Some((self.step(Op::Add, left, right), unit))
            }
            ArithmeticOp::Subtract => {
                let unit = probe(left_unit)?.minus(probe(right_unit)?)?.unit();
                Some((self.step(Op::Subtract, left, right), unit))
            }
            ArithmeticOp::Multiply => {
                let unit = multiplied_unit(left_unit, right_unit)?;
                let product = self.step(Op::Multiply, left, right);
                Some((self.divided_by(product, leeway_units::product_divisor(left_unit, right_unit)), unit))
            }
            ArithmeticOp::Divide => {
                let unit = divided_unit(left_unit, right_unit)?;
                let factor = leeway_units::quotient_factor(left_unit, right_unit);
                let scaled = if factor == 1.0 {
                    left
                } else {
                    let factor = self.constant(factor);
                    self.step(Op::Multiply, left, factor)
                };
                Some((self.step(Op::Divide, scaled, right), unit))
            }
        }
    }

    fn divided_by(&mut self, operand: Operand, divisor: f64) -> Operand {
        if divisor == 1.0 {
            return operand;
        }
        let divisor = self.constant(divisor);
        self.step(Op::Divide, operand, divisor)
    }

    fn function(&mut self, function: Function, arguments: &[Expr]) -> Option<(Operand, Unit)> {
        let (first, unit) = self.quantity(arguments.first()?)?;
        let other = |draft: &mut Draft<'a>, at: usize| {
            let (other, other_unit) = draft.quantity(arguments.get(at)?)?;
            like(unit, other_unit).then_some(other)
        };
        match function {
            Function::Abs => Some((self.step(Op::Abs, first, first), unit)),
            Function::Least => {
                let second = other(self, 1)?;
                Some((self.step(Op::Least, first, second), unit))
            }
            Function::Greatest => {
                let second = other(self, 1)?;
                Some((self.step(Op::Greatest, first, second), unit))
            }
            Function::Clamp => {
                let (low, high) = (other(self, 1)?, other(self, 2)?);
                let at_least = self.step(Op::Greatest, first, low);
                Some((self.step(Op::Least, at_least, high), unit))
            }
            Function::Round => Some((self.step(Op::Round, first, first), Unit::Count)),
            Function::Ceil => Some((self.step(Op::Ceil, first, first), Unit::Count)),
            Function::Floor => Some((self.step(Op::Floor, first, first), Unit::Count)),
        }
    }

    /// What can be evaluated before anything is known, apart from the action.
    fn scope(&self) -> Scope<'_> {
        Scope { action: Some(self.action), ..Scope::bare(self.policy, self.nothing, None) }
    }

    fn input(&self, at: u32, kind: Kind) -> Option<Typed> {
        match kind {
            Kind::Other => None,
            Kind::Quantity(_) | Kind::Bool | Kind::Text | Kind::Symbol => {
                Some((Operand::Input(FIRST_INPUT + at), kind))
            }
        }
    }

    fn constant(&mut self, value: f64) -> Operand {
        let known = self.constants.iter().position(|known| known.to_bits() == value.to_bits());
        let at = known.unwrap_or_else(|| {
            self.constants.push(value);
            self.constants.len() - 1
        });
        Operand::Constant(u32::try_from(at).unwrap_or(u32::MAX))
    }

    /// The operand that holds the result of a step; the same step is done once.
    fn step(&mut self, op: Op, left: Operand, right: Operand) -> Operand {
        let step = (op, left, right);
        let at = self.steps.iter().position(|known| *known == step).unwrap_or_else(|| {
            self.steps.push(step);
            self.steps.len() - 1
        });
        Operand::Step(u32::try_from(at).unwrap_or(u32::MAX))
    }

    fn outside(&mut self, expr: &Expr, kind: Kind) -> Operand {
        let known = self.outside.iter().position(|(known, of)| known == expr && *of == kind);
        let at = known.unwrap_or_else(|| {
            self.outside.push((expr.clone(), kind));
            self.outside.len() - 1
        });
        Operand::Outside(u32::try_from(at).unwrap_or(u32::MAX))
    }
}

/// The entries of a list in which something is sought; a constant list stands for its entries.
fn entries(list: &[Expr]) -> Vec<Expr> {
    let entry = |entry: &Expr| {
        if let Expr::Constant(Value::List(values)) = entry {
            values.iter().cloned().map(Expr::Constant).collect()
        } else {
            vec![entry.clone()]
        }
    };
    list.iter().flat_map(entry).collect()
}
