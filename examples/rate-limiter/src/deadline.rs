//! Gives every request its time of arrival and a bound on how long it may take.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use hyper::body::Incoming;
use tower_service::Service;

use crate::problem::Problem;

/// The longest a request may take, its body included. The upstream's queue and service take 4 s at most, so only a
/// caller who sends slowly meets this.
pub(crate) const REQUEST_TIME_MAX: Duration = Duration::from_secs(10);

/// When the request's head had come in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ArrivedAt(pub(crate) Instant);

/// The router's answer, if it comes in time.
pub(crate) async fn enforce(mut router: Router, request: hyper::Request<Incoming>) -> Result<Response, Infallible> {
    let mut request: Request = request.map(axum::body::Body::new);
    request.extensions_mut().insert(ArrivedAt(Instant::now()));
    match tokio::time::timeout(REQUEST_TIME_MAX, router.call(request)).await {
        Ok(answer) => answer,
        Err(_) => Ok(Problem::TooSlow.into_response()),
    }
}
