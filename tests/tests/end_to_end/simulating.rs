//! `leeway simulate`: histories whose decisions were computed by hand, a real server, and what bad input gets.

use std::fmt::Write as _;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::place::{Running, get, leeway, outcome};

const HEAD: &str = "
target pool(name: text) {
  fact machines: count
  action set_machines(to: count) {
    effect machines = to
    undo set_machines(to: current.machines)
    risk low
  }
}

blueprint tested for pool(\"p\") {
  metric cpu: ratio = prometheus `busy / 100` every 1m stale 3m
  objective cpu <= 80%
  limit cooldown 5m after any
";

const GROW: &str = "
  rule grow { when cpu > 80% propose set_machines(to: machines + 1) }
  allow set_machines(to) when to <= 3 else approve
  approval { by \"oncall\" timeout 30m }";

/// A folder with a blueprint and a history in it.
struct Desk(TempDir);

impl Desk {
    fn new(members: &str, history: &str) -> Desk {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("leeway.toml"), "").unwrap();
        let desk = Desk(folder);
        desk.write("tested.leeway", &format!("{HEAD}{members}\n}}\n"));
        desk.write("history.csv", history);
        desk
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.0.path().join(name), text).unwrap();
    }

    fn simulate(&self, arguments: &[&str]) -> (i32, String, String) {
        outcome(leeway().current_dir(self.0.path()).args(["simulate", "tested.leeway"]).args(arguments))
    }

    /// The document that comes of the history, with two machines at first.
    fn document(&self, arguments: &[&str]) -> Value {
        let given = ["--series", "history.csv", "--fact", "machines=2", "--format", "json"];
        let (code, out, err) = self.simulate(&[&given, arguments].concat());
        assert_eq!(code, 0, "{err}");
        serde_json::from_str(&out).unwrap()
    }
}

/// A row a minute.
fn minutes(cpu: impl IntoIterator<Item = &'static str>) -> String {
    let mut text = "time,cpu\n".to_owned();
    for (minute, cpu) in cpu.into_iter().enumerate() {
        writeln!(text, "2026-01-01T{:02}:{:02}:00Z,{cpu}", minute / 60, minute % 60).unwrap();
    }
    text
}

/// When each proposal was made, what it was, and its tier.
fn proposals(document: &Value) -> Vec<String> {
    let decisions = document["decisions"].as_array().unwrap();
    let told = decisions.iter().map(|one| {
        let [at, to, tier] = [&one["t"], &one["arguments"]["to"], &one["tier"]];
        format!("{} {to} {}", &at.as_str().unwrap()[11..16], tier.as_str().unwrap())
    });
    told.collect()
}

#[test]
fn cooldowns_and_people_are_as_computed_by_hand() {
    // An hour of 90%. What is done at 00:00 keeps the next proposal back until 00:05.
    let desk = Desk::new(GROW, &minutes(["90%"; 61]));

    // Nobody answers; the question is over after half an hour, and the rule does not ask for the same again.
    let silent = desk.document(&[]);
    assert_eq!(proposals(&silent), ["00:00 3 allowed", "00:05 4 approval_required"]);
    let last = &silent["outcomes"][1];
    assert_eq!((&last["t"], &last["state"]), (&json!("2026-01-01T00:35:00.001Z"), &json!("expired")));
    assert_eq!(last["operation"], silent["decisions"][1]["operation"]);
    assert_eq!(silent["summary"]["outcomes"], json!({ "partial": 1, "expired": 1 }));
    assert_eq!(silent["summary"]["fact_hours"]["machines"], json!(3.0));

    // Everybody agrees at once: one more every five minutes, 3 + 4 + … + 14 machines for five minutes each.
    let agreed = desk.document(&["--approve", "all"]);
    let summary = &agreed["summary"];
    assert_eq!([&summary["proposals"], &summary["allowed"], &summary["done"]], [13, 1, 13]);
    assert!((summary["fact_hours"]["machines"].as_f64().unwrap() - 8.5).abs() < 1e-9, "{summary}");
    assert_eq!(summary["outside_objectives_s"], 3600.0);

    // Ten minutes to agree, then five of cooldown.
    let later = desk.document(&["--approve", "after", "10m"]);
    let asked = ["00:05 4", "00:20 5", "00:35 6", "00:50 7"].map(|one| format!("{one} approval_required"));
    assert_eq!(proposals(&later), [&["00:00 3 allowed".to_owned()], asked.as_slice()].concat());
    assert_eq!(later["summary"]["done"], 5);
}

#[test]
fn the_breaker_opens_as_computed_by_hand() {
    // More machines do not help a recorded CPU: each step is taken back after two minutes, and the second one is the last.
    let desk = Desk::new(
        "rule grow { when cpu > 80% propose set_machines(to: machines + 1) }
         allow set_machines
         limit breaker 2 failures
         verify set_machines { within 2m cpu <= 80% } else rollback",
        &minutes(["90%"; 61]),
    );
    let document = desk.document(&[]);
    let told = proposals(&document);
    assert_eq!(told[..3], ["00:00 3 allowed", "00:05 3 allowed", "00:10 3 forbidden"], "{told:?}");
    assert_eq!(document["decisions"][2]["voices"][0]["kind"], "breaker");
    assert_eq!((&document["summary"]["done"], &document["summary"]["outcomes"]["rolled_back"]), (&json!(2), &json!(2)));
    assert!(told[2..].iter().all(|one| one.ends_with("forbidden")), "{told:?}");
}

