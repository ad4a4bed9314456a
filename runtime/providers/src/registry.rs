//! The backends by name. A new provider is one file and its line here.

use std::path::PathBuf;

use leeway_ir::Policy;

use crate::provider::Provider;
use crate::ratelimiter::RateLimiter;

/// How a kind of target is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderConfig {
    /// Where it serves and is measured.
    pub url: String,
    /// Where it is changed.
    pub admin: String,
    /// The file with the token for changing it; read anew for each write.
    pub token_file: PathBuf,
}

/// Why a provider cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// No backend has that name.
    #[error("unknown provider `{0}`; there is {known}", known = NAMES.map(|name| format!("`{name}`")).join(", "))]
    Unknown(String),
    /// The provider does not serve that kind of target.
    #[error("provider `{provider}` serves `{serves}`, not `{kind}`")]
    Kind {
        /// The provider's name.
        provider: &'static str,
        /// The kind it serves.
        serves: &'static str,
        /// The kind wanted.
        kind: String,
    },
    /// The address cannot be used.
    #[error("`{url}` is no address of a provider: {why}")]
    Url {
        /// The address.
        url: String,
        /// What is wrong with it.
        why: String,
    },
}

const NAMES: [&str; 1] = [RateLimiter::NAME];

/// The provider of that name for the target of `policy`.
///
/// # Errors
/// When there is no such provider, it does not serve that kind of target, or its configuration cannot be used.
pub fn provider(name: &str, config: &ProviderConfig, policy: &Policy) -> Result<Box<dyn Provider>, ConfigError> {
    match name {
        RateLimiter::NAME => Ok(Box::new(RateLimiter::new(config, policy)?)),
        unknown => Err(ConfigError::Unknown(unknown.to_owned())),
    }
}
