//! Texts as YAML writes them: plain where that says the same, over several lines where they have several, otherwise in quotes.

use super::kind::meaning;
use super::node::{Scalar, Style};

/// `text` as the value of a key whose children would be indented by `indent` spaces.
pub(super) fn text(text: &str, indent: usize) -> String {
    if is_plain(text) && meaning(&Scalar { text: text.to_owned(), style: Style::Plain }).is_none() {
        return text.to_owned();
    }
    block(text, indent).unwrap_or_else(|| in_quotes(text))
}

/// `text` as what the language writes, which is no text of YAML: plain if it can be.
pub(super) fn literal(text: &str) -> Option<String> {
    let starts = !text
        .starts_with(['?', ':', ',', '[', ']', '{', '}', '#', '&', '*', '!', '|', '>', '\'', '"', '%', '@', '`', ' ']);
    let dash = text.starts_with("- ") || text == "-";
    let inside = text.contains(": ") || text.contains(" #") || text.ends_with([':', ' ']) || text.contains(is_odd);
    (starts && !dash && !inside && !text.is_empty() && !text.contains(['\n', '\t'])).then(|| text.to_owned())
}

/// In quotes, on one line: single ones where that needs no escapes.
pub(super) fn in_quotes(text: &str) -> String {
    if text.contains(['"', '\\']) && !text.contains(['\'', '\n', '\t']) && !text.contains(is_odd) {
        return format!("'{text}'");
    }
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if is_odd(c) => out.push_str(&format!("\\U{:08X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// `text` behind a `|`, each line indented by `indent` spaces.
pub(super) fn block(text: &str, indent: usize) -> Option<String> {
    let body = text.strip_suffix('\n').unwrap_or(text);
    if !body.contains('\n') && body.len() == text.len()
        || body.ends_with('\n')
        || text.contains(is_odd)
        || body.trim().is_empty()
    {
        return None;
    }
    let chomped = if body.len() == text.len() { "-" } else { "" };
    // Where the first line is indented, how far the block is must be said.
    let told = if text.starts_with([' ', '\t', '\n']) { STEP.to_string() } else { String::new() };
    let mut out = format!("|{told}{chomped}");
    for line in body.split('\n') {
        out.push('\n');
        if !line.is_empty() {
            out.extend(std::iter::repeat_n(' ', indent));
            out.push_str(line);
        }
    }
    Some(out)
}

/// How far each step goes to the right.
pub(super) const STEP: usize = 2;

/// A comment as YAML writes it.
pub(super) fn comment(text: &str) -> String {
    let text: String = text.trim_start_matches('/').chars().map(|c| if is_odd(c) { '?' } else { c }).collect();
    format!("#{text}\n")
}

fn is_plain(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && !text.ends_with(' ')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '/' | '-' | ' '))
}

/// What YAML has no place for, or takes for something else.
fn is_odd(c: char) -> bool {
    let direction = leeway_units::is_bidirectional(c);
    c.is_control() && !matches!(c, '\n' | '\t')
        || direction
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}
