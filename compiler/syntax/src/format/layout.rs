//! Where spaces stand and lines may end in what pest read. Each token is taken from the source once, in order.

use std::iter::Peekable;
use std::vec;

use super::block;
use super::clause;
use super::doc::{Doc, Node};
use super::source::Source;
use crate::grammar::Rule;
use crate::tree::Pair;

/// The parts of `pair` that have not been laid out.
pub(super) type Rest<'p> = Peekable<vec::IntoIter<Pair<'p>>>;

/// What `pair` looks like.
pub(super) fn layout<'a>(source: &mut Source<'a>, pair: &Pair<'_>) -> Doc<'a> {
    match pair.as_rule() {
        Rule::expr => Doc::group(chain(source, pair, 1)),
        Rule::paren => parenthesised(source, pair),
        Rule::if_ => choice(source, pair),
        Rule::actions => {
            let items = items(source, &mut rest(pair));
            Doc::fill(FILL_STEPS, items)
        }
        Rule::given => {
            let mut rest = rest(pair);
            let word = word(source, &mut rest);
            let items = items(source, &mut rest);
            Doc::many(vec![word, Doc::Space, Doc::fill(1, items)])
        }
        Rule::action_ref => clause::action_ref(source, pair),
        Rule::clause => clause::clause(source, pair),
        Rule::invariant | Rule::metric | Rule::good | Rule::total => clause::with_tail(source, pair),
        // What is asked of a page is read as one.
        Rule::scrape_sum | Rule::scrape_rate | Rule::scrape_quantile | Rule::scrape_mean => {
            joined(source, &mut rest(pair), pair.as_rule(), false)
        }
        rule => {
            let mut parts = rest(pair);
            if parts.peek().is_none() { source.take() } else { joined(source, &mut parts, rule, true) }
        }
    }
}

/// The parts of `pair`.
pub(super) fn rest<'p>(pair: &Pair<'p>) -> Rest<'p> {
    pair.clone().into_inner().collect::<Vec<_>>().into_iter().peekable()
}

/// The next part, which is a token.
pub(super) fn word<'a>(source: &mut Source<'a>, rest: &mut Rest<'_>) -> Doc<'a> {
    rest.next();
    source.take()
}

/// Parts side by side in a `parent`; `spread` says whether what stands in brackets may take several lines.
pub(super) fn joined<'a>(source: &mut Source<'a>, rest: &mut Rest<'_>, parent: Rule, spread: bool) -> Doc<'a> {
    let mut docs = Vec::new();
    let mut before = None;
    while let Some(part) = rest.next() {
        let rule = part.as_rule();
        if before.is_some_and(|before| !sticks(parent, before, rule)) {
            docs.push(Doc::Space);
        }
        before = Some(rule);
        docs.push(match rule {
            Rule::lparen | Rule::lbracket if spread => {
                before = Some(Rule::rparen);
                bracketed(source, rest, 0)
            }
            Rule::lbrace if parent == Rule::record => bracketed(source, rest, 1),
            Rule::lbrace if !HEADERS.contains(&parent) => block::block(source, rest, parent),
            _ => layout(source, &part),
        });
    }
    if docs.len() == 1 { docs.pop().unwrap_or(Doc::Space) } else { Doc::many(docs) }
}

/// How many tokens `pair` consists of.
pub(super) fn length(pair: &Pair<'_>) -> usize {
    let inner = pair.clone().into_inner();
    if inner.is_empty() { 1 } else { inner.map(|part| length(&part)).sum() }
}

/// How far the later lines of actions stand to the right: further than the parts of their clause.
const FILL_STEPS: usize = 2;

/// The headers, whose `{` has its `}` elsewhere.
const HEADERS: &[Rule] = &[Rule::blueprint, Rule::policy, Rule::target];

