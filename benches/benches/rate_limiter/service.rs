//! Requests per second: the service beside an axum handler that does nothing, asked the same by the same clients.
//!
//! Clients and servers share the machine and keep it busy, so the CPU time of a request, both ends of it, tells the same
//! as requests per second, and tells it also while a neighbour takes a part of the machine.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::post;
use cpu_time::ProcessTime;
use leeway_rate_limiter::{Burst, Capacity, Limit, Rate, Server, ServerConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::Row;

const CONNECTIONS: usize = 32;
const ROUND: Duration = Duration::from_secs(2);
const ROUNDS: usize = 5;

pub(crate) fn rows() -> Vec<Row> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (ours, peer) = runtime.block_on(async {
        let (ours, peer) = (start_ours().await, start_peer().await);
        let (mut of_ours, mut of_peer) = (Round::worst(), Round::worst());
        for _ in 0..ROUNDS {
            of_ours = of_ours.best(round(ours).await);
            of_peer = of_peer.best(round(peer).await);
        }
        (of_ours, of_peer)
    });
    runtime.shutdown_background();
    let what = || format!("POST /v1/take, {CONNECTIONS} connections");
    let row = |unit, of: fn(&Round) -> f64| Row { what: what(), unit, ours: of(&ours), peer: of(&peer) };
    vec![row("requests/s", |round| round.requests_per_s), row("CPU-ns/request", |round| round.cpu_ns_per_request)]
}

/// What one side came to.
struct Round {
    requests_per_s: f64,
    cpu_ns_per_request: f64,
}

impl Round {
    fn worst() -> Self {
        Self { requests_per_s: 0.0, cpu_ns_per_request: f64::MAX }
    }

    fn best(self, other: Self) -> Self {
        Self {
            requests_per_s: self.requests_per_s.max(other.requests_per_s),
            cpu_ns_per_request: self.cpu_ns_per_request.min(other.cpu_ns_per_request),
        }
    }
}

/// A limiter that grants everything, so that each request does all there is to do.
async fn start_ours() -> SocketAddr {
    let folder = tempfile::tempdir().unwrap();
    let limit = Limit { quota: Rate::per_second(1e9).unwrap(), burst: Burst::of(1_000_000_000).unwrap() };
    let config = ServerConfig::on_free_ports(folder.path().join("admin.token"), limit);
    let server = Server::bind(ServerConfig { capacity: Capacity::default(), ..config }).await.unwrap();
    let address = server.listen_address();
    tokio::spawn(async move {
        let _folder = folder;
        server.run(std::future::pending()).await
    });
    address
}

async fn start_peer() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().route("/v1/take", post(|| async {}));
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

async fn round(to: SocketAddr) -> Round {
    let (stop, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let mut clients = tokio::task::JoinSet::new();
    let (start, cpu) = (Instant::now(), ProcessTime::now());
    for client in 0..CONNECTIONS {
        clients.spawn(ask(to, client, Arc::clone(&stop), Arc::clone(&answered)));
    }
    tokio::time::sleep(ROUND).await;
    stop.store(true, Ordering::Relaxed);
    clients.join_all().await;
    let answered = f64::from(u32::try_from(answered.load(Ordering::Relaxed)).unwrap());
    Round {
        requests_per_s: answered / start.elapsed().as_secs_f64(),
        cpu_ns_per_request: cpu.elapsed().as_secs_f64() * 1e9 / answered,
    }
}

/// One connection: a request, its whole answer, the next. As cheap a client as can be, so that the servers tell.
async fn ask(to: SocketAddr, client: usize, stop: Arc<AtomicBool>, answered: Arc<AtomicU64>) {
    let mut stream = TcpStream::connect(to).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let body = format!(r#"{{"key":"client-{client:09}"}}"#);
    let request = format!("POST /v1/take HTTP/1.1\r\nhost: bench\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    let mut buffer = vec![0; 4096];
    while !stop.load(Ordering::Relaxed) {
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut read = 0;
        loop {
            read += stream.read(buffer.get_mut(read..).unwrap()).await.unwrap();
            if is_whole(buffer.get(..read).unwrap()) {
                break;
            }
        }
        answered.fetch_add(1, Ordering::Relaxed);
    }
}

/// Whether the answer has come to its end; anything but a 200 ends the benchmark.
fn is_whole(answer: &[u8]) -> bool {
    let text = std::str::from_utf8(answer).unwrap();
    assert!(text.starts_with("HTTP/1.1 200"), "{text}");
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    body.len() >= length.parse::<usize>().unwrap()
}
