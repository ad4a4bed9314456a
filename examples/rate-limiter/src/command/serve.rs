//! `serve`: from flags to a running server, until a signal stops it.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::Args;
use tokio::signal::unix::{SignalKind, signal};

use crate::capacity::{Capacity, KEYS_USUALLY, WhenFull};
use crate::limit::{Burst, Limit};
use crate::log::{self, LogFormat, LogLevel};
use crate::rate::Rate;
use crate::server::{ServeError, Server, ServerConfig};
use crate::settings::{Settings, parse_duration};
use crate::tenant::{TenantConfig, TenantName};
use crate::upstream::UpstreamConfig;

/// The tenants of the example, where none is given.
const EXAMPLE_TENANTS: [&str; 3] = ["acme=100/s:20", "beta=60/s:20", "crawler=20/s:10"];

/// What is usual where neither a flag nor the file says anything.
const DEFAULT_QUOTA: Rate = Rate::whole(10);
const DEFAULT_BURST: Burst = Burst::whole(10);

/// The journal's name, beside the admin token file.
const JOURNAL_NAME: &str = "tenants.journal";

/// Flags of `serve`. A flag counts more than the configuration file.
#[derive(Debug, Clone, Default, Args)]
pub struct ServeArgs {
    /// A configuration file in TOML; flags count more than it
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Where requests are limited and measured (loopback only) [default: 127.0.0.1:7070]
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<SocketAddr>,
    /// Where tenants are changed, behind the admin token (loopback only) [default: 127.0.0.1:7071]
    #[arg(long, value_name = "ADDRESS")]
    pub admin: Option<SocketAddr>,
    /// The file with the admin token; made with a fresh one if it is missing [default: admin.token]
    #[arg(long, value_name = "FILE")]
    pub admin_token_file: Option<PathBuf>,
    /// The file that keeps what the admin API changes [default: tenants.journal beside the admin token file]
    #[arg(long, value_name = "FILE", conflicts_with = "no_journal")]
    pub journal: Option<PathBuf>,
    /// Keep no journal: a restart begins with the configured tenants
    #[arg(long)]
    pub no_journal: bool,
    /// A tenant with its quota and burst; may be repeated [default: acme=100/s:20 beta=60/s:20 crawler=20/s:10]
    #[arg(long = "tenant", value_name = "NAME=QUOTA/s[:BURST]")]
    pub tenants: Vec<TenantQuota>,
    /// The quota of each key that belongs to no tenant [default: 10/s]
    #[arg(long, value_name = "QUOTA/s")]
    pub default_quota: Option<Rate>,
    /// The burst of each such key, and of each tenant that names none [default: 10]
    #[arg(long, value_name = "TOKENS")]
    pub default_burst: Option<Burst>,
    /// The most keys held, at 32 bytes each [default: 1000000]
    #[arg(long, value_name = "N")]
    pub keys_max: Option<usize>,
    /// What becomes of a new key when the table is full of buckets in use [default: refuse]
    #[arg(long, value_name = "CHOICE")]
    pub when_full: Option<WhenFull>,
    /// How long /readyz says no before a stop takes effect, so that a balancer can turn away [default: 0s]
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub drain_time: Option<Duration>,
    /// How log lines are written to standard error [default: json]
    #[arg(long, value_name = "FORMAT")]
    pub log_format: Option<LogFormat>,
    /// How much is logged [default: info]
    #[arg(long, value_name = "LEVEL")]
    pub log_level: Option<LogLevel>,
    /// Put a stand-in upstream with this many workers behind the buckets
    #[arg(long, value_name = "N", requires = "service_time")]
    pub upstream_workers: Option<usize>,
    /// How long a worker of the upstream takes for a request, as in 10ms
    #[arg(long, value_name = "DURATION", requires = "upstream_workers", value_parser = parse_duration)]
    pub service_time: Option<Duration>,
}

/// A tenant as the flag writes it: `acme=100/s:20`, or `acme=100/s` with the default burst.
#[derive(Debug, Clone, PartialEq)]
pub struct TenantQuota {
    /// Its name.
    pub name: TenantName,
    /// Its quota.
    pub quota: Rate,
    /// Its burst, if it names one.
    pub burst: Option<Burst>,
}

