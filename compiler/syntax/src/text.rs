//! Texts in quotes and backticks: where one ends, its escapes, and what it says.

/// The most digits of `\u{…}`.
const UNICODE_DIGITS_MAX: usize = 6;

/// The length of the quoted text at the beginning of `rest`, quotes included, if it ends on its line.
pub(crate) fn length(rest: &str) -> Option<usize> {
    let mut escaped = false;
    rest.bytes().enumerate().skip(1).take_while(|(_, byte)| *byte != b'\n').find_map(|(at, byte)| {
        let end = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        end.then_some(at + 1)
    })
}

/// Where the escapes of a quoted text stand that mean nothing.
pub(crate) fn wrong_escapes(literal: &str, because: bool) -> impl Iterator<Item = (usize, usize)> {
    pieces(literal, because).filter_map(|piece| match piece {
        Piece::Wrong { start, end } => Some((start, end)),
        Piece::Plain(_) | Piece::Escaped(_) => None,
    })
}

/// The escapes there are, for people.
pub(crate) fn escapes_help(because: bool) -> &'static str {
    if because {
        "the escapes are `\\\"`, `\\\\`, `\\n`, `\\t`, `\\u{…}`, `\\{` and `\\}`"
    } else {
        "the escapes are `\\\"`, `\\\\`, `\\n`, `\\t` and `\\u{…}`; in `because` also `\\{` and `\\}`"
    }
}

/// What a literal says, without its quotes or backticks. In a `because` an escaped brace stays escaped, so that it can be told
/// from one that begins a replacement.
pub(crate) fn unescape(literal: &str, because: bool) -> String {
    if literal.starts_with('`') {
        // A text over several lines is the same wherever it was checked out.
        return literal.trim_matches('`').replace("\r\n", "\n");
    }
    let mut text = String::with_capacity(literal.len());
    for piece in pieces(literal, because) {
        match piece {
            Piece::Escaped(c @ ('{' | '}')) if because => text.extend(['\\', c]),
            Piece::Plain(c) | Piece::Escaped(c) => text.push(c),
            Piece::Wrong { .. } => {}
        }
    }
    text
}

enum Piece {
    Plain(char),
    Escaped(char),
    Wrong { start: usize, end: usize },
}

/// The characters between the quotes of `literal`, each as it was written.
fn pieces(literal: &str, because: bool) -> impl Iterator<Item = Piece> {
    let end = literal.len().saturating_sub(1);
    let mut at = 1;
    std::iter::from_fn(move || {
        let rest = literal.get(at..end)?;
        let first = rest.chars().next()?;
        let start = at;
        if first != '\\' {
            at += first.len_utf8();
            return Some(Piece::Plain(first));
        }
        let (length, found) = escape(rest, because);
        at += length;
        Some(found.map_or(Piece::Wrong { start, end: at }, Piece::Escaped))
    })
}

/// The length of the escape at the beginning of `rest`, and what it stands for.
fn escape(rest: &str, because: bool) -> (usize, Option<char>) {
    let Some(second) = rest.chars().nth(1) else { return (1, None) };
    let short = 1 + second.len_utf8();
    match second {
        '"' | '\\' => (short, Some(second)),
        'n' => (short, Some('\n')),
        't' => (short, Some('\t')),
        '{' | '}' if because => (short, Some(second)),
        'u' => {
            let digits = rest.get(short..).and_then(|rest| rest.strip_prefix('{')).and_then(|rest| {
                let end = rest.bytes().take(UNICODE_DIGITS_MAX + 1).position(|byte| byte == b'}')?;
                rest.get(..end)
            });
            let Some(digits) = digits else { return (short, None) };
            let hexadecimal = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
            let found = u32::from_str_radix(digits, 16).ok().filter(|_| hexadecimal).and_then(char::from_u32);
            (short + digits.len() + 2, found)
        }
        _ => (short, None),
    }
}
