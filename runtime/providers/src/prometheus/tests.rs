//! Servers that are down, slow or wrong, and what is said of them.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed unwrap is a failed test")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;

const HASTE: Patience =
    Patience { connect: Duration::from_secs(5), answer: Duration::from_millis(200), backoff: Duration::from_millis(1) };

const SECRET: &str = "hunter2";

/// What a server does when it is asked.
#[derive(Clone)]
enum Reply {
    Body(u16, String),
    Nothing,
    Zeros(usize),
    /// All but the last so many bytes of a body, which is announced whole or in chunks, or whose end is the connection's.
    CutOff(Announced, String, usize),
}

#[derive(Clone, Copy)]
enum Announced {
    Length,
    Chunks,
    Nothing,
}

/// A server that gives these replies in turn, and the last of them ever after; with how often it was asked, and the last request.
struct Server {
    url: String,
    asked: Arc<AtomicU32>,
    request: Arc<std::sync::Mutex<String>>,
}

async fn server(replies: Vec<Reply>) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://ada:{SECRET}@{}/base/?token={SECRET}", listener.local_addr().unwrap());
    let (asked, request) = (Arc::new(AtomicU32::new(0)), Arc::new(std::sync::Mutex::new(String::new())));
    let (counter, seen) = (asked.clone(), request.clone());
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let count = counter.fetch_add(1, Ordering::SeqCst);
            let reply = replies.get(count as usize).or(replies.last()).unwrap().clone();
            let mut text = Vec::new();
            while !text.ends_with(b"\r\n\r\n") {
                text.push(stream.read_u8().await.unwrap());
            }
            *seen.lock().unwrap() = String::from_utf8(text).unwrap();
            tokio::spawn(async move {
                let length = |length: usize| format!("content-length: {length}\r\n");
                let (status, length, body) = match reply {
                    Reply::Nothing => return std::future::pending().await,
                    Reply::Body(status, body) => (status, length(body.len()), body.into_bytes()),
                    Reply::Zeros(zeros) => (200, length(zeros), vec![b' '; zeros]),
                    Reply::CutOff(announced, mut body, lost) => {
                        let whole = body.len();
                        body.truncate(whole - lost);
                        match announced {
                            Announced::Length => (200, length(whole), body.into_bytes()),
                            Announced::Chunks => {
                                let chunks = format!("{whole:x}\r\n{body}");
                                (200, "transfer-encoding: chunked\r\n".to_owned(), chunks.into_bytes())
                            }
                            Announced::Nothing => (200, String::new(), body.into_bytes()),
                        }
                    }
                };
                let head = format!("HTTP/1.1 {status} Said\r\n{length}connection: close\r\n\r\n");
                let _ = stream.write_all(head.as_bytes()).await;
                let _ = stream.write_all(&body).await;
            });
        }
    });
    Server { url, asked, request }
}

fn matrix(result: &str) -> Reply {
    Reply::Body(200, document(result))
}

