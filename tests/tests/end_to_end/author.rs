//! What somebody types who writes blueprints: `init`, `check --fix`, `fmt`, `test`, `compile`, `explain`.

use std::fs::Permissions;
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::process::Stdio;

use serde_json::Value;

use crate::place::{leeway, outcome};

/// A folder with one blueprint of these members.
fn folder(members: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("leeway.toml"), "").unwrap();
    let text = format!("use std.ratelimiter\n\nblueprint acme for ratelimiter.tenant(\"acme\") {{\n{members}}}\n");
    std::fs::write(folder.path().join("acme.leeway"), text).unwrap();
    folder
}

const TESTED: &str = "  allow set_quota(to) when to within 10% of current.quota else approve
  forbid set_burst, set_enabled, drain, restart_workers

  test \"a small step\" {
    given quota = 100/s
    propose set_quota(to: 105/s)
    expect allow
  }
  test \"a leap\" {
    given quota = 100/s
    propose set_quota(to: 300/s)
    expect approve by \"acme/approve/set_quota/1\"
  }
";

#[test]
fn what_init_writes_checks_and_tests_and_is_in_style() {
    let folder = tempfile::tempdir().unwrap();
    let (code, out, err) = outcome(leeway().current_dir(&folder).arg("init"));
    assert_eq!((code, out.contains("leeway test")), (0, true), "{out}{err}");
    for arguments in [&["check", "--deny", "warnings"][..], &["test"], &["fmt", "--check"]] {
        let (code, out, err) = outcome(leeway().current_dir(&folder).args(arguments));
        assert_eq!(code, 0, "{arguments:?}: {out}{err}");
    }
    let (code, _, err) = outcome(leeway().current_dir(&folder).arg("init"));
    assert_eq!((code, err.contains("exists already")), (2, true), "{err}");
    let (code, out, err) = outcome(leeway().current_dir(&folder).args(["init", "another/place"]));
    assert_eq!((code, out.contains("wrote another/place/web.leeway")), (0, true), "{out}{err}");
}

#[test]
fn fix_mends_what_is_certain_and_leaves_guesses_to_people() {
    let folder = folder(
        "  metric errors: ratio = scrape rate(\"e\", 1m) / rate(\"r\", 1m)\n  objective errors <= 5\n  forbid set_enabeld\n  approve any\n",
    );
    let (code, out, err) = outcome(leeway().current_dir(&folder).args(["check", "--fix"]));
    assert_eq!(code, 1, "{out}{err}");
    assert_eq!(err, "acme.leeway:5:23: write `5%`\nmended 1 finding in 1 file\n");
    assert!(out.contains("did you mean `set_enabled`?") && !out.contains("E0304"), "{out}");
    let text = std::fs::read_to_string(folder.path().join("acme.leeway")).unwrap();
    assert!(text.contains("<= 5%\n") && text.contains("forbid set_enabeld\n"), "{text}");
}

#[test]
fn fix_leaves_alone_what_could_mean_two_things() {
    let folder = tempfile::tempdir().unwrap();
    let text = "use std.kubernetes

blueprint web for kubernetes.deployment(\"shop/web\") {
  forbid resize when memory_request < 128Mi
  approve any
}
";
    let path = folder.path().join("web.leeway");
    std::fs::write(&path, text).unwrap();
    let (code, out, err) = outcome(leeway().current_dir(&folder).args(["check", "--fix"]));
    assert_eq!((code, out.contains("E0402")), (1, true), "{out}{err}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
}

#[test]
fn fmt_writes_files_standard_input_and_only_looks_with_check() {
    let folder = folder("  approve    any\n\n\n\n  // why\n  limit cooldown 2s after any\n");
    let path = folder.path().join("acme.leeway");
    let before = std::fs::read_to_string(&path).unwrap();
    let (code, out, _) = outcome(leeway().current_dir(&folder).args(["fmt", "--check"]));
    assert_eq!((code, out.as_str()), (1, "acme.leeway\n"));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), before);
    let (code, ..) = outcome(leeway().current_dir(&folder).args(["fmt"]));
    let after = std::fs::read_to_string(&path).unwrap();
    assert_eq!((code, after.contains("  approve any\n\n  // why\n")), (0, true), "{after}");
    assert_eq!(outcome(leeway().current_dir(&folder).args(["fmt", "--check"])).0, 0);

    let mut child = leeway()
        .args(["fmt", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(before.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8(output.stdout).unwrap()), (Some(0), after));
}

#[test]
fn fmt_leaves_broken_files_alone() {
    let folder = folder("  approve   any\n  allow set_quota when\n");
    let before = std::fs::read_to_string(folder.path().join("acme.leeway")).unwrap();
    let (code, _, err) = outcome(leeway().current_dir(&folder).args(["fmt"]));
    assert_eq!((code, err.contains("E0101")), (1, true), "{err}");
    assert_eq!(std::fs::read_to_string(folder.path().join("acme.leeway")).unwrap(), before);
}

