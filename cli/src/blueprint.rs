//! The one policy, or the several, that a command works on: compiled from sources, or read from bundles.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

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
        let (policies, sources) = read(&self.path, &self.trust, config)?;
        Ok((chosen(policies, &self.path, self.blueprint.as_deref())?, sources))
    }
}

/// Which blueprints a command works on: one, or several side by side.
#[derive(clap::Args)]
pub(crate) struct Blueprints {
    /// The blueprint, or a bundle that was compiled from one
    path: PathBuf,
    /// Which one, when the file holds several; given several times, several side by side
    #[arg(long, value_name = "NAME")]
    blueprint: Vec<String>,
    /// All blueprints that the file holds, side by side
    #[arg(long, conflicts_with = "blueprint")]
    all: bool,
    /// Take only a bundle that this public key has signed, or another that is trusted; may be given several times
    #[arg(long, value_name = "KEY.pub")]
    trust: Vec<PathBuf>,
}

/// The policies that a command works on, of which no two have a name in common.
pub(crate) struct Chosen {
    pub(crate) policies: Vec<Policy>,
    /// Whether several were asked for, even if it is one that there is.
    pub(crate) is_list: bool,
}

impl Chosen {
    /// What is played side by side; nothing where there is but one.
    pub(crate) fn beside(&self) -> &[Policy] {
        if self.policies.len() > 1 { &self.policies } else { &[] }
    }
}

impl Blueprints {
    /// Where they are read from.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Their policies, in the order in which they are named.
    pub(crate) fn policies(&self) -> Result<Chosen, Failure> {
        let (all, _) = read(&self.path, &self.trust, || Config::read(None))?;
        let policies = match self.blueprint.as_slice() {
            [] if self.all => all,
            [] => vec![chosen(all, &self.path, None)?],
            names => {
                let named = names.iter().map(|name| chosen(all.clone(), &self.path, Some(name)));
                named.collect::<Result<_, _>>()?
            }
        };
        let mut names = BTreeSet::new();
        if let Some(twice) = policies.iter().find(|policy| !names.insert(&policy.blueprint)) {
            return Err(Failure::usage(format!("blueprint `{}` is there twice", twice.blueprint))
                .help("what comes of blueprints is told apart by their names: name each once"));
        }
        if policies.is_empty() {
            return Err(Failure::usage(format!("no blueprint in `{}`", self.path.display())));
        }
        Ok(Chosen { policies, is_list: self.all || self.blueprint.len() > 1 })
    }
}

/// All policies at `path`, with the sources that they were compiled from.
fn read(
    path: &Path,
    trust: &[PathBuf],
    config: impl Fn() -> Result<Config, Failure>,
) -> Result<(Vec<Policy>, SourceMap), Failure> {
    // What only judges takes sources, whatever `leeway.toml` wants of bundles; a flag is meant for what is named beside it.
    let (is_bundle, paths) = (is_bundle(path), [path.to_owned()]);
    if is_bundle || !trust.is_empty() {
        let config = if is_bundle { config()? } else { Config::default() };
        return Ok((policies(&paths, trust, &config)?, SourceMap::default()));
    }
    let Compilation { policies, sources, .. } = compiled(&paths, "nothing was started")?;
    Ok((policies, sources))
}

/// The one of that name, or the one that there is.
fn chosen(mut policies: Vec<Policy>, path: &Path, name: Option<&str>) -> Result<Policy, Failure> {
    let path = path.display();
    let names: Vec<String> = policies.iter().map(|policy| format!("`{}`", policy.blueprint)).collect();
    if let Some(name) = name {
        policies.retain(|policy| *policy.blueprint == *name);
    }
    match (policies.pop(), policies.is_empty(), name) {
        (Some(policy), true, _) => Ok(policy),
        (None, _, Some(name)) => {
            Err(Failure::usage(format!("no blueprint `{name}` there")).help(format!("there is {}", names.join(", "))))
        }
        (None, _, None) => Err(Failure::usage(format!("no blueprint in `{path}`"))),
        (Some(_), false, _) => Err(Failure::usage(format!("`{path}` holds several blueprints: {}", names.join(", ")))
            .help("say which with `--blueprint NAME`")),
    }
}
