//! Findings for programs, in the shape that `docs/` promises.

use serde::Serialize;

use super::short::severity;
use crate::diagnostic::Diagnostic;
use crate::source_map::SourceMap;
use crate::span::Span;

/// All findings as one JSON object, `{"diagnostics": […]}`; lines and columns count from 1, columns in characters.
pub fn json(sources: &SourceMap, diagnostics: &[Diagnostic]) -> String {
    let diagnostics: Vec<_> = diagnostics.iter().map(|diagnostic| finding(sources, diagnostic)).collect();
    // Only texts and numbers are written, which always can be.
    serde_json::to_string(&Findings { diagnostics }).unwrap_or_default()
}

#[derive(Serialize)]
struct Findings<'a> {
    diagnostics: Vec<Finding<'a>>,
}

#[derive(Serialize)]
struct Finding<'a> {
    code: &'static str,
    severity: &'static str,
    message: &'a str,
    #[serde(flatten)]
    place: Place<'a>,
    labels: Vec<Label<'a>>,
    notes: &'a [String],
    help: Option<&'a str>,
    fixes: Vec<Fix<'a>>,
    url: String,
}

#[derive(Serialize)]
struct Place<'a> {
    path: &'a str,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
}

#[derive(Serialize)]
struct Label<'a> {
    #[serde(flatten)]
    place: Place<'a>,
    message: &'a str,
}

#[derive(Serialize)]
struct Fix<'a> {
    title: &'a str,
    edits: Vec<Edit<'a>>,
}

#[derive(Serialize)]
struct Edit<'a> {
    #[serde(flatten)]
    place: Place<'a>,
    replacement: &'a str,
}

fn finding<'a>(sources: &'a SourceMap, diagnostic: &'a Diagnostic) -> Finding<'a> {
    // What is to be seen at the place itself is a label as well: programs need not know of two kinds.
    let marked = Some(&diagnostic.primary).filter(|label| !label.message.is_empty());
    let label =
        |label: &'a crate::diagnostic::Label| Label { place: place(sources, label.span), message: &label.message };
    let edit =
        |edit: &'a crate::diagnostic::Edit| Edit { place: place(sources, edit.span), replacement: &edit.replacement };
    Finding {
        code: diagnostic.code.text(),
        severity: severity(diagnostic.code.severity()),
        message: &diagnostic.message,
        place: place(sources, diagnostic.primary.span),
        labels: marked.into_iter().chain(&diagnostic.labels).map(label).collect(),
        notes: &diagnostic.notes,
        help: diagnostic.help.as_deref(),
        fixes: diagnostic
            .fixes
            .iter()
            .map(|fix| Fix { title: &fix.title, edits: fix.edits.iter().map(edit).collect() })
            .collect(),
        url: diagnostic.code.url(),
    }
}

fn place(sources: &SourceMap, span: Span) -> Place<'_> {
    let (start, end) = (sources.start(span), sources.end(span));
    Place {
        path: sources.path(span),
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
    }
}
