//! `leeway simulate --prometheus`: what a server that cannot be used gets, and a real one.

use std::fmt::Write as _;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::place::{Running, get, leeway, outcome};
use crate::simulating::{Desk, GROW, unwrapped};

/// Gives every request the same answer, for as long as the test lasts.
fn answering(status: &'static str, body: impl Fn(&mut TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let _ = stream.read(&mut [0; 4096]);
            let _ = write!(stream, "HTTP/1.1 {status}\r\nconnection: close\r\n\r\n");
            body(&mut stream);
        }
    });
    url
}

#[test]
fn a_server_that_cannot_be_used_is_named_with_the_query() {
    let desk = Desk::new(GROW, "");
    let says = |status, text: String| answering(status, move |stream| drop(stream.write_all(text.as_bytes())));
    let data = |kind: &str, result: &Value| {
        json!({ "status": "success", "data": { "resultType": kind, "result": result } }).to_string()
    };
    let series = |n| json!({ "metric": { "pod": format!("{n}") }, "values": [[1_767_225_600, "1"]] });
    let many: Vec<Value> = (0..1001).map(series).collect();
    let long = answering("200 OK", |stream| {
        let _ = (0..65).try_for_each(|_| stream.write_all(&vec![b' '; 1 << 20]));
    });
    let refusal = json!({ "status": "error", "errorType": "bad_data", "error": "parse error" }).to_string();
    for (url, part) in [
        ("http://127.0.0.1:9".to_owned(), "nothing answers, after 3 attempts"),
        (says("400 Bad Request", refusal.clone()), "the server answers 400: parse error"),
        (says("401 Unauthorized", String::new()), "are user and password in the address"),
        (says("503 Service Unavailable", String::new()), "the server answers 503, after 3 attempts: nothing else"),
        (says("302 Found\r\nLocation: /login?token=hunter2", String::new()), "/login`"),
        (says("200 OK", refusal), "the server answers 200: parse error"),
        (says("200 OK", data("vector", &json!([]))), "the answer is a `vector`, not a history of numbers"),
        (says("200 OK", data("matrix", &json!(many))), "the answer has 1001 series, over 1000"),
        (long, "the answer is over 64 MiB long"),
    ] {
        let range = ["--from", "2026-01-01T00:00:00Z", "--to", "2026-01-01T01:00:00Z", "--format", "json"];
        let (code, out, err) = desk.simulate(&[&["--prometheus", &url], range.as_slice()].concat());
        assert_eq!((code, out.as_str()), (1, ""), "{err}");
        let told = unwrapped(&err);
        assert!(told.contains(&format!("`{url}`, query `busy / 100`:")) && told.contains(part), "{part}\n{err}");
    }
}

#[test]
fn what_a_server_says_of_a_partial_answer_is_told() {
    let desk = Desk::new(GROW, "");
    let said = "partial response: store-2 is down";
    let data = json!({ "resultType": "matrix", "result": [] });
    let answer = json!({ "status": "success", "data": data, "warnings": [said, said] }).to_string();
    let url = answering("200 OK", move |stream| drop(stream.write_all(answer.as_bytes())));
    let warning = format!("`{url}` says of its answer to `busy / 100`: {said}");
    // Two chunks: the server is asked twice, and what it says is told once.
    let range =
        ["--prometheus", &url, "--from", "2026-01-01T00:00:00Z", "--to", "2026-01-01T00:01:00Z", "--step", "5ms"];

    let (_, out, _) = desk.simulate(&[range.as_slice(), &["--format", "json"]].concat());
    let document: Value = serde_json::from_str(&out).unwrap();
    let told = |warnings: &Value| warnings.as_array().unwrap().iter().filter(|one| **one == warning).count();
    assert_eq!(told(&document["summary"]["warnings"]), 1, "{out}");
    let (_, out, _) = desk.simulate(&[range.as_slice(), &["--format", "jsonl"]].concat());
    let last: Value = serde_json::from_str(out.lines().last().unwrap()).unwrap();
    assert_eq!(told(&last["summary"]["warnings"]), 1, "{out}");
    let (_, out, _) = desk.simulate(&[range.as_slice(), &["--report", "r.html"]].concat());
    assert_eq!(out.matches(&format!("warning: {warning}\n")).count(), 1, "{out}");
    assert!(fs::read_to_string(desk.0.path().join("r.html")).unwrap().contains(said));

    let diff = |format: &str| {
        let policies = ["diff", "tested.leeway", "tested.leeway", "--format", format];
        let (code, out, err) = outcome(leeway().current_dir(desk.0.path()).args(policies).args(range));
        assert_eq!(code, 0, "{err}");
        out
    };
    assert_eq!(told(&serde_json::from_str::<Value>(&diff("json")).unwrap()["warnings"]), 1);
    assert_eq!(diff("human").matches(&format!("warning: {warning}\n")).count(), 1);
    assert!(diff("markdown").contains(said));
}

