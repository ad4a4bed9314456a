//! Compiles the one blueprint, or the several, that a command works on.

use std::path::{Path, PathBuf};

use leeway_diagnostics::{SourceMap, render};
use leeway_driver::{Compilation, Request, compile};
use leeway_ir::{Policy, Suite};

use crate::exit::Failure;
use crate::terminal;
use crate::workspace::{Workspace, roots};

/// Compiles every blueprint at `paths`. With errors, all of them are shown and nothing is returned.
pub(crate) fn compile_all(paths: &[PathBuf]) -> Result<Vec<Policy>, Failure> {
    compiled(paths, "nothing was started").map(|compilation| compilation.policies)
}

/// Compiles every blueprint and policy at `paths` that has tests, with the tests.
pub(crate) fn compile_suites(paths: &[PathBuf]) -> Result<Vec<Suite>, Failure> {
    compiled(paths, "no test was run").map(|compilation| compilation.suites)
}

fn compiled(paths: &[PathBuf], consequence: &str) -> Result<Compilation, Failure> {
    let workspace = Workspace::here()?;
    let compilation = compile(&Request { roots: roots(&workspace.sources(paths)?), loader: &workspace });
    let errors = compilation.diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).count();
    if !compilation.diagnostics.is_empty() {
        terminal::stderr(&render::human(&compilation.sources, &compilation.diagnostics, true));
    }
    if errors > 0 {
        return Err(Failure::errors(format!("{}; {consequence}", terminal::counted(errors, "error"))));
    }
    Ok(compilation)
}

/// Compiles the one blueprint at `path`, or the one of that name.
pub(crate) fn compile_one(path: &Path, name: Option<&str>) -> Result<Policy, Failure> {
    compile_quotable(path, name).map(|(policy, _)| policy)
}

/// The same, with the sources that it was compiled from: explanations quote them.
pub(crate) fn compile_quotable(path: &Path, name: Option<&str>) -> Result<(Policy, SourceMap), Failure> {
    let Compilation { mut policies, sources, .. } = compiled(&[path.to_path_buf()], "nothing was started")?;
    let names: Vec<String> = policies.iter().map(|policy| format!("`{}`", policy.blueprint)).collect();
    if let Some(name) = name {
        policies.retain(|policy| policy.blueprint.as_ref() == name);
    }
    match (policies.pop(), policies.is_empty()) {
        (Some(policy), true) => Ok((policy, sources)),
        (None, _) if name.is_some() => {
            Err(Failure::usage(format!("no blueprint `{}` there", name.unwrap_or_default()))
                .help(format!("there is {}", names.join(", "))))
        }
        (None, _) => Err(Failure::usage(format!("no blueprint in `{}`", path.display()))),
        (Some(_), false) => {
            Err(Failure::usage(format!("`{}` holds several blueprints: {}", path.display(), names.join(", ")))
                .help("say which with `--blueprint NAME`"))
        }
    }
}
