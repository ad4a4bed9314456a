//! Findings as workflow commands of GitHub Actions, which shows them beside the lines of a change.

use super::finding::{Finding, findings};
use super::short::severity;
use super::visible::visible;
use crate::diagnostic::Diagnostic;
use crate::source_map::SourceMap;

/// Each finding as `::error file=…,line=…,endLine=…,col=…,endColumn=…,title=E0304::message`, one a line; columns count characters.
pub fn github(sources: &SourceMap, diagnostics: &[Diagnostic]) -> String {
    findings(sources, diagnostics).iter().map(command).collect()
}

fn command(finding: &Finding<'_>) -> String {
    let Finding { sources, diagnostic, place, .. } = finding;
    let mut properties = Vec::new();
    if let Some(span) = *place {
        let (start, end) = (sources.start(span), sources.end(span));
        properties.push(format!("file={}", property(sources.path(span))));
        properties.push(format!("line={},endLine={}", start.line, end.line));
        // Columns of a place over several lines are not taken.
        if start.line == end.line {
            properties.push(format!("col={},endColumn={}", start.column, end.column));
        }
    }
    properties.push(format!("title={}", property(diagnostic.code.text())));
    let severity = severity(diagnostic.code.severity());
    format!("::{severity} {}::{}\n", properties.join(","), data(&finding.text(|_| false)))
}

/// A text as a command takes it; control characters, which would reach the log's reader, are shown.
fn data(text: &str) -> String {
    visible(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A text as a property of a command takes it.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
