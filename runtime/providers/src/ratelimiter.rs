//! The rate limiter of `examples/rate-limiter`: facts from its metrics page, writes through its admin API.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use leeway_engine::{Gap, NotDone, Receipt, Warrant};
use leeway_ir::{Policy, Target};
use leeway_units::{Quantity, Unit, Value};
use reqwest::{Client, Method, StatusCode, Url};
use serde_json::{Value as Json, json};

use crate::body::{beginning, body, plainly};
use crate::page::{PAGE_BYTES_MAX, Page};
use crate::provider::{Provider, Seen, Unreachable};
use crate::registry::{ConfigError, ProviderConfig};

/// How long a connection may take to come about, and an answer to come.
const CONNECT_TIME_MAX: Duration = Duration::from_secs(1);
const ANSWER_TIME_MAX: Duration = Duration::from_secs(2);

/// How much of an error's body is read, and how much of it is told.
const ERROR_BYTES_MAX: usize = 4 << 10;
const ERROR_TOLD_MAX: usize = 200;

/// A token is no longer than this.
const TOKEN_BYTES_MAX: usize = 4 << 10;

/// Serves `ratelimiter.tenant`.
#[derive(Debug)]
pub(crate) struct RateLimiter {
    client: Client,
    metrics: Url,
    admin: Url,
    token_file: PathBuf,
    target: Target,
}

/// The facts, and the gauges that they are read from; each series has the tenant as its label unless it says otherwise.
const FACTS: [(&str, &str, Shape); 5] = [
    ("quota", "ratelimiter_tenant_quota_per_second", Shape::Quantity(Unit::Rate)),
    ("burst", "ratelimiter_tenant_burst", Shape::Quantity(Unit::Count)),
    ("version", VERSION, Shape::Quantity(Unit::Count)),
    ("enabled", "ratelimiter_tenant_enabled", Shape::Bool),
    ("workers", "ratelimiter_workers", Shape::OfAll),
];

/// What a division and a multiplication of doubles may be off, generously.
const ROUNDING_PART_MAX: f64 = 1e-14;

const VERSION: &str = "ratelimiter_tenant_version";

#[derive(Clone, Copy)]
enum Shape {
    Quantity(Unit),
    Bool,
    /// A count of the limiter, not of the tenant.
    OfAll,
}

impl RateLimiter {
    /// The name in `leeway.toml`.
    pub(crate) const NAME: &'static str = "ratelimiter";
    /// The kind of target that it serves.
    pub(crate) const KIND: &'static str = "ratelimiter.tenant";

    pub(crate) fn new(config: &ProviderConfig, policy: &Policy) -> Result<RateLimiter, ConfigError> {
        if policy.target.kind.as_ref() != RateLimiter::KIND {
            let kind = policy.target.kind.to_string();
            return Err(ConfigError::Kind { provider: RateLimiter::NAME, serves: RateLimiter::KIND, kind });
        }
        // A redirect could lead a token anywhere; a proxy of the environment is not meant for the loopback.
        let client = Client::builder()
            .connect_timeout(CONNECT_TIME_MAX)
            .timeout(ANSWER_TIME_MAX)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(|error| ConfigError::Url { url: config.url.clone(), why: error.to_string() })?;
        Ok(RateLimiter {
            client,
            metrics: url(&config.url, &["metrics"])?,
            admin: url(&config.admin, &[])?,
            token_file: config.token_file.clone(),
            target: policy.target.clone(),
        })
    }

    fn facts(&self, page: &Page) -> BTreeMap<Arc<str>, Result<Value, Gap>> {
        FACTS.iter().map(|(name, series, shape)| (Arc::from(*name), self.fact(page, series, *shape))).collect()
    }

