//! Writes the members that a document stands for, in the order of the table of the reference.

use std::ops::Range;

use leeway_diagnostics::Code;

use super::draft::Draft;
use super::part::Part;
use super::walk::Walk;

/// A document on its way into the language.
pub(super) struct Writer<'a> {
    pub(super) root: Part<'a>,
    pub(super) draft: Draft<'a>,
    pub(super) walk: Walk,
}

impl<'a> Writer<'a> {
    /// What stands at `path` below `spec`.
    pub(super) fn spec(&self, path: &[&str]) -> Option<Part<'a>> {
        self.root.get("spec")?.find(path)
    }

    /// The same with how the language writes it.
    pub(super) fn value(&self, path: &[&str]) -> Option<(Part<'a>, String)> {
        self.spec(path).and_then(Part::valued)
    }

    /// The same of what `by`, which stands at `at`, cannot do without; said if it is not there.
    pub(super) fn needed(&mut self, path: &[&str], by: &str, at: &Range<usize>) -> Option<(Part<'a>, String)> {
        if self.spec(path).is_none() {
            let key = path.join(".");
            self.missing(at, format!("`{by}` needs `{key}`"), format!("add `{key}` to `spec`"));
        }
        self.value(path)
    }

    pub(super) fn missing(&mut self, at: &Range<usize>, message: impl Into<String>, help: impl Into<String>) {
        self.walk.say(Code::E0806, at, message, help);
    }

    /// A member that stands there because of what is at `at`.
    pub(super) fn member(&mut self, at: &Range<usize>, write: impl FnOnce(&mut Draft<'a>)) {
        self.draft.because(at, write);
        self.draft.push("\n");
    }

    /// A member that is `before`, the value of `part`, and `after`.
    pub(super) fn line(&mut self, part: &Part<'a>, before: &str, after: &str) {
        let Some(literal) = part.literal() else { return };
        self.member(&part.at, |draft| {
            draft.push(before);
            draft.value(part.node, &literal);
            draft.push(after);
        });
    }
}