#[test]
fn a_step_longer_than_samples_count_is_warned_of() {
    let desk = Desk::new(GROW, "");
    let values: Vec<Value> = (0..7).map(|step| json!([1_767_225_600 + step * 600, "90"])).collect();
    let data = json!({ "resultType": "matrix", "result": [{ "metric": {}, "values": values }] });
    let answer = json!({ "status": "success", "data": data }).to_string();
    let url = answering("200 OK", move |stream| drop(stream.write_all(answer.as_bytes())));
    let range = ["--prometheus", &url, "--from", "2026-01-01T00:00:00Z", "--to", "2026-01-01T01:00:00Z"];
    let diff = |step: &str| {
        let mut command = leeway();
        let arguments = ["diff", "tested.leeway", "tested.leeway", "--format", "json", "--step", step];
        let (code, out, err) = outcome(command.current_dir(desk.0.path()).args(arguments).args(range));
        assert_eq!(code, 0, "{err}");
        let told: Value = serde_json::from_str(&out).unwrap();
        let told = told["warnings"].as_array().unwrap().iter();
        told.map(|one| one.as_str().unwrap().to_owned()).filter(|one| one.contains("`cpu`")).collect::<Vec<_>>()
    };
    let told = diff("10m");
    assert_eq!(told.len(), 1, "{told:?}");
    let begin =
        "`--step` asks for a sample of metric `cpu` every 10m, and each counts for 3m: between them it is unknown";
    let end = "give `--step 3m` or less, or write `stale 10m` or more";
    assert!(told[0].starts_with(begin) && told[0].ends_with(end), "{told:?}");
    // The server has no more than that: it is the recording's own gap.
    let told = diff("1m");
    assert!(told.len() == 1 && told[0].starts_with("the samples of metric `cpu` lie about 10m apart"), "{told:?}");
}

const INSTALL: &str = "this test needs Debian's `prometheus`";

/// A server that knows what was measured, each line a value and its time.
fn prometheus(folder: &TempDir, openmetrics: &str) -> (Running, String) {
    let path = |name: &str| folder.path().join(name);
    fs::write(path("history.om"), openmetrics).unwrap();
    fs::write(path("prometheus.yml"), "").unwrap();
    let blocks = ["tsdb", "create-blocks-from", "openmetrics"];
    let made = Command::new("promtool").args(blocks).args([path("history.om"), path("tsdb")]).output();
    assert!(made.unwrap_or_else(|_| panic!("{INSTALL}")).status.success());
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let child = Command::new("prometheus")
        .arg(format!("--config.file={}", path("prometheus.yml").display()))
        .arg(format!("--storage.tsdb.path={}", path("tsdb").display()))
        .arg(format!("--web.listen-address={address}"))
        .arg("--storage.tsdb.retention.time=100y")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let server = Running(child.unwrap_or_else(|_| panic!("{INSTALL}")));
    let is_ready = || {
        let mut answer = String::new();
        TcpStream::connect(address).is_ok_and(|mut stream| {
            let asked = write!(stream, "GET /-/ready HTTP/1.0\r\n\r\n");
            asked.is_ok() && stream.read_to_string(&mut answer).is_ok() && answer.starts_with("HTTP/1.0 200")
        })
    };
    let patience = Instant::now() + Duration::from_secs(60);
    while !is_ready() {
        assert!(Instant::now() < patience, "prometheus was not ready within a minute");
        std::thread::sleep(Duration::from_millis(100));
    }
    (server, format!("http://{address}"))
}

