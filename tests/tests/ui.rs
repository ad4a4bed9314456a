//! Marked sources: each file of `ui/` compiles to exactly the findings that are drawn under its lines; and the registry of
//! codes, the pages that explain them and these files tell of the same codes. What a file was before stands beside it, in
//! `NAME.before`.
//!
//! `LEEWAY_UI_BLESS=1` draws the marks anew; read the difference before you keep it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed test")]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use leeway_diagnostics::{Code, Diagnostic, Fix, Severity};
use leeway_driver::{Compilation, ModuleLoader, Request, compile, compile_text};
use leeway_ir::Policy;
use leeway_syntax::yaml::is_yaml;

/// A finding as it is drawn: the line it stands under, and the mark.
type Mark = (usize, String);

/// Modules are read from beside the fixture.
struct Folder;

impl ModuleLoader for Folder {
    fn load(&self, path: &str) -> Option<(String, String)> {
        // Named `.marked` on disk, so that `leeway check` in this checkout does not find sources that are wrong on purpose.
        let file = root().join(path).with_extension("marked");
        Some((path.to_owned(), std::fs::read_to_string(file).ok()?))
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|found| found == extension)).collect();
    files.sort();
    files
}

/// What begins a comment in the source of that name.
fn comment(name: &str) -> &'static str {
    if is_yaml(name) { "#" } else { "//" }
}

fn is_mark(line: &str, comment: &str) -> bool {
    line.trim_start().strip_prefix(comment).is_some_and(|rest| rest.trim_start().starts_with('^'))
}

/// What the source in `path` is compiled as: `x.marked` is of the language, `x.yaml.marked` is YAML.
fn name(path: &Path) -> String {
    let stem = path.file_stem().unwrap().to_str().unwrap();
    match stem.strip_suffix(".yaml") {
        Some(stem) => format!("ui/{stem}.leeway.yaml"),
        None => format!("ui/{stem}.leeway"),
    }
}

/// The source without its marks, and the marks with the lines under which they stand, both counted without marks.
fn unmarked(text: &str, comment: &str) -> (String, Vec<Mark>) {
    let (mut source, mut marks, mut line) = (String::new(), Vec::new(), 0);
    for written in text.lines() {
        if is_mark(written, comment) {
            marks.push((line, written.replacen(comment, &" ".repeat(comment.len()), 1).trim_end().to_owned()));
        } else {
            line += 1;
            source.push_str(written);
            source.push('\n');
        }
    }
    (source, marks)
}

/// A finding as a mark.
fn drawn(compilation: &Compilation, finding: &Diagnostic, comment: &str) -> Mark {
    let (start, end) = (compilation.sources.start(finding.primary.span), compilation.sources.end(finding.primary.span));
    let text = compilation.sources.text(finding.primary.span);
    let width = if start.line == end.line {
        (end.column - start.column).max(1) as usize
    } else {
        // Of a place over several lines the first is marked.
        text.lines().next().unwrap_or_default().chars().count()
    };
    let severity = match finding.code.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let indent = start.column as usize - 1;
    assert!(
        indent >= comment.len(),
        "a mark in a comment cannot point at column {}: {}",
        start.column,
        finding.message
    );
    let mark = format!("{}{} {severity}[{}]: {}", " ".repeat(indent), "^".repeat(width), finding.code, finding.message);
    (start.line as usize, mark)
}

/// The source with the findings drawn into it.
fn picture(source: &str, marks: &[Mark], comment: &str) -> String {
    let mut picture = String::new();
    for (at, line) in source.lines().enumerate() {
        writeln!(picture, "{line}").unwrap();
        for (_, mark) in marks.iter().filter(|(line, _)| *line == at + 1) {
            writeln!(picture, "{comment}{}", mark.get(comment.len()..).unwrap()).unwrap();
        }
    }
    picture
}

