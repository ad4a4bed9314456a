//! The type of an expression, from the inside out.

use leeway_diagnostics::{Code, Diagnostic, SourceMap, Span};
use leeway_ir::{ActorField, WindowFunction};
use leeway_syntax::ast::{ArithmeticOp, Comparison};
use leeway_units::{Field, Quantity, Type, Unit, Value, divided_unit, multiplied_unit};

use super::environment::{Environment, Ty};
use super::same::same;
use super::unlike::Join;
use crate::hir::{Expr, ExprKind, Meaning};

/// How far two sides of a comparison are followed to see whether they are the same.
const SAME_STEPS_MAX: usize = 64;

/// Checks one target or blueprint.
pub(super) struct Checker<'a> {
    pub(super) sources: &'a SourceMap,
    pub(super) environment: Environment,
    pub(super) diagnostics: Vec<Diagnostic>,
}

impl<'a> Checker<'a> {
    pub(super) fn new(sources: &'a SourceMap, environment: Environment) -> Checker<'a> {
        Checker { sources, environment, diagnostics: Vec::new() }
    }

    /// The type of `expr`; `None` if something in it is wrong, which has been reported.
    pub(super) fn infer(&mut self, expr: &mut Expr) -> Option<Ty> {
        let span = expr.span;
        match &mut expr.kind {
            ExprKind::Broken => None,
            ExprKind::Constant(value) => Some(type_of(value)),
            ExprKind::Symbol(_, ty) => Some(ty.clone().into()),
            ExprKind::List(all) => self.list(all, span),
            ExprKind::Opaque(ty) => Some(ty.clone().into()),
            ExprKind::Name(name, meaning) => {
                let found = self.meaning(meaning)?;
                if let Type::Records(fields) = &found.ty {
                    let finding = bare_collection(name, fields, span);
                    self.diagnostics.push(finding);
                    return None;
                }
                Some(found)
            }
            ExprKind::Not(a) => {
                self.operand(a)?;
                Some(Type::Bool.into())
            }
            ExprKind::And(all) | ExprKind::Or(all) => {
                let good = all.iter_mut().map(|one| self.operand(one)).filter(Option::is_none).count() == 0;
                good.then(|| Type::Bool.into())
            }
            ExprKind::For(held, window) => {
                let found = self.operand(held);
                self.window(window);
                self.held(held);
                found.map(|()| Type::Bool.into())
            }
            ExprKind::Negate(a) => {
                let found = self.infer(a)?;
                self.quantity(found, a.span)
            }
            ExprKind::Compare(a, comparison, b) => {
                let (left, right) = (self.infer(a), self.infer(b));
                let (left, right) = (left?, right?);
                let ty = self.like(a, left, b, right, Join::Compared)?.ty;
                let equality = matches!(comparison.node, Comparison::Equal | Comparison::NotEqual);
                self.comparable(&ty, equality, comparison.span)?;
                self.with_itself(a, b, span);
                Some(Type::Bool.into())
            }
            ExprKind::InRange { value, low, high, .. } => {
                let (found, first, last) = (self.infer(value), self.infer(low), self.infer(high));
                let values = vec![(value.as_mut(), found?), (low.as_mut(), first?), (high.as_mut(), last?)];
                let ty = self.all_like(values, Join::Compared)?.ty;
                self.comparable(&ty, false, span)?;
                Some(Type::Bool.into())
            }
            ExprKind::InList { value, list, .. } => self.in_list(value, list),
            ExprKind::Within { value, percent, of } => {
                let (left, right) = (self.infer(value), self.infer(of));
                self.percent(percent);
                let (left, right) = (left?, right?);
                let found = self.like(value, left, of, right, Join::Compared)?;
                self.quantity(found, value.span)?;
                Some(Type::Bool.into())
            }
            ExprKind::Coalesce(a, b) => {
                let (left, right) = (self.infer(a), self.infer(b));
                self.like(a, left?, b, right?, Join::Mixed)
            }
            ExprKind::TextTest(a, test, b) => self.text_test(a, test, b),
            ExprKind::Quantified { quantifier, body, .. } => self.quantified(quantifier, body),
            ExprKind::Known(a) => {
                // Of a collection, too, it can be asked whether it is known.
                let collection = matches!(a.name(), Some((_, Meaning::Fact(id))) if self.is_collection(*id));
                if collection || self.infer(a).is_some() { Some(Type::Bool.into()) } else { None }
            }
            ExprKind::Arithmetic(a, op, b) => {
                let (left, right) = (self.infer(a), self.infer(b));
                self.arithmetic(a, left?, op.node, b, right?, op.span)
            }
            ExprKind::If(condition, a, b) => {
                let condition = self.operand(condition);
                let (left, right) = (self.infer(a), self.infer(b));
                let found = self.like(a, left?, b, right?, Join::Mixed)?;
                condition.map(|()| found)
            }
            ExprKind::Window(function, metric, _, window) => {
                let (function, metric) = (*function, usize::from(metric.0));
                self.window(window);
                let of = self.environment.metrics.get(metric).cloned().flatten()?;
                Some(Ty::from(if whole(function) { of } else { fractional(of) }))
            }
            ExprKind::Quantile(q, metric, _, window) => {
                let metric = usize::from(metric.0);
                self.quantile(q);
                self.window(window);
                self.environment.metrics.get(metric).cloned().flatten().map(fractional).map(Ty::from)
            }
            ExprKind::Began(_, window) => {
                self.window(window);
                Some(Type::Quantity(Unit::Count).into())
            }
            ExprKind::Since(_) => Some(Type::Quantity(Unit::Duration).into()),
            ExprKind::Change(_, fact, window) => {
                self.window(window);
                let found = self.infer(fact)?;
                self.quantity(found, fact.span).map(|found| found.ty.into())
            }
            ExprKind::During(text, zone) => {
                self.during(text, zone);
                Some(Type::Bool.into())
            }
            ExprKind::Budget(_) => Some(Type::Quantity(Unit::Ratio).into()),
            ExprKind::Function(function, name, arguments) => {
                let function = *function;
                self.function(function, name.span, arguments)
            }
            ExprKind::AsRatio(_) => Some(Type::Quantity(Unit::Ratio).into()),
        }
    }

    pub(super) fn meaning(&self, meaning: &Meaning) -> Option<Ty> {
        match meaning {
            Meaning::Fact(id) => self.environment.facts.get(usize::from(id.0)).cloned().flatten().map(Ty::from),
            Meaning::Metric(id) => self.environment.metrics.get(usize::from(id.0)).cloned().flatten().map(Ty::from),
            Meaning::Let(at) => self.environment.lets.get(*at).and_then(|one| one.ty.clone()),
            Meaning::Parameter(_, ty) => ty.clone().map(Ty::from),
            Meaning::Actor(ActorField::Kind) => Some(crate::resolve::Words::ActorKind.ty().into()),
            Meaning::Actor(ActorField::Id) => Some(Type::Text.into()),
            Meaning::Actor(ActorField::Roles) => Some(Type::List(Type::Text.into()).into()),
            Meaning::ActionRisk => Some(crate::resolve::Words::Risk.ty().into()),
            Meaning::ActionReversible => Some(Type::Bool.into()),
            Meaning::Claims => Some(Type::Quantity(Unit::Count).into()),
            Meaning::Element { ty, .. } => Some(ty.clone().into()),
        }
    }

    /// Warns of a comparison whose outcome does not depend on what is compared.
    fn with_itself(&mut self, a: &Expr, b: &Expr, place: Span) {
        // Two constants are most likely parameters of a policy, or stand there for people.
        let constant = self.environment.fixed(a) && self.environment.fixed(b);
        let mut steps = SAME_STEPS_MAX;
        if constant || !same(a, b, &mut steps) {
            return;
        }
        let written = self.sources.text(a.span).to_owned();
        let message = format!("`{written}` is compared with itself");
        let finding = Diagnostic::new(Code::W0408, place, message);
        let help = match a.name() {
            Some((name, Meaning::Parameter(..))) => {
                format!("in an action, `{name}` is the parameter; the fact is `current.{name}`")
            }
            Some((name, Meaning::Fact(_))) => {
                format!("`{name}` and `current.{name}` are the same fact at the same moment; compare it with a value")
            }
            _ => "compare it with something else, or leave it out".to_owned(),
        };
        self.diagnostics.push(finding.help(help));
    }

    /// A part of a condition that must be true or false itself.
    pub(super) fn operand(&mut self, expr: &mut Expr) -> Option<()> {
        let found = self.infer(expr)?;
        if found.ty != Type::Bool {
            self.no_condition(expr, &found);
            return None;
        }
        Some(())
    }

    /// A list that is given a name: its entries are constants, and alike.
    fn list(&mut self, all: &mut [Expr], place: Span) -> Option<Ty> {
        if all.is_empty() {
            let finding = Diagnostic::new(Code::E0303, place, "nothing can be looked for in a list of nothing");
            self.diagnostics.push(finding.help("write what it holds, or `false` where it is asked"));
            return None;
        }
        let found: Vec<Option<Ty>> = all.iter_mut().map(|one| self.infer(one)).collect();
        let constant = all.iter().filter(|one| !self.constant_entry(one)).count() == 0;
        let found = found.into_iter().collect::<Option<Vec<Ty>>>()?;
        let of = self.all_like(all.iter_mut().zip(found).collect(), Join::Mixed)?;
        constant.then(|| Type::List(of.ty.into()).into())
    }

    fn constant_entry(&mut self, entry: &Expr) -> bool {
        let constant = self.environment.fixed(entry);
        if !constant && !matches!(entry.kind, ExprKind::Broken) {
            let finding = Diagnostic::new(Code::E0303, entry.span, "a list with a name holds constants only");
            self.diagnostics.push(finding.help("write the list where it is looked into: `x in [a, b]`"));
        }
        constant
    }

    fn in_list(&mut self, value: &mut Expr, list: &mut Expr) -> Option<Ty> {
        let found = self.infer(value);
        // Entries written here are compared one by one, so that a bare number is marked where it stands.
        if let ExprKind::List(all) = &mut list.kind {
            let entries: Vec<Option<Ty>> = all.iter_mut().map(|one| self.infer(one)).collect();
            let mut values = vec![(value, found?)];
            values.extend(all.iter_mut().zip(entries.into_iter().collect::<Option<Vec<Ty>>>()?));
            let place = list.span;
            let ty = self.all_like(values, Join::Compared)?.ty;
            self.comparable(&ty, true, place)?;
            return Some(Type::Bool.into());
        }
        let of = self.infer(list);
        let found = found?;
        let of = of?;
        // A count is like a number here, too.
        let number = |ty: &Type| matches!(ty.unit(), Some(Unit::Count | Unit::Number));
        match &of.ty {
            Type::List(entry) if **entry == found.ty || (number(entry) && number(&found.ty)) => Some(Type::Bool.into()),
            Type::List(entry) => {
                let message = format!("`{}` looked for in a list of `{entry}`", found.ty);
                self.diagnostics.push(Diagnostic::new(Code::E0301, value.span, message));
                None
            }
            Type::Bool | Type::Quantity(_) | Type::Text | Type::Enum(_) | Type::Records(_) => {
                let message = format!("`in` wants a list or a range, and this is a `{}`", of.ty);
                let finding = Diagnostic::new(Code::E0301, list.span, message);
                self.diagnostics.push(finding.help("write `in [a, b]` or `in low..high`"));
                None
            }
        }
    }

    /// Whether values of that type can be compared so.
    fn comparable(&mut self, ty: &Type, equality: bool, place: Span) -> Option<()> {
        let (good, help) = match ty {
            Type::Quantity(_) => (true, ""),
            Type::Enum(of) => {
                (equality || of.name.as_ref() == crate::resolve::Words::Risk.name(), "only `==`, `!=` and `in` apply")
            }
            Type::Bool | Type::Text => (equality, "only `==`, `!=` and `in` apply"),
            Type::List(_) | Type::Records(_) => (false, "ask whether something is `in` the list"),
        };
        if good {
            return Some(());
        }
        let message = match ty {
            Type::List(_) | Type::Records(_) => format!("a `{ty}` is not compared as a whole"),
            Type::Bool | Type::Text | Type::Enum(_) | Type::Quantity(_) => format!("`{ty}` has no order"),
        };
        self.diagnostics.push(Diagnostic::new(Code::E0303, place, message).help(help));
        None
    }

    /// Reports what is no quantity.
    pub(super) fn quantity(&mut self, found: Ty, place: Span) -> Option<Ty> {
        if found.ty.unit().is_some() {
            return Some(found);
        }
        let message = format!("nothing can be computed with a `{}`", found.ty);
        self.diagnostics.push(Diagnostic::new(Code::E0303, place, message));
        None
    }

    fn arithmetic(
        &mut self,
        a: &mut Expr,
        left: Ty,
        op: ArithmeticOp,
        b: &mut Expr,
        right: Ty,
        at: Span,
    ) -> Option<Ty> {
        let left = self.quantity(left, a.span);
        let right = self.quantity(right, b.span);
        let (left, right) = (left?, right?);
        let (unit, other) = (left.ty.unit()?, right.ty.unit()?);
        let computed = left.computed || right.computed;
        let (result, computed, sign) = match op {
            ArithmeticOp::Add => return self.like(a, left, b, right, Join::Added),
            ArithmeticOp::Subtract => return self.like(a, left, b, right, Join::Subtracted),
            ArithmeticOp::Multiply => (multiplied_unit(unit, other), computed, "*"),
            ArithmeticOp::Divide => (divided_unit(unit, other), true, "/"),
        };
        match result {
            Some(unit) => Some(Ty { ty: Type::Quantity(unit), computed: computed && unit == Unit::Number }),
            None => {
                let message = format!("there is no `{} {sign} {}`", left.ty, right.ty);
                let finding = Diagnostic::new(Code::E0303, at, message);
                let finding = finding.label(a.span, format!("a `{}`", left.ty));
                self.diagnostics.push(finding.label(b.span, format!("a `{}`", right.ty)));
                None
            }
        }
    }
}

/// A collection by itself.
fn bare_collection(name: &str, fields: &[Field], span: Span) -> Diagnostic {
    let message = format!("`{name}` is a collection and not a value by itself");
    let field = fields.first().map_or("FIELD", |field| field.name.as_ref());
    let help = format!("ask about its elements, as in `count one in {name}: one.{field} == …`");
    Diagnostic::new(Code::E0307, span, message).help(help)
}

/// Whether the function gives one of the samples, or a difference of them: of counts a count.
fn whole(function: WindowFunction) -> bool {
    match function {
        WindowFunction::Minimum | WindowFunction::Maximum | WindowFunction::Delta => true,
        WindowFunction::Average | WindowFunction::Forecast | WindowFunction::Quantile(_) => false,
    }
}

/// What lies between counts is a number.
fn fractional(of: Type) -> Type {
    if of == Type::Quantity(Unit::Count) { Type::Quantity(Unit::Number) } else { of }
}

fn type_of(value: &Value) -> Ty {
    let ty = match value {
        Value::Bool(_) => Type::Bool,
        Value::Quantity(quantity) => Type::Quantity(Quantity::unit(*quantity)),
        Value::Text(_) => Type::Text,
        Value::Symbol(word) => Type::Enum(leeway_units::Enum { name: word.clone(), words: [word.clone()].into() }),
        Value::Record(_) => Type::Records([].into()),
        Value::List(all) => Type::List(all.first().map_or(Type::Text, |first| type_of(first).ty).into()),
    };
    ty.into()
}
