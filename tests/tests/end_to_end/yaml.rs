//! What somebody types who writes blueprints as YAML: `init --yaml`, `check`, `check --fix`, `test`, `decide`, `fmt --from` and
//! `--to`, `compile --emit schema`.

use std::fs;
use std::io::Write as _;
use std::process::Stdio;

use serde_json::Value;

use crate::place::{leeway, outcome};

/// A folder with what `leeway init --yaml` writes.
fn begun() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let (code, out, err) = outcome(leeway().current_dir(&folder).args(["init", "--yaml"]));
    assert_eq!((code, out.contains("wrote web.leeway.yaml")), (0, true), "{out}{err}");
    folder
}

#[test]
fn what_init_writes_checks_tests_decides_and_is_left_alone_by_fmt() {
    let folder = begun();
    let before = fs::read_to_string(folder.path().join("web.leeway.yaml")).unwrap();
    for arguments in [&["check", "--deny", "warnings"][..], &["test"]] {
        let (code, out, err) = outcome(leeway().current_dir(&folder).args(arguments));
        assert_eq!(code, 0, "{arguments:?}: {out}{err}");
    }
    let (code, _, err) = outcome(leeway().current_dir(&folder).arg("fmt"));
    assert_eq!((code, err.as_str()), (0, "0 files formatted, 0 as they should be, 1 file of YAML left alone\n"));
    assert_eq!(fs::read_to_string(folder.path().join("web.leeway.yaml")).unwrap(), before);

    fs::write(folder.path().join("state.json"), r#"{ "at": "2026-01-01T12:00:00Z", "facts": { "replicas": 3 } }"#)
        .unwrap();
    let decide =
        ["decide", "web.leeway.yaml", "--state", "state.json", "--propose", "scale(to: 0)", "--format", "json"];
    let (code, out, err) = outcome(leeway().current_dir(&folder).args(decide));
    let verdict: Value = serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}{err}"));
    let line = 1 + before.lines().position(|line| line.trim() == "- scale_to_zero").unwrap();
    assert_eq!((code, verdict["voices"][0]["at"]["line"].as_u64()), (4, Some(line as u64)), "{out}");
    assert_eq!(verdict["voices"][0]["at"]["path"], "web.leeway.yaml");
    let (_, out, _) = outcome(leeway().current_dir(&folder).args(&decide[..6]));
    assert!(out.contains("- scale_to_zero") && out.contains("^^^^^^^^^^^^^"), "{out}");
}

#[test]
fn other_yaml_in_a_folder_is_taken_only_if_it_says_so() {
    let folder = begun();
    let text = fs::read_to_string(folder.path().join("web.leeway.yaml")).unwrap();
    fs::write(folder.path().join("deployment.yaml"), "apiVersion: apps/v1\nkind: Deployment\n").unwrap();
    fs::write(folder.path().join("broken.yml"), ": - {").unwrap();
    fs::write(folder.path().join("api.yml"), text.replace("name: web", "name: api")).unwrap();
    let (code, out, err) = outcome(leeway().current_dir(&folder).arg("check"));
    assert_eq!((code, out.as_str()), (0, "`api`, `web` checked: 0 errors, 0 warnings\n"), "{err}");
    // Named, it is a blueprint or nothing.
    let (code, out, _) = outcome(leeway().current_dir(&folder).args(["check", "--format", "short", "deployment.yaml"]));
    assert!(
        code == 1 && out.starts_with("deployment.yaml:1:13: error[E0805]: `apiVersion`: expected `leeway.dev/v1`"),
        "{out}"
    );
}

#[test]
fn fix_mends_clauses_and_nothing_else() {
    let folder = begun();
    let path = folder.path().join("web.leeway.yaml");
    let text = fs::read_to_string(&path).unwrap();
    let broken = text
        .replace("  clauses: |\n", "  clauses: |\n    objective cpu < 70\n")
        .replace("- scale_to_zero", "- scale_to_zeroo");
    fs::write(&path, &broken).unwrap();
    let (code, out, err) = outcome(leeway().current_dir(&folder).args(["check", "--fix"]));
    assert_eq!((code, out.contains("E0205")), (1, true), "{out}{err}");
    assert_eq!(fs::read_to_string(&path).unwrap(), broken.replace("cpu < 70\n", "cpu < 70%\n"), "{err}");
}

