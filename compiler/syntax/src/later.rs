//! What the language has but this version does not: recognised, named and dropped whole.

use std::ops::Range;

use leeway_diagnostics::{Code, Diagnostic};

use crate::boundary::Block;
use crate::token::{TokenKind, Tokens};
use crate::word::{LIMITS_LATER, OPERATORS_LATER, QUANTIFIERS_LATER, SOURCES_LATER, is_reserved};

/// The first thing in the member that belongs to a later version.
pub(crate) fn find(tokens: &Tokens<'_>, block: Block, member: Range<usize>) -> Option<Diagnostic> {
    let first = tokens.word(member.start);
    if block.words_later().contains(&first) {
        return Some(not_yet(tokens, member.start, first));
    }
    let second = tokens.word(member.start + 1);
    if first == "limit" && LIMITS_LATER.contains(&second) {
        let named = if second == "at" { "limit at most".to_owned() } else { format!("limit {second}") };
        return Some(not_yet(tokens, member.start + 1, &named));
    }
    member.clone().skip(1).find_map(|at| {
        let word = tokens.word(at);
        let found = match first {
            "metric" if SOURCES_LATER.contains(&word) => tokens.sign(at - 1) == "=",
            "metric" if word == "untrusted" => tokens.sign(at + 1) != ":" && tokens.word(at - 1) != "metric",
            _ if OPERATORS_LATER.contains(&word) => ends_operand(tokens, at - 1) && starts_operand(tokens, at + 1),
            _ if QUANTIFIERS_LATER.contains(&word) => {
                let element = tokens.word(at + 1);
                !element.is_empty() && !is_reserved(element) && tokens.word(at + 2) == "in"
            }
            _ => false,
        };
        let named = if QUANTIFIERS_LATER.contains(&word) { format!("{word} … in") } else { word.to_owned() };
        found.then(|| not_yet(tokens, at, &named))
    })
}

/// Says that what begins at `at` belongs to a later version.
pub(crate) fn not_yet(tokens: &Tokens<'_>, at: usize, named: &str) -> Diagnostic {
    Diagnostic::new(Code::E0108, tokens.span(at), format!("`{named}` is not in this version of the language yet"))
        .help("take it out; the rest of the file is read without it")
}

fn ends_operand(tokens: &Tokens<'_>, at: usize) -> bool {
    match tokens.kind(at) {
        Some(TokenKind::Word) => !is_reserved(tokens.text(at)),
        Some(TokenKind::Number | TokenKind::Text) => true,
        Some(TokenKind::Sign) => matches!(tokens.text(at), ")" | "]"),
        Some(TokenKind::Raw | TokenKind::Bad) | None => false,
    }
}

fn starts_operand(tokens: &Tokens<'_>, at: usize) -> bool {
    match tokens.kind(at) {
        Some(TokenKind::Word) => !is_reserved(tokens.text(at)),
        Some(TokenKind::Number | TokenKind::Text) => true,
        Some(TokenKind::Sign) => matches!(tokens.text(at), "(" | "[" | "-"),
        Some(TokenKind::Raw | TokenKind::Bad) | None => false,
    }
}
