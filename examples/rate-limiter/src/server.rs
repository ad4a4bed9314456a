//! Binds both ports and serves them until it is told to stop.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::capacity::{Capacity, CapacityError};
use crate::connections;
use crate::limit::Limit;
use crate::limiter::Limiter;
use crate::listener::BoundedListener;
use crate::settings::SettingsError;
use crate::tenant::TenantConfig;
use crate::tenants::{RestoreError, Tenants, TenantsError};
use crate::token::{TokenError, TokenFile};
use crate::upstream::{Upstream, UpstreamConfig, UpstreamError};
use crate::{admin, data_plane, descriptors};

/// Requests under way when the server is told to stop get this long; then their connections are cut.
pub const SHUTDOWN_TIME_MAX: Duration = Duration::from_secs(8);

/// The longest that a server may say that it is not ready before it stops.
pub const DRAIN_TIME_MAX: Duration = Duration::from_secs(300);

/// How often the buckets' clock is compared with the system's.
const KEEP_TIME_EVERY: Duration = Duration::from_secs(1);

/// What a server is started with.
#[derive(Debug, Clone)]
pub struct ServerConfig {
    /// The data plane's address: loopback; port 0 takes any free one.
    pub listen: SocketAddr,
    /// The admin plane's address: loopback; port 0 takes any free one.
    pub admin: SocketAddr,
    /// The file with the admin token; made if it is missing.
    pub admin_token_file: PathBuf,
    /// The configured tenants.
    pub tenants: Vec<TenantConfig>,
    /// What each key that is no configured tenant is held to.
    pub default_limit: Limit,
    /// How many keys are held, and what becomes of more.
    pub capacity: Capacity,
    /// The most keys held that belong to no tenant, if fewer than half of all.
    pub default_keys_max: Option<usize>,
    /// The file that keeps what the admin plane changes; without it a restart begins with the configured tenants.
    pub journal: Option<PathBuf>,
    /// How long it says that it is not ready before it stops taking requests.
    pub drain_time: Duration,
    /// The stand-in behind the buckets, if any.
    pub upstream: Option<UpstreamConfig>,
}

