//! `leeway.toml`: where the ledger lies, and which provider serves a kind of target and where, and whose bundles are
//! trusted.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use leeway_ir::Policy;
use leeway_providers::{Provider, ProviderConfig};
use leeway_rate_limiter::token::TokenFile;
use serde::Deserialize;

use crate::exit::Failure;
use crate::terminal;
use crate::workspace::Workspace;

/// The file's name where none is given.
const FILE: &str = "leeway.toml";

/// Where the ledger lies unless something else is said.
const DATA: &str = "./leeway-data";

/// What the file says. Paths are relative to it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    data: Option<PathBuf>,
    #[serde(default)]
    target: BTreeMap<String, TargetConfig>,
    #[serde(default)]
    bundles: BundlesConfig,
    #[serde(skip)]
    folder: PathBuf,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct BundlesConfig {
    /// Files with public keys: only what one of them has signed is taken.
    #[serde(default)]
    trust: Vec<PathBuf>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TargetConfig {
    provider: String,
    url: String,
    admin: String,
    token_file: PathBuf,
}

impl Config {
    /// Reads the file, or the workspace's `leeway.toml` if there is one.
    pub(crate) fn read(path: Option<&Path>) -> Result<Config, Failure> {
        let Some(path) = path else {
            let file = if Path::new(FILE).exists() { FILE.into() } else { Workspace::here()?.file(FILE) };
            return if file.exists() { Config::read(Some(&file)) } else { Ok(Config::default()) };
        };
        let text = std::fs::read_to_string(path)
            .map_err(|error| Failure::usage(format!("cannot read `{}`: {error}", path.display())))?;
        let config: Config = toml::from_str(&text)
            .map_err(|error| Failure::errors(format!("`{}` is not right\n{error}", path.display())))?;
        let folder = path.parent().unwrap_or_else(|| Path::new("")).to_path_buf();
        Ok(Config { folder, ..config })
    }

    /// The data folder: the flag before the file before the default.
    pub(crate) fn data(&self, flag: Option<PathBuf>) -> PathBuf {
        flag.unwrap_or_else(|| self.data.as_ref().map_or_else(|| DATA.into(), |data| self.folder.join(data)))
    }

    /// The files with the keys that are trusted.
    pub(crate) fn trusted(&self) -> impl Iterator<Item = PathBuf> {
        self.bundles.trust.iter().map(|file| self.folder.join(file))
    }

    /// The provider that serves the policy's target.
    pub(crate) fn provider(&self, policy: &Policy) -> Result<Box<dyn Provider>, Failure> {
        let kind = policy.target.kind.as_ref();
        if !leeway_providers::KINDS.contains(&kind) {
            let served = leeway_providers::KINDS.map(|kind| format!("`{kind}`")).join(", ");
            return Err(Failure::errors(format!("no provider serves a `{kind}` yet; what can be run is {served}"))
                .help("`leeway decide` judges proposals on it, and `leeway test` its blueprints, without one"));
        }
        let Some(target) = self.target.get(kind) else {
            return Err(Failure::errors(format!("nothing says how to reach a `{kind}`")).help(format!(
                "add a `[target.\"{kind}\"]` with `provider`, `url`, `admin` and `token_file` to {FILE}, or name the file with `--config`"
            )));
        };
        let token_file = self.folder.join(&target.token_file);
        if !token_file.exists() {
            TokenFile::open_or_create(&token_file).map_err(Failure::errors)?;
            let shown = token_file.display();
            terminal::stderr(&format!("made `{shown}` with a fresh token; what it opens must be given the same\n"));
        }
        let config = ProviderConfig { url: target.url.clone(), admin: target.admin.clone(), token_file };
        leeway_providers::provider(&target.provider, &config, policy).map_err(Failure::errors)
    }
}
