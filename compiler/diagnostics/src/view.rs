//! A text that was written from another one, and where each part of it comes from.

use std::ops::Range;

/// Where the parts of a written text come from. Parts lie in each other: a place comes from the innermost that holds all of it.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// By where they begin, the outer before the inner.
    parts: Vec<Part>,
    /// Those that have no end yet, the innermost last.
    open: Vec<usize>,
}

#[derive(Clone, Debug)]
struct Part {
    range: Range<usize>,
    parent: Option<usize>,
    origin: Origin,
}

/// Where a part comes from.
#[derive(Clone, Debug)]
enum Origin {
    /// It was written because of what stands there.
    Caused(Range<usize>),
    /// It stands there as it is, piece by piece.
    Copied(Copied),
}

/// What was taken over as it stood.
#[derive(Clone, Debug)]
pub struct Copied {
    /// Its pieces, in order; at least one.
    pub pieces: Vec<Piece>,
    /// Whether any text of one line may be put into it. Otherwise only words and numbers may, which mean the same in any quotes.
    pub open: bool,
}

/// A run of bytes that stands in both texts, up to the next piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Where it begins in what was written.
    pub written: usize,
    /// Where it begins in what was read.
    pub read: usize,
    /// How many bytes of what was read it takes up.
    pub length: usize,
}

impl View {
    /// From here, byte `at` of what is written, everything is there because of `cause` in what was read, up to `end`.
    pub fn begin(&mut self, at: usize, cause: Range<usize>) {
        let part = Part { range: at..usize::MAX, parent: self.open.last().copied(), origin: Origin::Caused(cause) };
        self.open.push(self.parts.len());
        self.parts.push(part);
    }

    /// Ends the innermost part that was begun.
    pub fn end(&mut self, at: usize) {
        if let Some(part) = self.open.pop().and_then(|open| self.parts.get_mut(open)) {
            part.range.end = at;
        }
    }

    /// What stands at `range` was taken over as it stood.
    pub fn copied(&mut self, range: Range<usize>, copy: Copied) {
        self.parts.push(Part { range, parent: self.open.last().copied(), origin: Origin::Copied(copy) });
    }

    /// The place in what was read from which `range` comes.
    pub(crate) fn read(&self, range: &Range<usize>) -> Option<Range<usize>> {
        Some(match &self.around(range)?.origin {
            Origin::Caused(cause) => cause.clone(),
            Origin::Copied(copy) => {
                let start = copy.read(range.start, false);
                start..copy.read(range.end, true).max(start)
            }
        })
    }

    /// The same, if the text there may be replaced by `replacement`.
    pub(crate) fn editable(&self, range: &Range<usize>, replacement: &str) -> Option<Range<usize>> {
        let Origin::Copied(copy) = &self.around(range)?.origin else { return None };
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '%' | '.' | '/');
        let harmless = if copy.open {
            !replacement.contains(['\n', '\r'])
        } else {
            !replacement.is_empty() && replacement.chars().all(plain)
        };
        // Between two pieces stands what belongs to neither text alone, such as an indentation.
        let read = copy.read(range.start, false)..copy.read(range.end, true);
        (harmless && read.end.checked_sub(read.start) == range.end.checked_sub(range.start)).then_some(read)
    }

    /// The innermost part that holds all of `range`.
    fn around(&self, range: &Range<usize>) -> Option<&Part> {
        let before = self.parts.partition_point(|part| part.range.start <= range.start);
        let mut part = self.parts.get(before.checked_sub(1)?)?;
        while part.range.end < range.end || part.range.end <= range.start && range.start < range.end {
            part = self.parts.get(part.parent?)?;
        }
        Some(part)
    }
}

impl Copied {
    /// Where byte `at` of what was written stands; as an end it belongs to what is before it.
    fn read(&self, at: usize, end: bool) -> usize {
        let before = self.pieces.partition_point(|piece| if end { piece.written < at } else { piece.written <= at });
        let piece = before.checked_sub(1).and_then(|before| self.pieces.get(before)).or(self.pieces.first());
        piece.map_or(0, |piece| piece.read + at.saturating_sub(piece.written).min(piece.length))
    }
}