/// Serves until SIGTERM or ctrl-c. Prints one line when both ports answer.
///
/// # Errors
/// When the server cannot start, or stops by itself.
pub async fn serve(args: ServeArgs) -> Result<(), ServeError> {
    // Before anything is announced: a signal that comes right after the line must already be heard.
    let mut terminate = signal(SignalKind::terminate()).map_err(ServeError::Signals)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(ServeError::Signals)?;
    let settings = args.settings()?;
    let format = args.log_format.or(settings.log.format).unwrap_or_default();
    log::to_stderr(format, args.log_level.or(settings.log.level).unwrap_or_default());
    let config = args.server_config(&settings)?;
    let (tenants, journal) = (config.tenants.len(), config.journal.clone());
    let server = Server::bind(config).await?;
    let (listen, admin) = (server.listen_address(), server.admin_address());
    let journal = journal.as_deref().map(|path| tracing::field::display(path.display()));
    tracing::info!(%listen, %admin, tenants, journal, "listening");
    announce(&server).map_err(ServeError::Announce)?;
    server
        .run(async move {
            tokio::select! {
                _ = terminate.recv() => (),
                _ = interrupt.recv() => (),
            }
        })
        .await
}

impl ServeArgs {
    /// The server that these flags, and the configuration file if they name one, describe.
    ///
    /// # Errors
    /// When the file cannot be followed, or the table or the upstream is out of bounds.
    pub fn config(&self) -> Result<ServerConfig, ServeError> {
        self.server_config(&self.settings()?)
    }

    fn settings(&self) -> Result<Settings, ServeError> {
        Ok(self.config.as_deref().map(Settings::read).transpose()?.unwrap_or_default())
    }

    fn server_config(&self, settings: &Settings) -> Result<ServerConfig, ServeError> {
        let default_quota = self.default_quota.or(settings.default.quota).unwrap_or(DEFAULT_QUOTA);
        let default_burst = self.default_burst.or(settings.default.burst).unwrap_or(DEFAULT_BURST);
        let upstream = self.upstream_workers.zip(self.service_time);
        let token = self.admin_token_file.clone().or_else(|| settings.admin_token_file.clone());
        let admin_token_file = token.unwrap_or_else(|| "admin.token".into());
        let journal = self.journal.clone().or_else(|| settings.journal.clone());
        let journal = journal.unwrap_or_else(|| admin_token_file.with_file_name(JOURNAL_NAME));
        let keys_max = self.keys_max.or(settings.keys_max).unwrap_or(KEYS_USUALLY);
        let when_full = self.when_full.or(settings.when_full).unwrap_or_default();
        Ok(ServerConfig {
            listen: self.listen.or(settings.listen).unwrap_or(SocketAddr::from(([127, 0, 0, 1], 7070))),
            admin: self.admin.or(settings.admin).unwrap_or(SocketAddr::from(([127, 0, 0, 1], 7071))),
            admin_token_file,
            tenants: self.all_tenants(settings, default_burst),
            default_limit: Limit { quota: default_quota, burst: default_burst },
            default_keys_max: settings.default.keys_max,
            capacity: Capacity::of(keys_max, when_full)?,
            journal: (!self.no_journal).then_some(journal),
            drain_time: self.drain_time.or(settings.drain_time).unwrap_or_default(),
            upstream: upstream.map(|(workers, time)| UpstreamConfig::new(workers, time)).transpose()?,
        })
    }

    /// The tenants of the file, and those of the flags in their place; the example's if there is neither.
    fn all_tenants(&self, settings: &Settings, default_burst: Burst) -> Vec<TenantConfig> {
        let given: Vec<TenantConfig> = match self.config {
            None if self.tenants.is_empty() => {
                let example = EXAMPLE_TENANTS.iter().map(|text| text.parse()).collect::<Result<Vec<TenantQuota>, _>>();
                return example.unwrap_or_default().iter().map(|tenant| tenant.config(default_burst)).collect();
            }
            _ => self.tenants.iter().map(|tenant| tenant.config(default_burst)).collect(),
        };
        let named = |tenant: &TenantConfig| given.iter().any(|other| other.name == tenant.name);
        let of_file = settings.tenants(default_burst).into_iter().filter(|tenant| !named(tenant));
        of_file.chain(given.iter().cloned()).collect()
    }
}

