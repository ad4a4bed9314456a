//! Functions by name, and how many arguments each takes.

use leeway_diagnostics::{Code, Diagnostic};
use leeway_ir::{Function, WindowFunction};
use leeway_syntax::ast;

use super::Resolver;
use super::scope::Scope;
use crate::closest::unknown;
use crate::hir::{Expr, ExprKind, Meaning};

/// Functions over the samples of a metric: `max(cpu, 10m)`.
const WINDOWS: [(&str, WindowFunction); 4] = [
    ("avg", WindowFunction::Average),
    ("min", WindowFunction::Minimum),
    ("max", WindowFunction::Maximum),
    ("delta", WindowFunction::Delta),
];

/// Functions of values, with how many they take.
const FUNCTIONS: [(&str, Function, usize); 7] = [
    ("abs", Function::Abs, 1),
    ("least", Function::Least, 2),
    ("greatest", Function::Greatest, 2),
    ("clamp", Function::Clamp, 3),
    ("round", Function::Round, 1),
    ("ceil", Function::Ceil, 1),
    ("floor", Function::Floor, 1),
];

/// Functions that the reference has and this version has not.
const LATER: [&str; 8] = ["quantile", "forecast", "count", "since", "change", "during", "budget", "sum"];

impl Resolver<'_> {
    /// Resolves the call of a function.
    pub(super) fn function(&mut self, scope: &Scope<'_>, name: &ast::Ident, arguments: &[ast::Expr]) -> ExprKind {
        let written = name.node.as_ref();
        if LATER.contains(&written) {
            let message = format!("`{written}` is not in this version of the language yet");
            self.diagnostics.push(Diagnostic::new(Code::E0108, name.span, message));
            return ExprKind::Broken;
        }
        if let Some((_, function)) = WINDOWS.iter().find(|(known, _)| *known == written) {
            return self.window(scope, *function, name, arguments);
        }
        let resolved = self.all(scope, arguments, None);
        if written == "known" {
            return match <[Expr; 1]>::try_from(resolved) {
                Ok([only]) => ExprKind::Known(Box::new(only)),
                Err(given) => self.wrong_number(name, 1, given.len()),
            };
        }
        match FUNCTIONS.iter().find(|(known, ..)| *known == written) {
            Some((_, _, wanted)) if *wanted != resolved.len() => self.wrong_number(name, *wanted, resolved.len()),
            Some((_, function, _)) => ExprKind::Function(*function, name.clone(), resolved),
            None => {
                let functions = FUNCTIONS.iter().map(|(known, ..)| *known);
                let known = functions.chain(WINDOWS.iter().map(|(known, _)| *known)).chain(["known"]);
                self.diagnostics.push(unknown(Code::E0201, name.span, "function", written, known));
                ExprKind::Broken
            }
        }
    }

    fn wrong_number(&mut self, name: &ast::Ident, wanted: usize, given: usize) -> ExprKind {
        let plural = if wanted == 1 { "" } else { "s" };
        let message = format!("`{}` takes {wanted} argument{plural}, not {given}", name.node);
        self.diagnostics.push(Diagnostic::new(Code::E0305, name.span, message));
        ExprKind::Broken
    }

    /// `max(cpu, 10m)`: a metric, then how far back.
    fn window(
        &mut self,
        scope: &Scope<'_>,
        function: WindowFunction,
        name: &ast::Ident,
        arguments: &[ast::Expr],
    ) -> ExprKind {
        let [of, window] = arguments else { return self.wrong_number(name, 2, arguments.len()) };
        let (of, window) = (self.expression(scope, of), self.expression(scope, window));
        if let Some((_, Meaning::Metric(metric))) = of.name() {
            return ExprKind::Window(function, *metric, Box::new(of.clone()), Box::new(window));
        }
        if !of.is_broken() {
            let other = match function {
                WindowFunction::Minimum => "; the smaller of two values is `least(a, b)`",
                WindowFunction::Maximum => "; the larger of two values is `greatest(a, b)`",
                WindowFunction::Average | WindowFunction::Delta => "",
            };
            let message = format!("`{}` looks back over a metric, and this is none", name.node);
            let finding = Diagnostic::new(Code::E0502, of.span, message);
            self.diagnostics.push(finding.help(format!("write `{}(METRIC, 10m)`{other}", name.node)));
        }
        ExprKind::Broken
    }
}
