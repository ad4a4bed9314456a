//! The data plane's routes: take tokens, read the metrics, ask whether it is up.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Json, Router, middleware};
use serde::{Deserialize, Serialize};

use crate::deadline::{self, ArrivedAt};
use crate::json_body::{BODY_BYTES_MAX, JsonBody};
use crate::limiter::{Limiter, Outcome};
use crate::metrics::CONTENT_TYPE;
use crate::problem::Problem;
use crate::tenant::TenantName;

/// The routes over `limiter`.
pub(crate) fn router(limiter: Arc<Limiter>) -> Router {
    Router::new()
        .route("/v1/take", post(take))
        .route("/metrics", get(metrics))
        .route("/healthz", get(|| async { "ok" }))
        .fallback(|| async { Problem::NoSuchRoute })
        .method_not_allowed_fallback(|| async { Problem::MethodNotAllowed })
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(middleware::from_fn(deadline::enforce))
        .with_state(limiter)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TakeRequest {
    key: String,
    #[serde(default = "one")]
    tokens: u32,
}

#[derive(Debug, Serialize)]
struct GrantedBody {
    granted: bool,
    remaining: f64,
}

#[derive(Debug, Serialize)]
struct RefusedBody {
    granted: bool,
    retry_after_s: f64,
}

fn one() -> u32 {
    1
}

async fn take(
    State(limiter): State<Arc<Limiter>>,
    Extension(ArrivedAt(arrived_at)): Extension<ArrivedAt>,
    JsonBody(request): JsonBody<TakeRequest>,
) -> Result<Response, Problem> {
    let name = TenantName::parse(&request.key).map_err(|error| Problem::InvalidBody(error.to_string()))?;
    let tokens =
        NonZeroU32::new(request.tokens).ok_or_else(|| Problem::InvalidBody("ask for at least one token".to_owned()))?;
    match limiter.take(&name, tokens, arrived_at).await {
        Outcome::Granted { remaining } => {
            Ok(Json(GrantedBody { granted: true, remaining: thousandths(remaining) }).into_response())
        }
        Outcome::Refused { retry_after } => {
            let retry_header = [(header::RETRY_AFTER, whole_seconds(retry_after).to_string())];
            let body = Json(RefusedBody { granted: false, retry_after_s: thousandths(retry_after.as_secs_f64()) });
            Ok((StatusCode::TOO_MANY_REQUESTS, retry_header, body).into_response())
        }
        Outcome::Overloaded => Err(Problem::Overloaded),
        Outcome::Disabled => Err(Problem::Disabled(name)),
        Outcome::BeyondBurst { burst } => Err(Problem::BeyondBurst(burst)),
    }
}

async fn metrics(State(limiter): State<Arc<Limiter>>) -> Result<Response, Problem> {
    let text = limiter.metrics().text().map_err(|_| Problem::MetricsUnwritable)?;
    Ok(([(header::CONTENT_TYPE, CONTENT_TYPE)], text).into_response())
}

/// Rounded to three digits, which is all a reader can use.
fn thousandths(number: f64) -> f64 {
    (number * 1000.0).round() / 1000.0
}

/// Whole seconds, rounded up and at least one, as `Retry-After` wants them.
fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_in_whole_seconds_is_never_too_short() {
        let told = [0, 1, 999, 1000, 1001, 3_600_000].map(|ms| whole_seconds(Duration::from_millis(ms)));
        assert_eq!(told, [1, 1, 1, 1, 2, 3600]);
    }
}
