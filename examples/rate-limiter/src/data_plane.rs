//! The data plane's routes: take tokens, one by one or in a batch, ask after them, read the metrics, ask whether it is up.

use std::num::NonZeroU32;
use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use serde::{Deserialize, Serialize};

use crate::deadline::ArrivedAt;
use crate::envoy::{SERVICE_PATH, Service};
use crate::json_body::{JsonBody, Object};
use crate::key::Subject;
use crate::limit_headers;
use crate::limiter::{Limiter, Outcome, Reply};
use crate::metrics::CONTENT_TYPE;
use crate::problem::{Described, Problem};

/// The most takes in one batch.
const BATCH_TAKES_MAX: usize = 100;

/// The routes over `limiter`.
pub(crate) fn router(limiter: Arc<Limiter>) -> Router {
    Router::new()
        .route("/v1/take", post(take))
        .route("/v1/take/batch", post(take_batch))
        .route("/v1/check", get(check))
        .route("/metrics", get(metrics))
        .route("/healthz", get(|| async { "ok" }))
        .route("/readyz", get(ready))
        .route_service(SERVICE_PATH, Service::over(Arc::clone(&limiter)))
        .fallback(|| async { Problem::NoSuchRoute })
        .method_not_allowed_fallback(|| async { Problem::MethodNotAllowed })
        .with_state(limiter)
}

/// Whether new callers should be sent here.
pub(crate) async fn ready(State(limiter): State<Arc<Limiter>>) -> Result<&'static str, Problem> {
    if limiter.is_ready() { Ok("ready") } else { Err(Problem::Draining) }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TakeRequest {
    tenant: Option<String>,
    key: String,
    #[serde(default = "one")]
    tokens: u32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct BatchRequest {
    takes: Vec<Object<TakeRequest>>,
}

#[derive(Debug, Serialize)]
struct BatchBody {
    results: Vec<TakeBody>,
}

/// What a take comes to.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum TakeBody {
    Granted { granted: bool, remaining: f64 },
    Uncounted { granted: bool, counted: bool },
    Refused { granted: bool, retry_after_s: f64 },
    Problem { granted: bool, error: Described },
}

fn one() -> u32 {
    1
}

impl TakeRequest {
    fn parse(&self) -> Result<(Subject<'_>, NonZeroU32), Problem> {
        let invalid = |why: String| Problem::InvalidBody(why);
        let subject = Subject::parse(self.tenant.as_deref(), &self.key).map_err(|error| invalid(error.to_string()))?;
        let tokens = NonZeroU32::new(self.tokens).ok_or_else(|| invalid("ask for at least one token".to_owned()))?;
        Ok((subject, tokens))
    }
}

async fn take(
    State(limiter): State<Arc<Limiter>>,
    Extension(ArrivedAt(arrived_at)): Extension<ArrivedAt>,
    JsonBody(request): JsonBody<TakeRequest>,
) -> Result<Response, Problem> {
    let (subject, tokens) = request.parse()?;
    answer(&limiter.take(&subject, tokens, arrived_at).await, &subject)
}

async fn take_batch(
    State(limiter): State<Arc<Limiter>>,
    Extension(ArrivedAt(arrived_at)): Extension<ArrivedAt>,
    JsonBody(request): JsonBody<BatchRequest>,
) -> Result<Json<BatchBody>, Problem> {
    if !(1..=BATCH_TAKES_MAX).contains(&request.takes.len()) {
        return Err(Problem::InvalidBody(format!("a batch has from 1 to 100 takes, not {}", request.takes.len())));
    }
    // All are read before the first is taken: a batch that is wrong anywhere takes nothing.
    let takes: Vec<(Subject<'_>, NonZeroU32)> =
        request.takes.iter().map(|Object(take)| take.parse()).collect::<Result<_, _>>()?;
    let result = |(subject, tokens): (Subject<'_>, NonZeroU32)| {
        let reply = limiter.take_only(&subject, tokens, arrived_at);
        body(&reply, &subject)
            .unwrap_or_else(|problem| TakeBody::Problem { granted: false, error: problem.described() })
    };
    Ok(Json(BatchBody { results: takes.into_iter().map(result).collect() }))
}

async fn check(
    State(limiter): State<Arc<Limiter>>,
    request: Result<Query<TakeRequest>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(request) = request?;
    let (subject, tokens) = request.parse()?;
    answer(&limiter.check(&subject, tokens), &subject)
}

async fn metrics(State(limiter): State<Arc<Limiter>>) -> Result<Response, Problem> {
    let text = limiter.metrics().text().map_err(|_| Problem::MetricsUnwritable)?;
    Ok(([(header::CONTENT_TYPE, CONTENT_TYPE)], text).into_response())
}

fn answer(reply: &Reply, subject: &Subject<'_>) -> Result<Response, Problem> {
    let body = body(reply, subject)?;
    let refused = matches!(body, TakeBody::Refused { .. });
    let status = if refused { StatusCode::TOO_MANY_REQUESTS } else { StatusCode::OK };
    Ok((status, limit_headers::headers(reply), Json(body)).into_response())
}

fn body(reply: &Reply, subject: &Subject<'_>) -> Result<TakeBody, Problem> {
    match reply.outcome {
        Outcome::Granted { remaining } => {
            Ok(TakeBody::Granted { granted: true, remaining: thousandths_down(remaining) })
        }
        Outcome::GrantedUncounted => Ok(TakeBody::Uncounted { granted: true, counted: false }),
        Outcome::Refused { retry_after, .. } => {
            Ok(TakeBody::Refused { granted: false, retry_after_s: thousandths(retry_after.as_secs_f64()) })
        }
        Outcome::Overloaded => Err(Problem::Overloaded),
        Outcome::OverCapacity => Err(Problem::OverCapacity),
        Outcome::Disabled => {
            let tenant = reply.traffic.tenant().map_or(subject.name(), |tenant| tenant.as_str());
            Err(Problem::Disabled(tenant.to_owned()))
        }
        Outcome::BeyondBurst { burst } => Err(Problem::BeyondBurst(burst)),
    }
}

/// Rounded to three digits, which is all a reader can use.
fn thousandths(number: f64) -> f64 {
    (number * 1000.0).round() / 1000.0
}

/// Rounded down to three digits: who is told of a whole token must not be refused it.
fn thousandths_down(number: f64) -> f64 {
    (number * 1000.0).floor() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_tokens_are_told_than_there_are() {
        assert_eq!([0.9996, 1.0, 1.0004, 2.9999].map(thousandths_down), [0.999, 1.0, 1.0, 2.999]);
        assert_eq!(thousandths(4.982), 4.982);
    }
}
