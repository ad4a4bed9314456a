//! How deep the brackets and operators of a member nest, found before anything recurses over them.

use std::ops::Range;

use crate::token::{TokenKind, Tokens};
use crate::word::is_reserved;

/// The deepest that brackets and operators nest.
pub const NESTING_MAX: usize = 64;

/// One open bracket: what its tree would need.
#[derive(Clone, Copy, Default)]
struct Level {
    /// The deepest operand of the operators that are being read.
    operand: usize,
    /// Operators since the last word or sign that puts things side by side; each may put all before it one deeper.
    operators: usize,
    /// `if`s, which may stand in each other's arms whatever stands between.
    ifs: usize,
    /// The deepest of what was side by side.
    done: usize,
}

impl Level {
    fn depth(self) -> usize {
        self.done.max(self.operand + self.operators + self.ifs)
    }

    fn side_by_side(&mut self) {
        self.done = self.depth().saturating_sub(self.ifs);
        self.operand = 0;
        self.operators = 0;
    }
}

/// The first token of `range` at which the member is too deep.
pub(crate) fn too_deep(tokens: &Tokens<'_>, range: Range<usize>) -> Option<usize> {
    let mut open: Vec<Level> = Vec::new();
    let mut level = Level::default();
    for at in range {
        match tokens.text(at) {
            "{" | "(" | "[" if tokens.kind(at) == Some(TokenKind::Sign) => {
                if starts_operand(tokens, at) && tokens.sign(at) != "(" {
                    level.side_by_side();
                }
                open.push(level);
                level = Level::default();
            }
            "}" | ")" | "]" if tokens.kind(at) == Some(TokenKind::Sign) => {
                let inner = level.depth() + 1;
                level = open.pop().unwrap_or_default();
                level.operand = level.operand.max(inner);
            }
            "," | "and" | "or" => level.side_by_side(),
            "if" => level.ifs += 1,
            "+" | "-" | "*" | "/" | "??" | "." | "not" | "for" | "in" | "within" | "==" | "!=" | "<" | "<=" | ">"
            | ">=" => level.operators += 1,
            _ if starts_operand(tokens, at) => level.side_by_side(),
            _ => {}
        }
        if open.len() > NESTING_MAX || level.depth() > NESTING_MAX {
            return Some(at);
        }
    }
    None
}

/// Whether something new begins at `at` without an operator between: the next stage, the next part.
fn starts_operand(tokens: &Tokens<'_>, at: usize) -> bool {
    let Some(before) = at.checked_sub(1) else { return true };
    let ended = match tokens.kind(before) {
        Some(TokenKind::Word) => !is_reserved(tokens.text(before)),
        Some(TokenKind::Number | TokenKind::Text | TokenKind::Raw | TokenKind::Bad) | None => true,
        Some(TokenKind::Sign) => matches!(tokens.text(before), ")" | "]" | "}"),
    };
    ended && tokens.kind(at) != Some(TokenKind::Sign) && !is_reserved(tokens.text(at))
}
