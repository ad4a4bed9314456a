//! Serves a router on every connection of a listener, HTTP/1.1 and HTTP/2 alike, and bounds how long a slow client holds one.

use std::time::Duration;

use axum::Router;
use axum::serve::Listener;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::sync::watch;

use crate::deadline;
use crate::listener::BoundedListener;

/// The longest that a request's head may take, from the end of the request before it.
pub(crate) const HEAD_TIME_MAX: Duration = Duration::from_secs(10);

/// An HTTP/2 connection on which nothing happens is asked so often whether anybody is there, and has so long to answer.
const ALIVE_EVERY: Duration = Duration::from_secs(30);
const ALIVE_ANSWER_TIME_MAX: Duration = Duration::from_secs(10);

/// The most requests at once on one HTTP/2 connection, and the most bytes of the head of each.
const STREAMS_MAX: u32 = 256;
const HEAD_BYTES_MAX: u32 = 16 * 1024;

/// The most bytes of a request that are read ahead on an HTTP/1.1 connection, its head among them.
const BUFFER_BYTES_MAX: usize = 32 * 1024;

/// Serves until `stopped` says so, and then until the requests under way are answered.
pub(crate) async fn serve(mut listener: BoundedListener, router: Router, mut stopped: watch::Receiver<bool>) {
    let graceful = GracefulShutdown::new();
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_TIME_MAX).max_buf_size(BUFFER_BYTES_MAX);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(ALIVE_EVERY)
        .keep_alive_timeout(ALIVE_ANSWER_TIME_MAX)
        .max_concurrent_streams(STREAMS_MAX)
        .max_header_list_size(HEAD_BYTES_MAX);
    loop {
        let (stream, _) = tokio::select! {
            biased;
            // An error means that the sender is gone, which is a stop as well.
            _ = stopped.wait_for(|stopped| *stopped) => break,
            connection = listener.accept() => connection,
        };
        let router = router.clone();
        let service = service_fn(move |request| deadline::enforce(router.clone(), request));
        let connection = builder.serve_connection(TokioIo::new(stream), service).into_owned();
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                // Clients go away in many ways, and none of them is the server's trouble.
                tracing::debug!(%error, "a connection broke off");
            }
        });
    }
    drop(listener);
    graceful.shutdown().await;
}
