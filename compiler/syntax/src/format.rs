//! `format`: the one way in which a file is written. Only white space changes, and parentheses that say nothing.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "the rules are pest's; each place knows the few it treats differently"
)]

mod block;
mod clause;
mod doc;
mod layout;
mod print;
mod source;

use std::ops::Range;

use leeway_diagnostics::{Diagnostic, FileId};

use crate::grammar::{self, Rule};
use crate::lexer::lex;
use crate::parse::{MARK, Part, read};
use crate::token::Tokens;
use doc::Doc;
use print::Printer;
use source::Source;

/// The file as it should be written, or what is wrong with it.
pub type Formatted = Result<String, Vec<Diagnostic>>;

/// Writes `text` in the one style: it means the same, and writing it again changes nothing.
///
/// # Errors
/// What [`crate::parse`] says of `text`, whose spans are in `file`: a file that is not whole is never rewritten.
pub fn format(file: FileId, text: &str) -> Formatted {
    let (parsed, parts) = read(file, text);
    if !parsed.diagnostics.is_empty() {
        return Err(parsed.diagnostics);
    }
    let text = text.strip_prefix(MARK).unwrap_or(text);
    let (tokens, _) = lex(file, text);
    let mut writer =
        Writer { tokens: &tokens, source: Source::new(&tokens), printer: Printer::default(), place: Place::Start };
    for part in parts {
        writer.part(part);
    }
    let mut comments = writer.source.comments(tokens.len(), writer.place == Place::Start);
    comments.pop();
    writer.printer.print(&Doc::many(comments), 0);
    Ok(writer.printer.finish())
}

struct Writer<'a> {
    tokens: &'a Tokens<'a>,
    source: Source<'a>,
    printer: Printer,
    place: Place,
}

/// What has been written before.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Nothing.
    Start,
    /// A `use`.
    Use,
    /// The `{` of a declaration.
    Open,
    /// A member of a declaration.
    Member,
    /// The `}` of a declaration.
    Closed,
}

impl Writer<'_> {
    fn part(&mut self, part: Part) {
        match part {
            Part::Use(range) => self.entry(Rule::one_use, &range, self.place == Place::Start, 0, Place::Use),
            Part::Header(rule, range) => {
                // Declarations stand by themselves.
                if self.place != Place::Start {
                    self.printer.print(&Doc::Break { blank: true }, 0);
                }
                self.entry(rule, &range, self.place == Place::Start, 0, Place::Open);
            }
            Part::Member(rule, range) => self.entry(rule, &range, self.place == Place::Open, 1, Place::Member),
            Part::End => self.end(),
        }
    }

    fn entry(&mut self, rule: Rule, range: &Range<usize>, first: bool, steps: usize, place: Place) {
        if self.place == Place::Closed {
            self.printer.print(&Doc::Break { blank: true }, 0);
        }
        self.place = place;
        let text = self.tokens.source.get(self.tokens.span_of(range).range()).unwrap_or_default();
        // It has been read before.
        let Some(pair) = grammar::parse(rule, text).ok().and_then(|mut pairs| pairs.next()) else { return };
        let doc = self.source.entry(range.len(), first, |source| layout::layout(source, &pair));
        self.printer.print(&doc, steps);
    }

    fn end(&mut self) {
        let empty = self.place == Place::Open;
        let (comments, close) = self.source.take_end(empty);
        if !empty || !comments.is_empty() || self.printer.is_line_ended() {
            self.printer.print(&Doc::indent(comments), 0);
            self.printer.print(&Doc::Break { blank: false }, 0);
        }
        self.printer.print(&close, 0);
        self.place = Place::Closed;
    }
}

#[cfg(test)]
pub(crate) mod tests;
