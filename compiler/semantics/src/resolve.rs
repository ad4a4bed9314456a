//! Names to ids. What cannot be resolved is reported and left as a broken place, so that the rest can still be checked.

mod actions;
mod blueprint;
mod declared;
mod expression;
mod function;
mod header;
mod lets;
mod reason;
mod scope;
mod selector;
mod target;

pub(crate) use expression::Words;
use leeway_diagnostics::{Code, Diagnostic, SourceMap, Span};

use crate::hir::{Blueprint, Hir};
use crate::program::Program;

/// What resolving gives, always: a program, and what is wrong with its names.
#[derive(Debug)]
pub struct Resolved {
    /// The program.
    pub hir: Hir,
    /// The findings.
    pub diagnostics: Vec<Diagnostic>,
}

/// Resolves the names of `program`.
pub fn resolve(program: &Program<'_>) -> Resolved {
    let mut resolver = Resolver { sources: program.sources, diagnostics: Vec::new() };
    let mut targets = Vec::new();
    // For each module where its targets begin in the list of all.
    let mut begins = Vec::new();
    for module in &program.modules {
        begins.push(targets.len());
        targets.extend(module.tree.targets.iter().map(|target| resolver.target(target)));
    }
    let mut blueprints = Vec::new();
    let mut partial = false;
    for at in 0..program.modules.len() {
        let visible = resolver.visible_targets(program, at, &begins);
        let Some(module) = program.modules.get(at).filter(|module| module.root) else { continue };
        for blueprint in &module.tree.blueprints {
            partial |= blueprint.broken > 0;
            if let Some(place) = resolver.target_of(blueprint, &visible, &program.available)
                && let Some(target) = targets.get(place)
            {
                blueprints.push(resolver.blueprint(blueprint, place, target));
            }
        }
    }
    let names = blueprints.iter().map(|blueprint: &Blueprint| (&blueprint.name, "blueprint"));
    declared::distinct(names, &mut resolver.diagnostics);
    let whole = !partial && !resolver.diagnostics.iter().any(Diagnostic::is_error);
    Resolved { hir: Hir { targets, blueprints, whole }, diagnostics: resolver.diagnostics }
}

/// What all of resolving shares.
struct Resolver<'a> {
    sources: &'a SourceMap,
    diagnostics: Vec<Diagnostic>,
}

impl Resolver<'_> {
    /// Keeps the first of what may be stated once, and reports the others.
    fn once<T>(&mut self, slot: &mut Option<(T, Span)>, value: T, span: Span, what: &str) {
        match slot {
            None => *slot = Some((value, span)),
            Some((_, first)) => {
                let finding = Diagnostic::new(Code::E0208, span, format!("{what} is stated twice"));
                self.diagnostics.push(finding.label(*first, "first here").help("remove one"));
            }
        }
    }
}
