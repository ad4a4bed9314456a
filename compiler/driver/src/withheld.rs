//! Warnings that wait: while a member has an error, what else seems odd about it mostly follows from that.

use std::collections::BTreeMap;

use leeway_diagnostics::{Diagnostic, FileId, Span};

use crate::modules::File;

/// The findings without the warnings about members that have errors.
pub(crate) fn without(diagnostics: Vec<Diagnostic>, files: &[File]) -> Vec<Diagnostic> {
    let members = Members::of(files);
    let mut wrong: Vec<Span> =
        diagnostics.iter().filter(|one| one.is_error()).filter_map(|one| members.around(one.primary.span)).collect();
    wrong.sort();
    let waits =
        |one: &Diagnostic| members.around(one.primary.span).is_some_and(|member| wrong.binary_search(&member).is_ok());
    diagnostics.into_iter().filter(|one| one.is_error() || !waits(one)).collect()
}

/// Where the members of all sources stand.
struct Members(BTreeMap<(FileId, u32), Span>);

impl Members {
    fn of(files: &[File]) -> Members {
        let of_file = |file: &File| {
            let blueprints = file.tree.blueprints.iter().flat_map(|blueprint| &blueprint.members);
            let policies = file.tree.policies.iter().flat_map(|policy| &policy.members);
            blueprints
                .chain(policies)
                .map(|member| ((member.span.file, member.span.start), member.span))
                .collect::<Vec<_>>()
        };
        Members(files.iter().flat_map(of_file).collect())
    }

    /// The member in which that place lies.
    fn around(&self, place: Span) -> Option<Span> {
        let (_, member) = self.0.range(..=(place.file, place.start)).next_back()?;
        (member.file == place.file && place.end <= member.end).then_some(*member)
    }
}
