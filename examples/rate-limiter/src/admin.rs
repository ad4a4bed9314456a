//! The admin plane's routes: read tenants, write one, restart the upstream's workers. All but `/healthz` need the token.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::rejection::PathRejection;
use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router, middleware};
use serde::{Deserialize, Serialize};

use crate::deadline;
use crate::json_body::{BODY_BYTES_MAX, JsonBody};
use crate::limit::Burst;
use crate::limiter::Limiter;
use crate::problem::Problem;
use crate::rate::Rate;
use crate::tenant::{TenantChange, TenantName, TenantState};
use crate::tenants::WriteError;
use crate::token::TokenFile;

/// The routes over `limiter`, behind the token in `token_file`.
pub(crate) fn router(limiter: Arc<Limiter>, token_file: Arc<TokenFile>) -> Router {
    // The fallbacks stand behind the token as well: who has none does not learn which routes there are.
    let guarded = Router::new()
        .route("/v1/tenants", get(list))
        .route("/v1/tenants/{tenant}", get(read).patch(write))
        .route("/v1/workers/restart", post(restart_workers))
        .fallback(|| async { Problem::NoSuchRoute })
        .method_not_allowed_fallback(|| async { Problem::MethodNotAllowed })
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(middleware::from_fn_with_state(token_file, require_token))
        .with_state(limiter);
    Router::new().route("/healthz", get(|| async { "ok" })).merge(guarded).layer(middleware::from_fn(deadline::enforce))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WriteRequest {
    expected_version: u64,
    quota_per_s: Option<f64>,
    burst: Option<u32>,
    enabled: Option<bool>,
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
    match limiter.tenants().write(&name, &change, Instant::now()) {
        Ok(state) => {
            tracing::info!(tenant = %name, version = state.version, "a tenant was written");
            Ok(Json(state))
        }
        Err(WriteError::Unknown(name)) => Err(Problem::NoSuchTenant(name)),
        Err(WriteError::Stale(current)) => Err(Problem::StaleVersion(current)),
    }
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
    let WriteRequest { expected_version, quota_per_s, burst, enabled } = *request;
    if quota_per_s.is_none() && burst.is_none() && enabled.is_none() {
        return Err("name at least one of `quota_per_s`, `burst` and `enabled`".to_owned());
    }
    let quota = quota_per_s.map(Rate::per_second).transpose().map_err(|error| format!("`quota_per_s`: {error}"))?;
    let burst = burst.map(Burst::of).transpose().map_err(|error| format!("`burst`: {error}"))?;
    Ok(TenantChange { expected_version, quota, burst, enabled })
}
