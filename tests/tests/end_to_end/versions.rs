//! `leeway check --against`: what is wider must show in the version.

use std::fs;

use serde_json::Value;
use tempfile::TempDir;

use crate::place::{leeway, outcome};

/// Two folders, `old` with the project's rate limiter and `new` with a changed one.
fn folders(changes: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("leeway.toml"), "").unwrap();
    let old = fs::read_to_string(leeway_tests::root().join("blueprints/rate_limiter.leeway")).unwrap();
    let new = changes.iter().fold(old.clone(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    });
    for (name, file, text) in [("old", "before.leeway", old), ("new", "after.leeway", new)] {
        fs::create_dir(folder.path().join(name)).unwrap();
        fs::write(folder.path().join(name).join(file), text).unwrap();
    }
    folder
}

fn against(folder: &TempDir, arguments: &[&str]) -> (i32, String, String) {
    outcome(leeway().current_dir(folder).args(["check", "new", "--against", "old"]).args(arguments))
}

const WIDER: [(&str, &str); 3] =
    [("\"1.0.0\"", "\"1.0.1\""), ("to within 10%", "to within 15%"), ("limit cooldown 2s", "limit cooldown 1s")];

#[test]
fn what_is_wider_is_told_in_every_format() {
    let folder = folders(&WIDER);
    let (code, out, err) = against(&folder, &[]);
    assert_eq!((code, err.as_str()), (1, ""), "{out}");
    for part in [
        "error[E0405]: `rate_limiter` is wider than its version says: 1.0.1 follows 1.0.0",
        "new/after.leeway:5:11",
        "new: `allow set_quota when to within 15% of current.quota and p99 < 100ms`; before: `allow set_quota when",
        "= note: gone: `limit cooldown 2s after any` (old/before.leeway:",
        "; now: `limit cooldown 1s after any`",
        "= help: write `\"2.0.0\"`, or take back what is wider",
    ] {
        assert!(out.contains(part), "{part} in {out}");
    }
    for format in ["short", "json", "sarif", "github", "gitlab"] {
        let (code, out, err) = against(&folder, &["--format", format]);
        assert_eq!((code, out.contains("E0405")), (1, true), "{format}: {out}");
        assert_eq!(err, "1 error, 0 warnings\n", "{format}");
    }
    let document: Value = serde_json::from_str(&against(&folder, &["--format", "json"]).1).unwrap();
    assert!(
        document["diagnostics"][0]["notes"][0].as_str().unwrap().starts_with("gone: `limit cooldown 2s"),
        "{document}"
    );
}

#[test]
fn what_the_version_says_and_what_is_narrower_passes() {
    let major = folders(&[("\"1.0.0\"", "\"2.0.0\""), WIDER[1], WIDER[2]]);
    assert_eq!(against(&major, &[]).0, 0);
    // The way back takes away what was granted.
    let folder = folders(&WIDER[1..]);
    let (code, out, _) = outcome(leeway().current_dir(&folder).args(["check", "old", "--against", "new"]));
    assert_eq!(code, 0, "{out}");
    assert_eq!(against(&folders(&[("\"1.0.0\"", "\"0.9.0\"")]), &[]).0, 1, "down");
    assert_eq!(against(&folders(&[("  version \"1.0.0\"\n", "")]), &[]).0, 1, "gone");
}

#[test]
fn a_bundle_is_compared_with_as_its_source_is() {
    let folder = folders(&WIDER);
    assert_eq!(outcome(leeway().current_dir(&folder).args(["compile", "old", "-o", "old.bundle"])).0, 0);
    let bundle = outcome(leeway().current_dir(&folder).args(["check", "new", "--against", "old.bundle"]));
    assert_eq!(bundle, against(&folder, &[]));
    assert_eq!(bundle.0, 1, "{}", bundle.1);
    fs::write(folder.path().join("old.bundle"), "{").unwrap();
    let (code, _, err) = outcome(leeway().current_dir(&folder).args(["check", "new", "--against", "old.bundle"]));
    assert_eq!((code, err.contains("is refused")), (1, true), "{err}");
}

#[test]
fn what_cannot_be_compared_with_is_said() {
    let folder = folders(&[]);
    let (code, _, err) = outcome(leeway().current_dir(&folder).args(["check", "new", "--against", "nowhere"]));
    assert_eq!((code, err.contains("nowhere")), (2, true), "{err}");
    fs::write(folder.path().join("old/before.leeway"), "blueprint").unwrap();
    let (code, _, err) = against(&folder, &[]);
    assert_eq!((code, err.contains("there is nothing to compare with")), (1, true), "{err}");
}

#[test]
fn the_page_shows_what_is_printed() {
    let page = fs::read_to_string(leeway_tests::root().join("docs/versions.md")).unwrap();
    let shown = page.split("```text\n$ leeway ").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let (command, printed) = shown.split_once('\n').unwrap();
    let folder = folders(&WIDER);
    let path = |path: &str| folder.path().join(path);
    for (from, to) in [("new", "now/blueprints"), ("old", "before/blueprints")] {
        fs::create_dir_all(path(to).parent().unwrap()).unwrap();
        fs::rename(path(from), path(to)).unwrap();
    }
    fs::rename(path("now/blueprints/after.leeway"), path("now/blueprints/rate_limiter.leeway")).unwrap();
    fs::rename(path("before/blueprints/before.leeway"), path("before/blueprints/rate_limiter.leeway")).unwrap();
    fs::write(path("now/leeway.toml"), "").unwrap();
    let (code, out, _) = outcome(leeway().current_dir(path("now")).args(command.split(' ')));
    let lines = |text: &str| text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
    assert_eq!((code, lines(&out)), (1, format!("{}\n\n1 error, 0 warnings", lines(printed))));
}
