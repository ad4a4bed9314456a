//! What the functions of values take and give.

use leeway_diagnostics::{Code, Diagnostic, Span};
use leeway_ir::Function;
use leeway_units::{Type, Unit};

use super::environment::Ty;
use super::infer::Checker;
use super::unlike::Join;
use crate::hir::Expr;

impl Checker<'_> {
    /// The type of a call; how many arguments it takes was checked with its name.
    pub(super) fn function(&mut self, function: Function, name: Span, arguments: &mut [Expr]) -> Option<Ty> {
        let found: Vec<Option<Ty>> = arguments.iter_mut().map(|argument| self.infer(argument)).collect();
        let mut quantities = Vec::new();
        for (argument, found) in arguments.iter().zip(found) {
            quantities.push(found.and_then(|found| self.quantity(found, argument.span)));
        }
        let quantities: Vec<Ty> = quantities.into_iter().collect::<Option<_>>()?;
        match function {
            Function::Abs => quantities.first().cloned(),
            Function::Least | Function::Greatest | Function::Clamp => {
                self.all_like(arguments.iter_mut().zip(quantities).collect(), Join::Mixed)
            }
            Function::Round | Function::Ceil | Function::Floor => {
                let of = quantities.first()?.ty.unit()?;
                if matches!(of, Unit::Count | Unit::Number) {
                    return Some(Type::Quantity(Unit::Count).into());
                }
                let message = format!("a `{}` is not rounded to a count", of.name());
                let finding = Diagnostic::new(Code::E0303, name, message);
                self.diagnostics
                    .push(finding.help(format!("divide it by its unit first, for instance by `{}`", of.example())));
                None
            }
        }
    }
}
