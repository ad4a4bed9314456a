//! `leeway check` and its three ways to write what it found.

use serde_json::Value;

use crate::place::{leeway, outcome};

const WRONG: &str = "use std.ratelimiter

blueprint wrong for ratelimiter.tenant(\"acme\") {
  allow set_quota(to) when to < 80
  forbid set_enabeld
}
";

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("wrong.leeway"), WRONG).unwrap();
    std::fs::write(folder.path().join("leeway.toml"), "").unwrap();
    folder
}

#[test]
fn all_errors_are_reported_with_place_and_help() {
    let folder = folder();
    let (code, out, err) = outcome(leeway().current_dir(&folder).args(["check"]));
    assert_eq!(code, 1, "{err}");
    for part in ["E0304", "E0205", "wrong.leeway:4:", "wrong.leeway:5:", "set_enabled", "leeway explain E0304"] {
        assert!(out.contains(part), "{part} in {out}");
    }
    let (code, out, _) = outcome(leeway().current_dir(&folder).args(["check", "--format", "short"]));
    assert_eq!(code, 1);
    assert!(out.lines().any(|line| line.starts_with("wrong.leeway:4:") && line.contains("error[E0304]: ")), "{out}");
}

#[test]
fn a_file_has_one_path_wherever_it_is_named_from() {
    let folder = folder();
    let path = |path: &str| folder.path().join(path);
    std::fs::create_dir_all(path("ci/inner")).unwrap();
    std::os::unix::fs::symlink("ci/inner", path("link")).unwrap();
    std::fs::copy(path("wrong.leeway"), path("ci/other.leeway")).unwrap();
    let check = |here: &str, paths: &[&str]| {
        outcome(leeway().current_dir(path(here)).args(["check", "--format", "short"]).args(paths)).1
    };
    let expected = check("", &["wrong.leeway"]);
    assert!(expected.starts_with("wrong.leeway:"), "{expected}");
    assert_eq!(check("ci", &["../wrong.leeway"]), expected);
    assert_eq!(check("ci", &["inner/../.././wrong.leeway"]), expected);
    assert_eq!(check("", &["wrong.leeway", "ci/../wrong.leeway", "./wrong.leeway"]), expected);
    assert!(check("", &["link/../other.leeway"]).starts_with("ci/other.leeway:"));
    // What lies beside the workspace is told from its root.
    std::fs::write(path("ci/leeway.toml"), "").unwrap();
    assert!(check("ci/inner", &["../../wrong.leeway"]).starts_with("../wrong.leeway:"));
    let absolute = path("wrong.leeway");
    let absolute = absolute.to_str().unwrap();
    assert!(check("ci", &[absolute]).starts_with(absolute));
}

#[test]
fn json_has_the_shape_of_the_contract() {
    let folder = folder();
    let (code, out, _) = outcome(leeway().current_dir(&folder).args(["check", "wrong.leeway", "--format", "json"]));
    assert_eq!(code, 1);
    let document: Value = serde_json::from_str(&out).unwrap();
    let all = document["diagnostics"].as_array().unwrap();
    let found = all.iter().find(|found| found["severity"] == "error").unwrap();
    assert_eq!((found["code"].as_str(), found["severity"].as_str()), (Some("E0304"), Some("error")));
    assert_eq!(
        (found["path"].as_str(), found["line"].as_u64(), found["column"].as_u64()),
        (Some("wrong.leeway"), Some(4), Some(33))
    );
    for member in ["message", "end_line", "end_column", "labels", "help", "fixes", "url"] {
        assert!(found.get(member).is_some(), "{member} in {found}");
    }
}

#[test]
fn warnings_fail_only_when_denied() {
    let folder = tempfile::tempdir().unwrap();
    let text = "use std.ratelimiter\nblueprint quiet for ratelimiter.tenant(\"acme\") { forbid drain }\n";
    std::fs::write(folder.path().join("quiet.leeway"), text).unwrap();
    let (code, out, _) = outcome(leeway().current_dir(&folder).args(["check", "quiet.leeway"]));
    assert_eq!((code, out.contains("W0401")), (0, true), "{out}");
    let (code, _, _) = outcome(leeway().current_dir(&folder).args(["check", "quiet.leeway", "--deny", "warnings"]));
    assert_eq!(code, 1);
}

#[test]
fn the_blueprints_of_the_project_are_clean() {
    let root = leeway_tests::root();
    let (code, out, err) =
        outcome(leeway().current_dir(&root).args(["check", "stdlib", "policies", "blueprints", "--deny", "warnings"]));
    assert_eq!(code, 0, "{out}{err}");
}
