//! The one door into the compiler: sources in, findings and policies out.

mod against;
mod modules;
mod twins;
mod withheld;

use leeway_diagnostics::{Diagnostic, SourceMap};
use leeway_ir::{Policy, Suite};
use leeway_semantics::{Lowered, Module, Program, check, lower, resolve};

pub use leeway_semantics::closest;

pub use modules::{ModuleLoader, NoModules};

use modules::File;

/// What to compile.
pub struct Request<'a> {
    /// The sources whose blueprints are wanted: each one's path, relative to the workspace root with `/` between its parts,
    /// and its text.
    pub roots: Vec<(String, String)>,
    /// Where the sources are found that these use.
    pub loader: &'a dyn ModuleLoader,
}

/// What compiling gives, always.
#[derive(Debug)]
pub struct Compilation {
    /// Every source that was read: the roots in their order, then those that they use.
    pub sources: SourceMap,
    /// What was found, by source and place.
    pub diagnostics: Vec<Diagnostic>,
    /// A policy for each blueprint of the roots, one for a blueprint and its twin in YAML; none if there is an error anywhere.
    pub policies: Vec<Policy>,
    /// The tests of the roots: of each blueprint that has some, and of each policy, which is tested by itself with the
    /// defaults of its parameters; none if there is an error anywhere.
    pub suites: Vec<Suite>,
    /// What the sources consist of.
    files: Vec<File>,
}

/// Compiles. The same request gives the same result, to the byte.
pub fn compile(request: &Request<'_>) -> Compilation {
    let mut sources = SourceMap::default();
    let mut diagnostics = Vec::new();
    let files = modules::load(request, &mut sources, &mut diagnostics);
    let modules = files.iter().map(|file| Module { tree: &file.tree, uses: file.uses.clone(), root: file.root });
    let available = leeway_stdlib::MODULES.iter().map(|(name, _)| *name).collect();
    let program = Program { sources: &sources, modules: modules.collect(), available };
    let resolved = resolve(&program);
    diagnostics.extend(resolved.diagnostics);
    let judged = check(resolved.hir, &sources);
    diagnostics.extend(judged.diagnostics);
    // Errors of syntax and of modules are not known to the checker, which sees only what is whole.
    let good = !diagnostics.iter().any(Diagnostic::is_error);
    let mut lowered = judged.checked.filter(|_| good).map(|checked| lower(&checked, &sources)).unwrap_or_default();
    let unlike = twins::joined(&mut lowered.policies, &files);
    if !unlike.is_empty() {
        diagnostics.extend(unlike);
        lowered = Lowered::default();
    }
    let Lowered { policies, suites } = lowered;
    let diagnostics = withheld::without(diagnostics, &files);
    let diagnostics = diagnostics.into_iter().map(|finding| sources.finding(finding)).collect();
    Compilation { sources, diagnostics: sorted(diagnostics), policies, suites, files }
}

impl Compilation {
    /// Adds what is to be said of these policies beside older ones of the same names: those that are wider than their versions
    /// say. A blueprint that is new says nothing, and nothing is compared while there are errors.
    pub fn compare_to(&mut self, old: &[Policy]) {
        let found = against::against(self, old).into_iter().map(|finding| self.sources.finding(finding));
        let found: Vec<Diagnostic> = found.collect();
        self.diagnostics = sorted(std::mem::take(&mut self.diagnostics).into_iter().chain(found).collect());
    }
}

/// By source and place.
fn sorted(mut diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    diagnostics.sort_by(|a, b| {
        let key = |one: &Diagnostic| (one.primary.span, one.code.text());
        key(a).cmp(&key(b)).then_with(|| a.message.cmp(&b.message))
    });
    diagnostics
}

/// Compiles one source that uses nothing but the standard library.
pub fn compile_text(path: &str, text: &str) -> Compilation {
    compile(&Request { roots: vec![(path.to_owned(), text.to_owned())], loader: &NoModules })
}

#[cfg(test)]
mod tests;