fn document(result: &str) -> String {
    format!(r#"{{"status":"success","data":{{"resultType":"matrix","result":[{result}]}}}}"#)
}

const STEPS: Steps = Steps { first: Timestamp::constant(1_000, 0), step_ms: 15_000, points: 4 };

async fn asked(replies: Vec<Reply>) -> (Result<History, PrometheusError>, u32, String) {
    let server = server(replies).await;
    let patience = Patience { answer: Duration::from_secs(10), ..HASTE };
    let answer = Prometheus::patient(&server.url, patience).unwrap().range("up{job=\"a b\"}", STEPS).await;
    let request = server.request.lock().unwrap().clone();
    (answer, server.asked.load(Ordering::SeqCst), request)
}

#[tokio::test]
async fn every_step_has_its_value_or_none() {
    let one = r#"{"metric":{"pod":"a"},"values":[[1000,"1.5"],[1015,"NaN"]]}"#;
    let other = r#"{"metric":{"pod":"b"},"values":[[1045.000,"+Inf"]]}"#;
    let (answer, count, request) = asked(vec![matrix(&format!("{one},{other}"))]).await;
    let History { values, remarks } = answer.unwrap();
    assert_eq!(remarks, [""; 0]);
    assert_eq!((values[0], values[2], values[3]), (Some(1.5), None, Some(f64::INFINITY)));
    assert!(values[1].unwrap().is_nan());
    assert_eq!(count, 1);
    let asked = "GET /base/api/v1/query_range?token=hunter2&query=up%7Bjob%3D%22a+b%22%7D&start=1000.000&end=1045.000&step=15.000 ";
    assert!(request.starts_with(asked), "{request}");
    assert!(request.to_lowercase().contains("authorization: basic"), "{request}");
}

#[tokio::test]
async fn what_passes_is_asked_again_and_what_does_not_is_told_at_once() {
    let busy = Reply::Body(503, r#"{"status":"error","errorType":"timeout","error":"too busy"}"#.to_owned());
    let fine = matrix(r#"{"metric":{},"values":[[1000,"1"]]}"#);
    let (answer, count, _) = asked(vec![busy.clone(), busy.clone(), fine]).await;
    assert_eq!((answer.unwrap().values[0], count), (Some(1.0), 3));
    let (answer, count, _) = asked(vec![busy]).await;
    let message = answer.unwrap_err().to_string();
    assert!(
        message.ends_with("/base`, query `up{job=\"a b\"}`: the server answers 503, after 3 attempts: too busy"),
        "{message}"
    );
    assert_eq!(count, ATTEMPTS_MAX);
    let bad =
        Reply::Body(400, r#"{"status":"error","errorType":"bad_data","error":"parse error\u001b[2J"}"#.to_owned());
    let (answer, count, _) = asked(vec![bad]).await;
    assert!(answer.unwrap_err().to_string().ends_with("the server answers 400: parse error [2J"));
    assert_eq!(count, 1);
}

#[tokio::test]
async fn what_the_server_says_beside_an_answer_is_kept() {
    let said = |beside: &str| {
        let data = r#"{"resultType":"matrix","result":[{"metric":{},"values":[[1000,"1"]]}]}"#;
        Reply::Body(200, format!(r#"{{"status":"success","data":{data}{beside}}}"#))
    };
    let partial = r#","warnings":["partial response: store-2 is down","partial response: store-2 is down"]"#;
    let (answer, _, _) = asked(vec![said(&format!(r#"{partial},"infos":["PromQL info: no counter\u001b[2J"]"#))]).await;
    let History { values, remarks } = answer.unwrap();
    assert_eq!(values[0], Some(1.0));
    assert_eq!(remarks, ["partial response: store-2 is down", "PromQL info: no counter [2J"]);

    let many: Vec<String> = (0..100).map(|n| format!("\"{n}{}\"", "x".repeat(1_000))).collect();
    let (answer, _, _) = asked(vec![said(&format!(r#","warnings":[{}],"infos":null"#, many.join(",")))]).await;
    let remarks = answer.unwrap().remarks;
    assert_eq!(remarks.len(), REMARKS_MAX);
    assert!(remarks.iter().all(|remark| remark.chars().count() == WORDS_MAX + 1), "{remarks:?}");
}

#[tokio::test]
async fn answers_that_break_off_are_asked_for_again() {
    let one = r#"{"metric":{},"values":[[1000,"1"]]}"#;
    for announced in [Announced::Length, Announced::Chunks, Announced::Nothing] {
        let cut = Reply::CutOff(announced, document(one), 20);
        let (answer, count, _) = asked(vec![cut.clone(), matrix(one)]).await;
        assert_eq!((answer.unwrap().values[0], count), (Some(1.0), 2));
        let (answer, count, _) = asked(vec![cut]).await;
        let message = answer.unwrap_err().to_string();
        assert!(message.contains(": the answer breaks off, after 3 attempts: "), "{message}");
        assert!(!message.contains(SECRET), "{message}");
        assert_eq!(count, ATTEMPTS_MAX);
    }
}

#[tokio::test]
async fn answers_that_are_no_history_say_what_they_are() {
    let many = vec![r#"{"metric":{}}"#; SERIES_MAX + 1].join(",");
    let several = r#"{"metric":{"pod":"a"},"values":[[1015,"1"]]},{"metric":{"pod":"b"},"values":[[1015,"1"]]}"#;
    for (reply, part) in [
        (matrix(&many), "1001 series, over 1000"),
        (matrix(several), r#"at 1970-01-01T00:16:55Z there are several series, such as `{pod="a"}` and `{pod="b"}`"#),
        (
            matrix(r#"{"metric":{"pod":"a"},"values":[[1030,"1"],[1015,"1"]]}"#),
            r#"the points of `{pod="a"}` are not in the order of time: 1970-01-01T00:16:55Z follows 1970-01-01T00:17:10Z"#,
        ),
        (
            matrix(r#"{"metric":{"pod":"a"},"values":[[1015,"1"],[1015,"1"]]}"#),
            "not in the order of time: 1970-01-01T00:16:55Z follows 1970-01-01T00:16:55Z",
        ),
        (matrix(r#"{"metric":{},"histograms":[[1000,{"count":"1"}]]}"#), "a `histogram`, not a history"),
        (matrix(r#"{"metric":{},"values":[[999999,"1"]]}"#), "a point at 999999, which was not asked for"),
        (matrix(r#"{"metric":{},"values":[[1000,"a lot"]]}"#), "none of a Prometheus server"),
        (
            Reply::Body(200, r#"{"status":"success","data":{"resultType":"scalar","result":[1,"1"]}}"#.into()),
            "a `scalar`",
        ),
        (Reply::Body(200, "<html>hello</html>".into()), "none of a Prometheus server"),
        (Reply::Body(302, String::new()), "the server answers 302: nothing else"),
        (Reply::Zeros(ANSWER_BYTES_MAX + 1), "over 64 MiB"),
    ] {
        let (answer, count, _) = asked(vec![reply]).await;
        let message = answer.unwrap_err().to_string();
        assert!(message.contains(part) && !message.contains(SECRET), "{message}");
        assert_eq!(count, 1, "{message}");
    }
}

#[tokio::test]
async fn servers_that_are_slow_or_down_are_given_up() {
    let slow = server(vec![Reply::Nothing]).await;
    let prometheus = Prometheus::patient(&slow.url, HASTE).unwrap();
    let message = prometheus.range("up", STEPS).await.unwrap_err().to_string();
    assert!(message.ends_with("no answer within 0 s, after 3 attempts") && !message.contains(SECRET), "{message}");
    assert_eq!(slow.asked.load(Ordering::SeqCst), ATTEMPTS_MAX);

    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = gone.local_addr().unwrap();
    drop(gone);
    let prometheus = Prometheus::patient(&format!("http://ada:{SECRET}@{address}/?key={SECRET}"), HASTE).unwrap();
    let message = prometheus.range("up", STEPS).await.unwrap_err().to_string();
    assert!(
        message.starts_with(&format!("`http://{address}`, query `up`: nothing answers, after 3 attempts")),
        "{message}"
    );
    assert!(!message.contains(SECRET), "{message}");
}

#[test]
fn addresses_that_cannot_be_used_are_refused_without_their_secrets() {
    for (url, part) in [
        ("https://ada:hunter2@host/", "`https://host`: this is no address of a Prometheus server: https is not"),
        ("ftp://ada:hunter2@host/", "`ftp://host`"),
        ("host:hunter2", "`…`: this is no address"),
        ("ada:hunter2@host", "does not begin with `http://`"),
        ("http://ada:hunter2@:1", "this is no address"),
        ("", "this is no address"),
    ] {
        let message = Prometheus::new(url).unwrap_err().to_string();
        assert!(message.contains(part), "{url}: {message}");
        assert!(!message.contains(SECRET), "{message}");
    }
}
