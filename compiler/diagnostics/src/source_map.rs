//! The sources of one compilation, each with its path.

use std::sync::Arc;

use crate::line_index::{LineIndex, Position};
use crate::span::{FileId, Span};

/// One source text.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// Its path, relative to the workspace root, with `/` between parts.
    pub path: Arc<str>,
    /// Its text.
    pub text: Arc<str>,
    lines: LineIndex,
}

impl SourceFile {
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
        let text: Arc<str> = text.into();
        let lines = LineIndex::new(&text);
        self.files.push(SourceFile { path: path.into(), text, lines });
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

    /// Where `span` begins.
    pub fn start(&self, span: Span) -> Position {
        self.position(span.file, span.start)
    }

    /// Where `span` ends (the character after its last).
    pub fn end(&self, span: Span) -> Position {
        self.position(span.file, span.end)
    }

    fn position(&self, file: FileId, offset: u32) -> Position {
        self.file(file).map_or(Position { line: 1, column: 1 }, |file| file.lines.position(&file.text, offset as usize))
    }
}
