//! Findings as services take them that show findings beside a change: each in a file of the workspace, as text, and with a mark by
//! which it is known again when lines have moved.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use crate::diagnostic::{Diagnostic, Label};
use crate::source_map::SourceMap;
use crate::span::Span;

/// How many bytes of the hash make a fingerprint.
const FINGERPRINT_BYTES: usize = 16;

/// A finding on its way to a service.
pub(super) struct Finding<'a> {
    pub(super) sources: &'a SourceMap,
    pub(super) diagnostic: &'a Diagnostic,
    /// The first of its places that is in a file; what it says may all be about an embedded module.
    pub(super) place: Option<Span>,
    /// The same for the same finding, wherever its lines have moved to; different for each of one run.
    pub(super) fingerprint: String,
}

/// All findings, in their order.
pub(super) fn findings<'a>(sources: &'a SourceMap, diagnostics: &'a [Diagnostic]) -> Vec<Finding<'a>> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let finding = |diagnostic: &'a Diagnostic| {
        let spans = std::iter::once(&diagnostic.primary).chain(&diagnostic.labels).map(|label| label.span);
        let place = spans.into_iter().find(|span| is_file(sources.path(*span)));
        let path = sources.path(diagnostic.primary.span);
        let what = format!("{}\0{path}\0{}", diagnostic.code, diagnostic.message);
        let before = seen.entry(what.clone()).or_insert(0);
        let hash = Sha256::digest(format!("{what}\0{before}"));
        *before += 1;
        let fingerprint = hash.iter().take(FINGERPRINT_BYTES).map(|byte| format!("{byte:02x}")).collect();
        Finding { sources, diagnostic, place, fingerprint }
    };
    diagnostics.iter().map(finding).collect()
}

/// Whether it is the path of a file; those of embedded modules are `<std>/kubernetes.leeway`.
pub(super) fn is_file(path: &str) -> bool {
    !path.is_empty() && !path.starts_with('<')
}

impl Finding<'_> {
    /// What is wrong, what is to be seen at other places unless they are shown by themselves, and what to do next; a line each.
    pub(super) fn text(&self, shown: impl Fn(&Label) -> bool) -> String {
        let Diagnostic { message, primary, labels, notes, help, .. } = self.diagnostic;
        let mut lines = vec![message.clone()];
        let told = |label: &&Label| !label.message.is_empty() && !shown(label);
        lines.extend(std::iter::once(primary).chain(labels).filter(told).map(|label| {
            let (path, at) = (self.sources.path(label.span), self.sources.start(label.span));
            format!("{path}:{}:{}: {}", at.line, at.column, label.message)
        }));
        lines.extend(notes.iter().map(|note| format!("note: {note}")));
        lines.extend(help.iter().map(|help| format!("help: {help}")));
        lines.join("\n")
    }
}
