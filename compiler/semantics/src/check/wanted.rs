//! Where a certain type is wanted: conditions, arguments, effects.

use leeway_diagnostics::{Code, Diagnostic};
use leeway_units::{Type, Unit};

use super::environment::{Size, Ty};
use super::infer::Checker;
use super::unlike::{as_ratio, bare_number, bare_word, literal_with};
use crate::hir::Expr;

/// The largest expression that is evaluated, in nodes, with its lets written out.
const EXPRESSION_NODES_MAX: usize = 10_000;

/// How deep an expression nests that is evaluated, with its lets written out: lowering may add the `not` of an `else`, or a
/// conversion.
const EXPRESSION_DEPTH_MAX: usize = leeway_ir::EXPRESSION_DEPTH_MAX - 2;

impl Checker<'_> {
    /// Checks that `expr` is true or false.
    pub(super) fn condition(&mut self, expr: &mut Expr) {
        let found = self.infer(expr);
        self.bounded(expr);
        if let Some(found) = found.filter(|found| found.ty != Type::Bool) {
            self.no_condition(expr, &found);
        }
    }

    /// Reports that `expr` is neither true nor false.
    pub(super) fn no_condition(&mut self, expr: &Expr, found: &Ty) {
        let message = format!("a condition is true or false, and this is a `{}`", found.ty);
        let finding = Diagnostic::new(Code::E0306, expr.span, message);
        self.diagnostics.push(match found.ty.unit() {
            Some(unit) => finding.help(format!("compare it, for instance `… > {}`", unit.example())),
            None => finding.help("compare it with `==`, or ask whether it is `in` a list"),
        });
    }

    /// Checks that `expr` is of type `ty`, which `what` (``argument `to` ``) wants; whether it is.
    pub(super) fn want(&mut self, expr: &mut Expr, ty: &Type, what: &str) -> bool {
        let Some(found) = self.infer(expr) else { return false };
        self.bounded(expr);
        if found.ty == *ty {
            return true;
        }
        match (found.ty.unit(), ty.unit()) {
            (Some(Unit::Count), Some(Unit::Number)) => true,
            (Some(Unit::Number), Some(Unit::Ratio)) if found.computed => {
                as_ratio(expr);
                true
            }
            _ => {
                self.mismatch(expr, &found, ty, what);
                false
            }
        }
    }

    /// Reports that `expr` is of another type than `what` wants.
    pub(super) fn mismatch(&mut self, expr: &Expr, found: &Ty, wanted: &Type, what: &str) {
        let message = |found: &str| format!("{what} is a `{wanted}`, not {found}");
        let finding = match (found.ty.unit(), wanted.unit()) {
            (Some(Unit::Number), Some(Unit::Count)) => {
                let written = self.sources.text(expr.span);
                Diagnostic::new(Code::E0302, expr.span, message("a `number`"))
                    .help("say how it is rounded: `round`, `ceil` or `floor`")
                    .fix("round it up", expr.span, format!("ceil({written})"))
                    .fix("round it down", expr.span, format!("floor({written})"))
            }
            (Some(Unit::Count | Unit::Number), Some(unit)) => match bare_number(expr, &self.environment) {
                Some((number, place)) => {
                    let finding = Diagnostic::new(Code::E0304, expr.span, message("a bare number"));
                    literal_with(finding, unit, number, place)
                }
                None => Diagnostic::new(Code::E0302, expr.span, message(&format!("a `{}`", found.ty))),
            },
            (Some(Unit::Duration), Some(Unit::Cpu)) if self.millicores(expr).is_some() => self.minutes_for_cpu(expr),
            (Some(_), Some(unit)) => Diagnostic::new(Code::E0302, expr.span, message(&format!("a `{}`", found.ty)))
                .help(format!("write a `{}` such as `{}`", unit.name(), unit.example())),
            _ => {
                let finding = Diagnostic::new(Code::E0301, expr.span, message(&format!("a `{}`", found.ty)));
                bare_word(finding, wanted, expr)
            }
        };
        self.diagnostics.push(finding);
    }

    /// How far something may be away from another: a constant ratio.
    pub(super) fn percent(&mut self, percent: &mut Expr) {
        let Some(found) = self.infer(percent) else { return };
        if found.ty.unit() != Some(Unit::Ratio) {
            self.mismatch(percent, &found, &Type::Quantity(Unit::Ratio), "how far something may be away");
        } else if !self.environment.fixed(percent) {
            let message = "how far something may be away must be constant";
            let finding = Diagnostic::new(Code::E0303, percent.span, message);
            self.diagnostics.push(finding.help("write a ratio such as `10%`, or the name of a `let` that is one"));
        }
    }

    /// The size of an expression, if it is not too large, which is reported.
    pub(super) fn bounded(&mut self, expr: &Expr) -> Option<Size> {
        let size = self.environment.size(expr);
        let (code, message) = if size.nodes > EXPRESSION_NODES_MAX {
            (Code::E0106, format!("with its lets written out this has more than {EXPRESSION_NODES_MAX} parts"))
        } else if size.depth > EXPRESSION_DEPTH_MAX {
            (Code::E0105, format!("with its lets written out this nests more than {EXPRESSION_DEPTH_MAX} deep"))
        } else {
            return Some(size);
        };
        self.diagnostics.push(Diagnostic::new(code, expr.span, message));
        None
    }
}
