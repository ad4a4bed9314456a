//! How deep the brackets and operators of a member nest, found before anything recurses over them.

use std::ops::Range;

use crate::token::{TokenKind, Tokens};
use crate::word::{QUANTIFIERS, TEXT_TESTS, is_reserved};

/// The deepest that brackets and operators nest.
pub const NESTING_MAX: usize = 64;

/// One open bracket: what its tree would need.
#[derive(Clone, Copy, Default)]
struct Level {
    /// The deepest operand of the operators that are being read.
    operand: usize,
    /// Operators since the last word or sign that puts things side by side; each may put all before it one deeper.
    operators: usize,
    /// `if`s and quantifiers, which may stand in each other's arms whatever operators stand between.
    arms: usize,
    /// The deepest of what was side by side.
    done: usize,
}

impl Level {
    fn depth(self) -> usize {
        self.done.max(self.operand + self.operators + self.arms)
    }

    /// An operand ends, and with it the operators before it.
    fn joined(&mut self) {
        self.done = self.depth().saturating_sub(self.arms);
        self.operand = 0;
        self.operators = 0;
    }

    /// An expression ends, and all it consists of.
    fn ended(&mut self) {
        *self = Level { done: self.depth(), ..Level::default() };
    }
}

/// The first token of `range` at which the member is too deep.
pub(crate) fn too_deep(tokens: &Tokens<'_>, range: Range<usize>) -> Option<usize> {
    let mut open: Vec<Level> = Vec::new();
    let mut level = Level::default();
    for at in range {
        let sign = tokens.kind(at) == Some(TokenKind::Sign);
        match tokens.text(at) {
            "{" | "(" | "[" if sign => {
                if begins(tokens, at) && tokens.sign(at) != "(" {
                    level.ended();
                }
                open.push(level);
                level = Level::default();
            }
            "}" | ")" | "]" if sign => {
                let inner = level.depth() + 1;
                level = open.pop().unwrap_or_default();
                level.operand = level.operand.max(inner);
            }
            "," => level.ended(),
            "and" | "or" => level.joined(),
            "if" => level.arms += 1,
            "in" if at.checked_sub(2).is_some_and(|at| is_quantifier(tokens, at)) => {}
            _ if is_quantifier(tokens, at) => {
                if begins(tokens, at) {
                    level.ended();
                }
                level.arms += 1;
            }
            "+" | "-" | "*" | "/" | "??" | "." | "not" | "for" | "in" | "within" | "==" | "!=" | "<" | "<=" | ">"
            | ">=" => level.operators += 1,
            word if TEXT_TESTS.contains(&word) => level.operators += 1,
            _ if begins(tokens, at) => level.ended(),
            _ => {}
        }
        if open.len() > NESTING_MAX || level.depth() > NESTING_MAX {
            return Some(at);
        }
    }
    None
}

fn is_quantifier(tokens: &Tokens<'_>, at: usize) -> bool {
    QUANTIFIERS.contains(&tokens.word(at)) && tokens.word(at + 2) == "in"
}

/// Whether something new begins at `at` without an operator between: the next stage, the next part.
fn begins(tokens: &Tokens<'_>, at: usize) -> bool {
    let Some(before) = at.checked_sub(1) else { return true };
    let ended = match tokens.kind(before) {
        // Behind these words an operand goes on, or may.
        Some(TokenKind::Word) => {
            let word = tokens.text(before);
            !is_reserved(word) && !QUANTIFIERS.contains(&word) && !TEXT_TESTS.contains(&word)
        }
        Some(TokenKind::Number | TokenKind::Text | TokenKind::Raw | TokenKind::Bad) | None => true,
        Some(TokenKind::Sign) => matches!(tokens.text(before), ")" | "]" | "}"),
    };
    ended && tokens.kind(at) != Some(TokenKind::Sign) && !is_reserved(tokens.text(at))
}
