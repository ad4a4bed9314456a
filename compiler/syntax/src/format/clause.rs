//! Members whose parts stand on lines of their own: clauses, invariants, metrics and what an objective counts.

use super::doc::Doc;
use super::layout::{layout, rest, word};
use super::source::Source;
use crate::grammar::Rule;
use crate::tree::Pair;

/// A clause on one line, or each part on its own. What is said to people always has its own line, and so has what follows it.
pub(super) fn clause<'a>(source: &mut Source<'a>, pair: &Pair<'_>) -> Doc<'a> {
    let mut parts = rest(pair);
    source.keep_rest = parts.peek().is_some_and(|kind| kind.as_rule() == Rule::k_allow)
        && pair.clone().into_inner().any(|part| part.as_rule() == Rule::condition);
    let mut head = vec![word(source, &mut parts), Doc::Space];
    let (mut beside, mut below) = (Vec::new(), Vec::new());
    for part in parts {
        match part.as_rule() {
            Rule::actions => head.push(layout(source, &part)),
            Rule::condition => condition(source, &part, &mut beside),
            rule => {
                if below.is_empty() && !matches!(rule, Rule::because | Rule::suggest) {
                    beside.extend([Doc::line(), layout(source, &part)]);
                } else {
                    below.extend([Doc::Break { blank: false }, layout(source, &part)]);
                }
            }
        }
    }
    source.keep_rest = false;
    head.push(Doc::indent(beside));
    Doc::many(vec![Doc::group(head), Doc::indent(below)])
}

/// `scale(to)`; without its parentheses where nothing is read.
pub(super) fn action_ref<'a>(source: &mut Source<'a>, pair: &Pair<'_>) -> Doc<'a> {
    let inner = || pair.clone().into_inner();
    let mut parts = rest(pair);
    let name = word(source, &mut parts);
    let names = inner().filter(|part| part.as_rule() == Rule::name).count();
    let rests = inner().any(|part| part.as_rule() == Rule::dots);
    let behind = inner().len() - 1;
    let bare = names == 1 && !(rests && source.keep_rest) && !source.is_commented(behind);
    let mut docs = vec![name];
    if bare && behind > 0 {
        docs.extend(source.skip(behind));
    } else if behind > 0 {
        docs.push(super::layout::joined(source, &mut parts, Rule::action_ref, true));
    }
    Doc::many(docs)
}

/// A member, or what an objective counts, whose last parts stand beside it if they fit, and below it together if they do not.
pub(super) fn with_tail<'a>(source: &mut Source<'a>, pair: &Pair<'_>) -> Doc<'a> {
    let (mut docs, mut tail) = (Vec::new(), Vec::new());
    for part in pair.clone().into_inner() {
        let rule = part.as_rule();
        let docs = match rule {
            Rule::because | Rule::every | Rule::stale | Rule::k_untrusted | Rule::responds => &mut tail,
            _ => &mut docs,
        };
        if !docs.is_empty() && rule != Rule::colon {
            docs.push(Doc::Space);
        }
        docs.push(layout(source, &part));
    }
    if !tail.is_empty() {
        tail.insert(0, Doc::line());
    }
    docs.push(Doc::indent(tail));
    Doc::group(docs)
}

fn condition<'a>(source: &mut Source<'a>, pair: &Pair<'_>, parts: &mut Vec<Doc<'a>>) {
    for part in pair.clone().into_inner() {
        parts.push(match part.as_rule() {
            Rule::expr => Doc::Space,
            _ => Doc::line(),
        });
        parts.push(layout(source, &part));
    }
}
