//! Mends what can be mended for certain: findings that offer exactly one change, which is no guess.

use std::collections::BTreeMap;

use leeway_diagnostics::{Diagnostic, Edit, Fix, SourceMap};
use leeway_driver::{Compilation, Request, compile};

use crate::exit::Failure;
use crate::workspace::{Source, Workspace, roots};

/// A change may uncover the next finding; after so many rounds what is left is reported as it is.
const ROUNDS_MAX: usize = 16;

/// What was mended.
pub(crate) struct Mended {
    /// The changes that were made, as `path:line:column: what`, each where it stood when it was made.
    pub(crate) changes: Vec<String>,
    /// In how many files.
    pub(crate) files: usize,
    /// What is found after them.
    pub(crate) compilation: Compilation,
}

/// Makes every certain change in `sources` and writes the files that changed.
pub(crate) fn mend(workspace: &Workspace, mut sources: Vec<Source>) -> Result<Mended, Failure> {
    let before: Vec<String> = sources.iter().map(|source| source.text.clone()).collect();
    let compiled = |sources: &[Source]| compile(&Request { roots: roots(sources), loader: workspace });
    let mut compilation = compiled(&sources);
    let mut changes = Vec::new();
    for _ in 0..ROUNDS_MAX {
        let made = round(&mut sources, &compilation);
        if made.is_empty() {
            break;
        }
        changes.extend(made);
        compilation = compiled(&sources);
    }
    let changed: Vec<&Source> = sources
        .iter()
        .zip(&before)
        .filter(|(source, before)| source.text != **before)
        .map(|(source, _)| source)
        .collect();
    for source in &changed {
        source.write()?;
    }
    Ok(Mended { changes, files: changed.len(), compilation })
}

/// Makes the certain changes that do not touch each other, and tells them.
fn round(sources: &mut [Source], compilation: &Compilation) -> Vec<String> {
    let mut by_path: BTreeMap<&str, Vec<&Edit>> = BTreeMap::new();
    let mut made = Vec::new();
    for fix in compilation.diagnostics.iter().filter_map(|finding| certain(finding, &compilation.sources)) {
        let edits = fix.edits.as_slice();
        let Some(span) = edits.first().map(|edit| edit.span) else { continue };
        let path = compilation.sources.path(span);
        let taken = by_path.entry(path).or_default();
        let touches = |edit: &Edit| {
            taken.iter().any(|other| edit.span.start <= other.span.end && other.span.start <= edit.span.end)
        };
        if sources.iter().any(|source| source.shown == path) && !edits.iter().any(touches) {
            taken.extend(edits);
            let at = compilation.sources.start(span);
            made.push(format!("{path}:{}:{}: {}", at.line, at.column, fix.title));
        }
    }
    for source in sources.iter_mut() {
        let Some(edits) = by_path.get_mut(source.shown.as_str()) else { continue };
        edits.sort_by_key(|edit| std::cmp::Reverse(edit.span.start));
        for edit in edits.iter() {
            source.text.replace_range(edit.span.range(), &edit.replacement);
        }
    }
    made
}

/// The change of a finding that offers exactly one that is no guess, all in one file.
fn certain<'a>(finding: &'a Diagnostic, sources: &SourceMap) -> Option<&'a Fix> {
    let [fix @ Fix { certain: true, .. }] = finding.fixes.as_slice() else { return None };
    let path = sources.path(finding.primary.span);
    fix.edits.iter().all(|edit| sources.path(edit.span) == path).then_some(fix)
}
