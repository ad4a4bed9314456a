//! What stands in braces: on the line of its `{` if it was written there and fits, otherwise each part on its own.

use super::doc::Doc;
use super::layout::{Rest, joined, length};
use super::source::Source;
use crate::grammar::Rule;
use crate::tree::Pair;

/// The block of a `parent`, the `{` of which has been met.
pub(super) fn block<'a>(source: &mut Source<'a>, rest: &mut Rest<'_>, parent: Rule) -> Doc<'a> {
    let mut entries: Vec<Vec<Pair<'_>>> = Vec::new();
    while let Some(part) = rest.next_if(|part| part.as_rule() != Rule::rbrace) {
        match entries.last_mut() {
            Some(entry) if GOES_ON.contains(&part.as_rule()) => entry.push(part),
            _ => entries.push(vec![part]),
        }
    }
    rest.next();
    let open = source.take();
    let tokens: usize = entries.iter().flatten().map(length).sum();
    let spread = source.is_on_new_line(source.at()) || source.is_commented(tokens + 1);
    if entries.is_empty() && !source.is_commented(1) {
        return Doc::many(vec![open, source.take()]);
    }
    let empty = entries.is_empty();
    let mut inner = Vec::new();
    for (number, entry) in entries.into_iter().enumerate() {
        let tokens = entry.iter().map(length).sum();
        let lay_out = |source: &mut Source<'a>| joined(source, &mut entry.into_iter().peekable(), parent, true);
        if spread {
            inner.push(source.entry(tokens, number == 0, lay_out));
        } else {
            let blank = number > 0 && source.is_blank_before_token(source.at());
            inner.push(Doc::Line { spaces: if number == 0 { 1 } else { gap(parent) }, blank });
            inner.push(lay_out(source));
        }
    }
    let (comments, close) = source.take_end(empty);
    inner.extend(comments);
    Doc::group(vec![open, Doc::indent(inner), Doc::line(), close])
}

/// What belongs to the part before it.
const GOES_ON: &[Rule] = &[Rule::expr, Rule::call, Rule::time];

/// How many spaces stand between the parts of a block on one line: what reads as a sentence has one.
fn gap(parent: Rule) -> usize {
    if matches!(parent, Rule::approval | Rule::enum_) { 1 } else { 2 }
}
