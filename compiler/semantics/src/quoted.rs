//! A quoted text, character by character, with where each one stands: so that errors inside a text point inside it.

use leeway_diagnostics::{SourceMap, Span};
use leeway_syntax::ast;

/// One character of a text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Character {
    /// What it means.
    pub(crate) value: char,
    /// Where it is written.
    pub(crate) span: Span,
    /// Whether it was written with a backslash.
    pub(crate) escaped: bool,
}

/// The characters of `text`, between its quotes.
pub(crate) fn characters(sources: &SourceMap, text: &ast::Text) -> Vec<Character> {
    let raw = sources.text(text.span);
    let verbatim = raw.starts_with('`');
    let first = text.span.start as usize;
    let inside = raw.len().saturating_sub(1);
    let mut found = Vec::new();
    let mut rest = raw.char_indices().skip(1).peekable();
    while let Some((at, c)) = rest.next() {
        if at >= inside {
            break;
        }
        let escaped = c == '\\' && !verbatim;
        let value = if escaped { unescaped(&mut rest) } else { Some(c) };
        let end = rest.peek().map_or(raw.len(), |(next, _)| *next);
        let span = Span::new(text.span.file, first + at, first + end);
        if let Some(value) = value {
            found.push(Character { value, span, escaped });
        }
    }
    found
}

/// What stands behind a backslash. The parser has refused what is no escape.
fn unescaped(rest: &mut std::iter::Peekable<impl Iterator<Item = (usize, char)>>) -> Option<char> {
    match rest.next()?.1 {
        'n' => Some('\n'),
        't' => Some('\t'),
        'u' => {
            let digits: String = rest.map(|(_, c)| c).skip(1).take_while(|c| *c != '}').collect();
            u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32)
        }
        c => Some(c),
    }
}
