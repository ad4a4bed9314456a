//! Texts that may be printed: a source must not move the cursor, colour the screen or reorder what is read.

use std::borrow::Cow;

/// `text` with a visible sign in place of each control character, of as many bytes, so that offsets stay what they are.
pub(super) fn visible(text: &str) -> Cow<'_, str> {
    if text.chars().any(is_hidden) { Cow::Owned(text.chars().map(shown).collect()) } else { Cow::Borrowed(text) }
}

fn is_hidden(c: char) -> bool {
    let direction =
        matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    direction || (c.is_control() && !matches!(c, '\n' | '\t' | '\r'))
}

fn shown(c: char) -> char {
    match (is_hidden(c), c.len_utf8()) {
        (false, _) => c,
        (true, 1) => '?',
        (true, 2) => '\u{00BF}',
        (true, _) => '\u{FFFD}',
    }
}
