//! Trees, recovery, messages and what hostile text can do.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a panic is a failed test")]

mod hostile;
mod messages;
mod recovery;
mod sketch;
mod slips;
mod trees;

use leeway_diagnostics::{SourceMap, render};

use super::*;

/// What the language is made of.
const SAMPLE: &str = include_str!("sample.txt");

/// Every member, and everything a test can say.
const MEMBERS: &str = include_str!("members.txt");

/// A target of the standard library.
const TARGETS: &str = include_str!("targets.txt");

/// The example with which the reference begins.
const REFERENCE: &str = include_str!("reference.txt");

const FIXTURES: [&str; 4] = [SAMPLE, MEMBERS, TARGETS, REFERENCE];

/// What an item needs around members.
const HEADER: &str = "blueprint b for k.d(\"n\") {\n";

fn file_id() -> FileId {
    SourceMap::default().add("test.leeway", "")
}

fn parsed(text: &str) -> Parsed {
    parse(file_id(), text)
}

/// What is said of `text`, a line each.
fn said(text: &str) -> String {
    let mut sources = SourceMap::default();
    let id = sources.add("test", text);
    let lines = render::short(&sources, &parse(id, text).diagnostics);
    lines.lines().map(|line| line.trim_start_matches("test:").to_owned() + "\n").collect()
}

/// The members of a blueprint that stand in `text`; nothing may be wrong with them.
fn members(text: &str) -> Vec<ast::Member> {
    let whole = format!("{HEADER}{text}\n}}");
    let parsed = parsed(&whole);
    assert_eq!(said(&whole), "", "{text}");
    parsed.tree.blueprints.into_iter().next().unwrap().members
}

/// The one expression `text`, with spans that count from its beginning.
fn expression(text: &str) -> ast::Expr {
    let source = format!("{HEADER}objective {text}\n}}");
    let parsed = parsed(&source);
    assert_eq!(said(&source), "", "{text}");
    let ast::MemberKind::Objective(expr) = parsed.tree.blueprints[0].members[0].kind.clone() else { panic!("{text}") };
    expr
}
