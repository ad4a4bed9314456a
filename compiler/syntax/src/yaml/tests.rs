//! A blueprint and its twin say the same; whatever the bytes, they are answered; what a document says is shown where it says it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a panic is a failed test")]

mod hostile;
mod places;
mod twins;

use leeway_diagnostics::{Diagnostic, SourceMap, render};

use crate::ast::File;

/// What is read from the document `text`: the tree, the findings as they are shown, and what it stands for.
fn read(text: &str) -> (File, Vec<Diagnostic>, SourceMap) {
    let mut sources = SourceMap::default();
    let file = sources.add("b.leeway.yaml", text);
    let parsed = super::parse(&mut sources, file);
    let findings = parsed.diagnostics.into_iter().map(|finding| sources.finding(finding)).collect();
    (parsed.tree, findings, sources)
}

/// A line for each finding.
fn said(text: &str) -> String {
    let (_, findings, sources) = read(text);
    render::short(&sources, &findings)
}
