//! Which targets a file can speak about, and which one a blueprint is for.

use std::sync::Arc;

use leeway_diagnostics::{Code, Diagnostic, Span};
use leeway_syntax::ast;

use super::Resolver;
use crate::closest::{closest, unknown};
use crate::program::Program;

/// A target that can be named: its kind, its place in the list of all, and what made it visible.
pub(super) struct Visible {
    kind: String,
    place: usize,
    span: Span,
}

impl Resolver<'_> {
    /// The targets that module `at` declares or uses, which must differ in kind.
    pub(super) fn visible_targets(&mut self, program: &Program<'_>, at: usize, begins: &[usize]) -> Vec<Visible> {
        let mut visible: Vec<Visible> = Vec::new();
        let Some(module) = program.modules.get(at) else { return visible };
        let declared = |of: usize, used: Option<Span>| {
            let begin = begins.get(of).copied().unwrap_or_default();
            let targets = program.modules.get(of).map_or(&[][..], |module| &module.tree.targets);
            let visible = targets.iter().enumerate().map(move |(place, target)| Visible {
                kind: target.kind.text(),
                place: begin + place,
                span: used.unwrap_or(target.kind.span),
            });
            visible.collect::<Vec<_>>()
        };
        let mut used: Vec<usize> = Vec::new();
        let mut bound: Vec<ast::Ident> = Vec::new();
        for (written, of) in module.tree.uses.iter().zip(&module.uses) {
            bound.extend(written.alias.clone().or_else(|| written.path.parts.last().cloned()));
            match of {
                Some(of) if used.contains(of) => {
                    let message = format!("module `{}` is used twice", written.path.text());
                    self.diagnostics.push(Diagnostic::new(Code::E0208, written.path.span, message).help("remove one"));
                    bound.pop();
                }
                Some(of) => {
                    used.push(*of);
                    visible.extend(declared(*of, Some(written.path.span)));
                }
                None => {}
            }
        }
        super::declared::distinct(bound.iter().map(|name| (name, "module")), &mut self.diagnostics);
        visible.extend(declared(at, None));
        for (count, one) in visible.iter().enumerate() {
            if let Some(first) = visible.iter().take(count).find(|first| first.kind == one.kind) {
                let message = format!("the name `{}` is declared twice", one.kind);
                self.diagnostics
                    .push(Diagnostic::new(Code::E0202, one.span, message).label(first.span, "first here, as a target"));
            }
        }
        visible
    }

    /// The target of that kind for what stands in module `at`, by its place in the list of all.
    pub(super) fn target_of(
        &mut self,
        program: &Program<'_>,
        at: usize,
        written: &ast::Path,
        visible: &[Visible],
    ) -> Option<usize> {
        let kind = written.text();
        let found = visible.iter().find(|target| target.kind == kind).map(|target| target.place);
        // A target that was lost in parsing, here or in a module, is likely the one that is meant.
        let lost = |at: usize| program.modules.get(at).is_some_and(|module| module.tree.broken > 0);
        let uses = program.modules.get(at).map_or(&[][..], |module| &module.uses);
        // So is one of a module that is not there; but a kind with a slip in it is not of that module.
        let unread = uses.iter().any(Option::is_none) && closest(&kind, visible.iter().map(|one| &*one.kind)).is_none();
        if found.is_none() && !unread && !lost(at) && !uses.iter().flatten().any(|of| lost(*of)) {
            let known = visible.iter().map(|target| target.kind.as_str());
            let mut finding = unknown(Code::E0204, written.span, "target", &kind, known);
            if let Some(("std", rest)) = kind.split_once('.') {
                finding = match rest.split_once('.') {
                    Some((module, _)) => {
                        let help = format!("`std` belongs to `use std.{module}` alone; the target is `{rest}`");
                        let fix = finding.fixes.is_empty();
                        let finding = finding.help(help);
                        if fix { finding.fix(format!("write `{rest}`"), written.span, rest) } else { finding }
                    }
                    None => finding,
                };
            }
            // A target of the standard library is found in the module of its first word.
            let module: Arc<str> =
                format!("std.{}", written.parts.first().map_or("", |part| part.node.as_ref())).into();
            if finding.fixes.is_empty() && program.available.contains(&module.as_ref()) {
                finding = finding.help(format!("add `use {module}` above the blueprint, if its target is meant"));
            }
            self.diagnostics.push(finding);
        }
        found
    }
}
