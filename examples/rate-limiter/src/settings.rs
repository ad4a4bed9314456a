//! The configuration file: TOML in which an unknown key, or a value out of bounds, is an error that names its line.

use std::fs::File;
use std::io::Read;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer};
use thiserror::Error;

use crate::capacity::WhenFull;
use crate::limit::{Burst, Limit};
use crate::log::{LogFormat, LogLevel};
use crate::pattern::{PATTERNS_MAX, Pattern};
use crate::rate::Rate;
use crate::tenant::{BucketPer, TenantConfig, TenantName};

/// The largest file, in bytes: 1000 tenants take less.
const FILE_BYTES_MAX: u64 = 4 << 20;

/// What a file may say; what it does not say is left to the flags and to what is usual.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    pub(crate) listen: Option<SocketAddr>,
    pub(crate) admin: Option<SocketAddr>,
    pub(crate) admin_token_file: Option<PathBuf>,
    pub(crate) journal: Option<PathBuf>,
    pub(crate) keys_max: Option<usize>,
    pub(crate) when_full: Option<WhenFull>,
    #[serde(default, deserialize_with = "duration")]
    pub(crate) drain_time: Option<std::time::Duration>,
    #[serde(default)]
    pub(crate) log: LogSettings,
    #[serde(default)]
    pub(crate) default: DefaultSettings,
    #[serde(default)]
    tenant: Vec<TenantSettings>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogSettings {
    pub(crate) format: Option<LogFormat>,
    pub(crate) level: Option<LogLevel>,
}

/// What keys that belong to no tenant are held to.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DefaultSettings {
    #[serde(default, deserialize_with = "some_rate")]
    pub(crate) quota: Option<Rate>,
    #[serde(default, deserialize_with = "burst")]
    pub(crate) burst: Option<Burst>,
    #[serde(default, deserialize_with = "keys_max")]
    pub(crate) keys_max: Option<usize>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TenantSettings {
    #[serde(deserialize_with = "name")]
    name: TenantName,
    #[serde(deserialize_with = "rate")]
    quota: Rate,
    #[serde(default, deserialize_with = "burst")]
    burst: Option<Burst>,
    #[serde(rename = "match", default, deserialize_with = "patterns")]
    patterns: Vec<Pattern>,
    #[serde(default)]
    bucket_per: BucketPer,
    #[serde(default, deserialize_with = "keys_max")]
    keys_max: Option<usize>,
    #[serde(default = "yes")]
    enabled: bool,
}

/// Why a configuration file cannot be followed.
#[derive(Debug, Error)]
pub enum SettingsError {
    /// It cannot be read.
    #[error("cannot read the configuration `{path}`: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// It is far too large.
    #[error("the configuration `{0}` is larger than 4 MiB; is it the right file?")]
    TooLarge(PathBuf),
    /// It says something that cannot be.
    #[error("the configuration `{path}` cannot be followed: {source}")]
    Invalid {
        /// The file.
        path: PathBuf,
        /// Where and why.
        source: toml::de::Error,
    },
}

impl Settings {
    /// Reads the file at `path`. The paths in it are relative to it.
    pub(crate) fn read(path: &Path) -> Result<Self, SettingsError> {
        let failed = |source| SettingsError::Read { path: path.to_owned(), source };
        let mut text = String::new();
        // Not by what the system says of its size: a device has none, and no end.
        let file = File::open(path).map_err(failed)?;
        file.take(FILE_BYTES_MAX + 1).read_to_string(&mut text).map_err(failed)?;
        if text.len() as u64 > FILE_BYTES_MAX {
            return Err(SettingsError::TooLarge(path.to_owned()));
        }
        let invalid = |source| SettingsError::Invalid { path: path.to_owned(), source };
        let mut settings: Self = toml::from_str(&text).map_err(invalid)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        for file in [&mut settings.admin_token_file, &mut settings.journal].into_iter().flatten() {
            *file = folder.join(&file);
        }
        Ok(settings)
    }

    /// The tenants; those without a burst have `default_burst`.
    pub(crate) fn tenants(&self, default_burst: Burst) -> Vec<TenantConfig> {
        let tenant = |tenant: &TenantSettings| TenantConfig {
            name: tenant.name.clone(),
            limit: Limit { quota: tenant.quota, burst: tenant.burst.unwrap_or(default_burst) },
            patterns: tenant.patterns.clone(),
            bucket_per: tenant.bucket_per,
            keys_max: tenant.keys_max,
            enabled: tenant.enabled,
        };
        self.tenant.iter().map(tenant).collect()
    }
}

