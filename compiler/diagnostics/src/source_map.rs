//! The sources of one compilation, each with its path.

use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::line_index::{LineIndex, Position};
use crate::span::{FileId, Span};
use crate::view::View;

/// One source text.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// Its path, relative to the workspace root, with `/` between parts.
    pub path: Arc<str>,
    /// Its text.
    pub text: Arc<str>,
    lines: LineIndex,
    /// What it was written from, if it is no file of its own.
    view: Option<(FileId, View)>,
}

impl SourceFile {
    /// Whether it was written from another source, at whose path it stands.
    pub fn is_view(&self) -> bool {
        self.view.is_some()
    }

    /// Where its lines begin.
    pub(crate) fn lines(&self) -> &LineIndex {
        &self.lines
    }
}

/// All sources of one compilation.
#[derive(Clone, Debug, Default)]
pub struct SourceMap {
    files: Vec<SourceFile>,
}

impl SourceMap {
    /// Adds a source; its spans carry the id returned.
    pub fn add(&mut self, path: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> FileId {
        self.push(path.into(), text.into(), None)
    }

    /// Adds a text that was written from the source `of`. Its spans are shown where they come from there.
    pub fn add_view(&mut self, of: FileId, text: impl Into<Arc<str>>, view: View) -> FileId {
        let path = self.file(of).map_or_else(|| Arc::from(""), |file| file.path.clone());
        self.push(path, text.into(), Some((of, view)))
    }

    fn push(&mut self, path: Arc<str>, text: Arc<str>, view: Option<(FileId, View)>) -> FileId {
        let lines = LineIndex::new(&text);
        self.files.push(SourceFile { path, text, lines, view });
        FileId(u32::try_from(self.files.len() - 1).unwrap_or(u32::MAX))
    }

    /// The source of that id, unless it comes from another map.
    pub fn file(&self, id: FileId) -> Option<&SourceFile> {
        self.files.get(id.0 as usize)
    }

    /// All sources, in the order they were added.
    pub fn files(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.files.iter().enumerate().map(|(at, file)| (FileId(u32::try_from(at).unwrap_or(u32::MAX)), file))
    }

    /// The text at `span`.
    pub fn text(&self, span: Span) -> &str {
        self.file(span.file).and_then(|file| file.text.get(span.range())).unwrap_or_default()
    }

    /// The path of the file of `span`.
    pub fn path(&self, span: Span) -> &str {
        self.file(span.file).map_or("", |file| &file.path)
    }

    /// The place that people know: of a text that was written from another, where `span` comes from there.
    pub fn shown(&self, span: Span) -> Span {
        let Some((of, view)) = self.file(span.file).and_then(|file| file.view.as_ref()) else { return span };
        let read = view.read(&span.range()).unwrap_or(0..0);
        Span::new(*of, read.start, read.end)
    }

    /// The finding at the places that people know; fixes stay where all of what they change was taken over as it stood.
    pub fn finding(&self, mut finding: Diagnostic) -> Diagnostic {
        for label in std::iter::once(&mut finding.primary).chain(&mut finding.labels) {
            label.span = self.shown(label.span);
        }
        finding.fixes.retain_mut(|fix| {
            fix.edits.iter_mut().all(|edit| {
                let Some((of, view)) = self.file(edit.span.file).and_then(|file| file.view.as_ref()) else {
                    return true;
                };
                let read = view.editable(&edit.span.range(), &edit.replacement);
                read.map(|read| edit.span = Span::new(*of, read.start, read.end)).is_some()
            })
        });
        finding
    }

    /// Where `span` begins.
    pub fn start(&self, span: Span) -> Position {
        let span = self.shown(span);
        self.position(span.file, span.start)
    }

    /// Where `span` ends (the character after its last).
    pub fn end(&self, span: Span) -> Position {
        let span = self.shown(span);
        self.position(span.file, span.end)
    }

    fn position(&self, file: FileId, offset: u32) -> Position {
        self.file(file).map_or(Position { line: 1, column: 1 }, |file| file.lines.position(&file.text, offset as usize))
    }
}
