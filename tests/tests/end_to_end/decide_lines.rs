//! `leeway decide --batch`: a line in, a line out, whatever the line.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Stdio};

use serde_json::{Value, json};

use crate::place::leeway;

fn start(arguments: &[&str]) -> Child {
    leeway()
        .current_dir(leeway_tests::root())
        .args(["decide", "blueprints/rate_limiter.leeway", "--batch", "-"])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn batch(input: &[u8], arguments: &[&str]) -> (i32, Vec<Value>) {
    let mut child = start(arguments);
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writing = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    writing.join().unwrap().unwrap();
    let lines = String::from_utf8(output.stdout).unwrap();
    (output.status.code().unwrap(), lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

fn line(propose: &str) -> Value {
    json!({ "propose": propose, "actor": "agent:atlas",
            "state": { "at": "2026-01-01T12:00:00Z", "facts": { "quota": "100/s" }, "metrics": { "p99": { "value": "12ms" } } } })
}

#[test]
fn each_line_gets_its_answer_in_order() {
    let good = line("set_quota(to: 110/s)").to_string();
    let long = format!("{{\"propose\":\"{}\"}}", "x".repeat(3 << 20));
    let deep = format!("{{\"state\":{}{}}}", "[".repeat(64), "]".repeat(64));
    let mut twice = line("drain()").to_string();
    twice = twice.replace("\"quota\":\"100/s\"", "\"quota\":\"100/s\",\"quota\":\"1/s\"");
    let mut input = Vec::new();
    for text in
        [good.as_str(), "", &long, &deep, &twice, "{", "[]", "{\"propose\":\"drain(\"}", "{\"propose\":\"drain()\"}"]
    {
        input.extend_from_slice(text.as_bytes());
        input.push(b'\n');
    }
    input.extend_from_slice(b"{\"propose\":\"\xff\"}\r\n");
    // The last line needs no end.
    input.extend_from_slice(line("set_quota(to: 200/s)").to_string().as_bytes());
    let (code, answers) = batch(&input, &[]);
    let tiers: Vec<&str> = answers.iter().map(|answer| answer["tier"].as_str().unwrap()).collect();
    assert_eq!((code, tiers.len()), (1, 11), "{answers:#?}");
    assert_eq!((tiers[0], tiers[10]), ("allowed", "approval_required"));
    let paths: Vec<&str> = answers[1..10].iter().map(|answer| answer["error"]["path"].as_str().unwrap()).collect();
    let deepest = format!("$.state{}", "[0]".repeat(63));
    let expected = ["$", "$", &deepest, "$.state.facts.quota", "$", "$", "$.propose", "$.state.at", "$"];
    assert_eq!(paths, expected, "{answers:#?}");
    assert!(tiers[1..10].iter().all(|tier| *tier == "forbidden"));
    assert_eq!(batch(good.as_bytes(), &[]).0, 0);
    assert_eq!(batch(b"", &[]), (0, vec![]));
}

#[test]
fn an_answer_comes_before_the_next_line_is_asked() {
    let mut child = start(&[]);
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    for to in [101, 102, 103] {
        writeln!(stdin, "{}", line(&format!("set_quota(to: {to}/s)"))).unwrap();
        let mut answer = String::new();
        stdout.read_line(&mut answer).unwrap();
        let answer: Value = serde_json::from_str(&answer).unwrap();
        assert_eq!(answer["arguments"]["to"], format!("{to}/s"));
    }
    drop(stdin);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn who_proposes_is_the_flag_before_the_line_before_the_state() {
    let mut one = line("set_quota(to: 200/s)");
    one["state"]["actor"] = json!("human:state");
    let actor = |line: &Value, arguments: &[&str]| {
        let (code, answers) = batch(line.to_string().as_bytes(), arguments);
        assert_eq!(code, 0, "{answers:#?}");
        answers[0]["actor"].clone()
    };
    assert_eq!(actor(&one, &["--actor", "agent:flag"]), "agent:flag");
    assert_eq!(actor(&one, &[]), "agent:atlas");
    one.as_object_mut().unwrap().remove("actor");
    assert_eq!(actor(&one, &[]), "human:state");
    one["state"].as_object_mut().unwrap().remove("actor");
    assert_eq!(actor(&one, &[]), "human:cli");
    // Of a chain the strictest verdict stands, and is named.
    one["actor"] = json!(["human:ada", { "id": "agent:atlas", "roles": ["r"] }]);
    assert_eq!(actor(&one, &["--roles", "a,b"]), "agent:atlas");
}

#[test]
fn what_cannot_be_read_ends_with_2() {
    let blueprint = "blueprints/rate_limiter.leeway";
    for arguments in [
        ["decide", blueprint, "--batch", "/no/such/file"].as_slice(),
        &["decide", blueprint, "--batch", "-", "--propose", "drain()"],
        &["decide", blueprint, "--claims", "-", "--at", "2026-01-01T12:00:00Z"],
        &["decide", blueprint, "--propose", "drain(", "--at", "2026-01-01T12:00:00Z"],
        &["decide", blueprint, "--propose", "drain()", "--actor", "atlas", "--at", "2026-01-01T12:00:00Z"],
    ] {
        let output = leeway().current_dir(leeway_tests::root()).args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    }
}