    fn fact(&self, page: &Page, series: &str, shape: Shape) -> Result<Value, Gap> {
        let (unit, labels) = match shape {
            Shape::Quantity(unit) => (unit, self.labels()),
            Shape::Bool => (Unit::Number, self.labels()),
            Shape::OfAll => (Unit::Count, BTreeMap::new()),
        };
        let mut points = page.points(series, &labels);
        let value = match (points.next(), points.next()) {
            (Some(point), None) => point.value,
            (None, _) => return Err(Gap::Missing),
            (Some(_), Some(_)) => return Err(Gap::Invalid),
        };
        let whole = unit != Unit::Count || value.fract() == 0.0;
        let quantity = Quantity::from_sample(unit, value).filter(|_| whole && value >= 0.0).ok_or(Gap::Invalid)?;
        let quantity = as_written(quantity);
        match shape {
            Shape::Quantity(_) | Shape::OfAll => Ok(Value::Quantity(quantity)),
            Shape::Bool if value == 0.0 || value == 1.0 => Ok(Value::Bool(value == 1.0)),
            Shape::Bool => Err(Gap::Invalid),
        }
    }

    fn labels(&self) -> BTreeMap<Arc<str>, Arc<str>> {
        BTreeMap::from([("tenant".into(), self.target.name.clone())])
    }

    /// The request that a call means.
    fn request(&self, warrant: &Warrant) -> Result<(Method, Url, Json), NotDone> {
        let call = &warrant.intent().call;
        let argument = |name: &str| {
            call.argument(name).ok_or_else(|| NotDone::certain(format!("`{call}` has no argument `{name}`")))
        };
        let number = |value: &Value| value.quantity().map(Quantity::to_sample).map(Json::from).unwrap_or_default();
        let change = match call.action.as_ref() {
            "set_quota" => json!({ "quota_per_s": number(argument("to")?) }),
            // JSON knows no whole numbers but by their writing.
            "set_burst" => json!({ "burst": argument("to")?.to_json() }),
            "set_enabled" => json!({ "enabled": argument("on")?.bool() }),
            "drain" => json!({ "enabled": false }),
            "restart_workers" => {
                return Ok((Method::POST, self.admin_url(&["v1", "workers", "restart"])?, json!({})));
            }
            unknown => return Err(NotDone::certain(format!("the rate limiter has no action `{unknown}`"))),
        };
        let version = warrant.intent().object_version.as_ref().and_then(|version| version.parse::<u64>().ok());
        let Some(version) = version else {
            return Err(NotDone::certain("the tenant's version is not known, so a stale write could not be told"));
        };
        let mut body = change;
        if let Some(members) = body.as_object_mut() {
            members.insert("expected_version".to_owned(), version.into());
        }
        Ok((Method::PATCH, self.admin_url(&["v1", "tenants", &self.target.name])?, body))
    }

    fn admin_url(&self, path: &[&str]) -> Result<Url, NotDone> {
        extended(&self.admin, path).ok_or_else(|| NotDone::certain("the admin address has no path"))
    }

    fn token(&self) -> Result<String, NotDone> {
        let cannot = |why: String| {
            NotDone::certain(format!("the token in `{}` cannot be used: {why}", self.token_file.display()))
        };
        let mut text = String::new();
        // One byte more than fits shows a file that is too long, without reading it all.
        std::fs::File::open(&self.token_file)
            .and_then(|file| file.take(TOKEN_BYTES_MAX as u64 + 1).read_to_string(&mut text))
            .map_err(|error| cannot(error.to_string()))?;
        let token = text.trim();
        let fits = !token.is_empty() && token.len() <= TOKEN_BYTES_MAX && token.chars().all(|c| c.is_ascii_graphic());
        if fits { Ok(token.to_owned()) } else { Err(cannot("it is empty, too long or not plain text".to_owned())) }
    }
}

