//! Policies: which there are, what each is for, and which one an `include` means.

use leeway_diagnostics::{Code, Diagnostic};
use leeway_syntax::ast;

use super::Resolver;
use super::header::Visible;
use crate::closest::unknown_of;
use crate::hir::Target;
use crate::program::{Module, Program};

/// All that blueprints and policies refer to.
pub(super) struct Catalog<'a> {
    pub(super) modules: &'a [Module<'a>],
    pub(super) available: &'a [&'a str],
    pub(super) targets: Vec<Target>,
    /// The place of the target without facts and actions, which is all that a policy `for any` knows.
    pub(super) any: usize,
    pub(super) policies: Vec<Entry<'a>>,
}

/// A policy.
pub(super) struct Entry<'a> {
    pub(super) policy: &'a ast::Policy,
    /// The module in which it stands.
    pub(super) module: usize,
    /// What it is for, as a place in [`Catalog::targets`]; `None` if that is unknown, which was reported.
    pub(super) target: Option<usize>,
}

impl<'a> Catalog<'a> {
    /// The target at `place`.
    pub(super) fn target(&self, place: usize) -> Option<&Target> {
        self.targets.get(place)
    }

    /// The policies of module `at`, each with its place.
    fn policies_of(&self, at: usize) -> impl Iterator<Item = (usize, &Entry<'a>)> {
        self.policies.iter().enumerate().filter(move |(_, entry)| entry.module == at)
    }

    /// Whether items of module `at` were lost in parsing.
    fn broken(&self, at: usize) -> bool {
        self.modules.get(at).is_some_and(|module| module.tree.broken > 0)
    }
}

impl Resolver<'_> {
    /// The policies of all modules, each with what it is for.
    pub(super) fn policies<'a>(
        &mut self,
        program: &'a Program<'a>,
        visible: &[Vec<Visible>],
        any: usize,
    ) -> Vec<Entry<'a>> {
        let mut found = Vec::new();
        for (at, (module, visible)) in program.modules.iter().zip(visible).enumerate() {
            let names = module.tree.policies.iter().map(|policy| (&policy.name, "policy"));
            super::declared::distinct(names, &mut self.diagnostics);
            for policy in &module.tree.policies {
                let target = match &policy.kind {
                    ast::PolicyKind::Any(_) => Some(any),
                    ast::PolicyKind::Kind(kind) => self.target_of(program, at, kind, visible),
                };
                found.push(Entry { policy, module: at, target });
            }
        }
        found
    }

    /// The policy that `path`, written in module `at`, means.
    pub(super) fn policy_named<'c, 'a>(
        &mut self,
        catalog: &'c Catalog<'a>,
        at: usize,
        path: &ast::Path,
    ) -> Option<(usize, &'c Entry<'a>)> {
        let (of, name) = match path.parts.as_slice() {
            [name] => (at, name),
            [module, name] => (self.module_named(catalog, at, module)?, name),
            _ => {
                let message = format!("`{}` is no policy", path.text());
                let finding = Diagnostic::new(Code::E0209, path.span, message);
                self.diagnostics.push(finding.help("write the name of a module, a point and the name of a policy"));
                return None;
            }
        };
        let found = catalog.policies_of(of).find(|(_, entry)| entry.policy.name.node == name.node);
        if found.is_none() && !catalog.broken(of) {
            let known = catalog.policies_of(of).map(|(_, entry)| entry.policy.name.node.as_ref());
            let module = if of == at { "" } else { path.parts.first().map_or("", |part| part.node.as_ref()) };
            let mut finding = unknown_of(Code::E0209, name.span, ("policy", module), &name.node, known);
            if of == at && finding.help.is_none() && finding.fixes.is_empty() {
                finding = finding.help("write the module before it: `include baseline.irreversible()`");
            }
            self.diagnostics.push(finding);
        }
        found
    }

    /// The module that is bound to `name` in module `at`; `None` also where the `use` itself was reported.
    fn module_named(&mut self, catalog: &Catalog<'_>, at: usize, name: &ast::Ident) -> Option<usize> {
        let module = catalog.modules.get(at)?;
        let bound = |one: &ast::Use| one.alias.clone().or_else(|| one.path.parts.last().cloned());
        let mut known: Vec<String> = Vec::new();
        for (written, of) in module.tree.uses.iter().zip(&module.uses) {
            let Some(bound) = bound(written) else { continue };
            if bound.node == name.node {
                return *of;
            }
            known.push(bound.node.to_string());
        }
        if module.tree.broken > 0 {
            return None;
        }
        let embedded = format!("policies.{}", name.node);
        let mut finding =
            unknown_of(Code::E0209, name.span, ("module", ""), &name.node, known.iter().map(String::as_str));
        if catalog.available.contains(&embedded.as_str()) {
            finding = finding.help(format!("add `use {embedded}` at the top of the file"));
        }
        self.diagnostics.push(finding);
        None
    }
}
