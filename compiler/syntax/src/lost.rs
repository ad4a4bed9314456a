//! Which names a broken member may have declared, seen from its words alone.

use std::ops::Range;

use crate::ast::Lost;
use crate::boundary::Block;
use crate::token::Tokens;
use crate::word::is_reserved;

/// Words before the name of what they declare.
const DECLARING: &[&str] =
    &["let", "metric", "rule", "slo", "invariant", "as", "fact", "enum", "collection", "action", "include", "needs"];

/// Those of them whose names expressions use.
const NAMED: &[&str] = &["let", "metric", "slo", "fact", "enum", "collection", "action"];

/// Adds to `lost` what the broken `range` may have declared.
pub(crate) fn add(lost: &mut Lost, tokens: &Tokens<'_>, block: Block, range: &Range<usize>) {
    let nameless = |at: usize| {
        let next = tokens.word(at + 1);
        NAMED.contains(&tokens.word(at)) && (next.is_empty() || is_reserved(next))
    };
    if range.clone().any(nameless) {
        lost.everything();
    }
    lost.extend(names(tokens, block, range));
}

/// The names that what stands in `range` may have declared: better one too many than a second message about one mistake.
fn names<'a>(tokens: &'a Tokens<'_>, block: Block, range: &Range<usize>) -> impl Iterator<Item = &'a str> {
    let start = range.start;
    // What begins with no word of a member may have been meant as anything.
    let strange = !block.has(tokens.word(start));
    range.clone().filter_map(move |at| {
        let word = tokens.word(at);
        let before = at.checked_sub(1);
        let after = |sign: &str| before.is_some_and(|before| tokens.sign(before) == sign);
        // A misspelt word of a member stands before its name, too.
        let declared = before
            .map(|before| tokens.word(before))
            .is_some_and(|before| DECLARING.contains(&before) || !before.is_empty() && !is_reserved(before));
        // `let my-name = 3` uses the words of a name that cannot be one.
        let begun = matches!(tokens.sign(at + 1), "=" | ":");
        let listed = after("{") || after(",");
        let possible = strange || at == start + 1 || tokens.line_start(at) || declared || begun || listed || after("-");
        (possible && !word.is_empty() && !is_reserved(word)).then_some(word)
    })
}