#[test]
fn a_step_evaluates_as_often_as_it_says_with_the_samples_there_are() {
    let desk = Desk::new(GROW, &minutes(["90%", "_"].map(|one| if one == "_" { "" } else { one }).repeat(30)));
    let steps = desk.document(&["--step", "10m"]);
    assert_eq!((&steps["summary"]["samples"], &steps["summary"]["evaluations"]), (&json!(60), &json!(7)));
    let each = desk.document(&[]);
    assert_eq!(each["summary"]["evaluations"], 60);
}

#[test]
fn a_step_ends_with_the_last_moment_that_was_recorded() {
    let of = |rows: usize, step: &str| {
        let desk = Desk::new(GROW, &minutes(vec!["90%"; rows]));
        let summary = desk.document(&["--step", step])["summary"].take();
        (summary["evaluations"].as_u64().unwrap(), summary["to"].as_str().unwrap()[11..16].to_owned())
    };
    // At 00:00, 00:10, …, 00:50, and at the last sample, which no step meets.
    assert_eq!(of(60, "10m"), (7, "00:59".to_owned()));
    // The last sample is on a step.
    assert_eq!(of(61, "10m"), (7, "01:00".to_owned()));
    assert_eq!(of(21, "7m"), (4, "00:20".to_owned()));
    assert_eq!(of(1, "10m"), (1, "00:00".to_owned()));
    // Finer than the samples.
    assert_eq!(of(3, "30s"), (5, "00:02".to_owned()));
}

#[test]
fn machines_count_from_when_they_were_written_whatever_the_step() {
    let members = "
      rule grow { when cpu > 80% propose set_machines(to: machines + 1) }
      allow set_machines
      verify set_machines { within 2m cpu <= 80% } else rollback
      limit breaker 1 failures";
    let mut history = "time,cpu\n".to_owned();
    for minute in [0, 1, 2, 3, 40, 59] {
        writeln!(history, "2026-01-01T00:{minute:02}:00Z,90%").unwrap();
    }
    let desk = Desk::new(members, &history);
    // Three machines until they are taken back after two minutes, and two from then on, over every gap. Between two steps an act is
    // looked at every fifteen seconds after each sample.
    for (step, until) in [(&[][..], 2.0), (&["--step", "30m"], 2.25)] {
        let summary = desk.document(step)["summary"].take();
        let minutes = summary["fact_hours"]["machines"].as_f64().unwrap() * 60.0;
        assert!((minutes - (3.0 * until + 2.0 * (59.0 - until))).abs() < 1e-9, "{summary}");
        assert_eq!(summary["oscillations"], 1, "{summary}");
    }
}

#[test]
fn what_nobody_needs_to_be_asked_about_any_more_is_proposed_anew() {
    let members = "
      rule grow { when cpu > 70% propose set_machines(to: 3) }
      allow set_machines
      approve set_machines when cpu > 80%";
    let told = |cpu: [&'static str; 3]| {
        let document = Desk::new(members, &minutes(cpu)).document(&[]);
        let outcomes = document["outcomes"].as_array().unwrap().iter();
        let ends = outcomes.map(|one| format!("{} {}", one["t"].as_str().unwrap(), one["state"].as_str().unwrap()));
        (proposals(&document), ends.collect::<Vec<_>>())
    };
    let asked = "00:00 3 approval_required".to_owned();
    let over = "2026-01-01T00:01:00Z superseded".to_owned();
    let (decided, ends) = told(["90%", "75%", "60%"]);
    assert_eq!(decided, [asked.clone(), "00:01 3 allowed".to_owned()]);
    assert_eq!(ends[0], over);
    // Nobody wants it any more, and it is not done.
    let (decided, ends) = told(["90%", "60%", "60%"]);
    assert_eq!((decided, ends), (vec![asked], vec![over]));
}

#[test]
fn rows_that_were_skipped_are_counted_in_every_form() {
    let desk = Desk::new(GROW, &minutes(["90%", "many", "90%"]));
    let (code, out, err) = desk.simulate(&["--series", "history.csv", "--format", "jsonl"]);
    assert_eq!((code, out.contains("summary")), (1, false), "half a history has no summary: {out}");
    assert!(err.contains("`history.csv`, line 3, column `cpu`: `many` is not a number with a unit"), "{err}");

    let document = desk.document(&["--skip-bad"]);
    assert_eq!(document["summary"]["rows_skipped"], 1);
    assert!(document["summary"]["warnings"][0].as_str().unwrap().starts_with("1 row was skipped: "), "{document}");
    let (_, out, _) = desk.simulate(&["--series", "history.csv", "--skip-bad", "--format", "jsonl"]);
    let last: Value = serde_json::from_str(out.lines().last().unwrap()).unwrap();
    assert_eq!(last["summary"]["rows_skipped"], 1);
    let (_, out, _) = desk.simulate(&["--series", "history.csv", "--skip-bad"]);
    assert!(out.contains("warning: 1 row was skipped"), "{out}");
}

