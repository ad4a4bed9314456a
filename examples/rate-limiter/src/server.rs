//! Binds both ports and serves them until it is told to stop.

use std::future::{Future, IntoFuture};
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::limit::Limit;
use crate::limiter::Limiter;
use crate::listener::BoundedListener;
use crate::tenant::TenantConfig;
use crate::tenants::{Tenants, TenantsError};
use crate::token::{TokenError, TokenFile};
use crate::upstream::{Upstream, UpstreamConfig, UpstreamError};
use crate::{admin, data_plane};

/// Requests under way when the server is told to stop get this long; then their connections are cut.
pub const SHUTDOWN_TIME_MAX: Duration = Duration::from_secs(8);

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
}

#[derive(Debug)]
struct Plane {
    listener: TcpListener,
    address: SocketAddr,
    router: Router,
}

impl Server {
    /// Takes both ports, makes the admin token file if it is missing, and starts the upstream.
    ///
    /// # Errors
    /// When an address is not loopback or is taken, or the configuration cannot be followed.
    pub async fn bind(config: ServerConfig) -> Result<Self, ServeError> {
        let tenants = Tenants::new(config.tenants, config.default_limit, Instant::now())?;
        let (listener, address) = listen(config.listen, "--listen").await?;
        let (admin_listener, admin_address) = listen(config.admin, "--admin").await?;
        // Last, so that a server that cannot start leaves no file behind.
        let token_file = Arc::new(TokenFile::open_or_create(&config.admin_token_file)?);
        let limiter = Arc::new(Limiter::new(tenants, config.upstream.map(Upstream::start)));
        let data = Plane { listener, address, router: data_plane::router(Arc::clone(&limiter)) };
        let router = admin::router(Arc::clone(&limiter), token_file);
        let admin = Plane { listener: admin_listener, address: admin_address, router };
        Ok(Self { data, admin, limiter })
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

    /// Serves until `shutdown` is there, then takes no new requests and lets those under way finish, for at most
    /// [`SHUTDOWN_TIME_MAX`].
    ///
    /// # Errors
    /// When a plane stops serving by itself.
    pub async fn run(self, shutdown: impl Future<Output = ()> + Send) -> Result<(), ServeError> {
        let (stop, stopped) = watch::channel(false);
        let serving = async { tokio::try_join!(self.data.serve(stopped.clone()), self.admin.serve(stopped)) };
        tokio::pin!(serving);
        let ended = tokio::select! {
            ended = &mut serving => Some(ended),
            () = shutdown => None,
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
    async fn serve(self, mut stopped: watch::Receiver<bool>) -> io::Result<()> {
        let stop = async move {
            // An error means that the sender is gone, which is a stop as well.
            let _ = stopped.wait_for(|stopped| *stopped).await;
        };
        let listener = BoundedListener::new(self.listener);
        axum::serve(listener, self.router).with_graceful_shutdown(stop).into_future().await
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