#[async_trait]
impl Provider for RateLimiter {
    async fn observe(&self) -> Result<Seen, Unreachable> {
        let unreachable = |error: reqwest::Error| Unreachable { why: plainly(&error) };
        let answer = self.client.get(self.metrics.clone()).send().await.map_err(unreachable)?;
        if !answer.status().is_success() {
            tracing::debug!(status = %answer.status(), url = %self.metrics, "the limiter's page is an error");
            return Ok(nothing_seen(Gap::Failed));
        }
        let Some(bytes) = body(answer, PAGE_BYTES_MAX).await.map_err(unreachable)? else {
            tracing::debug!(url = %self.metrics, "the limiter's page is over {PAGE_BYTES_MAX} bytes");
            return Ok(nothing_seen(Gap::Invalid));
        };
        let page = String::from_utf8(bytes).ok().and_then(|text| Page::parse(&text).ok());
        let Some(page) = page else {
            tracing::debug!(url = %self.metrics, "the limiter's page is no page of metrics");
            return Ok(nothing_seen(Gap::Invalid));
        };
        let version = self.fact(&page, VERSION, Shape::Quantity(Unit::Count)).ok();
        Ok(Seen {
            facts: self.facts(&page),
            object_version: version.map(|version| version.to_string().into()),
            page: Ok(page),
        })
    }

    async fn execute(&self, warrant: Warrant) -> Result<Receipt, NotDone> {
        if warrant.intent().target != self.target {
            return Err(NotDone::certain(format!("the warrant is for `{}`", warrant.intent().target.name)));
        }
        let (method, url, change) = self.request(&warrant)?;
        let token = self.token()?;
        let began = Timestamp::now();
        let sent = self.client.request(method, url).bearer_auth(&token).json(&change).send().await;
        fail::fail_point!("call-sent");
        let answer = sent.map_err(|error| {
            // What never connected never arrived.
            let why = plainly(&error);
            if error.is_connect() || error.is_builder() { NotDone::certain(why) } else { NotDone::unknown(why) }
        })?;
        let status = answer.status();
        if status.is_success() {
            return Ok(warrant.done(began, Timestamp::now()));
        }
        let said = beginning(answer, ERROR_BYTES_MAX).await;
        // A server may repeat what it was sent, and the ledger is no place for a token.
        let said = String::from_utf8_lossy(&said).replace(&token, "…");
        let said: String = said.chars().filter(|c| !c.is_control()).take(ERROR_TOLD_MAX).collect();
        let why = format!("the limiter answered {status}: {said}");
        // A server that failed may have failed after it wrote.
        if status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT {
            Err(NotDone::unknown(why))
        } else {
            Err(NotDone::certain(why))
        }
    }
}

/// The quantity without the error of having been a number per second: `31/min` is 1860 an hour, and comes back from the page as
/// 1860.0000000000002, which would not be the quota that was set.
fn as_written(quantity: Quantity) -> Quantity {
    let whole = quantity.base().round();
    let is_near = (quantity.base() - whole).abs() <= whole.abs() * ROUNDING_PART_MAX;
    if is_near { Quantity::new(quantity.unit(), whole).unwrap_or(quantity) } else { quantity }
}

fn nothing_seen(gap: Gap) -> Seen {
    let facts = FACTS.iter().map(|(name, ..)| (Arc::from(*name), Err(gap))).collect();
    Seen { facts, object_version: None, page: Err(gap) }
}

fn url(text: &str, path: &[&str]) -> Result<Url, ConfigError> {
    let wrong = |why: &str| ConfigError::Url { url: text.to_owned(), why: why.to_owned() };
    let url = Url::parse(text).map_err(|error| wrong(&error.to_string()))?;
    match url.scheme() {
        "http" => {}
        "https" => return Err(wrong("https is not in this version yet; use http on the loopback")),
        _ => return Err(wrong("it does not begin with `http://`")),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("a credential does not belong into an address; name a `token_file`"));
    }
    extended(&url, path).ok_or_else(|| wrong("it has no path"))
}

/// The address with these parts behind its path, each escaped.
fn extended(url: &Url, path: &[&str]) -> Option<Url> {
    let mut url = url.clone();
    url.path_segments_mut().ok()?.pop_if_empty().extend(path);
    Some(url)
}

#[cfg(test)]
mod tests;