fn yes() -> bool {
    true
}

fn rate<'de, D: Deserializer<'de>>(from: D) -> Result<Rate, D::Error> {
    String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
}

fn some_rate<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Rate>, D::Error> {
    rate(from).map(Some)
}

fn name<'de, D: Deserializer<'de>>(from: D) -> Result<TenantName, D::Error> {
    TenantName::parse(&String::deserialize(from)?).map_err(serde::de::Error::custom)
}

fn burst<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Burst>, D::Error> {
    Burst::of(u32::deserialize(from)?).map(Some).map_err(serde::de::Error::custom)
}

fn keys_max<'de, D: Deserializer<'de>>(from: D) -> Result<Option<usize>, D::Error> {
    match usize::deserialize(from)? {
        0 => Err(serde::de::Error::custom(
            "at least one key is held; to serve none set `enabled` to false, or the quota to 0",
        )),
        keys => Ok(Some(keys)),
    }
}

fn patterns<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Pattern>, D::Error> {
    let texts = Vec::<String>::deserialize(from)?;
    if texts.len() > PATTERNS_MAX {
        return Err(serde::de::Error::custom(format!("a tenant has at most 16 patterns, not {}", texts.len())));
    }
    texts.iter().map(|text| text.parse().map_err(serde::de::Error::custom)).collect()
}

fn duration<'de, D: Deserializer<'de>>(from: D) -> Result<Option<std::time::Duration>, D::Error> {
    parse_duration(&String::deserialize(from)?).map(Some).map_err(serde::de::Error::custom)
}

/// A duration as in `10ms` or `5s`.
pub(crate) fn parse_duration(text: &str) -> Result<std::time::Duration, String> {
    text.parse::<jiff::SignedDuration>()
        .ok()
        .and_then(|duration| std::time::Duration::try_from(duration).ok())
        .ok_or_else(|| format!("`{text}` is not a duration; write one as in `10ms`"))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

    use std::fs;

    use super::*;

    #[test]
    fn a_file_without_end_is_too_large() {
        assert!(matches!(Settings::read(Path::new("/dev/zero")), Err(SettingsError::TooLarge(_))));
    }

    fn read(text: &str) -> Result<Settings, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("limiter.toml");
        fs::write(&path, text).unwrap();
        Settings::read(&path).map_err(|error| error.to_string())
    }

    #[test]
    fn a_file_says_all_that_flags_say_and_more() {
        let text = r#"
            keys_max = 5000
            when_full = "grant"
            journal = "kept/tenants.journal"
            [default]
            quota = "5/s"
            [[tenant]]
            name = "acme"
            quota = "100/s"
            match = ["acme", "acme/*"]
            bucket_per = "tenant"
        "#;
        let settings = read(text).unwrap();
        assert_eq!((settings.keys_max, settings.when_full), (Some(5000), Some(WhenFull::Grant)));
        assert!(settings.journal.clone().unwrap().is_absolute());
        let tenants = settings.tenants(Burst::of(7).unwrap());
        let acme = tenants.first().unwrap();
        assert_eq!((acme.limit.burst.tokens(), acme.patterns.len(), acme.bucket_per), (7, 2, BucketPer::Tenant));
    }

    #[test]
    fn what_cannot_be_is_named_with_its_line() {
        for (text, line, complaint) in [
            ("kesy_max = 1", "line 1", "unknown field `kesy_max`"),
            ("\n[[tenant]]\nname = \"a\"\nquotta = \"1/s\"", "line 4", "unknown field `quotta`"),
            ("[[tenant]]\nname = \"a\"\nquota = \"fast\"", "line 3", "`fast` is not a rate"),
            ("[[tenant]]\nname = \"a\"", "line 1", "missing field `quota`"),
            ("[[tenant]]\nname = \"\"\nquota = \"1/s\"", "line 2", "may not be empty"),
            ("[default]\nburst = 0", "line 2", "a burst is from 1"),
            ("[[tenant]]\nname = \"a\"\nquota = \"1/s\"\nmatch = [\"a*b\"]", "line 4", "is not at the end"),
            ("[default]\nkeys_max = 0", "line 2", "at least one key"),
            ("when_full = \"explode\"", "line 1", "unknown variant `explode`"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(line) && error.contains(complaint), "{error}");
        }
    }
}
