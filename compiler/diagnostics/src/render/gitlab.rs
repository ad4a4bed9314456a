//! Findings as GitLab's code quality report, which it shows in a merge request.

use serde::Serialize;

use super::finding::{Finding, findings};
use crate::code::Severity;
use crate::diagnostic::Diagnostic;
use crate::source_map::SourceMap;

/// The findings that stand in files as one JSON array; lines and columns count from 1, columns in characters.
pub fn gitlab(sources: &SourceMap, diagnostics: &[Diagnostic]) -> String {
    let issues: Vec<Issue<'_>> = findings(sources, diagnostics).iter().filter_map(issue).collect();
    // Only texts and numbers are written, which always can be.
    serde_json::to_string(&issues).unwrap_or_default()
}

#[derive(Serialize)]
struct Issue<'a> {
    description: String,
    check_name: &'static str,
    fingerprint: String,
    severity: &'static str,
    location: Location<'a>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    positions: Positions,
}

#[derive(Serialize)]
struct Positions {
    begin: Position,
    end: Position,
}

#[derive(Serialize)]
struct Position {
    line: u32,
    column: u32,
}

fn issue<'a>(finding: &Finding<'a>) -> Option<Issue<'a>> {
    let (sources, span) = (finding.sources, finding.place?);
    let position = |at: crate::Position| Position { line: at.line, column: at.column };
    Some(Issue {
        description: finding.text(|_| false),
        check_name: finding.diagnostic.code.text(),
        fingerprint: finding.fingerprint.clone(),
        severity: match finding.diagnostic.code.severity() {
            Severity::Error => "critical",
            Severity::Warning => "minor",
        },
        location: Location {
            path: sources.path(span),
            positions: Positions { begin: position(sources.start(span)), end: position(sources.end(span)) },
        },
    })
}
