//! Where items and members begin and end, seen from their words alone: what is broken must not hide what is whole.

use crate::token::{TokenKind, Tokens};
use crate::word::{
    BEFORE_TIER, CLAUSES, ITEMS, MEMBERS, MEMBERS_BEFORE_TEXT, MEMBERS_LATER, POLICY_MEMBERS, TARGET_MEMBERS,
    is_reserved,
};

/// What a block consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Block {
    Blueprint,
    Policy,
    Target,
}

impl Block {
    pub(crate) const ALL: [Block; 3] = [Block::Blueprint, Block::Policy, Block::Target];

    /// What such a block is called.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Block::Blueprint => "blueprint",
            Block::Policy => "policy",
            Block::Target => "target",
        }
    }

    /// The words of its members.
    pub(crate) fn words(self) -> impl Iterator<Item = &'static str> + Clone {
        let (first, second): (&[&str], &[&str]) = match self {
            Block::Blueprint => (MEMBERS, &[]),
            Block::Policy => (MEMBERS, POLICY_MEMBERS),
            Block::Target => (TARGET_MEMBERS, &[]),
        };
        first.iter().chain(second).copied()
    }

    /// The words of its members in later versions.
    pub(crate) const fn words_later(self) -> &'static [&'static str] {
        match self {
            Block::Blueprint | Block::Policy => MEMBERS_LATER,
            Block::Target => &[],
        }
    }

    /// Whether a member of it begins with `word`, in this version or a later one.
    pub(crate) fn has(self, word: &str) -> bool {
        self.words().chain(self.words_later().iter().copied()).any(|known| known == word)
    }
}

/// Whether the token is one of the words an item begins with.
pub(crate) fn is_item_word(tokens: &Tokens<'_>, at: usize) -> bool {
    ITEMS.contains(&tokens.word(at))
}

/// Whether an item begins here, inside what has not ended. Its words are not reserved, so that what follows must fit too.
pub(crate) fn starts_item(tokens: &Tokens<'_>, at: usize) -> bool {
    let next = tokens.word(at + 1);
    if !tokens.line_start(at) || !is_item_word(tokens, at) || next.is_empty() || is_reserved(next) {
        return false;
    }
    match tokens.word(at) {
        "blueprint" => tokens.word(at + 2) == "for",
        "use" => true,
        _ => matches!(tokens.sign(at + 2), "(" | "."),
    }
}

/// Whether the `}` at `at` ends a declaration: only before another, or at the end of the file.
pub(crate) fn ends_declaration(tokens: &Tokens<'_>, at: usize) -> bool {
    tokens.sign(at) == "}" && (at + 1 >= tokens.len() || is_item_word(tokens, at + 1))
}

/// Whether a member begins here, given that no bracket of the member before is open.
pub(crate) fn starts_member(tokens: &Tokens<'_>, at: usize) -> bool {
    let word = tokens.word(at);
    if !Block::ALL.iter().any(|block| block.has(word)) || tokens.sign(at + 1) == ":" {
        return false;
    }
    let (before, sign) = at.checked_sub(1).map_or(("", ""), |before| (tokens.word(before), tokens.sign(before)));
    let is_value = matches!(sign, "==" | "!=" | "(" | "[" | ",") || before == "in";
    if sign == "." {
        return false;
    }
    match word {
        "action" => tokens.sign(at + 1) != ".",
        "rule" if before == "expect" => false,
        // `given actor rule "NAME"`; behind `per actor` a rule can begin.
        "rule" if before == "actor" && matches!(tokens.kind(at + 1), Some(TokenKind::Text)) => false,
        "rule" => {
            let name = tokens.word(at + 1);
            let is_named = !name.is_empty() && !is_reserved(name) && tokens.sign(at + 2) == "{";
            is_named || tokens.line_start(at) && !is_value
        }
        "metric" => before != "needs",
        word if CLAUSES.contains(&word) => !BEFORE_TIER.contains(&before),
        word if MEMBERS_BEFORE_TEXT.contains(&word) => {
            matches!(tokens.kind(at + 1), Some(TokenKind::Text | TokenKind::Number | TokenKind::Bad))
        }
        _ => true,
    }
}

/// Whether the word at `at` stands in the list of what a test is given, where `owner "NAME"` is no member.
fn is_given(tokens: &Tokens<'_>, at: usize) -> bool {
    at.checked_sub(1).is_some_and(|before| tokens.sign(before) == "," || tokens.word(before) == "given")
        && tokens.word(at) == "owner"
}

/// The end of the member that begins at `start`: where the next member, another item or the end of the block begins.
pub(crate) fn member_end(tokens: &Tokens<'_>, block: Block, start: usize) -> usize {
    let mut open: Vec<&str> = Vec::new();
    // Counted, since looking for a brace among brackets that hide none would be quadratic.
    let mut braces = 0_usize;
    let mut at = start;
    while at < tokens.len() {
        if at > start {
            if starts_item(tokens, at) {
                return at;
            }
            // Inside brackets only a line that begins like a member of this block says that their end was forgotten.
            let forgotten = || tokens.line_start(at) && block.has(tokens.word(at)) && !is_given(tokens, at);
            if starts_member(tokens, at) && (open.is_empty() || forgotten()) {
                return at;
            }
        }
        match tokens.sign(at) {
            "{" => {
                braces += 1;
                open.push("{");
            }
            sign @ ("(" | "[") => open.push(sign),
            ")" if open.last() == Some(&"(") => drop(open.pop()),
            "]" if open.last() == Some(&"[") => drop(open.pop()),
            "}" if braces > 0 => {
                braces -= 1;
                while open.pop().is_some_and(|sign| sign != "{") {}
            }
            "}" if ends_declaration(tokens, at) => return at,
            _ => {}
        }
        at += 1;
    }
    at
}
