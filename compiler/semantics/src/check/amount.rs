//! Amounts: constants of a certain unit, within bounds.

use leeway_diagnostics::{Code, Diagnostic};
use leeway_units::{Quantity, Type, Unit, Value};

use super::infer::Checker;
use super::time::{milliseconds, whole};
use crate::hir::Expr;

impl Checker<'_> {
    /// The value of `expr`, which must be a constant of type `ty`. `None` where it is not, which is reported, and where only the
    /// type is known: in a policy by itself.
    pub(super) fn constant_of(&mut self, expr: &mut Expr, ty: &Type, what: &str) -> Option<Value> {
        if !self.want(expr, ty, what) {
            return None;
        }
        if !self.environment.fixed(expr) {
            let finding = Diagnostic::new(Code::E0303, expr.span, format!("{what} must be constant"));
            self.diagnostics.push(finding.help("write it out, or give the name of a `let` that is constant"));
            return None;
        }
        self.environment.constant(expr)
    }

    /// The same for a quantity.
    pub(super) fn amount(&mut self, expr: &mut Expr, unit: Unit, what: &str) -> Option<Quantity> {
        self.constant_of(expr, &Type::Quantity(unit), what)?.quantity()
    }

    /// The milliseconds of a time that can work.
    pub(super) fn time(&mut self, expr: &mut Expr, what: &str) -> Option<u64> {
        let time = self.amount(expr, Unit::Duration, what)?;
        let ms = milliseconds(time);
        if ms.is_none() {
            let finding = Diagnostic::new(Code::E0501, expr.span, format!("`{time}` is not a time that can work"));
            self.diagnostics.push(finding.help("write whole milliseconds, at least `1ms` and at most ten years"));
        }
        ms
    }

    /// A whole number of things, at least one: `what` of them.
    pub(super) fn at_least_one(&mut self, expr: &mut Expr, what: &str) -> Option<u32> {
        let number = self.amount(expr, Unit::Count, &format!("the number of {what}"))?;
        let fits = whole(number).and_then(|n| u32::try_from(n).ok()).filter(|n| *n >= 1);
        if fits.is_none() {
            let message = format!("`{number}` is not a number of {what} that can work");
            let finding = Diagnostic::new(Code::E0501, expr.span, message);
            self.diagnostics.push(finding.help("write a whole number, at least 1"));
        }
        fits
    }

    /// An amount of which there must be some.
    pub(super) fn positive(&mut self, expr: &mut Expr, unit: Unit, what: &str) -> Option<Quantity> {
        let amount = self.amount(expr, unit, what)?;
        if amount.base() > 0.0 {
            return Some(amount);
        }
        let finding = Diagnostic::new(Code::E0501, expr.span, format!("{what} must be more than none"));
        self.diagnostics.push(finding.help(format!("write a `{}` such as `{}`", unit.name(), unit.example())));
        None
    }
}
