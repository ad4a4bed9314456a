//! Names to ids. What cannot be resolved is reported and left as a broken place, so that the rest can still be checked.

mod actions;
mod amount;
mod blueprint;
mod declared;
mod expression;
mod function;
mod header;
mod ids;
mod include;
mod layers;
mod lets;
mod limit;
mod member;
mod metric;
mod names;
mod policy;
mod quantifier;
mod reason;
mod response;
mod scenario;
mod scope;
mod selector;
mod target;
mod word;

use std::collections::BTreeSet;

use leeway_diagnostics::{Code, Diagnostic, SourceMap, Span};
use leeway_ir::Given;

use crate::hir::{Blueprint, Hir, Target};
use crate::included::Included;
use crate::program::{Module, Program};
use policy::Catalog;

pub(crate) use word::Words;

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
    let mut resolver = Resolver {
        sources: program.sources,
        diagnostics: Vec::new(),
        elements: BTreeSet::new(),
        given: Vec::new(),
        included: 0,
    };
    let mut targets = Vec::new();
    // For each module where its targets begin in the list of all.
    let mut begins = Vec::new();
    for module in &program.modules {
        begins.push(targets.len());
        targets.extend(module.tree.targets.iter().map(|target| resolver.target(target)));
    }
    let any = targets.len();
    targets.push(Target::any());
    let visible: Vec<_> = (0..program.modules.len()).map(|at| resolver.visible_targets(program, at, &begins)).collect();
    let entries = resolver.policies(program, &visible, any);
    let (modules, available) = (program.modules.as_slice(), program.available.as_slice());
    let catalog = Catalog { modules, available, targets, any, policies: entries };
    let mut included = Included::default();
    let policies: Vec<Blueprint> =
        (0..catalog.policies.len()).filter_map(|place| resolver.policy(place, &catalog, &mut included)).collect();
    let mut blueprints = Vec::new();
    for (at, (module, visible)) in program.modules.iter().zip(&visible).enumerate().filter(|(_, (one, _))| one.root) {
        for blueprint in &module.tree.blueprints {
            if let Some(place) = resolver.target_of(program, at, &blueprint.kind, visible) {
                blueprints.push(resolver.whole_blueprint(blueprint, at, place, &catalog, &mut included));
            }
        }
    }
    let path = |blueprint: &Blueprint| program.sources.path(blueprint.name.span);
    let known: BTreeSet<(&str, &str)> = blueprints.iter().map(|one| (path(one), one.name.node.as_ref())).collect();
    // `web.leeway.yaml` is the twin of `web.leeway`: one blueprint in two forms.
    let is_twin = |one: &Blueprint| {
        let twin = [".yaml", ".yml"].iter().find_map(|suffix| path(one).strip_suffix(suffix));
        twin.is_some_and(|twin| known.contains(&(twin, one.name.node.as_ref())))
    };
    let names = blueprints.iter().filter(|one| !is_twin(one)).map(|one| (&one.name, "blueprint"));
    declared::distinct(names, &mut resolver.diagnostics);
    included.settle(&mut resolver.diagnostics);
    let lost = |module: &Module<'_>| {
        let broken = |members: &[usize]| members.iter().any(|broken| *broken > 0);
        let blueprints: Vec<usize> = module.tree.blueprints.iter().map(|one| one.broken).collect();
        let policies: Vec<usize> = module.tree.policies.iter().map(|one| one.broken).collect();
        broken(&blueprints) || broken(&policies)
    };
    let whole = !program.modules.iter().any(lost) && !resolver.diagnostics.iter().any(Diagnostic::is_error);
    let targets = catalog.targets;
    Resolved { hir: Hir { targets, policies, blueprints, whole }, diagnostics: resolver.diagnostics }
}

/// What all of resolving shares.
struct Resolver<'a> {
    sources: &'a SourceMap,
    diagnostics: Vec<Diagnostic>,
    /// The elements that quantifiers of the expression at hand have named so far, for those who use one behind its end.
    elements: BTreeSet<String>,
    /// What the response at hand was found to need beside the loop.
    given: Vec<Given>,
    /// How many members were included so far, by all blueprints and policies together.
    included: usize,
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
