//! One line a finding, as editors and `grep` like it.

use super::visible::visible;
use crate::code::Severity;
use crate::diagnostic::Diagnostic;
use crate::source_map::SourceMap;

/// Each finding as `path:line:column: error[E0304]: message`, one a line; columns count characters.
pub fn short(sources: &SourceMap, diagnostics: &[Diagnostic]) -> String {
    diagnostics.iter().map(|diagnostic| line(sources, diagnostic) + "\n").collect()
}

pub(super) fn line(sources: &SourceMap, diagnostic: &Diagnostic) -> String {
    let at = sources.start(diagnostic.primary.span);
    let line = format!(
        "{}:{}:{}: {}[{}]: {}",
        sources.path(diagnostic.primary.span),
        at.line,
        at.column,
        severity(diagnostic.code.severity()),
        diagnostic.code,
        diagnostic.message,
    );
    visible(&line).replace(['\n', '\r'], " ")
}

/// The word for a severity.
pub(super) const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}
