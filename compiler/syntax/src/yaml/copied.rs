//! Which bytes of a value stand in the YAML text as they are: so that a finding in it points at the character it means.

use std::ops::Range;

use leeway_diagnostics::Piece;

use super::node::{Node, Scalar, Style};

/// The pieces of the scalar at `node`, by their places in its value; `None` where lines were joined or indentation is unclear.
pub(super) fn pieces(text: &str, node: &Node) -> Option<Vec<Piece>> {
    let scalar = node.scalar()?;
    match scalar.style {
        Style::Plain => (text.get(node.range.clone())? == scalar.text).then(|| vec![whole(&node.range)]),
        Style::Quoted => quoted(text, &node.range, &scalar.text),
        Style::Block => block(text, node.range.start, scalar),
        Style::Folded => None,
    }
}

fn whole(range: &Range<usize>) -> Piece {
    Piece { written: 0, read: range.start, length: range.len() }
}

fn quoted(text: &str, range: &Range<usize>, value: &str) -> Option<Vec<Piece>> {
    let raw = text.get(range.clone())?;
    let quote = raw.chars().next()?;
    let inner = raw.strip_prefix(quote)?.strip_suffix(quote)?;
    let mut pieces: Vec<Piece> = Vec::new();
    let mut at = 0;
    for (written, c) in value.char_indices() {
        let rest = inner.get(at..)?;
        let read = range.start + quote.len_utf8() + at;
        let escape = match quote {
            '"' if rest.starts_with('\\') => Some(escape_length(rest)?),
            '\'' if rest.starts_with("''") => Some(2),
            _ => None,
        };
        at += escape.unwrap_or(c.len_utf8());
        match (escape, pieces.last_mut()) {
            // What an escape stands for is nowhere as it is.
            (Some(_), _) => pieces.push(Piece { written, read, length: 0 }),
            (None, _) if !rest.starts_with(c) => return None,
            (None, Some(piece)) if piece.length > 0 => piece.length += c.len_utf8(),
            (None, _) => pieces.push(Piece { written, read, length: c.len_utf8() }),
        }
    }
    if pieces.is_empty() {
        pieces.push(Piece { written: 0, read: range.start + quote.len_utf8(), length: 0 });
    }
    Some(pieces)
}

/// The length of the escape at the beginning of `rest`, without those that join lines.
fn escape_length(rest: &str) -> Option<usize> {
    match rest.chars().nth(1)? {
        'x' => Some(4),
        'u' => Some(6),
        'U' => Some(10),
        '\n' | '\r' => None,
        other => Some(1 + other.len_utf8()),
    }
}

/// A block behind `|`: its lines without their indentation.
fn block(text: &str, start: usize, scalar: &Scalar) -> Option<Vec<Piece>> {
    let empty = scalar.text.bytes().take_while(|byte| *byte == b'\n').count();
    let mut line_start = text.get(..start)?.rfind('\n').map_or(0, |at| at + 1);
    for _ in 0..empty {
        line_start = text.get(..line_start.checked_sub(1)?)?.rfind('\n').map_or(0, |at| at + 1);
    }
    // Whether the mark counts the empty lines before the first is the parser's business: both are tried.
    lines(text, line_start, &scalar.text).or_else(|| {
        let own = text.get(..start)?.rfind('\n').map_or(0, |at| at + 1);
        lines(text, own, &scalar.text)
    })
}

fn lines(text: &str, start: usize, value: &str) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let (mut read, mut written) = (start, 0);
    for line in value.strip_suffix('\n').unwrap_or(value).split('\n') {
        let raw = text.get(read..)?.split('\n').next()?;
        let shown = raw.strip_suffix('\r').unwrap_or(raw);
        let indentation = if line.is_empty() { shown } else { shown.strip_suffix(line)? };
        if indentation.bytes().any(|byte| byte != b' ') {
            return None;
        }
        pieces.push(Piece { written, read: read + indentation.len(), length: line.len() });
        read += raw.len() + 1;
        written += line.len() + 1;
    }
    Some(pieces)
}
