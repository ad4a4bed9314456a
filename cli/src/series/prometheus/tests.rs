//! A real server, with blocks that `promtool` made.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed unwrap is a failed test")]

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use leeway_engine::Moment;
use leeway_units::{Quantity, Value};
use tempfile::TempDir;

use super::*;
use crate::series::{Recording, open_range};

const INSTALL: &str = "`prometheus` and `promtool` are installed: `apt-get install prometheus`";

const BEGAN_S: i64 = 1_767_225_600;

const STEP_S: i64 = 10;

/// More than a server gives in one answer.
const SAMPLES: i64 = 12_000;

/// Longer than the five minutes for which Prometheus takes the last sample.
const OUTAGE: std::ops::Range<i64> = 11_500..11_600;

struct Server {
    process: Child,
    url: String,
    _folder: TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Server {
    fn start() -> Server {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("h.om"), history()).unwrap();
        std::fs::write(path("prometheus.yml"), "").unwrap();
        let made = Command::new("promtool")
            .args(["tsdb", "create-blocks-from", "openmetrics"])
            .args([path("h.om"), path("data")])
            .output()
            .expect(INSTALL);
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let process = Command::new("prometheus")
            .arg(format!("--config.file={}", path("prometheus.yml").display()))
            .arg(format!("--storage.tsdb.path={}", path("data").display()))
            .arg(format!("--web.listen-address={address}"))
            .args(["--storage.tsdb.retention.time=100y", "--log.level=error"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect(INSTALL);
        let server = Server { process, url: format!("http://{address}"), _folder: folder };
        let patience = Instant::now() + Duration::from_secs(60);
        while !is_ready(&address.to_string()) {
            assert!(Instant::now() < patience, "prometheus was not ready within a minute");
            sleep(Duration::from_millis(100));
        }
        server
    }
}

fn is_ready(address: &str) -> bool {
    let Ok(mut stream) = TcpStream::connect(address) else { return false };
    let asked = write!(stream, "GET /-/ready HTTP/1.0\r\n\r\n");
    let mut answer = String::new();
    asked.and_then(|()| stream.read_to_string(&mut answer)).is_ok() && answer.starts_with("HTTP/1.0 200")
}

/// A gauge with an outage, and requests of two pods, the one after the other.
fn history() -> String {
    let mut text = "# TYPE busy gauge\n".to_owned();
    for n in (0..SAMPLES).filter(|n| !OUTAGE.contains(n)) {
        writeln!(text, "busy {} {}", busy(n), BEGAN_S + n * STEP_S).unwrap();
    }
    text.push_str("# TYPE queue gauge\n");
    for n in 0..100 {
        writeln!(text, "queue{{pod=\"a\"}} {n} {}", BEGAN_S + n * STEP_S).unwrap();
    }
    for n in 0..100 {
        writeln!(text, "queue{{pod=\"b\"}} {n} {}", BEGAN_S + (n + 200) * STEP_S).unwrap();
    }
    text + "# EOF\n"
}

fn busy(n: i64) -> f64 {
    (n % 100) as f64 / 100.0
}

fn policy(metrics: &str) -> Policy {
    let text = format!("use std.ratelimiter\nblueprint t for ratelimiter.tenant(\"acme\") {{\n{metrics}\nallow any }}");
    let compilation = leeway_driver::compile_text("t.leeway", &text);
    compilation.policies.into_iter().next().unwrap_or_else(|| panic!("{:#?}", compilation.diagnostics))
}

fn moments(policy: &Policy, url: &str, samples: i64, step_ms: Option<u64>) -> Result<(Vec<Moment>, Recording), String> {
    let from = Timestamp::from_second(BEGAN_S).unwrap();
    let to = Timestamp::from_second(BEGAN_S + (samples - 1) * STEP_S).unwrap();
    let text = |failure| format!("{failure:?}");
    let mut recording = open_range(policy, &Range { url: url.to_owned(), from, to, step_ms }).map_err(text)?;
    let (mut moment, mut moments) = (Moment::empty(policy, from), Vec::new());
    while recording.next(&mut moment).map_err(text)? {
        moments.push(moment.clone());
    }
    Ok((moments, recording))
}

#[test]
#[ignore = "needs a Prometheus; CI has one"]
fn a_range_gives_what_the_server_recorded() {
    let server = Server::start();
    let two = policy(
        "metric busy: ratio = prometheus `busy` every 10s
         metric queue: count = prometheus `queue` every 30s
         metric gone: count = prometheus `nothing_is_called_so` every 10s
         metric seen: count = scrape \"seen\"",
    );
    let (all, recording) = moments(&two, &server.url, SAMPLES, None).unwrap();
    assert_eq!(i64::try_from(all.len()).unwrap(), SAMPLES);
    let ratio = |value| Value::Quantity(Quantity::from_sample(Unit::Ratio, value).unwrap());
    for (n, moment) in all.iter().enumerate() {
        let n = i64::try_from(n).unwrap();
        assert_eq!(moment.at, Timestamp::from_second(BEGAN_S + n * STEP_S).unwrap());
        let (busy_seen, gone, queue, seen) = match moment.metrics.as_slice() {
            [busy, gone, queue, seen] => (busy, gone, queue, seen),
            other => panic!("{other:?}"),
        };
        // For five minutes after the last sample before the outage, Prometheus goes on with it.
        let expected = match n {
            n if !OUTAGE.contains(&n) => Ok(ratio(busy(n))),
            n if n < OUTAGE.start + 29 => Ok(ratio(busy(OUTAGE.start - 1))),
            n if n > OUTAGE.start + 30 => Err(Gap::Missing),
            _ => continue,
        };
        assert_eq!(*busy_seen, Some(expected), "sample {n}");
        assert_eq!((gone, seen), (&Some(Err(Gap::Missing)), &None));
        assert_eq!(queue.is_some(), n % 3 == 0, "sample {n}");
    }
    // One pod after the other is one metric, as an instant query sees it.
    let queue = |n: usize| all.get(n).and_then(|moment| moment.metrics.get(2).cloned().flatten());
    let count = |n| Some(Ok(Value::Quantity(Quantity::count(n))));
    assert_eq!((queue(30), queue(150), queue(210)), (count(30), Some(Err(Gap::Missing)), count(10)));
    let samples = u64::try_from(SAMPLES).unwrap();
    assert_eq!(recording.progress(), Progress { done: samples * 2 + samples / 3, total: samples * 2 + samples / 3 });
    assert_eq!(recording.warnings(), ["metric `gone` has no value in all of this history"]);

    let percent = policy("metric busy: ratio = prometheus `100 * busy` every 10s");
    let (_, recording) = moments(&percent, &server.url, SAMPLES, None).unwrap();
    let warning = recording.warnings().concat();
    assert!(warning.contains("`100 * busy` reaches ") && warning.contains("divide the query by 100"), "{warning}");

    let (minutes, _) = moments(&two, &server.url, 60, Some(60_000)).unwrap();
    assert_eq!(minutes.len(), 10);

    let both = r#"(queue or label_replace(queue, "pod", "c", "", ""))"#;
    for (query, part) in [
        (both, r#"there are several series, such as `{__name__="queue", pod="a"}` and `{"#),
        (&format!("busy + on() {both}"), "the server answers 422: found duplicate series"),
    ] {
        let policy = policy(&format!("metric m: number = prometheus `{query}` every 10s"));
        let message = moments(&policy, &server.url, 60, None).err().unwrap_or_default().replace("\\\"", "\"");
        assert!(message.contains(part) && message.contains(&format!("`{}`, query `{query}`", server.url)), "{message}");
    }
}

#[test]
fn ranges_that_cannot_be_asked_for_are_refused() {
    let one = policy("metric busy: ratio = prometheus `busy` every 10s");
    for (url, samples, part) in [
        ("http://127.0.0.1:9", 0, "let `--from` be before `--to`"),
        ("https://127.0.0.1:9", 2, "https is not in this version yet"),
        ("127.0.0.1:9", 2, "write it as `http://127.0.0.1:9090`"),
    ] {
        let message = moments(&one, url, samples, None).err().unwrap_or_default();
        assert!(message.contains(part) && message.contains("exit: Usage"), "{url}: {message}");
    }
    let none = policy("metric busy: ratio = scrape \"busy\"");
    let message = moments(&none, "http://127.0.0.1:9", 2, None).err().unwrap_or_default();
    assert!(message.contains("no metric of `t` has a query of Prometheus"), "{message}");
}
