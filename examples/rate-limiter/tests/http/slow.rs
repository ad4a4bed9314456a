//! Slow clients lose their place and keep nobody else from being served.

use std::time::{Duration, Instant};

use reqwest::StatusCode;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::running::{Running, tenant};

#[tokio::test]
async fn whoever_stops_half_way_is_hung_up_on() {
    let server = Running::start(vec![tenant("acme", 100.0, 20)], None).await;
    let address = server.data.strip_prefix("http://").unwrap();
    let mut stalled = tokio::task::JoinSet::new();
    for begin in [
        "",
        "P",
        "PRI * HTTP/2.0\r\n\r\nSM",
        "POST /v1/take HTTP/1.1\r\nhost: here\r\n",
        "POST /v1/take HTTP/1.1\r\nhost: here\r\ncontent-length: 14\r\n\r\n{\"key\":",
    ] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stalled.spawn(async move {
            let start = Instant::now();
            stream.write_all(begin.as_bytes()).await.unwrap();
            let mut answer = Vec::new();
            // A reset ends it as well as a close.
            let _ = tokio::time::timeout(Duration::from_secs(25), stream.read_to_end(&mut answer)).await.unwrap();
            assert!(start.elapsed() > Duration::from_secs(5), "`{begin}` was given no time");
            (begin, String::from_utf8(answer).unwrap())
        });
    }
    assert_eq!(server.take("acme").await.status, StatusCode::OK);
    for (begin, answer) in stalled.join_all().await {
        if begin.ends_with("\"key\":") {
            assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("too_slow"), "{answer}");
        }
    }
}