/// The balancer of the study: what a server recorded gives the same decisions as the file.
#[test]
#[ignore = "needs a Prometheus; CI has one"]
fn a_real_server_gives_the_same_decisions_as_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let data = leeway_tests::root().join("examples/data");
    let file = fs::read_to_string(data.join("elb_request_count_8c0756.csv")).unwrap();
    let mut openmetrics = "# TYPE elb_requests gauge\n".to_owned();
    let mut last = 0;
    for row in file.lines().skip(1) {
        let (time, value) = row.split_once(',').unwrap();
        last = format!("{}Z", time.replace(' ', "T")).parse::<jiff::Timestamp>().unwrap().as_second();
        writeln!(openmetrics, "elb_requests{{balancer=\"front\"}} {value} {last}").unwrap();
    }
    openmetrics.push_str("# EOF\n");
    let (_server, url) = prometheus(&folder, &openmetrics);
    let simulate = |history: &[&str]| {
        let blueprint = ["simulate", "shop.leeway", "--blueprint", "front", "--fact", "machines=2", "--format", "json"];
        let (code, out, err) = outcome(leeway().current_dir(&data).args(blueprint).args(history));
        assert_eq!(code, 0, "{err}");
        serde_json::from_str::<Value>(&out).unwrap()
    };
    let of_file = simulate(&["--series", "requests=elb_request_count_8c0756.csv:value"]);
    let to = jiff::Timestamp::from_second(last).unwrap().to_string();
    let of_server = simulate(&["--prometheus", &url, "--from", "2014-04-10T00:04:00Z", "--to", &to]);
    assert!(of_file["decisions"].as_array().unwrap().len() > 50);
    assert_eq!(of_server["decisions"], of_file["decisions"]);
    assert_eq!(of_server["outcomes"], of_file["outcomes"]);
}

/// Sixteen hours, a sample a minute, of which so many percent failed.
fn failing(minute: i64) -> i64 {
    match minute {
        400..520 => 2,
        620..700 => 1,
        800..810 => 30,
        _ => 0,
    }
}

/// Tickets open and close when a real Prometheus computes that the budget burns, and when it no longer does.
#[test]
#[ignore = "needs a Prometheus; CI has one"]
fn budgets_burn_when_prometheus_says_so() {
    const BEGAN_S: i64 = 1_767_225_600;
    const MINUTES: i64 = 960;
    let folder = tempfile::tempdir().unwrap();
    let mut openmetrics = String::new();
    for (name, of) in [("good", (|minute| 100 - failing(minute)) as fn(i64) -> i64), ("total", |_| 100)] {
        writeln!(openmetrics, "# TYPE {name} gauge").unwrap();
        (0..MINUTES).for_each(|n| writeln!(openmetrics, "{name} {} {}", of(n), BEGAN_S + n * 60).unwrap());
    }
    let (_server, url) = prometheus(&folder, &(openmetrics + "# EOF\n"));
    let desk = Desk::new(
        "allow set_machines  slo availability 99.9% over 30d { good = prometheus `good` total = prometheus `total` }",
        "",
    );
    let text = |minute: i64| jiff::Timestamp::from_second(BEGAN_S + minute * 60).unwrap().to_string();
    let (from, to) = (text(0), text(MINUTES - 1));
    let range = ["--prometheus", &url, "--from", &from, "--to", &to, "--step", "1m", "--format", "json"];
    let (code, out, err) = desk.simulate(&range);
    assert_eq!(code, 0, "{err}");
    let document: Value = serde_json::from_str(&out).unwrap();
    for (factor, long, short) in [("14.4", "1h", "5m"), ("6", "6h", "30m")] {
        let tickets = document["tickets"].as_array().unwrap().iter();
        let of_pair = tickets.filter(|ticket| ticket["pair"] == format!("{long}/{short}"));
        let told: Vec<_> = of_pair.map(|ticket| (ticket["t"].clone(), ticket["closed"].clone())).collect();

        // Both ends of a window belong to it, whatever the version of the server thinks of its beginning.
        let burns = |window| {
            format!("1 - avg_over_time(good[{window}1ms]) / avg_over_time(total[{window}1ms]) > {factor} * 0.001")
        };
        let query = format!("({}) and ({})", burns(long), burns(short));
        let asked = [("query", query.as_str()), ("start", &from), ("end", &to), ("step", "60")];
        let url = reqwest::Url::parse_with_params(&format!("{url}/api/v1/query_range"), asked).unwrap();
        let answer: Value = serde_json::from_str(&get(url.as_str())).unwrap();
        let values = answer["data"]["result"][0]["values"].as_array().unwrap_or_else(|| panic!("{answer}"));
        let burning: Vec<i64> = values.iter().map(|value| (value[0].as_i64().unwrap() - BEGAN_S) / 60).collect();
        let spans = burning.chunk_by(|one, next| one + 1 == *next).map(|span| (span[0], span[span.len() - 1] + 1));
        let computed: Vec<_> = spans.map(|(open, closed)| (json!(text(open)), json!(text(closed)))).collect();
        assert_eq!(told, computed, "{long}/{short}");
        assert!(computed.len() > 1, "{computed:?}");
    }
}
