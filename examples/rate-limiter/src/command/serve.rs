//! `serve`: from flags to a running server, until a signal stops it.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::Args;
use jiff::SignedDuration;
use tokio::signal::unix::{SignalKind, signal};

use crate::limit::{Burst, Limit};
use crate::rate::Rate;
use crate::server::{ServeError, Server, ServerConfig};
use crate::tenant::{TenantConfig, TenantName};
use crate::upstream::UpstreamConfig;

/// The tenants of the example, where none is given.
const EXAMPLE_TENANTS: [&str; 3] = ["acme=100/s:20", "beta=60/s:20", "crawler=20/s:10"];

/// Flags of `serve`.
#[derive(Debug, Clone, Args)]
pub struct ServeArgs {
    /// Where requests are limited and measured (loopback only)
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7070")]
    pub listen: SocketAddr,
    /// Where tenants are changed, behind the admin token (loopback only)
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7071")]
    pub admin: SocketAddr,
    /// The file with the admin token; made with a fresh one if it is missing
    #[arg(long, value_name = "FILE", default_value = "admin.token")]
    pub admin_token_file: PathBuf,
    /// A tenant with its quota and burst; may be repeated
    #[arg(long = "tenant", value_name = "NAME=QUOTA/s[:BURST]", default_values = EXAMPLE_TENANTS)]
    pub tenants: Vec<TenantQuota>,
    /// The quota of each key that is no configured tenant
    #[arg(long, value_name = "QUOTA/s", default_value = "10/s")]
    pub default_quota: Rate,
    /// The burst of each key, and of each tenant, that names none
    #[arg(long, value_name = "TOKENS", default_value = "10")]
    pub default_burst: Burst,
    /// Put a stand-in upstream with this many workers behind the buckets
    #[arg(long, value_name = "N", requires = "service_time")]
    pub upstream_workers: Option<usize>,
    /// How long a worker of the upstream takes for a request, as in 10ms
    #[arg(long, value_name = "DURATION", requires = "upstream_workers", value_parser = service_time)]
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
    let server = Server::bind(args.config()?).await?;
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
    /// The server these flags describe.
    ///
    /// # Errors
    /// When the upstream is out of bounds.
    pub fn config(self) -> Result<ServerConfig, ServeError> {
        let default_burst = self.default_burst;
        let tenant = |TenantQuota { name, quota, burst }: TenantQuota| TenantConfig {
            name,
            limit: Limit { quota, burst: burst.unwrap_or(default_burst) },
        };
        let upstream = self.upstream_workers.zip(self.service_time);
        Ok(ServerConfig {
            listen: self.listen,
            admin: self.admin,
            admin_token_file: self.admin_token_file,
            tenants: self.tenants.into_iter().map(tenant).collect(),
            default_limit: Limit { quota: self.default_quota, burst: default_burst },
            upstream: upstream.map(|(workers, time)| UpstreamConfig::new(workers, time)).transpose()?,
        })
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

fn service_time(text: &str) -> Result<Duration, String> {
    text.parse::<SignedDuration>()
        .ok()
        .and_then(|duration| Duration::try_from(duration).ok())
        .ok_or_else(|| format!("`{text}` is not a duration; write one as in `10ms`"))
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
            .map(|TenantConfig { name, limit }| format!("{name}={}:{}", limit.quota, limit.burst))
            .collect();
        assert_eq!(tenants, EXAMPLE_TENANTS);
        assert_eq!(config.upstream, None);
    }

    #[test]
    fn a_tenant_without_a_burst_takes_the_default_one() {
        let config = parsed(&["--tenant", "a=b=5/s", "--default-burst", "7"]).unwrap().config().unwrap();
        let [TenantConfig { name, limit }] = config.tenants.as_slice() else { panic!("one tenant") };
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