impl TenantQuota {
    fn config(&self, default_burst: Burst) -> TenantConfig {
        let limit = Limit { quota: self.quota, burst: self.burst.unwrap_or(default_burst) };
        TenantConfig::new(self.name.clone(), limit)
    }
}

impl FromStr for TenantQuota {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, limit) =
            text.rsplit_once('=').ok_or_else(|| format!("`{text}` names no quota; write it as in `acme=100/s:20`"))?;
        let (quota, burst) = limit.split_once(':').map_or((limit, None), |(quota, burst)| (quota, Some(burst)));
        Ok(Self {
            name: name.parse().map_err(|error| format!("{error}"))?,
            quota: quota.parse().map_err(|error| format!("{error}"))?,
            burst: burst.map(Burst::from_str).transpose().map_err(|error| error.to_string())?,
        })
    }
}

fn announce(server: &Server) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "listening on http://{}, admin on http://{}", server.listen_address(), server.admin_address())?;
    out.flush()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

    use clap::{Command, FromArgMatches};

    use super::*;

    fn parsed(flags: &[&str]) -> Result<ServeArgs, String> {
        let command = ServeArgs::augment_args(Command::new("serve").no_binary_name(true));
        let matches = command.try_get_matches_from(flags).map_err(|error| error.to_string())?;
        ServeArgs::from_arg_matches(&matches).map_err(|error| error.to_string())
    }

    #[test]
    fn without_flags_the_example_is_served() {
        let config = parsed(&[]).unwrap().config().unwrap();
        let tenants: Vec<String> = config
            .tenants
            .iter()
            .map(|TenantConfig { name, limit, .. }| format!("{name}={}:{}", limit.quota, limit.burst))
            .collect();
        assert_eq!(tenants, EXAMPLE_TENANTS);
        assert_eq!(config.upstream, None);
    }

    #[test]
    fn a_tenant_without_a_burst_takes_the_default_one() {
        let config = parsed(&["--tenant", "a=b=5/s", "--default-burst", "7"]).unwrap().config().unwrap();
        let [TenantConfig { name, limit, .. }] = config.tenants.as_slice() else { panic!("one tenant") };
        assert_eq!((name.as_str(), limit.quota.to_string().as_str(), limit.burst.tokens()), ("a=b", "5/s", 7));
    }

    #[test]
    fn an_upstream_needs_both_its_flags() {
        assert!(parsed(&["--upstream-workers", "2"]).is_err());
        assert!(parsed(&["--service-time", "10ms"]).is_err());
        let both = parsed(&["--upstream-workers", "2", "--service-time", "10ms"]).unwrap().config().unwrap();
        assert_eq!(both.upstream, UpstreamConfig::new(2, Duration::from_millis(10)).ok());
        for flags in [["0", "10ms"], ["2", "0ms"], ["2", "5m"]] {
            let [workers, time] = flags;
            let args = parsed(&["--upstream-workers", workers, "--service-time", time]).unwrap();
            assert!(args.config().is_err(), "{flags:?}");
        }
        assert!(parsed(&["--upstream-workers", "2", "--service-time", "-10ms"]).is_err());
    }

    #[test]
    fn a_wrong_tenant_is_told_what_is_wrong() {
        for (flag, complaint) in [
            ("acme", "names no quota"),
            ("=10/s", "may not be empty"),
            ("acme=10", "is not a rate"),
            ("acme=10/s:", "is not a burst"),
            ("acme=10/s:0", "a burst is from 1"),
        ] {
            let error = parsed(&["--tenant", flag]).unwrap_err();
            assert!(error.contains(complaint), "{error}");
        }
    }
}
