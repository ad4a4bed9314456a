//! The one policy, or the several, that a command works on: compiled from sources, or read from bundles.

use std::path::PathBuf;

use leeway_diagnostics::{SourceMap, render};
use leeway_driver::{Compilation, Request, compile};
use leeway_ir::{Policy, Suite};

use crate::bundle::{self, is_bundle};
use crate::config::Config;
use crate::exit::Failure;
use crate::terminal;
use crate::workspace::{Workspace, roots};

/// The policies at `paths`. With errors, all of them are shown and nothing is returned. Once a key is trusted, in `trust` or in
/// the configuration, only bundles that it signed are taken: a source carries no signature.
pub(crate) fn policies(paths: &[PathBuf], trust: &[PathBuf], config: &Config) -> Result<Vec<Policy>, Failure> {
    let trusted = bundle::trusted(trust, config)?;
    let (bundles, sources): (Vec<PathBuf>, Vec<PathBuf>) = paths.iter().cloned().partition(|path| is_bundle(path));
    let mut policies = Vec::new();
    if bundles.is_empty() || !sources.is_empty() {
        if !trusted.is_empty() {
            let unsigned = sources.first().map_or(".".into(), |path| path.to_string_lossy());
            return Err(Failure::errors(format!(
                "`{unsigned}` is not signed, and only what a trusted key has signed is taken"
            ))
            .help("compile it with `leeway compile BLUEPRINT --sign KEY -o x.bundle`, and name that"));
        }
        policies = compiled(&sources, "nothing was started")?.policies;
    }
    for path in bundles {
        policies.push(bundle::read(&path, &trusted)?);
    }
    Ok(policies)
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

/// Which one blueprint a command works on.
#[derive(clap::Args)]
pub(crate) struct OneBlueprint {
    /// The blueprint, or a bundle that was compiled from one
    path: PathBuf,
    /// Which one, when the file holds several
    #[arg(long, value_name = "NAME")]
    blueprint: Option<String>,
    /// Take only a bundle that this public key has signed, or another that is trusted; may be given several times
    #[arg(long, value_name = "KEY.pub")]
    trust: Vec<PathBuf>,
}

impl OneBlueprint {
    /// The one at `path`, or that of this name there.
    pub(crate) fn at(path: PathBuf, blueprint: Option<String>) -> OneBlueprint {
        OneBlueprint { path, blueprint, trust: Vec::new() }
    }

    /// Its policy.
    pub(crate) fn policy(&self) -> Result<Policy, Failure> {
        self.quotable().map(|(policy, _)| policy)
    }

    /// Its policy, to be written down again: whom `leeway.toml` trusts is for those who take it, and a bundle must be there
    /// without a signature to get one.
    pub(crate) fn to_write(&self) -> Result<Policy, Failure> {
        self.read(|| Ok(Config::default())).map(|(policy, _)| policy)
    }

    /// The policy, with the sources that it was compiled from, which explanations quote; a bundle has none.
    pub(crate) fn quotable(&self) -> Result<(Policy, SourceMap), Failure> {
        self.read(|| Config::read(None))
    }

    fn read(&self, config: impl Fn() -> Result<Config, Failure>) -> Result<(Policy, SourceMap), Failure> {
        // What only judges takes sources, whatever `leeway.toml` wants of bundles; a flag is meant for what is named beside it.
        if is_bundle(&self.path) || !self.trust.is_empty() {
            let config = if is_bundle(&self.path) { config()? } else { Config::default() };
            let policies = policies(std::slice::from_ref(&self.path), &self.trust, &config)?;
            return Ok((self.chosen(policies)?, SourceMap::default()));
        }
        let Compilation { policies, sources, .. } = compiled(std::slice::from_ref(&self.path), "nothing was started")?;
        Ok((self.chosen(policies)?, sources))
    }

    fn chosen(&self, mut policies: Vec<Policy>) -> Result<Policy, Failure> {
        let path = self.path.display();
        let names: Vec<String> = policies.iter().map(|policy| format!("`{}`", policy.blueprint)).collect();
        if let Some(name) = &self.blueprint {
            policies.retain(|policy| *policy.blueprint == **name);
        }
        match (policies.pop(), policies.is_empty(), &self.blueprint) {
            (Some(policy), true, _) => Ok(policy),
            (None, _, Some(name)) => {
                Err(Failure::usage(format!("no blueprint `{name}` there"))
                    .help(format!("there is {}", names.join(", "))))
            }
            (None, _, None) => Err(Failure::usage(format!("no blueprint in `{path}`"))),
            (Some(_), false, _) => {
                Err(Failure::usage(format!("`{path}` holds several blueprints: {}", names.join(", ")))
                    .help("say which with `--blueprint NAME`"))
            }
        }
    }
}
