//! The text of the language that a YAML document stands for, as it grows, with where each part of it comes from.

use std::ops::Range;

use leeway_diagnostics::{Copied, FileId, Piece, SourceMap, View};

use super::copied::pieces;
use super::node::{Node, Style};
use crate::lexer::lex;
use crate::token::TokenKind;

/// The text so far.
pub(super) struct Draft<'a> {
    /// What is read.
    pub(super) yaml: &'a str,
    pub(super) text: String,
    pub(super) view: View,
}

impl<'a> Draft<'a> {
    pub(super) fn new(yaml: &'a str) -> Draft<'a> {
        Draft { yaml, text: String::new(), view: View::default() }
    }

    /// What `write` writes is there because of what stands at `cause`.
    pub(super) fn because(&mut self, cause: &Range<usize>, write: impl FnOnce(&mut Self)) {
        self.view.begin(self.text.len(), cause.clone());
        write(self);
        self.view.end(self.text.len());
    }

    pub(super) fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// `literal`, which says what the scalar at `node` says.
    pub(super) fn value(&mut self, node: &Node, literal: &str) {
        let same = node.scalar().is_some_and(|scalar| scalar.text == literal);
        if !same && node.scalar().is_some_and(|scalar| quoted(&scalar.text) == literal) {
            return self.text(node);
        }
        match pieces(self.yaml, node).filter(|_| same) {
            Some(pieces) => self.copied(literal, pieces, false),
            None => self.because(&node.range, |draft| draft.push(literal)),
        }
    }

    /// The scalar at `node` as a text in quotes.
    pub(super) fn text(&mut self, node: &Node) {
        let Some(scalar) = node.scalar() else { return };
        let literal = quoted(&scalar.text);
        let same = literal.get(1..literal.len().saturating_sub(1)) == Some(scalar.text.as_str());
        self.because(&node.range, |draft| match pieces(draft.yaml, node).filter(|_| same) {
            Some(pieces) => {
                draft.push("\"");
                draft.copied(&scalar.text, pieces, false);
                draft.push("\"");
            }
            None => draft.push(&literal),
        });
    }

    /// The scalar at `node` as a text in backticks, if it can stand in them: queries are easier to read so.
    pub(super) fn foreign(&mut self, node: &Node) {
        let Some(scalar) = node.scalar() else { return };
        if !is_raw(&scalar.text) {
            return self.text(node);
        }
        self.because(&node.range, |draft| {
            draft.push("`");
            match pieces(draft.yaml, node) {
                Some(pieces) => draft.copied(&scalar.text, pieces, false),
                None => draft.push(&scalar.text),
            }
            draft.push("`");
        });
    }

    /// The members in the block at `node`.
    pub(super) fn members(&mut self, node: &Node) {
        let Some(scalar) = node.scalar() else { return };
        self.because(&node.range, |draft| {
            match pieces(draft.yaml, node) {
                Some(pieces) => draft.copied(&scalar.text, pieces, scalar.style == Style::Block),
                None => draft.push(&scalar.text),
            }
            draft.push("\n");
        });
    }

    fn copied(&mut self, text: &str, pieces: Vec<Piece>, open: bool) {
        let start = self.text.len();
        self.push(text);
        let pieces = pieces.into_iter().map(|piece| Piece { written: piece.written + start, ..piece }).collect();
        self.view.copied(start..self.text.len(), Copied { pieces, open });
    }
}

/// `text` as a literal of the language.
pub(super) fn quoted(text: &str) -> String {
    let mut literal = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => literal.extend(['\\', c]),
            '\n' => literal.push_str("\\n"),
            '\t' => literal.push_str("\\t"),
            c if c.is_control() || leeway_units::is_bidirectional(c) => {
                literal.push_str(&format!("\\u{{{:x}}}", u32::from(c)));
            }
            c => literal.push(c),
        }
    }
    literal.push('"');
    literal
}

/// Whether `text` in backticks is one text, and says what it says.
fn is_raw(text: &str) -> bool {
    let literal = format!("`{text}`");
    let (tokens, findings) = lex(no_file(), &literal);
    findings.is_empty()
        && tokens.len() == 1
        && tokens.kind(0) == Some(TokenKind::Raw)
        && tokens.text(0).len() == literal.len()
        && crate::text::unescape(&literal, false) == text
}

/// Spans of texts that stand by themselves are never shown.
pub(super) fn no_file() -> FileId {
    SourceMap::default().add("", "")
}
