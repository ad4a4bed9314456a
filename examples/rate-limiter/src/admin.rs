//! The admin plane's routes: tenants, top talkers, draining, the upstream's workers. All but `/healthz` need the token.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router, middleware};
use serde::{Deserialize, Serialize};

use crate::json_body::JsonBody;
use crate::limit::Burst;
use crate::limiter::Limiter;
use crate::problem::Problem;
use crate::rate::Rate;
use crate::talkers::{TALKERS_HELD, Talker};
use crate::tenant::{BucketPer, TenantChange, TenantConfig, TenantError, TenantName, TenantState};
use crate::tenants::{Tenants, WriteError};
use crate::token::TokenFile;

/// How long a tenant's requests under way are waited for: longer than the upstream keeps any, shorter than a request may
/// take.
const DRAIN_TIME_MAX: Duration = Duration::from_secs(5);

/// How often they are looked at meanwhile.
const DRAIN_LOOK_EVERY: Duration = Duration::from_millis(20);

/// The routes over `limiter`, behind the token in `token_file`.
pub(crate) fn router(limiter: Arc<Limiter>, token_file: Arc<TokenFile>) -> Router {
    // The fallbacks stand behind the token as well: who has none does not learn which routes there are.
    let guarded = Router::new()
        .route("/v1/tenants", get(list))
        .route("/v1/tenants/{tenant}", get(read).put(put).patch(write).delete(delete))
        .route("/v1/tenants/{tenant}/drain", post(drain_tenant))
        .route("/v1/drain", post(drain))
        .route("/v1/keys/top", get(top))
        .route("/v1/workers/restart", post(restart_workers))
        .fallback(|| async { Problem::NoSuchRoute })
        .method_not_allowed_fallback(|| async { Problem::MethodNotAllowed })
        .layer(middleware::from_fn_with_state(token_file, require_token))
        .with_state(limiter);
    Router::new().route("/healthz", get(|| async { "ok" })).merge(guarded)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WriteRequest {
    expected_version: u64,
    quota_per_s: Option<f64>,
    burst: Option<u32>,
    enabled: Option<bool>,
    keys_max: Option<usize>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PutRequest {
    expected_version: Option<u64>,
    quota_per_s: f64,
    burst: u32,
    #[serde(default = "yes")]
    enabled: bool,
    #[serde(rename = "match", default)]
    patterns: Vec<String>,
    #[serde(default)]
    bucket_per: BucketPer,
    keys_max: Option<usize>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct VersionQuery {
    expected_version: u64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TopQuery {
    #[serde(default = "some_keys")]
    count: usize,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct DrainRequest {
    on: bool,
}

#[derive(Debug, Serialize)]
struct Draining {
    draining: bool,
}

#[derive(Debug, Serialize)]
struct Drained {
    #[serde(flatten)]
    state: TenantState,
    under_way: usize,
}

#[derive(Debug, Serialize)]
struct Top {
    keys: Vec<Talker>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RestartRequest {}

#[derive(Debug, Serialize)]
struct Restarted {
    workers: usize,
}

#[derive(Debug, Serialize)]
struct TenantList {
    tenants: Vec<TenantState>,
}

fn yes() -> bool {
    true
}

fn some_keys() -> usize {
    20
}

async fn require_token(
    State(token_file): State<Arc<TokenFile>>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let presented = bearer(request.headers()).ok_or(Problem::Unauthorized)?.to_owned();
    // Reading a file may block, if only for a moment.
    let matches = tokio::task::spawn_blocking(move || token_file.matches(&presented)).await;
    match matches {
        Ok(Ok(true)) => Ok(next.run(request).await),
        Ok(Ok(false)) => Err(Problem::Unauthorized),
        Ok(Err(error)) => {
            tracing::error!(%error, "no admin request can be let in");
            Err(Problem::TokenUnusable)
        }
        Err(error) => {
            tracing::error!(%error, "the admin token was not read to the end");
            Err(Problem::TokenUnusable)
        }
    }
}

/// What follows `Bearer`, whose case does not count (RFC 9110, section 11.1).
fn bearer(headers: &HeaderMap) -> Option<&[u8]> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.as_bytes().split_at_checked("Bearer ".len())?;
    scheme.eq_ignore_ascii_case(b"Bearer ").then(|| token.trim_ascii())
}

async fn list(State(limiter): State<Arc<Limiter>>) -> Json<TenantList> {
    Json(TenantList { tenants: limiter.tenants().states() })
}

async fn read(
    State(limiter): State<Arc<Limiter>>,
    tenant: Result<Path<String>, PathRejection>,
) -> Result<Json<TenantState>, Problem> {
    let name = name_in_path(tenant)?;
    limiter.tenants().state(&name).map(Json).ok_or(Problem::NoSuchTenant(name))
}

async fn write(
    State(limiter): State<Arc<Limiter>>,
    tenant: Result<Path<String>, PathRejection>,
    JsonBody(request): JsonBody<WriteRequest>,
) -> Result<Json<TenantState>, Problem> {
    let name = name_in_path(tenant)?;
    let change = change_asked(&request).map_err(Problem::InvalidBody)?;
    let state = change_kept(&limiter, move |tenants| tenants.write(&name, &change, tenants.now())).await?;
    tracing::info!(tenant = state.tenant, version = state.version, "a tenant was written");
    Ok(Json(state))
}

async fn put(
    State(limiter): State<Arc<Limiter>>,
    tenant: Result<Path<String>, PathRejection>,
    JsonBody(request): JsonBody<PutRequest>,
) -> Result<(StatusCode, Json<TenantState>), Problem> {
    let name = name_in_path(tenant)?;
    let PutRequest { expected_version, quota_per_s, burst, enabled, patterns, bucket_per, keys_max } = request;
    let tenant = name.as_str().to_owned();
    let asked = TenantState { tenant, quota_per_s, burst, enabled, version: 0, patterns, bucket_per, keys_max };
    let config = TenantConfig::try_from(&asked).map_err(|error| Problem::InvalidBody(error.to_string()))?;
    let put = move |tenants: &Tenants| tenants.put(config, expected_version, tenants.now());
    let state = change_kept(&limiter, put).await?;
    tracing::info!(tenant = state.tenant, version = state.version, "a tenant was set");
    let status = if expected_version.is_some() { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, Json(state)))
}

async fn delete(
    State(limiter): State<Arc<Limiter>>,
    tenant: Result<Path<String>, PathRejection>,
    query: Result<Query<VersionQuery>, QueryRejection>,
) -> Result<StatusCode, Problem> {
    let name = name_in_path(tenant)?;
    let VersionQuery { expected_version } = parsed(query)?;
    let tenant = name.clone();
    change_kept(&limiter, move |tenants| tenants.delete(&name, expected_version)).await?;
    tracing::info!(%tenant, "a tenant was deleted");
    Ok(StatusCode::NO_CONTENT)
}

/// Disables the tenant and waits until what was granted is answered, or [`DRAIN_TIME_MAX`] is over.
async fn drain_tenant(
    State(limiter): State<Arc<Limiter>>,
    tenant: Result<Path<String>, PathRejection>,
    JsonBody(VersionQuery { expected_version }): JsonBody<VersionQuery>,
) -> Result<Json<Drained>, Problem> {
    let name = name_in_path(tenant)?;
    let traffic = limiter.tenants().traffic(&name).ok_or_else(|| Problem::NoSuchTenant(name.clone()))?;
    let change = TenantChange { expected_version, quota: None, burst: None, enabled: Some(false), keys_max: None };
    let state = change_kept(&limiter, move |tenants| tenants.write(&name, &change, tenants.now())).await?;
    let deadline = tokio::time::Instant::now() + DRAIN_TIME_MAX;
    loop {
        // First a pause: a request that was decided before the write may not have begun to count.
        tokio::time::sleep(DRAIN_LOOK_EVERY).await;
        let under_way = traffic.under_way();
        if under_way == 0 || tokio::time::Instant::now() >= deadline {
            tracing::info!(tenant = state.tenant, under_way, "a tenant was drained");
            return Ok(Json(Drained { state, under_way }));
        }
    }
}

async fn drain(
    State(limiter): State<Arc<Limiter>>,
    JsonBody(DrainRequest { on }): JsonBody<DrainRequest>,
) -> Json<Draining> {
    limiter.drain(on);
    tracing::info!(draining = on, "draining was switched");
    Json(Draining { draining: on })
}

async fn top(
    State(limiter): State<Arc<Limiter>>,
    query: Result<Query<TopQuery>, QueryRejection>,
) -> Result<Json<Top>, Problem> {
    let TopQuery { count } = parsed(query)?;
    if !(1..=TALKERS_HELD).contains(&count) {
        return Err(Problem::InvalidBody(format!("`count` is from 1 to {TALKERS_HELD}, not {count}")));
    }
    Ok(Json(Top { keys: limiter.top_talkers(count) }))
}

/// Makes a change, which waits for the disk, where waiting keeps nobody else from being served.
async fn change_kept<T: Send + 'static>(
    limiter: &Arc<Limiter>,
    change: impl FnOnce(&Tenants) -> Result<T, WriteError> + Send + 'static,
) -> Result<T, Problem> {
    let tenants = Arc::clone(limiter.tenants());
    let made = tokio::task::spawn_blocking(move || change(&tenants)).await;
    match made {
        Ok(result) => result.map_err(Problem::from),
        Err(error) => {
            tracing::error!(%error, "a change broke off");
            Err(Problem::NotDone)
        }
    }
}

fn parsed<T>(query: Result<Query<T>, QueryRejection>) -> Result<T, Problem> {
    Ok(query?.0)
}

async fn restart_workers(
    State(limiter): State<Arc<Limiter>>,
    JsonBody(RestartRequest {}): JsonBody<RestartRequest>,
) -> Result<Json<Restarted>, Problem> {
    let upstream = limiter.upstream().ok_or(Problem::NoUpstream)?;
    let workers = upstream.restart().await;
    tracing::info!(workers, "the upstream's workers were restarted");
    Ok(Json(Restarted { workers }))
}

fn name_in_path(tenant: Result<Path<String>, PathRejection>) -> Result<TenantName, Problem> {
    // A name that cannot be one is the name of no tenant.
    let Path(text) = tenant.map_err(|_| Problem::NoSuchRoute)?;
    TenantName::parse(&text).map_err(|_| Problem::NoSuchRoute)
}

fn change_asked(request: &WriteRequest) -> Result<TenantChange, String> {
    let WriteRequest { expected_version, quota_per_s, burst, enabled, keys_max } = *request;
    if quota_per_s.is_none() && burst.is_none() && enabled.is_none() && keys_max.is_none() {
        return Err("name at least one of `quota_per_s`, `burst`, `enabled` and `keys_max`".to_owned());
    }
    if keys_max == Some(0) {
        return Err(TenantError::NoKeys.to_string());
    }
    let quota = quota_per_s.map(Rate::per_second).transpose().map_err(|error| format!("`quota_per_s`: {error}"))?;
    let burst = burst.map(Burst::of).transpose().map_err(|error| format!("`burst`: {error}"))?;
    Ok(TenantChange { expected_version, quota, burst, enabled, keys_max })
}
