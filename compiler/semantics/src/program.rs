//! What is compiled together: the parsed files, and which of them each one uses.

use leeway_diagnostics::SourceMap;
use leeway_syntax::ast;

/// Files that are compiled together.
#[derive(Debug)]
pub struct Program<'a> {
    /// Their texts.
    pub sources: &'a SourceMap,
    /// Their trees.
    pub modules: Vec<Module<'a>>,
    /// The names of modules that could be used, for help with a `use` that is missing.
    pub available: Vec<&'a str>,
}

/// One file.
#[derive(Debug)]
pub struct Module<'a> {
    /// What it holds.
    pub tree: &'a ast::File,
    /// For each of its `use`s the module meant, by its place in [`Program::modules`]; `None` where that was not found.
    pub uses: Vec<Option<usize>>,
    /// Whether its blueprints are compiled. Of a module that is only used, the targets are.
    pub root: bool,
}
