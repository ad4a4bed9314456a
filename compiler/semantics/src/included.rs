//! Findings in policies that are included: each is told once, at its place, and what only an include brings about is told
//! with the include.

use std::collections::BTreeSet;

use leeway_diagnostics::{Code, Diagnostic, Span};

use crate::hir::Layer;

/// Findings that came up where a policy is included.
#[derive(Default)]
pub(crate) struct Included {
    pending: Vec<Diagnostic>,
}

impl Included {
    /// Sorts out what was found in a blueprint of these layers: its own findings are given back, those in included policies kept.
    pub(crate) fn sort_out(&mut self, found: Vec<Diagnostic>, layers: &[Layer]) -> Vec<Diagnostic> {
        let mut own = Vec::new();
        for finding in found {
            match layers.iter().skip(1).position(|layer| within(finding.primary.span, layer.extent)) {
                None => own.push(finding),
                Some(at) => self.pending.push(labelled(finding, at + 1, layers)),
            }
        }
        own
    }

    /// Adds what was kept to `found`, unless the policy by itself has that finding, too, or the include has an error, which
    /// is then the reason.
    pub(crate) fn settle(self, found: &mut Vec<Diagnostic>) {
        let mut known: BTreeSet<(&'static str, Span)> = found.iter().map(key).collect();
        let errors: BTreeSet<Span> = found.iter().filter(|one| one.is_error()).map(|one| one.primary.span).collect();
        let follows = |finding: &Diagnostic| {
            let wrong = |include: Span| {
                errors
                    .range(Span { end: include.start, ..include }..)
                    .next()
                    .is_some_and(|error| within(*error, include))
            };
            finding.labels.iter().any(|label| wrong(label.span))
        };
        for finding in self.pending {
            if !follows(&finding) && known.insert(key(&finding)) {
                found.push(finding);
            }
        }
    }
}

fn key(finding: &Diagnostic) -> (&'static str, Span) {
    (Code::text(finding.code), finding.primary.span)
}

fn within(span: Span, extent: Span) -> bool {
    span.file == extent.file && extent.start <= span.start && span.end <= extent.end
}

/// The finding with the includes that lead to it.
fn labelled(mut finding: Diagnostic, at: usize, layers: &[Layer]) -> Diagnostic {
    let mut next = layers.get(at).and_then(|layer| layer.include);
    while let Some((span, by)) = next {
        finding = finding.label(span, "included here");
        next = layers.get(by).and_then(|layer| layer.include);
    }
    finding
}
