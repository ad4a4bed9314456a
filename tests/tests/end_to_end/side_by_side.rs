//! `leeway simulate` of several blueprints at once.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::place::{leeway, outcome};

const CPU: [&str; 2] = ["--series", "cpu=cpu_utilization_asg_misconfiguration.csv:value@%"];

const REQUESTS: [&str; 2] = ["--series", "requests=elb_request_count_8c0756.csv:value"];

/// Over two series that begin and end at different times, each of another blueprint.
fn shop(arguments: &[&str]) -> (i32, String, String) {
    let data = leeway_tests::root().join("examples/data");
    let given = ["simulate", "shop.leeway", "--fact", "machines=3"];
    outcome(leeway().current_dir(data).args(given).args(arguments))
}

fn document(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn each_of_several_blueprints_comes_to_what_it_comes_to_alone() {
    let json = ["--format", "json"];
    let alone = |name: &str, series: [&str; 2]| {
        let (code, out, err) = shop(&[["--blueprint", name], series, json].concat());
        assert_eq!(code, 0, "{err}");
        let mut document = document(&out);
        document["blueprint"] = json!(name);
        document
    };
    let [web, front] = [alone("web", CPU), alone("front", REQUESTS)];
    let named = ["--blueprint", "front", "--blueprint", "web"];
    let (code, out, err) = shop(&[named.as_slice(), &CPU, &REQUESTS, &json].concat());
    assert_eq!(code, 0, "{err}");
    assert_eq!(document(&out), json!({ "simulations": [front, web] }));

    // In the order of the file; one is a list as well.
    let all = |arguments: &[&str]| document(&shop(&[&["--all"], arguments, json.as_slice()].concat()).1);
    assert_eq!(all(&[CPU, REQUESTS].concat()), json!({ "simulations": [web, front] }));

    let (_, out, _) = shop(&[["--all", "--format"].as_slice(), &["jsonl"], &CPU, &REQUESTS].concat());
    let lines: Vec<Value> = out.lines().map(document).collect();
    for one in [&web, &front] {
        let own = |line: &&Value| line["blueprint"] == one["blueprint"];
        let decisions: Vec<&Value> =
            lines.iter().filter(own).map(|line| &line["decision"]).filter(|decision| !decision.is_null()).collect();
        assert_eq!(json!(decisions), one["decisions"]);
    }
    let last: Vec<(&Value, &Value)> =
        lines[lines.len() - 2..].iter().map(|it| (&it["blueprint"], &it["summary"])).collect();
    assert_eq!(last, [(&json!("web"), &web["summary"]), (&json!("front"), &front["summary"])]);
}

#[test]
fn people_get_one_after_the_other_and_a_page_each() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("out.html").display().to_string();
    let (code, out, err) = shop(&[["--all", "--report"].as_slice(), &[&page], &CPU, &REQUESTS].concat());
    assert_eq!(code, 0, "{err}");
    assert!(out.starts_with("web 1.0.0 on ") && out.contains("\n\nfront 1.0.0 on "), "{out}");
    for name in ["web", "front"] {
        let page = folder.path().join(format!("out-{name}.html"));
        assert!(err.contains(&format!("the report is in {}", page.display())), "{err}");
        assert!(fs::read_to_string(page).unwrap().contains(&format!("{name} 1.0.0")));
    }
    assert!(!folder.path().join("out.html").exists());
}

#[test]
fn one_that_fails_leaves_nothing_of_the_others_that_looks_whole() {
    let folder = tempfile::tempdir().unwrap();
    let data = leeway_tests::root().join("examples/data");
    let copy = |name: &str| fs::copy(data.join(name), folder.path().join(name)).unwrap();
    copy("shop.leeway");
    copy("elb_request_count_8c0756.csv");
    fs::write(folder.path().join("leeway.toml"), "").unwrap();
    fs::write(folder.path().join("cpu.csv"), "time,cpu\n0,0.5\n60,many\n").unwrap();
    let simulate = |format: &str| {
        let given = ["simulate", "shop.leeway", "--all", "--report", "out.html", "--series", "cpu.csv"];
        outcome(leeway().current_dir(folder.path()).args(given).args(REQUESTS).args(["--format", format]))
    };
    for format in ["human", "json", "jsonl"] {
        let (code, out, err) = simulate(format);
        assert_eq!(code, 1, "{err}");
        assert!(err.contains("`cpu.csv`, line 3, column `cpu`: `many` is not a number"), "{err}");
        assert!(!out.contains("summary") && (format == "jsonl" || out.is_empty()), "{out}");
        assert!(!Path::new(&folder.path().join("out-front.html")).exists());
    }
}

#[test]
fn which_blueprints_is_said_in_full() {
    for (arguments, code, part) in [
        ([].as_slice(), 2, "say which with `--blueprint NAME`"),
        (&["--blueprint", "web", "--blueprint", "web"], 2, "blueprint `web` is there twice"),
        (&["--blueprint", "web", "--blueprint", "wob"], 2, "no blueprint `wob` there"),
        (&["--all", "--blueprint", "web"], 2, "cannot be used with"),
        (&["--all", "--fact", "machine=3"], 2, "did you mean `machines`?"),
        (
            &["--all", "--series", "cpi=cpu_utilization_asg_misconfiguration.csv"],
            2,
            "`cpi` is no metric or fact of `front`, `web`",
        ),
        (&["--all"], 1, "no series records anything of `front`"),
    ] {
        let (came, out, err) = shop(&[arguments, &CPU].concat());
        assert_eq!((came, out.as_str()), (code, ""), "{arguments:?}\n{err}");
        let told: Vec<&str> = err.split_whitespace().filter(|word| *word != "│").collect();
        assert!(told.join(" ").contains(part), "{arguments:?}\n{err}");
    }
}