#[test]
fn a_fact_that_nobody_gave_is_asked_for() {
    let desk = Desk::new(GROW, &minutes(["90%"; 3]));
    let (code, out, _) = desk.simulate(&["--series", "history.csv"]);
    let warning = "nobody says what `machines` is, which rule `grow` reads: say what it was at first with `--fact machines=VALUE`";
    assert!(code == 0 && out.contains(warning), "{out}");
}

#[test]
fn a_bad_history_is_refused_with_its_file_and_line() {
    let desk = Desk::new(GROW, "");
    let row = |at: &str, cell: &str| format!("2026-01-01T{at}:00Z,{cell}\n");
    let two = |a: &str, b: &str| format!("time,cpu\n{}{}", row(a, "0.5"), row(b, "0.6"));
    for (text, part) in [
        (String::new(), "`history.csv` is empty"),
        ("time,cpu\n".to_owned(), "`history.csv` has no row that can be used"),
        ("cpu\n0.5\n".to_owned(), "`history.csv` has no column `time` or `timestamp`; it has `cpu`"),
        (
            format!("time,cpuu\n{}", row("00:00", "0.5")),
            "has the column `cpuu`, which is no metric or fact of `tested`",
        ),
        (two("00:05", "00:00"), "`history.csv`, line 3, its time 2026-01-01T00:00:00Z is before 2026-01-01T00:05:00Z"),
        (two("00:05", "00:05"), "`history.csv`, line 3, the time 2026-01-01T00:05:00Z stands above already"),
        (
            two("00:00", "00:05") + "2026-01-01T00:10:00Z\n",
            "`history.csv`, line 4, it has 1 cell, and the header has 2",
        ),
        (
            format!("time,cpu\n{}{}", row("00:00", "50%"), row("00:01", "0.6")),
            "`history.csv`, line 3, column `cpu`: `0.6` has no unit, and cells before it have one",
        ),
        (
            format!("time,cpu,machines\n\n{}", row("00:00", "0.5,2.5")),
            "`history.csv`, line 3, column `machines`: expected a `count`, such as `3`, got `2.5`",
        ),
        (
            format!("time,cpu\n{}", row("00:00", "50ms")),
            "line 2, column `cpu`: expected a `ratio`, such as `80%`, got `50ms`",
        ),
    ] {
        desk.write("history.csv", &text);
        let (code, out, err) = desk.simulate(&["--series", "history.csv", "--format", "json", "--report", "r.html"]);
        assert_eq!((code, out.as_str()), (1, ""), "{text}\n{err}");
        assert!(unwrapped(&err).contains(part), "{part}\n{err}");
        assert!(!desk.0.path().join("r.html").exists(), "a report of half a history");
    }
}

/// The message without the breaks of its lines, which are at spaces alone.
fn unwrapped(err: &str) -> String {
    let lines: Vec<&str> = err.lines().map(|line| line.trim_start_matches([' ', '×', '│'])).collect();
    lines.join(" ")
}

#[test]
fn a_wrong_command_line_is_told_before_anything_is_read() {
    let desk = Desk::new(GROW, &minutes(["90%"; 3]));
    for (arguments, part) in [
        (["--fact", "machine=3"], "did you mean `machines`?"),
        (["--fact", "machines=2.5"], "expected a `count`, such as `3`, got `2.5`"),
        (["--fact", "machines=-1"], "`--fact machines=-1`: a `count` is never below zero"),
        (["--fact", "machines=x"], "`x` is not a number with a unit"),
        (["--approve", "maybe"], "expected `all`, `none`, or `after 10m`"),
        (["--step", "0s"], "`0s` is no time"),
        (["--series", "history.txt"], "`history.txt` is no file of a known kind"),
        (["--series", "cpu=history.csv:cpu@ms"], "`@ms`: no unit of `cpu`, which is a `ratio`"),
        (["--prometheus", "http://127.0.0.1:9"], "'--series <SERIES>' cannot be used with '--prometheus <URL>'"),
        (["--report", "new/r.html"], "cannot write `new/r.html`: there is no folder `new`"),
        (["--report", "."], "cannot write `.`: it is a folder"),
    ] {
        let (code, out, err) = desk.simulate(&[["--series", "history.csv"], arguments].concat());
        assert_eq!((code, out.as_str()), (2, ""), "{arguments:?}\n{err}");
        assert!(unwrapped(&err).contains(part), "{arguments:?}\n{err}");
    }
    let (code, _, err) = desk.simulate(&[]);
    assert!(code == 2 && err.contains("<--series <SERIES>|--prometheus <URL>>"), "{err}");
}

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
        (says("400 Bad Request", refusal), "the server answers 400: parse error"),
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
