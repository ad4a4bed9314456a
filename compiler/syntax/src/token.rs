//! Tokens: the words, numbers, texts and signs of a file, each with its place.

use leeway_diagnostics::{FileId, Span};

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// `[a-z][a-z0-9_]*`, reserved or not.
    Word,
    /// A number with its unit, well-formed.
    Number,
    /// A text in quotes.
    Text,
    /// A text in backticks.
    Raw,
    /// A sign: `{`, `==`, `..`.
    Sign,
    /// Something the lexer has already complained about.
    Bad,
}

/// A token.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Whether it is the first of its line.
    pub(crate) line_start: bool,
}

/// A comment, before the token of that index.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Comment {
    pub(crate) before: usize,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// The tokens of a file. Asking beyond the last gives empty answers.
#[derive(Debug)]
pub(crate) struct Tokens<'a> {
    pub(crate) file: FileId,
    pub(crate) source: &'a str,
    pub(crate) all: Vec<Token>,
    pub(crate) comments: Vec<Comment>,
}

impl<'a> Tokens<'a> {
    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    pub(crate) fn kind(&self, at: usize) -> Option<TokenKind> {
        self.all.get(at).map(|token| token.kind)
    }

    pub(crate) fn text(&self, at: usize) -> &'a str {
        self.all.get(at).and_then(|token| self.source.get(token.start..token.end)).unwrap_or_default()
    }

    /// The word at `at`, or an empty text if something else stands there.
    pub(crate) fn word(&self, at: usize) -> &'a str {
        if self.kind(at) == Some(TokenKind::Word) { self.text(at) } else { "" }
    }

    /// The sign at `at`, or an empty text if something else stands there.
    pub(crate) fn sign(&self, at: usize) -> &'a str {
        if self.kind(at) == Some(TokenKind::Sign) { self.text(at) } else { "" }
    }

    pub(crate) fn line_start(&self, at: usize) -> bool {
        self.all.get(at).is_some_and(|token| token.line_start)
    }

    /// Where the token stands; past the last, the end of the file.
    pub(crate) fn span(&self, at: usize) -> Span {
        let end = self.source.len();
        let (start, end) = self.all.get(at).map_or((end, end), |token| (token.start, token.end));
        Span::new(self.file, start, end)
    }

    /// From the first of `range` to its last token.
    pub(crate) fn span_of(&self, range: &std::ops::Range<usize>) -> Span {
        self.span(range.start).to(self.span(range.end.saturating_sub(1).max(range.start)))
    }

    /// The first token of `range` that does not end before byte `offset`; the one behind the range if there is none.
    pub(crate) fn at_or_after(&self, range: &std::ops::Range<usize>, offset: usize) -> usize {
        let tokens = self.all.get(range.clone()).unwrap_or_default();
        range.start + tokens.partition_point(|token| token.end <= offset)
    }

    /// The comments between the token before `at` and the one at `at`.
    pub(crate) fn comments(&self, at: usize) -> &[Comment] {
        let first = self.comments.partition_point(|comment| comment.before < at);
        let behind = self.comments.partition_point(|comment| comment.before <= at);
        self.comments.get(first..behind).unwrap_or_default()
    }

    /// What the comment says, with its slashes.
    pub(crate) fn comment(&self, comment: Comment) -> &'a str {
        self.source.get(comment.start..comment.end).unwrap_or_default()
    }

    /// The `///` lines directly before the token, joined.
    pub(crate) fn doc(&self, at: usize) -> Option<std::sync::Arc<str>> {
        let docs = self.comments(at).iter().filter_map(|comment| {
            let doc = self.comment(*comment).strip_prefix("///").filter(|doc| !doc.starts_with('/'))?;
            Some(doc.strip_prefix(' ').unwrap_or(doc))
        });
        let lines: Vec<&str> = docs.collect();
        if lines.is_empty() { None } else { Some(lines.join("\n").into()) }
    }
}
