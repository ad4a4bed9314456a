//! The tokens and comments of the file, as pieces to be printed in their order.

use std::ops::Range;

use super::doc::Doc;
use crate::token::{Comment, Tokens};

/// The tokens of the file, and how far they have been taken.
pub(super) struct Source<'a> {
    tokens: &'a Tokens<'a>,
    /// The token that is taken next.
    at: usize,
    /// The tokens of what is being laid out. What stands before and behind it is none of its business.
    entry: Range<usize>,
    /// Whether a `..` in parentheses by itself says something.
    pub(super) keep_rest: bool,
}

impl<'a> Source<'a> {
    pub(super) fn new(tokens: &'a Tokens<'a>) -> Source<'a> {
        Source { tokens, at: 0, entry: 0..0, keep_rest: false }
    }

    pub(super) const fn at(&self) -> usize {
        self.at
    }

    /// The next token, with the comments that stand with it.
    pub(super) fn take(&mut self) -> Doc<'a> {
        let at = self.at;
        self.at += 1;
        let token = Doc::Token(self.tokens.text(at));
        let mut docs = Vec::new();
        if at != self.entry.start {
            docs.extend(self.own_lines(at).map(|comment| Doc::Comment(self.tokens.comment(comment))));
        }
        let trailing = if at + 1 == self.entry.end { None } else { self.trailing(at) };
        if docs.is_empty() && trailing.is_none() {
            return token;
        }
        docs.push(token);
        docs.extend(trailing);
        Doc::many(docs)
    }

    /// Leaves out the next tokens, between which no comment stands; the one behind the last stays.
    pub(super) fn skip(&mut self, count: usize) -> Option<Doc<'a>> {
        self.at += count;
        if self.at == self.entry.end { None } else { self.trailing(self.at.saturating_sub(1)) }
    }

    /// Whether a comment stands before one of the next tokens.
    pub(super) fn is_commented(&self, count: usize) -> bool {
        (self.at..self.at + count).any(|at| !self.tokens.comments(at).is_empty())
    }

    /// The end of a block, with the comments before it; `first` if nothing else stands in the block.
    pub(super) fn take_end(&mut self, first: bool) -> (Vec<Doc<'a>>, Doc<'a>) {
        let mut comments = self.comments(self.at, first);
        comments.pop();
        let token = Doc::Token(self.tokens.text(self.at));
        let trailing = self.skip(1);
        (comments, Doc::many(std::iter::once(token).chain(trailing).collect()))
    }

    /// What `lay_out` makes of the next `length` tokens, with the comments before and behind it; `first` in its block.
    pub(super) fn entry(
        &mut self,
        length: usize,
        first: bool,
        lay_out: impl FnOnce(&mut Source<'a>) -> Doc<'a>,
    ) -> Doc<'a> {
        let entry = self.at..self.at + length;
        let mut docs = self.comments(entry.start, first);
        let outer = std::mem::replace(&mut self.entry, entry.clone());
        docs.push(lay_out(self));
        self.entry = outer;
        // Behind the last token of what this stands in, the comment is that one's.
        if entry.end != self.entry.end {
            docs.extend(self.trailing(entry.end.saturating_sub(1)));
        }
        Doc::many(docs)
    }

    /// The comments on lines of their own before the token at `at`, and the end of the line before it.
    pub(super) fn comments(&self, at: usize, first: bool) -> Vec<Doc<'a>> {
        let mut docs = Vec::new();
        for comment in self.own_lines(at) {
            docs.push(Doc::Break { blank: self.is_blank_before(comment.start) && !(first && docs.is_empty()) });
            docs.push(Doc::Comment(self.tokens.comment(comment)));
        }
        let start = self.tokens.span(at).range().start;
        docs.push(Doc::Break { blank: self.is_blank_before(start) && !(first && docs.is_empty()) });
        docs
    }

    /// Whether something is on another line than what stands before it.
    pub(super) fn is_on_new_line(&self, at: usize) -> bool {
        let before = at.checked_sub(1).map_or(0, |before| self.tokens.span(before).range().end);
        let between = self.tokens.source.get(before..self.tokens.span(at).range().start).unwrap_or_default();
        between.contains('\n')
    }

    /// Whether an empty line stands before the token at `at`.
    pub(super) fn is_blank_before_token(&self, at: usize) -> bool {
        self.is_blank_before(self.tokens.span(at).range().start)
    }

    fn own_lines(&self, at: usize) -> impl Iterator<Item = Comment> + use<'a> {
        let skipped = usize::from(at.checked_sub(1).is_some_and(|before| self.trailing(before).is_some()));
        self.tokens.comments(at).iter().skip(skipped).copied()
    }

    /// The comment behind the token at `at`, on its line.
    fn trailing(&self, at: usize) -> Option<Doc<'a>> {
        let comment = *self.tokens.comments(at + 1).first()?;
        let between = self.tokens.source.get(self.tokens.span(at).range().end..comment.start)?;
        (!between.contains('\n')).then(|| Doc::Trailing(self.tokens.comment(comment)))
    }

    fn is_blank_before(&self, start: usize) -> bool {
        let before = self.tokens.source.get(..start).unwrap_or_default();
        let space = before.trim_end_matches([' ', '\t', '\r', '\n']).len();
        before.get(space..).unwrap_or_default().bytes().filter(|byte| *byte == b'\n').count() > 1
    }
}
