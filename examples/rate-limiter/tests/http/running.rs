//! A real server on free ports, and the few requests every test makes.

use std::path::PathBuf;
use std::time::Duration;

use leeway_rate_limiter::{
    Burst, Limit, Rate, ServeError, Server, ServerConfig, TenantConfig, TenantName, UpstreamConfig,
};
use reqwest::header::HeaderMap;
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub(crate) struct Running {
    pub(crate) data: String,
    pub(crate) admin: String,
    pub(crate) client: Client,
    pub(crate) token_file: PathBuf,
    stop: Option<oneshot::Sender<()>>,
    served: JoinHandle<Result<(), ServeError>>,
    _folder: TempDir,
}

/// An answer read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) retry_after: Option<String>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

pub(crate) fn tenant(name: &str, quota_per_s: f64, burst: u32) -> TenantConfig {
    TenantConfig::new(TenantName::parse(name).unwrap(), limit(quota_per_s, burst))
}

pub(crate) fn limit(quota_per_s: f64, burst: u32) -> Limit {
    Limit { quota: Rate::per_second(quota_per_s).unwrap(), burst: Burst::of(burst).unwrap() }
}

pub(crate) fn upstream(workers: usize, service_ms: u64) -> Option<UpstreamConfig> {
    Some(UpstreamConfig::new(workers, Duration::from_millis(service_ms)).unwrap())
}

impl Running {
    pub(crate) async fn start(tenants: Vec<TenantConfig>, upstream: Option<UpstreamConfig>) -> Self {
        Self::with(|config| ServerConfig { tenants, upstream, ..config }).await
    }

    /// A server whose configuration is changed from what is usual.
    pub(crate) async fn with(change: impl FnOnce(ServerConfig) -> ServerConfig) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let token_file = folder.path().join("admin.token");
        let journal = Some(folder.path().join("tenants.journal"));
        let config = ServerConfig { journal, ..ServerConfig::on_free_ports(token_file.clone(), limit(1.0, 2)) };
        let config = change(config);
        let server = Server::bind(config).await.unwrap();
        let data = format!("http://{}", server.listen_address());
        let admin = format!("http://{}", server.admin_address());
        let (stop, stopped) = oneshot::channel();
        let served = tokio::spawn(server.run(async move {
            let _ = stopped.await;
        }));
        let client = Client::builder().no_proxy().timeout(Duration::from_secs(30)).build().unwrap();
        Self { data, admin, client, token_file, stop: Some(stop), served, _folder: folder }
    }

    pub(crate) fn tell_to_stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
    }

    pub(crate) async fn ended(self) -> Result<(), ServeError> {
        self.served.await.unwrap()
    }

    pub(crate) fn token(&self) -> String {
        std::fs::read_to_string(&self.token_file).unwrap().trim().to_owned()
    }

    pub(crate) async fn take(&self, key: &str) -> Answer {
        self.post_take(json!({ "key": key }).to_string()).await
    }

    pub(crate) async fn post_take(&self, body: impl Into<reqwest::Body>) -> Answer {
        Answer::of(self.client.post(format!("{}/v1/take", self.data)).body(body)).await
    }

    pub(crate) async fn get_admin(&self, path: &str) -> Answer {
        Answer::of(self.client.get(format!("{}{path}", self.admin)).bearer_auth(self.token())).await
    }

    pub(crate) async fn patch(&self, tenant: &str, change: impl ToString) -> Answer {
        let url = format!("{}/v1/tenants/{tenant}", self.admin);
        Answer::of(self.client.patch(url).bearer_auth(self.token()).body(change.to_string())).await
    }

    pub(crate) async fn admin(&self, method: Method, path: &str, body: impl ToString) -> Answer {
        let request = self.client.request(method, format!("{}{path}", self.admin)).bearer_auth(self.token());
        Answer::of(request.body(body.to_string())).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        Answer::of(self.client.get(format!("{}{path}", self.data))).await
    }

    pub(crate) async fn restart_workers(&self) -> Answer {
        let url = format!("{}/v1/workers/restart", self.admin);
        Answer::of(self.client.post(url).bearer_auth(self.token()).body("{}")).await
    }

    pub(crate) async fn metrics(&self) -> String {
        self.client.get(format!("{}/metrics", self.data)).send().await.unwrap().text().await.unwrap()
    }

    /// The value of one series, written as the metrics write it.
    pub(crate) async fn metric(&self, series: &str) -> f64 {
        let text = self.metrics().await;
        value_of(&text, series)
    }
}

/// The value of `series` in `text`.
pub(crate) fn value_of(text: &str, series: &str) -> f64 {
    let line = text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no `{series}` in:\n{text}")).parse().unwrap()
}

impl Answer {
    pub(crate) async fn of(request: RequestBuilder) -> Self {
        let response: Response = request.send().await.unwrap();
        let status = response.status();
        let retry_after = response.headers().get("retry-after").map(|value| value.to_str().unwrap().to_owned());
        let headers = response.headers().clone();
        let text = response.text().await.unwrap();
        let body =
            if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap_or(Value::String(text)) };
        Self { status, retry_after, headers, body }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The status, and the code of the typed error.
    pub(crate) fn error(&self) -> (u16, &str) {
        let error = self.body.get("error").unwrap();
        assert!(!error.get("message").unwrap().as_str().unwrap().is_empty());
        (self.status.as_u16(), error.get("code").unwrap().as_str().unwrap())
    }
}