/// Whether nothing stands between two parts.
fn sticks(parent: Rule, before: Rule, next: Rule) -> bool {
    parent == Rule::signed
        || matches!(before, Rule::lparen | Rule::lbracket | Rule::point | Rule::dots)
        || matches!(
            next,
            Rule::comma
                | Rule::colon
                | Rule::point
                | Rule::dots
                | Rule::lparen
                | Rule::rparen
                | Rule::rbracket
                | Rule::arguments
                | Rule::given_arguments
                | Rule::parameters
                | Rule::settings
        )
}

/// What stands in brackets, the first of which has been met; on one line with so many `spaces` inside them.
fn bracketed<'a>(source: &mut Source<'a>, rest: &mut Rest<'_>, spaces: usize) -> Doc<'a> {
    let open = source.take();
    let mut inner = vec![Doc::Line { spaces, blank: false }];
    for part in rest.by_ref() {
        match part.as_rule() {
            Rule::rparen | Rule::rbracket | Rule::rbrace => break,
            Rule::comma => inner.extend([source.take(), Doc::line()]),
            _ => inner.push(layout(source, &part)),
        }
    }
    let close = source.take();
    if inner.len() == 1 {
        return Doc::many(vec![open, close]);
    }
    Doc::group(vec![open, Doc::indent(inner), Doc::Line { spaces, blank: false }, close])
}

/// The parts of a list, each with the comma behind it.
fn items<'a>(source: &mut Source<'a>, rest: &mut Rest<'_>) -> Vec<Doc<'a>> {
    let mut items = Vec::new();
    while let Some(part) = rest.next() {
        let item = layout(source, &part);
        let comma = rest.next_if(|next| next.as_rule() == Rule::comma).map(|_| source.take());
        items.push(Doc::many(std::iter::once(item).chain(comma).collect()));
    }
    items
}

/// `a and b`, whose lines may end before each `and`, and begin so many steps to the right. `pair` holds terms and the words
/// between them, or one term alone.
fn chain<'a>(source: &mut Source<'a>, pair: &Pair<'_>, steps: usize) -> Vec<Doc<'a>> {
    let mut parts = rest(pair);
    let Some(first) = parts.next() else { return Vec::new() };
    let alone = parts.peek().is_none();
    let first = match first.as_rule() {
        Rule::or_ | Rule::and_ if alone => return chain(source, &first, steps),
        // What binds more tightly stands further to the right than the words that join it.
        Rule::and_ => Doc::group(chain(source, &first, steps + 1)),
        _ => layout(source, &first),
    };
    let mut others = Vec::new();
    for part in parts {
        match part.as_rule() {
            Rule::k_and | Rule::k_or => others.extend([Doc::line(), source.take(), Doc::Space]),
            Rule::and_ => others.push(Doc::group(chain(source, &part, 1))),
            _ => others.push(layout(source, &part)),
        }
    }
    vec![first, Doc::Indent(steps, Node::new(others))]
}

fn parenthesised<'a>(source: &mut Source<'a>, pair: &Pair<'_>) -> Doc<'a> {
    let open = source.take();
    let mut docs = vec![Doc::joint()];
    for part in pair.clone().into_inner().filter(|part| part.as_rule() == Rule::expr) {
        docs.push(Doc::group(chain(source, &part, 0)));
    }
    Doc::group(vec![open, Doc::indent(docs), Doc::joint(), source.take()])
}

fn choice<'a>(source: &mut Source<'a>, pair: &Pair<'_>) -> Doc<'a> {
    let (mut head, mut arms) = (Vec::new(), Vec::new());
    for part in pair.clone().into_inner() {
        match part.as_rule() {
            Rule::k_if => head.extend([source.take(), Doc::Space]),
            Rule::expr => head.push(layout(source, &part)),
            Rule::k_then | Rule::k_else => arms.extend([Doc::line(), source.take(), Doc::Space]),
            _ => arms.push(layout(source, &part)),
        }
    }
    head.push(Doc::indent(arms));
    Doc::group(head)
}
