//! `leeway simulate`: histories whose decisions were computed by hand, and what bad input gets.

use std::fmt::Write as _;
use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::place::{leeway, outcome};

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

pub(crate) const GROW: &str = "
  rule grow { when cpu > 80% propose set_machines(to: machines + 1) }
  allow set_machines(to) when to <= 3 else approve
  approval { by \"oncall\" timeout 30m }";

/// A folder with a blueprint and a history in it.
pub(crate) struct Desk(pub(crate) TempDir);

impl Desk {
    pub(crate) fn new(members: &str, history: &str) -> Desk {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("leeway.toml"), "").unwrap();
        let desk = Desk(folder);
        desk.write("tested.leeway", &format!("{HEAD}{members}\n}}\n"));
        desk.write("history.csv", history);
        desk
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.0.path().join(name), text).unwrap();
    }

    pub(crate) fn simulate(&self, arguments: &[&str]) -> (i32, String, String) {
        outcome(leeway().current_dir(self.0.path()).args(["simulate", "tested.leeway"]).args(arguments))
    }

    /// The document that comes of the history, with two machines at first.
    pub(crate) fn document(&self, arguments: &[&str]) -> Value {
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
    assert_eq!(last["why"], "nobody answered in time");
    // What came out as it was to needs no reason.
    assert_eq!((&silent["outcomes"][0]["state"], silent["outcomes"][0].get("why")), (&json!("partial"), None));
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
    let [end, other] = [0, 1].map(|place| &document["outcomes"][place]);
    assert_eq!((&end["state"], &other["state"]), (&json!("rolled_back"), &json!("rolled_back")));
    let why = "verification failed: within 2m cpu <= 80% [cpu = 90%]";
    assert_eq!((&end["why"], &other["why"]), (&json!(why), &json!(why)), "{document}");
    let (_, lines, _) = desk.simulate(&["--series", "history.csv", "--fact", "machines=2", "--format", "jsonl"]);
    let lines = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let ends: Vec<Value> = lines.filter_map(|mut line| Some(line.get_mut("outcome")?.take())).collect();
    assert_eq!(json!(ends), document["outcomes"]);
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
fn a_step_judges_objectives_by_every_sample() {
    // Outside for two minutes in ten, of which a look every ten minutes sees nothing.
    let cpu = ["50%", "50%", "50%", "90%", "90%", "50%", "50%", "50%", "50%", "50%"];
    let desk = Desk::new("approve set_machines", &minutes(cpu.repeat(6)));
    for step in [&[][..], &["--step", "10m"], &["--step", "7m"]] {
        let summary = desk.document(step)["summary"].take();
        assert_eq!((&summary["outside_objectives_s"], &summary["unknown_objectives_s"]), (&json!(720.0), &json!(0.0)));
    }
    let (_, out, _) = desk.simulate(&["--series", "history.csv", "--step", "10m"]);
    assert!(out.contains("50%..90%"), "{out}");
}

#[test]
fn a_burn_of_just_the_factor_is_none() {
    let opens = |objective: &str, good: &str| {
        let rows = (0..40).map(|minute| format!("2026-01-01T00:{minute:02}:00Z,{good},100/s\n"));
        let history = format!("time,ready.good,ready.total\n{}", rows.collect::<String>());
        let slo = format!(
            "approve set_machines  slo ready {objective} over 30d {{
               good = scrape \"good\"  total = scrape \"total\"  burn 14.4 10m 2m high }}"
        );
        Desk::new(&slo, &history).document(&[])["tickets"].as_array().unwrap().len()
    };
    for (objective, just, more) in [
        ("99.9%", "98.56/s", "98.5599999/s"),
        ("99.95%", "99.28/s", "99.2799999/s"),
        ("99%", "85.6/s", "85.5999999/s"),
        ("99.99%", "99.856/s", "99.8559999/s"),
    ] {
        assert_eq!((opens(objective, just), opens(objective, more)), (0, 1), "{objective}");
    }
}

#[test]
fn which_tickets_were_opened_is_told_and_what_had_no_evidence() {
    let mut history = "time,ready.good,ready.total,cpu\n".to_owned();
    for minute in 0..60 {
        let good = if (20..30).contains(&minute) { "50/s" } else { "100/s" };
        let cpu = if minute % 6 == 0 { "90%" } else { "" };
        writeln!(history, "2026-01-01T00:{minute:02}:00Z,{good},100/s,{cpu}").unwrap();
    }
    let members = "
      rule grow { when avg(cpu, 10m) > 80% propose set_machines(to: 3) }
      approve set_machines
      slo ready 99.9% over 30d {
        good = scrape \"good\"  total = scrape \"total\"  burn 14.4 10m 2m high  burn 1 2h 1h medium  burn 2 2h 1h high }";
    let desk = Desk::new(members, &history);
    let (code, out, err) = desk.simulate(&["--series", "history.csv", "--fact", "machines=2"]);
    assert_eq!(code, 0, "{err}");
    let ticket = out.lines().find(|line| line.contains("slo ready 10m/2m")).unwrap_or_else(|| panic!("{out}"));
    assert!(ticket.contains("2026-01-01 00:20") && ticket.contains("2026-01-01 00:32"), "{ticket}");
    let told = "of 60 evaluations there was not enough evidence to tell the condition of rule `grow` at 60 and the burn rate of \
                `ready` over 2h/1h at";
    assert!(out.contains(told), "{out}");
    // Two burns over the same windows are not told twice.
    assert_eq!(out.matches("over 2h/1h at").count(), 1, "{out}");
}

#[test]
fn a_fact_that_the_history_tells_anyway_is_told() {
    let told = |history: &str| {
        let desk = Desk::new(GROW, history);
        desk.document(&[])["summary"]["warnings"].as_array().unwrap().clone()
    };
    let warning = "`--fact machines=…` counts for nothing: the history itself tells of `machines` from its first moment on, where \
                   an empty cell says that nobody knows";
    assert_eq!(told("time,cpu,machines\n0,50%,3\n60,50%,3\n"), [json!(warning)]);
    assert_eq!(told("time,cpu,machines\n0,50%,\n60,50%,3\n"), [json!(warning)]);
    assert!(told("time,cpu\n0,50%\n60,50%\n").is_empty());
}

#[test]
#[cfg(target_os = "linux")]
fn an_error_that_cannot_be_told_keeps_its_exit_code() {
    let desk = Desk::new(GROW, "time,cpu\n2026-01-01T00:00:00Z,much\n");
    let full = fs::File::create("/dev/full").unwrap();
    let status = leeway()
        .current_dir(desk.0.path())
        .args(["simulate", "tested.leeway", "--series", "history.csv"])
        .stderr(full)
        .status();
    assert_eq!(status.unwrap().code(), Some(1));
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
        let ends = outcomes.map(|one| {
            let [at, state, why] = ["t", "state", "why"].map(|member| one[member].as_str().unwrap_or_default());
            format!("{at} {state} {why}")
        });
        (proposals(&document), ends.collect::<Vec<_>>())
    };
    let asked = "00:00 3 approval_required".to_owned();
    let over = "2026-01-01T00:01:00Z superseded nobody needs to be asked any more".to_owned();
    let (decided, ends) = told(["90%", "75%", "60%"]);
    assert_eq!(decided, [asked.clone(), "00:01 3 allowed".to_owned()]);
    assert_eq!(ends[0], over);
    // Nobody wants it any more, and it is not done.
    let (decided, ends) = told(["90%", "60%", "60%"]);
    assert_eq!((decided, ends), (vec![asked], vec![over]));
}

#[test]
fn two_burn_rates_over_the_same_windows_are_two_tickets() {
    // Half of all fails for twenty minutes, which both tell; then one in two hundred, which is five times too many and not 14.4.
    let mut history = "time,ready.good,ready.total\n".to_owned();
    for quarter in 0..160 {
        let good = if quarter < 80 { "50/s" } else { "99.5/s" };
        let (minute, second) = (quarter / 4, quarter % 4 * 15);
        writeln!(history, "2026-01-01T00:{minute:02}:{second:02}Z,{good},100/s").unwrap();
    }
    let slo = "approve set_machines  slo ready 99.9% over 30d {
        good = scrape \"good\"  total = scrape \"total\"  burn 1 10m 2m medium  burn 14.4 10m 2m high }";
    let document = Desk::new(slo, &history).document(&[]);
    let tickets: Vec<_> =
        document["tickets"].as_array().unwrap().iter().map(|one| (&one["severity"], &one["t"])).collect();
    // Ten minutes are covered by samples from `stale`, a minute, after their beginning on.
    let opened = json!("2026-01-01T00:09:00Z");
    assert_eq!(tickets, [(&json!("medium"), &opened), (&json!("high"), &opened)], "{document}");
    assert_eq!((document["tickets"][0]["closed"].is_null(), document["tickets"][1]["closed"].is_null()), (true, false));
}

#[test]
fn an_objective_says_how_long_what_it_counts_counts() {
    // Two hours at a sample every five minutes; half of all fails.
    let mut history = "time,ready.good,ready.total\n".to_owned();
    for five in 0..=24 {
        writeln!(history, "2026-01-01T{:02}:{:02}:00Z,50/s,100/s", five / 12, five % 12 * 5).unwrap();
    }
    let document = |times: &str| {
        let sources = format!("good = scrape \"good\" {times} total = scrape \"total\" {times}");
        let slo = format!("approve set_machines  slo ready 99.9% over 30d {{ {sources} burn 14.4 1h 10m high }}");
        Desk::new(&slo, &history).document(&[])
    };
    let blind = document("");
    assert_eq!(blind["tickets"], json!([]));
    let [good, total] = [0, 1].map(|at| blind["summary"]["warnings"][at].as_str().unwrap());
    assert!(good.contains("write `stale 10m` behind the source of `good` in slo `ready`"), "{blind}");
    assert!(total.contains("write `stale 10m` behind the source of `total` in slo `ready`"), "{blind}");

    // As told. An hour is covered by samples from `stale` after its beginning on.
    let seen = document("every 5m stale 10m");
    assert_eq!(seen["tickets"][0]["t"], "2026-01-01T00:50:00Z", "{seen}");
    assert_eq!((seen["tickets"].as_array().unwrap().len(), &seen["summary"]["warnings"]), (1, &json!([])));
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
pub(crate) fn unwrapped(err: &str) -> String {
    let lines: Vec<&str> = err.lines().map(|line| line.trim_start_matches([' ', '×', '│'])).collect();
    lines.join(" ")
}

#[test]
fn a_report_does_not_take_the_place_of_what_is_read() {
    let history = minutes(["90%"; 3]);
    let desk = Desk::new(GROW, &history);
    for read in ["history.csv", "./tested.leeway"] {
        let (code, out, err) = desk.simulate(&["--series", "history.csv", "--fact", "machines=2", "--report", read]);
        assert_eq!((code, out.as_str(), err.contains("it is what is read here")), (2, "", true), "{err}");
    }
    assert_eq!(fs::read_to_string(desk.0.path().join("history.csv")).unwrap(), history);
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
        (["--from", "2026-01-01T00:00:00Z"], "cannot be used with"),
    ] {
        let (code, out, err) = desk.simulate(&[["--series", "history.csv"], arguments].concat());
        assert_eq!((code, out.as_str()), (2, ""), "{arguments:?}\n{err}");
        assert!(unwrapped(&err).contains(part), "{arguments:?}\n{err}");
    }
    let (code, _, err) = desk.simulate(&[]);
    assert!(code == 2 && err.contains("<--series <SERIES>|--prometheus <URL>>"), "{err}");
}

#[test]
fn what_cannot_be_written_is_no_success() {
    let desk = Desk::new(GROW, &minutes(["90%"; 3]));
    for format in ["human", "json", "jsonl"] {
        let full = fs::File::options().write(true).open("/dev/full").unwrap();
        let arguments = ["simulate", "tested.leeway", "--series", "history.csv", "--fact", "machines=2"];
        let mut command = leeway();
        let ended = command.current_dir(desk.0.path()).args(arguments).args(["--format", format]).stdout(full).output();
        let ended = ended.unwrap();
        let err = String::from_utf8(ended.stderr).unwrap();
        assert_eq!((ended.status.code(), err.contains("cannot write to standard output")), (Some(2), true), "{err}");
    }
}
