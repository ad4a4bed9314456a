//! Byte offsets to lines and columns as people count them.

/// A line and a column, both counted from 1; columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
}

/// Where the lines of a text begin.
#[derive(Clone, Debug)]
pub struct LineIndex {
    starts: Vec<usize>,
}

impl LineIndex {
    /// Indexes `text`.
    pub fn new(text: &str) -> LineIndex {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        LineIndex { starts }
    }

    /// The position of byte `offset` of `text`, which is the text indexed.
    pub fn position(&self, text: &str, offset: usize) -> Position {
        let line = self.line(offset) + 1;
        let start = self.starts.get(line - 1).copied().unwrap_or(0);
        let before = text.get(start..offset.min(text.len())).unwrap_or_default();
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Position { line: number(line), column: number(before.chars().count() + 1) }
    }

    /// How many lines there are; at least one.
    pub(crate) fn len(&self) -> usize {
        self.starts.len()
    }

    /// The line of byte `offset`, from 0.
    pub(crate) fn line(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset).saturating_sub(1)
    }

    /// The bytes of a line, counted from 0, its end included, in a text of `length` bytes.
    pub(crate) fn range(&self, line: usize, length: usize) -> Option<std::ops::Range<usize>> {
        let start = self.starts.get(line).copied()?;
        Some(start..self.starts.get(line + 1).copied().unwrap_or(length))
    }
}
