//! Bundles: the same bytes from anywhere, enforced like their sources, and refused when they were changed.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use leeway_engine::Record;

use crate::place::{Place, leeway, outcome};

// Made for these tests; it opens nothing.
const SECRET: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIHLakqrqYswqB+OFmfnT+pbD1U8X1u8n3QFWPmV20X/y
-----END PRIVATE KEY-----
";
const PUBLIC: &str = "-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAa9BM3J92tomvmGv3IFZ1x+31XakGtoV5WrL9JLX1WGs=
-----END PUBLIC KEY-----
";
const OTHER: &str = "-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEA+AyEv6GH+WtZp1dzFtEB3eqUpu44T5k7kNUDEThzb9o=
-----END PUBLIC KEY-----
";

const DECIDE: [&str; 4] = ["--propose", "set_quota(to: 0/s)", "--at", "2026-01-01T12:00:00Z"];

fn run(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    outcome(leeway().current_dir(folder).args(arguments))
}

/// A workspace with the blueprint in it and keys beside it.
fn workspace() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("leeway.toml", "");
    write("deploy.key", SECRET);
    write("deploy.pub", PUBLIC);
    write("other.pub", OTHER);
    fs::set_permissions(folder.path().join("deploy.key"), fs::Permissions::from_mode(0o600)).unwrap();
    fs::create_dir(folder.path().join("blueprints")).unwrap();
    let source = leeway_tests::root().join("blueprints/rate_limiter.leeway");
    fs::copy(source, folder.path().join("blueprints/rate_limiter.leeway")).unwrap();
    folder
}

#[test]
fn the_same_source_gives_the_same_bytes_from_anywhere() {
    let (one, two) = (workspace(), workspace());
    let compile = |folder: &Path, path: &str, sign: &[&str]| {
        let (code, out, err) = run(folder, &[&["compile", path], sign].concat());
        assert_eq!(code, 0, "{err}");
        out
    };
    let first = compile(one.path(), "blueprints/rate_limiter.leeway", &[]);
    assert_eq!(compile(two.path(), "./blueprints/rate_limiter.leeway", &[]), first);
    assert_eq!(compile(&two.path().join("blueprints"), "rate_limiter.leeway", &[]), first);
    assert_eq!(compile(&two.path().join("blueprints"), ".", &["--blueprint", "rate_limiter"]), first);
    fs::create_dir(two.path().join("ci")).unwrap();
    assert_eq!(compile(&two.path().join("ci"), "../blueprints/rate_limiter.leeway", &[]), first);
    let sign = ["--sign", "deploy.key"];
    let signed = compile(one.path(), "blueprints", &sign);
    assert_eq!(compile(two.path(), "blueprints", &sign), signed);
    assert!(!signed.contains(one.path().to_str().unwrap()));
    // Signing what was compiled before is the same as signing at once.
    fs::write(one.path().join("x.bundle"), &first).unwrap();
    assert_eq!(compile(one.path(), "x.bundle", &sign), signed);
}

#[test]
fn the_bundle_that_the_engine_is_tested_with_is_what_its_source_gives() {
    let root = leeway_tests::root();
    let (code, out, err) = run(&root, &["compile", "compiler/ir/tests/bundle/everything.leeway"]);
    assert_eq!(code, 0, "{err}");
    let shipped = fs::read_to_string(root.join("runtime/engine/tests/everything.bundle")).unwrap();
    assert!(out == shipped, "the first lines of runtime/engine/tests/shipped.rs say how to make it anew");
}

#[test]
fn a_bundle_gives_the_verdict_that_its_source_gives() {
    let folder = workspace();
    let path = "blueprints/rate_limiter.leeway";
    assert_eq!(run(folder.path(), &["compile", path, "-o", "x.bundle"]).0, 0);
    let decide = |path: &str| run(folder.path(), &[&["decide", path, "--format", "json"][..], &DECIDE].concat());
    assert_eq!(decide("x.bundle"), decide(path));
    let (code, out, _) = run(folder.path(), &[&["decide", "x.bundle"][..], &DECIDE].concat());
    assert_eq!(code, 4);
    assert!(out.contains("--> blueprints/rate_limiter.leeway:"), "{out}");
    let ir = |path: &str| run(folder.path(), &["compile", path, "--emit", "ir-json"]);
    assert_eq!(ir("x.bundle"), ir(path));
}