#[test]
fn conversions_go_both_ways_and_say_what_they_cannot() {
    let folder = begun();
    let there = |arguments: &[&str]| outcome(leeway().current_dir(&folder).args(arguments));
    let (code, language, err) = there(&["fmt", "--from", "yaml", "web.leeway.yaml"]);
    assert_eq!((code, language.contains("rule scale_up {")), (0, true), "{err}");
    fs::write(folder.path().join("remarked.leeway"), format!("// Of the team.\n{language}// The end.\n")).unwrap();
    let (_, yaml, _) = there(&["fmt", "--to", "yaml", "remarked.leeway"]);
    fs::write(folder.path().join("remarked.leeway.yaml"), yaml).unwrap();
    let (_, back, err) = there(&["fmt", "--from", "yaml", "remarked.leeway.yaml"]);
    assert!(back.starts_with("// Of the team.\n") && back.ends_with("}\n// The end.\n"), "{back}{err}");
    for twin in ["remarked.leeway", "remarked.leeway.yaml"] {
        fs::remove_file(folder.path().join(twin)).unwrap();
    }
    fs::write(folder.path().join("web.leeway"), &language).unwrap();
    let (code, yaml, err) = there(&["fmt", "--to", "yaml", "web.leeway"]);
    assert_eq!((code, yaml.starts_with("apiVersion: leeway.dev/v1\n")), (0, true), "{err}");
    // The two lie beside each other, and are one blueprint.
    let (code, out, err) = there(&["check"]);
    assert_eq!((code, out.as_str()), (0, "`web` checked: 0 errors, 0 warnings\n"), "{err}");

    fs::write(folder.path().join("two.leeway"), "policy calm() for any { }\n").unwrap();
    fs::write(folder.path().join("bad.yaml"), "a: 1\n").unwrap();
    for (arguments, code, said) in [
        (&["fmt", "--to", "yaml", "two.leeway"][..], 1, "does not hold one blueprint"),
        (&["fmt", "--to", "yaml", "web.leeway.yaml"], 1, "is YAML already"),
        (&["fmt", "--from", "yaml", "bad.yaml"], 1, "E0803"),
        (&["fmt", "--from", "yaml", "."], 2, "takes one file"),
        (&["fmt", "--from", "yaml"], 2, "takes one file"),
        (&["fmt", "--from", "yaml", "none.yaml"], 2, "there is no `none.yaml`"),
        (&["fmt", "--from", "yaml", "--to", "yaml", "web.leeway"], 2, "cannot be used with"),
        (&["fmt", "--check", "--to", "yaml", "web.leeway"], 2, "cannot be used with"),
        (&["fmt", "--to", "toml", "web.leeway"], 2, "invalid value"),
    ] {
        let (found, out, err) = there(arguments);
        assert_eq!((found, out.as_str(), err.contains(said)), (code, "", true), "{arguments:?}: {err}");
    }

    let mut child =
        leeway().args(["fmt", "--to", "yaml", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(language.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8(output.stdout).unwrap()), (Some(0), yaml));
}

#[test]
fn what_is_no_utf_8_is_told_by_line_and_column() {
    let folder = begun();
    fs::write(folder.path().join("web.leeway.yaml"), b"apiVersion: leeway.dev/v1\nkind: \xc3\xa9\xff\n").unwrap();
    let (code, _, err) = outcome(leeway().current_dir(&folder).arg("check"));
    assert_eq!((code, err.contains("is not UTF-8 text: line 2, column 8 is wrong")), (1, true), "{err}");
}

#[test]
fn the_schema_needs_no_blueprint() {
    let folder = tempfile::tempdir().unwrap();
    let (code, out, err) = outcome(leeway().current_dir(&folder).args(["compile", "--emit", "schema"]));
    let schema: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, schema["$schema"].as_str()), (0, Some("https://json-schema.org/draft/2020-12/schema")), "{err}");
    let (code, _, err) = outcome(leeway().current_dir(&folder).args(["compile", "--emit", "ir-json"]));
    assert_eq!((code, err.contains("no blueprint is named")), (2, true), "{err}");
}