#[test]
fn every_source_has_the_findings_drawn_in_it() {
    let bless = std::env::var_os("LEEWAY_UI_BLESS").is_some();
    let mut wrong = String::new();
    for path in files(&root().join("ui"), "marked") {
        let name = name(&path);
        let comment = comment(&name);
        let (source, expected) = unmarked(&std::fs::read_to_string(&path).unwrap(), comment);
        let mut compilation = compile(&Request { roots: vec![(name.clone(), source.clone())], loader: &Folder });
        if let Ok(before) = std::fs::read_to_string(path.with_extension("before")) {
            compilation.compare_to(&older(&before));
        }
        let own =
            compilation.diagnostics.iter().filter(|finding| compilation.sources.path(finding.primary.span) == name);
        let found: Vec<Mark> = own.map(|finding| drawn(&compilation, finding, comment)).collect();
        if found == expected {
            continue;
        }
        if bless {
            std::fs::write(&path, picture(&source, &found, comment)).unwrap();
        }
        write!(wrong, "\n--- {name} compiles to:\n{}", picture(&source, &found, comment)).unwrap();
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// The blueprints as they were.
fn older(text: &str) -> Vec<Policy> {
    let before = compile_text("before.leeway", text);
    assert_eq!(before.diagnostics.iter().filter(|finding| finding.is_error()).count(), 0, "{:?}", before.diagnostics);
    before.policies
}

/// `text` with the edits of one fix made; they are in one file and do not overlap.
fn mended(text: &str, fix: &Fix) -> String {
    let mut edits = fix.edits.clone();
    edits.sort_by_key(|edit| std::cmp::Reverse(edit.span.start));
    let mut text = text.to_owned();
    for edit in edits {
        text.replace_range(edit.span.range(), &edit.replacement);
    }
    text
}

#[test]
fn every_fix_mends_the_finding_that_offers_it() {
    let mut fixes = 0;
    for path in files(&root().join("ui"), "marked") {
        let name = name(&path);
        let (source, _) = unmarked(&std::fs::read_to_string(&path).unwrap(), comment(&name));
        let found = compile_text(&name, &source).diagnostics;
        let like = |all: &[Diagnostic], one: &Diagnostic| {
            all.iter().filter(|other| (other.code, &other.message) == (one.code, &one.message)).count()
        };
        for finding in &found {
            for fix in &finding.fixes {
                let after = compile_text(&name, &mended(&source, fix)).diagnostics;
                let place = format!("{}: {} ({})", path.display(), finding.message, fix.title);
                assert!(like(&after, finding) < like(&found, finding), "{place}");
                assert!(after.len() <= found.len(), "{place} brings another finding");
                fixes += 1;
            }
        }
    }
    assert!(fixes > 30, "only {fixes} fixes were tried");
}

/// The blocks of a page that are in that language: of the page of a code first the example, then the fix.
fn blocks(page: &str, language: &str) -> Vec<String> {
    let block = |rest: &str| rest.split_once("```").map(|(block, _)| block.to_owned());
    page.split(&format!("```{language}\n")).skip(1).filter_map(block).collect()
}

#[test]
fn every_code_has_a_page_whose_example_has_it_and_whose_fix_has_not() {
    for code in Code::ALL {
        let path = root().join("..").join(code.url());
        let page = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let title = format!("# {code}: {}\n", code.title());
        assert!(page.starts_with(&title), "{code}: the page must begin with {title:?}");
        for section in ["## What", "## Why", "## Example", "## Fix"] {
            assert!(page.contains(section), "{code}: the page lacks `{section}`");
        }
        let (name, language) = match code.text().starts_with("E08") {
            true => ("example.leeway.yaml", "yaml"),
            false => ("example.leeway", "leeway"),
        };
        let blocks = blocks(&page, language);
        let [example, fix] = blocks.as_slice() else { panic!("{code}: an example and a fix, found {}", blocks.len()) };
        let before = page.split_once("```leeway before\n").and_then(|(_, rest)| rest.split_once("```"));
        let before = before.map(|(before, _)| older(before)).unwrap_or_default();
        let found = |source: &str| {
            let mut compilation = compile_text(name, source);
            compilation.compare_to(&before);
            compilation.diagnostics
        };
        assert!(found(example).iter().any(|finding| finding.code == *code), "{code}: {:?}", found(example));
        assert!(found(fix).is_empty(), "{code}: the fix still has {:?}", found(fix));
    }
}

#[test]
fn the_blueprints_of_the_pages_have_no_findings() {
    for page in ["../README.md", "../docs/language.md"] {
        let blocks = blocks(&std::fs::read_to_string(root().join(page)).unwrap(), "leeway");
        assert!(!blocks.is_empty(), "{page}");
        for block in blocks {
            assert_eq!(compile_text(page, &block).diagnostics, []);
        }
    }
}

#[test]
fn the_fragments_of_the_tutorial_stand_in_the_blueprint_they_are_taken_from() {
    let tutorial = std::fs::read_to_string(root().join("../docs/tutorial.md")).unwrap();
    let blueprint = std::fs::read_to_string(root().join("../blueprints/rate_limiter.leeway")).unwrap();
    let fragments: Vec<&str> = tutorial.split("```leeway fragment\n").skip(1).collect();
    assert!(!fragments.is_empty());
    for line in fragments.iter().flat_map(|rest| rest.split("```").next().unwrap().lines()) {
        assert!(blueprint.lines().any(|known| known == line), "`{line}` is not in the blueprint");
    }
}

#[test]
fn registry_pages_and_sources_tell_of_the_same_codes() {
    let registered: BTreeSet<String> = Code::ALL.iter().map(|code| code.text().to_owned()).collect();
    let pages: BTreeSet<String> = files(&root().join("../docs/errors"), "md")
        .iter()
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    assert_eq!(registered, pages, "left: the registry, right: the pages");
    let sources = files(&root().join("ui"), "marked");
    let text: String = sources.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect();
    let missing: Vec<&String> = registered.iter().filter(|code| !text.contains(&format!("[{code}]: "))).collect();
    assert!(missing.is_empty(), "no source in `tests/ui` shows {missing:?}");
}