#[test]
fn what_is_required_is_said_with_exit_1() {
    let folder = workspace();
    let source = "blueprints/rate_limiter.leeway";
    assert_eq!(run(folder.path(), &["compile", source, "-o", "x.bundle"]).0, 0);
    assert_eq!(run(folder.path(), &["compile", source, "-o", "signed.bundle", "--sign", "deploy.key"]).0, 0);
    let decide = |path: &str, more: &[&str]| run(folder.path(), &[&["decide", path][..], &DECIDE, more].concat());
    assert_eq!(decide("signed.bundle", &["--trust", "other.pub", "--trust", "deploy.pub"]).0, 4);
    assert_eq!(decide("signed.bundle", &[]).0, 4);
    for (path, more, reason) in [
        ("x.bundle", &["--trust", "deploy.pub"][..], "not signed"),
        ("signed.bundle", &["--trust", "other.pub"], "not a trusted one"),
        (source, &["--trust", "deploy.pub"], "is not signed"),
        ("signed.bundle", &["--trust", "deploy.key"], "is no key"),
    ] {
        let (code, _, err) = decide(path, more);
        assert_eq!(code, 1, "{path} {more:?}: {err}");
        assert!(err.split_whitespace().collect::<Vec<_>>().join(" ").replace("│ ", "").contains(reason), "{err}");
    }
    // Whom to trust does not depend on where somebody stands.
    fs::write(folder.path().join("leeway.toml"), "[bundles]\ntrust = [\"deploy.pub\"]\n").unwrap();
    let below = folder.path().join("blueprints");
    for folder in [folder.path(), &below] {
        let up = if folder == below { "../" } else { "" };
        let with = |name: &str| format!("{up}{name}");
        assert_eq!(run(folder, &[&["decide", &with("x.bundle")][..], &DECIDE].concat()).0, 1);
        assert_eq!(run(folder, &[&["decide", &with("signed.bundle")][..], &DECIDE].concat()).0, 4);
        assert_eq!(run(folder, &[&["decide", &with(source)][..], &DECIDE].concat()).0, 4);
        // A bundle gets its signature where unsigned ones are not taken.
        let sign = ["compile", &with("x.bundle"), "--sign", &with("deploy.key"), "-o", &with("again.bundle")];
        assert_eq!(run(folder, &sign).0, 0);
        assert_eq!(run(folder, &[&["decide", &with("again.bundle")][..], &DECIDE].concat()).0, 4);
        for taken in ["x.bundle", source] {
            let (code, _, err) = run(folder, &["run", &with(taken), "--data", "data"]);
            assert_eq!(code, 1, "{err}");
            assert!(err.contains("signed"), "{err}");
        }
        assert!(!folder.join("data").exists());
    }
}

#[test]
fn what_cannot_be_meant_is_a_usage_error() {
    let folder = workspace();
    let source = "blueprints/rate_limiter.leeway";
    assert_eq!(run(folder.path(), &["compile", source, "-o", "x.bundle"]).0, 0);
    for arguments in [
        &["compile", source, "-o", "x.json"][..],
        &["compile", source, "--emit", "ir-json", "--sign", "deploy.key"],
        &["compile", "x.bundle", "--blueprint", "another"],
        &["compile", "none.bundle"],
        &["compile", source, "--sign", "none.key"],
        &["check", "x.bundle"],
        &["test", "x.bundle"],
    ] {
        let (code, _, err) = run(folder.path(), arguments);
        assert_eq!(code, 2, "{arguments:?}: {err}");
    }
}

#[test]
fn a_secret_key_that_others_can_read_is_used_with_a_warning() {
    let folder = workspace();
    let sign = ["compile", "blueprints", "-o", "x.bundle", "--sign", "deploy.key"];
    assert_eq!(run(folder.path(), &sign).2, "");
    fs::set_permissions(folder.path().join("deploy.key"), fs::Permissions::from_mode(0o644)).unwrap();
    let (code, _, err) = run(folder.path(), &sign);
    assert_eq!(code, 0);
    assert!(err.contains("chmod 600 deploy.key"), "{err}");
}

#[test]
fn a_signed_bundle_is_enforced_where_no_source_is() {
    let place =
        Place::new("  rule grow { when burst < 100 propose set_burst(to: 100) }\n  allow set_burst(to) when to <= 100");
    fs::write(place.path("deploy.key"), SECRET).unwrap();
    fs::write(place.path("deploy.pub"), PUBLIC).unwrap();
    let compile = ["compile", "tested.leeway", "-o", "tested.bundle", "--sign", "deploy.key"];
    assert_eq!(outcome(&mut place.leeway(&compile)).0, 0);
    fs::remove_file(place.path("tested.leeway")).unwrap();
    let mut enforcer: Command = place.leeway(&["run", "tested.bundle", "--trust", "deploy.pub", "--data", "data"]);
    let log = fs::File::create(place.path("enforcer.log")).unwrap();
    let _enforcer = crate::place::Running(enforcer.stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap());
    place.wait_for("decided", |entry| matches!(&entry.record, Record::Decided { .. }));
}
