//! A folder of its own with a limiter, a configuration and an enforcer in it.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use leeway_engine::Entry;
use leeway_store::{Filter, LedgerReader};
use tempfile::TempDir;

/// How long anything may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(40);

/// The program, with fail points.
pub(crate) fn leeway() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_leeway-with-failpoints"));
    command.env_remove("FAILPOINTS").env("NO_COLOR", "1").stdin(Stdio::null());
    command
}

/// A running process that ends with the test.
pub(crate) struct Running(pub Child);

impl Running {
    /// Ends it as `kill -9` does.
    pub(crate) fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }

    /// Asks it to stop and waits until it has.
    pub(crate) fn terminate(&mut self) -> i32 {
        let told = Command::new("kill").arg(self.0.id().to_string()).status().unwrap();
        assert!(told.success());
        self.0.wait().unwrap().code().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A folder with everything in it.
pub(crate) struct Place {
    pub folder: TempDir,
    pub limiter: Running,
    pub url: String,
}

impl Place {
    /// Starts a limiter and writes a configuration for it and a blueprint with these members.
    pub(crate) fn new(members: &str) -> Place {
        let folder = tempfile::tempdir().unwrap();
        let (limiter, url, admin) = start_limiter(folder.path(), "127.0.0.1:0", "127.0.0.1:0");
        let config = format!(
            "[target.\"ratelimiter.tenant\"]\nprovider = \"ratelimiter\"\nurl = \"{url}\"\nadmin = \"{admin}\"\ntoken_file = \"admin.token\"\n"
        );
        fs::write(folder.path().join("leeway.toml"), config).unwrap();
        let blueprint =
            format!("use std.ratelimiter\n\nblueprint tested for ratelimiter.tenant(\"acme\") {{\n{members}\n}}\n");
        fs::write(folder.path().join("tested.leeway"), blueprint).unwrap();
        Place { folder, limiter, url }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The program, in this folder.
    pub(crate) fn leeway(&self, arguments: &[&str]) -> Command {
        let mut command = leeway();
        command.current_dir(self.folder.path()).args(arguments);
        command
    }

    /// Starts the enforcer; with fail points where some are named.
    pub(crate) fn enforce(&self, failpoints: &str) -> Running {
        let mut command = self.leeway(&["run", "tested.leeway", "--data", "data"]);
        if !failpoints.is_empty() {
            command.env("FAILPOINTS", failpoints);
        }
        let output = fs::File::options().create(true).append(true).open(self.path("enforcer.log")).unwrap();
        command.stdout(output.try_clone().unwrap()).stderr(output);
        Running(command.spawn().unwrap())
    }

    /// What the ledger holds, or nothing while there is none.
    pub(crate) fn entries(&self, kind: &str) -> Vec<Entry> {
        let Ok(reader) = LedgerReader::open(&self.path("data")) else { return Vec::new() };
        let filter = Filter { kind: Some(kind.to_owned()), ..Filter::default() };
        reader.list(&filter).map(|page| page.into_iter().map(|stored| stored.entry).collect()).unwrap_or_default()
    }

    /// Waits for a record of that kind that `wanted` accepts.
    pub(crate) fn wait_for(&self, kind: &str, wanted: impl Fn(&Entry) -> bool) -> Entry {
        self.wait(&format!("a record `{kind}`"), || self.entries(kind).into_iter().find(&wanted))
    }

    /// Waits until `look` sees something.
    pub(crate) fn wait<T>(&self, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
        let begin = Instant::now();
        loop {
            if let Some(seen) = look() {
                return seen;
            }
            let log = || fs::read_to_string(self.path("enforcer.log")).unwrap_or_default();
            assert!(begin.elapsed() < PATIENCE, "{what} did not come\n{}", log());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// A gauge of the limiter's page, such as `ratelimiter_tenant_version{tenant="acme"}`.
    pub(crate) fn gauge(&self, series: &str) -> f64 {
        let page = get(&format!("{}/metrics", self.url));
        let line =
            page.lines().find(|line| line.starts_with(series)).unwrap_or_else(|| panic!("no {series} in\n{page}"));
        line.rsplit(' ').next().unwrap().parse().unwrap()
    }
}

/// Starts a limiter that guards nothing and waits until it listens.
pub(crate) fn start_limiter(folder: &Path, listen: &str, admin: &str) -> (Running, String, String) {
    let mut child = leeway()
        .args(["rate-limiter", "serve", "--listen", listen, "--admin", admin, "--admin-token-file"])
        .arg(folder.join("admin.token"))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let (url, admin) = line.trim().strip_prefix("listening on ").unwrap().split_once(", admin on ").unwrap();
    (Running(child), url.to_owned(), admin.to_owned())
}

/// The exit code, and what was printed.
pub(crate) fn outcome(command: &mut Command) -> (i32, String, String) {
    let Output { status, stdout, stderr } = command.output().unwrap();
    (status.code().unwrap(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

pub(crate) fn get(url: &str) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { reqwest::get(url).await.unwrap().text().await.unwrap() })
}
