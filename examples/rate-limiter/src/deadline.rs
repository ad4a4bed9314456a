//! Gives every request its time of arrival and a bound on how long it may take.

use std::time::{Duration, Instant};

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::problem::Problem;

/// The longest a request may take, its body included. The upstream's queue and service take 4 s at most, so only a
/// caller who sends slowly meets this.
pub(crate) const REQUEST_TIME_MAX: Duration = Duration::from_secs(10);

/// When the request's head had come in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ArrivedAt(pub(crate) Instant);

/// The middleware; it belongs outside all others.
pub(crate) async fn enforce(mut request: Request, next: Next) -> Response {
    request.extensions_mut().insert(ArrivedAt(Instant::now()));
    match tokio::time::timeout(REQUEST_TIME_MAX, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::TooSlow.into_response(),
    }
}
