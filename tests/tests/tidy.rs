//! The house rules that a test can hold: who imports whom, what a file says first, where things may lie.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed test")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use leeway_tests::root;

/// A crate may import these of ours. Dev-dependencies are free; `cli`, `tests` and `benches` may import anything.
const IMPORTS: &[(&str, &[&str])] = &[
    ("compiler/diagnostics", &[]),
    ("compiler/units", &[]),
    ("compiler/syntax", &["diagnostics", "units"]),
    ("compiler/ir", &["units"]),
    ("compiler/semantics", &["diagnostics", "units", "syntax", "ir"]),
    ("compiler/driver", &["diagnostics", "units", "syntax", "ir", "semantics", "stdlib"]),
    ("runtime/engine", &["ir", "units"]),
    ("runtime/providers", &["engine", "ir", "units"]),
    ("runtime/store", &["engine", "ir", "units"]),
    ("runtime/controller", &["providers", "store", "engine", "ir", "units"]),
    ("stdlib", &[]),
    ("examples/rate-limiter", &[]),
];

/// At this length a file holds a second noun.
const FILE_LINES_MAX: usize = 500;

/// A decision is argued in so many lines.
const DECISION_LINES_MAX: usize = 40;

#[test]
fn crates_import_only_what_the_table_allows() {
    for manifest in manifests() {
        let folder = manifest.parent().unwrap().strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
        if ["cli", "tests", "benches"].contains(&folder.as_str()) {
            continue;
        }
        let Some((_, allowed)) = IMPORTS.iter().find(|(name, _)| *name == folder) else {
            panic!("`{folder}` is not in the import table of tests/tests/tidy.rs");
        };
        for import in imports(&manifest) {
            let import = import.trim_start_matches("leeway-");
            assert!(allowed.contains(&import), "`{folder}` may not import `{import}`");
        }
    }
}

#[test]
fn packages_are_named_after_their_folders() {
    for manifest in manifests() {
        let folder = manifest.parent().unwrap().file_name().unwrap().to_str().unwrap().to_owned();
        let name = value(&manifest, "package", "name").unwrap();
        let expected = if folder == "cli" { "leeway".to_owned() } else { format!("leeway-{folder}") };
        assert_eq!(name, expected, "{}", manifest.display());
    }
}

#[test]
fn every_file_says_what_it_is_for_and_holds_one_noun() {
    let vague = ["utils.rs", "util.rs", "common.rs", "helpers.rs", "helper.rs", "misc.rs", "mod.rs"];
    for file in files(&root(), "rs") {
        let text = fs::read_to_string(&file).unwrap();
        let name = file.file_name().unwrap().to_str().unwrap();
        assert!(text.starts_with("//! "), "{} does not begin with `//! what it is for`", file.display());
        assert!(!vague.contains(&name), "{} names no noun", file.display());
        let lines = text.lines().count();
        assert!(lines <= FILE_LINES_MAX, "{} has {lines} lines: which second noun moved in?", file.display());
    }
}

#[test]
fn unsafe_code_and_unexplained_exceptions_stay_out() {
    // Put together here, so that this file does not find itself; the shorter form is part of `#![…`.
    let allow = format!("{}(", "[allow");
    for file in files(&root(), "rs") {
        let text = fs::read_to_string(&file).unwrap();
        assert!(!text.contains(&allow), "{}: prefer `expect`", file.display());
    }
    for manifest in manifests() {
        let text = fs::read_to_string(&manifest).unwrap();
        assert!(text.contains("[lints]\nworkspace = true"), "{} has lints of its own", manifest.display());
    }
}

#[test]
fn pages_link_only_to_what_exists() {
    for page in files(&root(), "md") {
        let text = fs::read_to_string(&page).unwrap();
        for target in links(&text) {
            let file = target.split('#').next().unwrap();
            if file.is_empty() || file.contains("://") {
                continue;
            }
            let path = page.parent().unwrap().join(file);
            assert!(path.exists(), "{} links to {target}, which does not exist", page.display());
        }
    }
}

#[test]
fn decisions_are_short_and_complete() {
    for page in files(&root().join("docs/decisions"), "md") {
        let text = fs::read_to_string(&page).unwrap();
        assert!(text.lines().count() <= DECISION_LINES_MAX, "{} is too long", page.display());
        for part in ["## Context", "## Choice", "## Rejected", "## Consequence"] {
            assert!(text.contains(part), "{} lacks `{part}`", page.display());
        }
    }
}

fn manifests() -> Vec<PathBuf> {
    files(&root(), "toml")
        .into_iter()
        // Fuzz targets are a workspace of their own, for another compiler.
        .filter(|file| {
            file.ends_with("Cargo.toml") && ![root(), root().join("fuzz")].contains(&file.parent().unwrap().into())
        })
        .collect()
}

/// The packages of ours under `[dependencies]`.
fn imports(manifest: &Path) -> Vec<String> {
    let text = fs::read_to_string(manifest).unwrap();
    let dependencies = text.split("\n[").find(|section| section.starts_with("dependencies]")).unwrap_or_default();
    let keys = dependencies.lines().filter_map(|line| line.split(['.', ' ', '=']).next());
    keys.filter(|key| key.starts_with("leeway")).map(str::to_owned).collect()
}

fn value(manifest: &Path, section: &str, key: &str) -> Option<String> {
    let text = fs::read_to_string(manifest).unwrap();
    let section = text.split("\n[").find(|part| part.trim_start_matches('[').starts_with(&format!("{section}]")))?;
    let pairs: BTreeMap<&str, &str> =
        section.lines().filter_map(|line| line.split_once('=')).map(|(k, v)| (k.trim(), v.trim())).collect();
    pairs.get(key).map(|value| value.trim_matches('"').to_owned())
}

/// The targets of Markdown links outside code.
fn links(text: &str) -> Vec<String> {
    let mut links = Vec::new();
    let mut in_code = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        }
        if in_code {
            continue;
        }
        for part in line.split("](").skip(1) {
            links.extend(part.split(')').next().map(str::to_owned));
        }
    }
    links
}

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if name.starts_with('.') || name == "target" || name == "node_modules" {
            continue;
        }
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path.extension().is_some_and(|extension| extension == ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}
