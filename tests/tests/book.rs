//! The book and the library: every blueprint on a page compiles and passes its tests, or is wrong in the way that the page
//! says; so does every module, policy and blueprint of the project; all are written as `leeway fmt` writes them; and the pages
//! name every fact, action and policy that there is.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use leeway_diagnostics::{Diagnostic, Severity, SourceMap};
use leeway_driver::{Compilation, compile_text};
use leeway_engine::{Compiled, play};
use leeway_syntax::{format, parse};
use leeway_tests::root;

/// A block of a page: what stands behind `leeway` on its first line, and its text.
struct Block {
    page: String,
    mark: String,
    text: String,
}

/// The pages of the book.
fn pages() -> Vec<PathBuf> {
    let mut pages = files(&root().join("docs"), "md");
    pages.push(root().join("README.md"));
    pages
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|found| found == extension)).collect();
    files.sort();
    files
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

/// The blueprints of all pages.
fn blocks() -> Vec<Block> {
    let mut blocks = Vec::new();
    for path in pages() {
        let page = fs::read_to_string(&path).unwrap();
        for rest in page.split("\n```leeway").skip(1) {
            let (mark, rest) = rest.split_once('\n').unwrap();
            let text = rest.split("\n```").next().unwrap();
            blocks.push(Block { page: shown(&path), mark: mark.trim().to_owned(), text: format!("{text}\n") });
        }
    }
    blocks
}

fn told(findings: &[Diagnostic]) -> String {
    let lines: Vec<String> = findings.iter().map(|one| format!("{}: {}", one.code, one.message)).collect();
    lines.join("\n")
}

/// Whether `leeway fmt` would leave the text as it is.
fn is_formatted(text: &str) -> bool {
    let file = SourceMap::default().add("page.leeway", text);
    format(file, text).is_ok_and(|formatted| formatted == text)
}

/// The expectations that were not met, in words.
fn unmet(compilation: &Compilation) -> Vec<String> {
    let mut unmet = Vec::new();
    for suite in &compilation.suites {
        let compiled = Compiled::new(Arc::new(suite.policy.clone()));
        for scenario in &suite.scenarios {
            let outcomes = play(&compiled, scenario).outcomes;
            for one in outcomes.iter().filter(|outcome| !outcome.met) {
                let (suite, test) = (&suite.policy.blueprint, &scenario.name);
                unmet.push(format!("{suite}, {test:?}: {}, but it came to {}", one.expected, one.came));
            }
        }
    }
    unmet
}

#[test]
fn every_blueprint_of_the_book_is_right_or_wrong_as_its_page_says() {
    let mut wrong = Vec::new();
    for Block { page, mark, text } in blocks() {
        let compilation = compile_text("page.leeway", &text);
        let found = &compilation.diagnostics;
        let right = match mark.split_once(' ').unwrap_or((&mark, "")) {
            ("", "") => found.is_empty(),
            // Compiles, and is not what a good blueprint says.
            ("wrong", "") => found.iter().all(|one| one.code.severity() == Severity::Warning),
            ("wrong", code) => found.iter().any(|one| one.code.text() == code),
            // Lines of a file that is elsewhere.
            ("fragment", "") => true,
            _ => panic!("{page}: a block marked {mark:?}"),
        };
        if !right {
            wrong.push(format!("{page} ({mark}):\n{text}{}", told(found)));
        }
        if mark.is_empty() && !is_formatted(&text) {
            wrong.push(format!("{page}: not as `leeway fmt` writes it:\n{text}"));
        }
        wrong.extend(unmet(&compilation).into_iter().map(|unmet| format!("{page}: {unmet}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn the_library_and_the_blueprints_have_no_findings_and_pass_their_tests() {
    let mut wrong = Vec::new();
    for folder in ["stdlib", "policies", "blueprints", "examples/data"] {
        let sources = files(&root().join(folder), "leeway");
        assert!(!sources.is_empty(), "{folder} is empty");
        for path in sources {
            let text = fs::read_to_string(&path).unwrap();
            if !is_formatted(&text) {
                wrong.push(format!("{} is not as `leeway fmt` writes it", shown(&path)));
            }
            let compilation = compile_text(&shown(&path), &text);
            if !compilation.diagnostics.is_empty() {
                wrong.push(format!("{}:\n{}", shown(&path), told(&compilation.diagnostics)));
            }
            wrong.extend(unmet(&compilation));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn every_module_and_policy_file_is_embedded() {
    let mut beside = BTreeSet::new();
    for (folder, prefix) in [("stdlib", "std"), ("policies", "policies")] {
        for path in files(&root().join(folder), "leeway") {
            beside.insert(format!("{prefix}.{}", path.file_stem().unwrap().to_str().unwrap()));
        }
    }
    let embedded: BTreeSet<String> = leeway_stdlib::MODULES.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(beside, embedded, "left: the files, right: `stdlib/src/lib.rs`");
}

#[test]
fn the_pages_name_everything_that_the_library_declares() {
    let (targets, policies) = (page("docs/stdlib.md"), page("docs/policies.md"));
    let mut missing = Vec::new();
    for (module, text) in leeway_stdlib::MODULES {
        let tree = parse(SourceMap::default().add(*module, *text), text).tree;
        for target in &tree.targets {
            let kind = target.kind.text();
            let section = section(&targets, &format!("### {kind}\n"));
            let facts = target.facts.iter().map(|fact| format!("| `{}` |", fact.typed.name.node));
            let lists = target.collections.iter().map(|list| format!("| `{}` |", list.name.node));
            let actions = target.actions.iter().map(|action| {
                let parameters = action.parameters.iter().map(|one| format!("{}: {}", one.name.node, one.ty.node));
                format!("| `{}({})`<br>", action.name.node, parameters.collect::<Vec<_>>().join(", "))
            });
            let names = facts.chain(lists).chain(actions);
            missing.extend(names.filter(|name| !section.contains(name)).map(|name| format!("{kind}: {name}")));
            for action in target.actions.iter().filter(|action| action.doc.is_none()) {
                missing.push(format!("{kind}: `{}` has no `///`", action.name.node));
            }
            for fact in target.facts.iter().filter(|fact| fact.doc.is_none()) {
                missing.push(format!("{kind}: `{}` has no `///`", fact.typed.name.node));
            }
        }
        for policy in &tree.policies {
            let section = section(&policies, &format!("## {module}\n"));
            let name = format!("| `{}(", policy.name.node);
            if !section.contains(&name) {
                missing.push(format!("{module}: {name}"));
            }
        }
    }
    let cut = |line: &&str| line.matches('(').count() != line.matches(')').count();
    missing.extend(
        targets.lines().filter(|line| line.starts_with("| `")).filter(cut).map(|line| format!("a `)` in {line}")),
    );
    assert!(missing.is_empty(), "the pages lack\n{}", missing.join("\n"));
}

fn page(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// A page from `heading` to the next one of any depth.
fn section<'a>(page: &'a str, heading: &str) -> &'a str {
    let Some((_, rest)) = page.split_once(heading) else { return "" };
    rest.split("\n#").next().unwrap_or_default()
}

#[test]
fn the_first_example_of_the_reference_is_the_frontend() {
    let frontend = page("blueprints/frontend.leeway");
    assert!(page("docs/language.md").contains(&format!("```leeway\n{frontend}```")), "they differ");
}
