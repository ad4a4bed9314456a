//! What the demo sets up: a limiter in a process of its own, load on it, the enforcer over it.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use leeway_controller::{EnforceError, Enforcer, Handle};
use leeway_engine::Mode;
use leeway_ir::Policy;
use leeway_providers::ProviderConfig;
use leeway_rate_limiter::Load;
use leeway_store::{Ledger, Writer};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::approver::Approver;
use crate::demo::failure;
use crate::demo::watcher::Watcher;
use crate::exit::Failure;
use crate::narrate::Narrator;
use crate::terminal::stdout;

/// The blueprint that the demo enforces, embedded so that the binary needs no file.
const BLUEPRINT: &str = include_str!("../../../blueprints/rate_limiter.leeway");
const BLUEPRINT_PATH: &str = "blueprints/rate_limiter.leeway";

/// The ports that people expect; when one is taken, free ones are chosen.
const USUAL: [&str; 2] = ["127.0.0.1:7070", "127.0.0.1:7071"];
const FREE: [&str; 2] = ["127.0.0.1:0", "127.0.0.1:0"];

/// The stand-in upstream: at 10 ms a request, four workers serve 400 requests a second at the most.
const UPSTREAM: [&str; 4] = ["--upstream-workers", "4", "--service-time", "10ms"];

/// What the tenants ask for at first, per second: `acme` and `beta` stay within their quota, `crawler` abuses its own.
const CALM: [(&str, f64); 3] = [("acme", 80.0), ("beta", 40.0), ("crawler", 150.0)];

/// Longer than any demo.
const LOAD_TIME_MAX: Duration = Duration::from_secs(900);

/// How long the limiter may take to listen.
const START_TIME_MAX: Duration = Duration::from_secs(10);

/// Everything that runs during the demo.
pub(crate) struct Stage {
    pub(crate) policy: Arc<Policy>,
    pub(crate) data: PathBuf,
    pub(crate) handle: Handle,
    pub(crate) watcher: Watcher,
    pub(crate) load: Load,
    limiter: Child,
    limiter_token: PathBuf,
    stop: watch::Sender<bool>,
    enforcer: JoinHandle<Result<(), EnforceError>>,
}

impl Stage {
    /// Sets everything up.
    pub(crate) async fn set(data: Option<PathBuf>, approver: Approver, from: Timestamp) -> Result<Stage, Failure> {
        let data = match data {
            Some(data) => data,
            None => tempfile::Builder::new().prefix("leeway-demo-").tempdir().map_err(failure)?.keep(),
        };
        if data.join(leeway_store::DATABASE).exists() {
            return Err(
                failure(format!("`{}` holds a ledger already", data.display())).help("name an empty folder, or none")
            );
        }
        let policy = Arc::new(compile()?);
        // Before anything runs: a ledger that cannot be written is found now.
        let ledger = Ledger::open(&data).map_err(failure)?;

        let limiter_token = data.join("limiter-admin.token");
        let (limiter, url, admin) = start_limiter(&limiter_token).await?;
        let load = Load::start(&url, &CALM, LOAD_TIME_MAX).map_err(failure)?;

        // The enforcer has a copy of the token, as it would have in another place: rotating one leaves the other behind.
        let token_file = data.join("enforcer-admin.token");
        std::fs::copy(&limiter_token, &token_file).map_err(failure)?;
        let config = ProviderConfig { url: url.clone(), admin: admin.clone(), token_file };
        let provider = leeway_providers::provider("ratelimiter", &config, &policy).map_err(failure)?;
        let writer = Arc::new(Writer::start(ledger).map_err(failure)?);
        let (enforcer, handle) =
            Enforcer::new(policy.as_ref().clone(), provider, writer, Mode::Act).await.map_err(failure)?;
        let narrator = Narrator::new(policy.clone(), Some(from), handle.clone(), approver);
        let watcher = Watcher::new(enforcer.watch(), narrator);

        stdout(&format!(
            "A rate limiter listens on {url} (admin {admin}), before a stand-in upstream of 4 workers at 10 ms a request.\n\
             Load: acme 80/s of its 100/s, beta 40/s of 60/s, crawler 150/s of 20/s, which is abuse.\n\
             Enforcing {BLUEPRINT_PATH} on {}(\"{}\"); the ledger is in {}\n",
            policy.target.kind,
            policy.target.name,
            data.display()
        ));
        let (stop, mut stopped) = watch::channel(false);
        let enforcer = tokio::spawn(enforcer.run(async move {
            // A stage that is gone stops the loop as well.
            let _ = stopped.wait_for(|stop| *stop).await;
        }));
        Ok(Stage { policy, data, handle, watcher, load, limiter, limiter_token, stop, enforcer })
    }

    /// Gives the limiter a new admin token that nobody tells the enforcer.
    pub(crate) fn rotate_token(&self) -> Result<(), String> {
        let fresh = format!("rotated-{}", Timestamp::now().as_nanosecond());
        std::fs::write(&self.limiter_token, fresh).map_err(|error| format!("the token cannot be rotated: {error}"))
    }

    /// Whether the breaker was opened and not reset.
    pub(crate) fn breaker_is_open(&self) -> bool {
        self.watcher.breaker_is_open
    }

    /// Ends everything in order.
    pub(crate) async fn strike(mut self) -> Result<(), Failure> {
        self.stop.send_replace(true);
        let ended = self.enforcer.await.map_err(Failure::errors)?;
        self.load.stop().await;
        self.limiter.kill().await.map_err(Failure::errors)?;
        ended.map_err(Failure::errors)
    }
}

fn compile() -> Result<Policy, Failure> {
    let compilation = leeway_driver::compile_text(BLUEPRINT_PATH, BLUEPRINT);
    let broken = || {
        let said = leeway_diagnostics::render::short(&compilation.sources, &compilation.diagnostics);
        failure(format!("its blueprint does not compile\n{said}"))
    };
    compilation.policies.first().cloned().ok_or_else(broken)
}

/// Starts `leeway rate-limiter serve` as a process of its own and waits until it listens.
async fn start_limiter(token_file: &Path) -> Result<(Child, String, String), Failure> {
    let usual_are_free = USUAL.iter().map(TcpListener::bind).all(|bound| bound.is_ok());
    let [listen, admin] = if usual_are_free { USUAL } else { FREE };
    let program = std::env::current_exe().map_err(failure)?;
    let mut child = Command::new(program)
        .args(["rate-limiter", "serve", "--listen", listen, "--admin", admin])
        .arg("--admin-token-file")
        .arg(token_file)
        // Each demo begins with the same tenants, and its terminal belongs to the scenes.
        .args(["--no-journal", "--log-level", "warn", "--log-format", "text"])
        .args(UPSTREAM)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(failure)?;
    let output = child.stdout.take().ok_or_else(|| failure("the limiter has no output"))?;
    let mut lines = BufReader::new(output).lines();
    let line = tokio::time::timeout(START_TIME_MAX, lines.next_line())
        .await
        .map_err(|_| failure("the limiter did not listen in time"))?
        .map_err(failure)?
        .ok_or_else(|| failure("the limiter ended at once"))?;
    let addresses = line.strip_prefix("listening on ").and_then(|rest| rest.split_once(", admin on "));
    let (url, admin) = addresses.ok_or_else(|| failure(format!("the limiter said `{line}`")))?;
    Ok((child, url.to_owned(), admin.to_owned()))
}
