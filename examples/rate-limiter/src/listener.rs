//! A listener that holds a bounded number of connections; further callers wait in the system's own queue.
//!
//! A client that does not begin to speak, or does not read what it is told, loses its place.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::serve::Listener;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Sleep, sleep};

/// The most connections held at once on one port, where as many files may be open.
pub(crate) const CONNECTIONS_MAX: usize = 4_096;

/// Accepts while there is room.
#[derive(Debug)]
pub(crate) struct BoundedListener {
    listener: TcpListener,
    room: Arc<Semaphore>,
}

/// The first bytes of a connection, by which HTTP/2 is told from HTTP/1.1, are waited for so long, and written bytes
/// that nobody takes as well.
const STALL_TIME_MAX: Duration = Duration::from_secs(10);

/// So many bytes are the first ones: the length of what an HTTP/2 client begins with.
const FIRST_BYTES: usize = 24;

/// A connection that gives its place back when it ends.
#[derive(Debug)]
pub(crate) struct Held {
    stream: TcpStream,
    /// Until the first bytes have come.
    begins_by: Option<Pin<Box<Sleep>>>,
    read_bytes: usize,
    /// While nobody takes what is written.
    taken_by: Option<Pin<Box<Sleep>>>,
    _place: Option<OwnedSemaphorePermit>,
}

impl BoundedListener {
    pub(crate) fn new(listener: TcpListener, connections_max: usize) -> Self {
        Self { listener, room: Arc::new(Semaphore::new(connections_max)) }
    }
}

impl Listener for BoundedListener {
    type Io = Held;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Held, SocketAddr) {
        // The semaphore is never closed, so a place always comes.
        let place = Arc::clone(&self.room).acquire_owned().await.ok();
        let (stream, address) = Listener::accept(&mut self.listener).await;
        // Answers are small; waiting to fill a packet would only add latency. Failing to say so is no reason to hang up.
        let _ = stream.set_nodelay(true);
        let begins_by = Some(Box::pin(sleep(STALL_TIME_MAX)));
        (Held { stream, begins_by, read_bytes: 0, taken_by: None, _place: place }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

impl Held {
    /// Passes on what became of a write, unless it has been waited for too long.
    fn written<T>(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.taken_by = None;
            return written;
        }
        let taken_by = self.taken_by.get_or_insert_with(|| Box::pin(sleep(STALL_TIME_MAX)));
        taken_by.as_mut().poll(cx).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Held {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buf);
        let Some(begins_by) = self.begins_by.as_mut() else { return read };
        if read.is_pending() {
            return begins_by.as_mut().poll(cx).map(|()| Err(io::ErrorKind::TimedOut.into()));
        }
        self.read_bytes += buf.filled().len().saturating_sub(before);
        if self.read_bytes >= FIRST_BYTES {
            self.begins_by = None;
        }
        read
    }
}

impl AsyncWrite for Held {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.written(cx, written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.written(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