/// Why a server does not start, or ended badly.
#[derive(Debug, Error)]
pub enum ServeError {
    /// Both planes are for this machine alone.
    #[error("`{flag}` is `{address}`, but the rate limiter listens on loopback only; use `127.0.0.1:PORT`")]
    NotLoopback {
        /// The flag that gave the address.
        flag: &'static str,
        /// The address.
        address: SocketAddr,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on `{address}`: {source}; choose another address with `{flag}`")]
    Bind {
        /// The flag that gave the address.
        flag: &'static str,
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// There is no admin token.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The tenants contradict each other.
    #[error(transparent)]
    Tenants(#[from] TenantsError),
    /// The table is out of bounds.
    #[error(transparent)]
    Capacity(#[from] CapacityError),
    /// Longer than [`DRAIN_TIME_MAX`].
    #[error("a server drains for at most 5m before it stops, not {0:?}")]
    DrainTime(Duration),
    /// What the admin plane changed earlier cannot be changed again.
    #[error(transparent)]
    Restore(#[from] RestoreError),
    /// The configuration file cannot be followed.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The upstream is out of bounds.
    #[error(transparent)]
    Upstream(#[from] UpstreamError),
    /// A plane stopped serving by itself.
    #[error("the server stopped: {0}")]
    Stopped(io::Error),
    /// The signals that stop the server cannot be waited for.
    #[error("cannot wait for signals: {0}")]
    Signals(io::Error),
    /// The ready line could not be written.
    #[error("cannot write to standard output: {0}")]
    Announce(io::Error),
}

/// A server that is bound but does not answer yet.
#[derive(Debug)]
pub struct Server {
    data: Plane,
    admin: Plane,
    limiter: Arc<Limiter>,
    drain_time: Duration,
}

#[derive(Debug)]
struct Plane {
    listener: TcpListener,
    address: SocketAddr,
    router: Router,
}

impl ServerConfig {
    /// A server without tenants on free ports of this machine, with what is usual for all else.
    #[must_use]
    pub fn on_free_ports(admin_token_file: PathBuf, default_limit: Limit) -> Self {
        let free = SocketAddr::from(([127, 0, 0, 1], 0));
        Self {
            listen: free,
            admin: free,
            admin_token_file,
            tenants: Vec::new(),
            default_limit,
            capacity: Capacity::default(),
            default_keys_max: None,
            journal: None,
            drain_time: Duration::ZERO,
            upstream: None,
        }
    }
}

impl Server {
    /// Takes both ports, makes the admin token file if it is missing, and starts the upstream.
    ///
    /// # Errors
    /// When an address is not loopback or is taken, or the configuration cannot be followed.
    pub async fn bind(config: ServerConfig) -> Result<Self, ServeError> {
        if config.drain_time > DRAIN_TIME_MAX {
            return Err(ServeError::DrainTime(config.drain_time));
        }
        let ServerConfig { tenants, default_limit, default_keys_max, capacity, upstream, .. } = config;
        let tenants = Tenants::new(tenants, default_limit, default_keys_max, capacity)?;
        let (listener, address) = listen(config.listen, "--listen").await?;
        let (admin_listener, admin_address) = listen(config.admin, "--admin").await?;
        // Last, so that a server that cannot start leaves no file behind.
        if let Some(journal) = &config.journal {
            tenants.keep_in(journal)?;
        }
        let token_file = Arc::new(TokenFile::open_or_create(&config.admin_token_file)?);
        let limiter = Arc::new(Limiter::new(tenants, capacity, upstream.map(Upstream::start)));
        let data = Plane { listener, address, router: data_plane::router(Arc::clone(&limiter)) };
        let router = admin::router(Arc::clone(&limiter), token_file);
        let admin = Plane { listener: admin_listener, address: admin_address, router };
        Ok(Self { data, admin, limiter, drain_time: config.drain_time })
    }

    /// Where the data plane really listens.
    #[must_use]
    pub fn listen_address(&self) -> SocketAddr {
        self.data.address
    }

    /// Where the admin plane really listens.
    #[must_use]
    pub fn admin_address(&self) -> SocketAddr {
        self.admin.address
    }

    /// The limiter that is served.
    #[must_use]
    pub fn limiter(&self) -> &Arc<Limiter> {
        &self.limiter
    }

    /// Serves until `shutdown` is there. Then it says for the configured time that it is not ready, takes no new requests
    /// and lets those under way finish, for at most [`SHUTDOWN_TIME_MAX`].
    ///
    /// # Errors
    /// When a plane stops serving by itself.
    pub async fn run(self, shutdown: impl Future<Output = ()> + Send) -> Result<(), ServeError> {
        let (stop, stopped) = watch::channel(false);
        let connections_max = descriptors::connections_max();
        let serving = async {
            tokio::try_join!(
                self.data.serve(connections_max, stopped.clone()),
                self.admin.serve(connections_max, stopped)
            )
        };
        tokio::pin!(serving);
        let told_to_stop = async {
            shutdown.await;
            self.limiter.drain(true);
            tracing::info!("stopping");
            tokio::time::sleep(self.drain_time).await;
        };
        let keeping_time = async {
            loop {
                tokio::time::sleep(KEEP_TIME_EVERY).await;
                self.limiter.tenants().buckets().keep_time();
            }
        };
        let ended = tokio::select! {
            ended = &mut serving => Some(ended),
            () = told_to_stop => None,
            () = keeping_time => None,
        };
        let ended = match ended {
            Some(ended) => Ok(ended),
            None => {
                stop.send_replace(true);
                tokio::time::timeout(SHUTDOWN_TIME_MAX, serving).await
            }
        };
        if let Some(upstream) = self.limiter.upstream() {
            upstream.stop().await;
        }
        match ended {
            Ok(result) => result.map(|_| ()).map_err(ServeError::Stopped),
            Err(_) => {
                tracing::warn!("some connections did not end in time and were cut");
                Ok(())
            }
        }
    }
}

impl Plane {
    async fn serve(self, connections_max: usize, stopped: watch::Receiver<bool>) -> io::Result<()> {
        connections::serve(BoundedListener::new(self.listener, connections_max), self.router, stopped).await;
        Ok(())
    }
}

async fn listen(address: SocketAddr, flag: &'static str) -> Result<(TcpListener, SocketAddr), ServeError> {
    if !address.ip().is_loopback() {
        return Err(ServeError::NotLoopback { flag, address });
    }
    let failed = |source| ServeError::Bind { flag, address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let real = listener.local_addr().map_err(failed)?;
    Ok((listener, real))
}