#[test]
fn tests_pass_can_be_chosen_and_are_told_to_machines() {
    let folder = folder(TESTED);
    let (code, out, err) = outcome(leeway().current_dir(&folder).arg("test"));
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.contains("ok a leap") && out.contains("2 tests: 2 passed, 0 failed"), "{out}");
    let (_, out, _) = outcome(leeway().current_dir(&folder).args(["test", "--filter", "small"]));
    assert!(out.contains("1 test: 1 passed"), "{out}");
    let (_, out, _) = outcome(leeway().current_dir(&folder).args(["test", "--format", "json", "--coverage"]));
    let document: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(document["summary"]["passed"], 2);
    let unseen = |clause: &str| {
        let all = document["coverage"].as_array().unwrap();
        all.iter().find(|entry| entry["clause"] == clause).map(|entry| entry["unseen"].clone())
    };
    assert_eq!(unseen("acme/allow/set_quota/1"), Some(serde_json::json!(["unknown"])));
    let (code, out, _) = outcome(leeway().current_dir(&folder).args(["test", "--format", "junit"]));
    assert_eq!(code, 0);
    assert!(out.starts_with("<?xml") && out.contains("tests=\"2\"") && out.contains("failures=\"0\""), "{out}");
}

#[test]
fn a_test_that_fails_says_what_was_expected_what_came_and_who_spoke() {
    let folder = folder(&TESTED.replace("expect allow\n", "expect forbid\n"));
    let (code, out, _) = outcome(leeway().current_dir(&folder).arg("test"));
    assert_eq!(code, 1);
    for part in ["FAILED a small step", "acme.leeway:10:", "acme/allow/set_quota/1", "1 failed"] {
        assert!(out.contains(part), "{part} in {out}");
    }
    let (code, out, _) = outcome(leeway().current_dir(&folder).args(["test", "--format", "junit"]));
    assert_eq!((code, out.contains("<failure")), (1, true), "{out}");
}

#[test]
fn compile_writes_the_ir_with_its_fingerprint() {
    let folder = folder(TESTED);
    let (code, out, err) = outcome(leeway().current_dir(&folder).args(["compile", "acme.leeway", "--emit", "ir-json"]));
    assert_eq!(code, 0, "{err}");
    let document: Value = serde_json::from_str(&out).unwrap();
    assert!(document["fingerprint"].as_str().unwrap().starts_with("sha256:"));
    let (code, out, _) =
        outcome(leeway().current_dir(&folder).args(["compile", "acme.leeway", "--emit", "ir-json", "-o", "acme.json"]));
    assert_eq!((code, out.as_str()), (0, ""));
    let written = std::fs::read_to_string(folder.path().join("acme.json")).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&written).unwrap(), document);
}

#[test]
fn files_are_written_through_links_and_keep_their_permissions() {
    let folder = folder("  approve    any\n");
    let (link, elsewhere) = (folder.path().join("acme.leeway"), tempfile::tempdir().unwrap());
    let file = elsewhere.path().join("shared.leeway");
    std::fs::rename(&link, &file).unwrap();
    std::fs::set_permissions(&file, Permissions::from_mode(0o640)).unwrap();
    symlink(&file, &link).unwrap();
    assert_eq!(outcome(leeway().current_dir(&folder).args(["fmt", "acme.leeway"])).0, 0);
    assert!(link.is_symlink());
    assert!(std::fs::read_to_string(&file).unwrap().contains("  approve any\n"));
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
    // What is new can be read by whom the user's mask lets, as any other new file.
    let compile = ["compile", "acme.leeway", "--emit", "ir-json", "-o", "acme.json"];
    assert_eq!(outcome(leeway().current_dir(&folder).args(compile)).0, 0);
    std::fs::write(folder.path().join("any"), "").unwrap();
    let mode = |name: &str| std::fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
    assert_eq!(mode("acme.json"), mode("any"));
}

#[test]
fn explain_shows_the_page_and_knows_what_was_meant() {
    let (code, out, _) = outcome(leeway().args(["explain", "e0304"]));
    assert_eq!((code, out.starts_with("E0304: bare number")), (0, true), "{out}");
    let (code, _, err) = outcome(leeway().args(["explain", "E0340"]));
    assert_eq!((code, err.contains("E03")), (2, true), "{err}");
    let (code, out, _) = outcome(leeway().arg("explain"));
    assert_eq!((code, out.contains("W0401")), (0, true), "{out}");
}

#[test]
fn the_library_of_the_project_is_in_style_and_its_tests_pass() {
    let root = leeway_tests::root();
    for arguments in [&["fmt", "--check", "stdlib", "policies", "blueprints"][..], &["test", "policies", "blueprints"]]
    {
        let (code, out, err) = outcome(leeway().current_dir(&root).args(arguments));
        assert_eq!(code, 0, "{arguments:?}: {out}{err}");
    }
}
