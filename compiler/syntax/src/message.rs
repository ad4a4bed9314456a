//! What does not fit, said in the words of the language.

use std::ops::Range;

use leeway_diagnostics::{Code, Diagnostic};

use crate::boundary::Block;
use crate::grammar::{Misfit, OPERATOR};
use crate::token::{TokenKind, Tokens};
use crate::word::{CLAUSES, ITEMS, ITEMS_LATER, closest, is_reserved};

/// The most things a message says were expected.
const EXPECTED_MAX: usize = 8;

/// The longest part of a token that a message repeats, in characters.
const SHOWN_MAX: usize = 32;

/// What was being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A member of a block.
    Member(Block),
    /// The header of an item.
    Header,
    /// A `use`.
    Use,
}

/// The clause's parts, in the order they stand.
const CLAUSE_PARTS: &[&str] = &["when", "because", "suggest", "by", "as"];
const COMPARISONS: &[&str] = &["==", "!=", "<", "<=", ">", ">=", "in", "within"];

/// What does not fit in `range`.
pub(crate) fn misfit(tokens: &Tokens<'_>, range: &Range<usize>, place: Place, misfit: &Misfit) -> Diagnostic {
    let offset = tokens.span(range.start).start as usize + misfit.at;
    let at = tokens.at_or_after(range, offset);
    let mut expected: Vec<String> = Vec::new();
    let (operators, others): (Vec<&str>, Vec<&str>) =
        misfit.others.iter().flat_map(|other| other.split(", ")).partition(|other| *other == OPERATOR);
    if others.contains(&"an expression") {
        expected.push("an expression".to_owned());
    } else {
        expected.extend(misfit.words.iter().map(|word| format!("`{word}`")));
        expected.extend(others.iter().map(|other| (*other).to_owned()));
        expected.extend(operators.iter().map(|other| (*other).to_owned()));
    }
    let next = match place {
        Place::Member(_) => "the next member",
        Place::Use => "the next declaration",
        Place::Header => "`{`",
    };
    expected.truncate(EXPECTED_MAX);
    if misfit.could_end {
        expected.push(next.to_owned());
    }
    let mut candidates: Vec<&str> = misfit.words.iter().map(String::as_str).collect();
    candidates
        .extend(others.iter().filter_map(|other| other.strip_prefix('`').and_then(|other| other.strip_suffix('`'))));
    if operators.contains(&OPERATOR) {
        candidates.extend(["and", "or", "for", "in", "within"]);
    }
    if misfit.could_end {
        candidates.extend(next_words(place));
    }
    let mut diagnostic = unexpected(tokens, at, &expected, candidates);
    if at > range.start && matches!(place, Place::Member(_)) {
        diagnostic = diagnostic.label(tokens.span(range.start), "in what begins here, which is left out whole");
    }
    if diagnostic.help.is_none() {
        diagnostic.help = help(tokens, range, at, misfit);
    }
    diagnostic
}

/// Something that is no item.
pub(crate) fn no_item(tokens: &Tokens<'_>, at: usize) -> Diagnostic {
    let expected: Vec<String> = ITEMS.iter().map(|word| format!("`{word}`")).collect();
    let words = ITEMS.iter().chain(ITEMS_LATER).copied();
    let diagnostic = unexpected(tokens, at, &expected, words);
    match diagnostic.help {
        Some(_) => diagnostic,
        None => diagnostic.help("members stand between the `{` and the `}` of a `blueprint` or `target`"),
    }
}

/// Something that is no member of `block`.
pub(crate) fn no_member(tokens: &Tokens<'_>, block: Block, at: usize) -> Diagnostic {
    let word = tokens.word(at);
    let (here, there, elsewhere) = match block {
        Block::Blueprint => ("blueprint", "target", Block::Target),
        Block::Target => ("target", "blueprint", Block::Blueprint),
    };
    if elsewhere.words().contains(&word) || elsewhere.words_later().contains(&word) {
        let message = format!("`{word}` is a member of a {there}, not of a {here}");
        return Diagnostic::new(Code::E0101, tokens.span(at), message).help(format!("move it into a `{there}`"));
    }
    let words = block.words().iter().chain(block.words_later()).copied();
    let diagnostic = unexpected(tokens, at, &[format!("a member of the {here}")], words);
    match diagnostic.help {
        Some(_) => diagnostic,
        None if tokens.sign(at) == "}" => diagnostic.help("this `}` has no `{`; remove it"),
        None => {
            let known = block.words().iter().map(|word| format!("`{word}`")).collect::<Vec<_>>();
            diagnostic.help(format!("members begin with {}", listed(&known)))
        }
    }
}

/// Whether `word` is probably a member's word with a slip in it.
pub(crate) fn is_misspelt(word: &str, block: Block) -> bool {
    !word.is_empty() && !is_reserved(word) && closest(word, block.words().iter().copied()).is_some()
}

fn next_words<'a>(place: Place) -> impl Iterator<Item = &'a str> {
    let (now, later): (&[&str], &[&str]) = match place {
        Place::Member(block) => (block.words(), block.words_later()),
        Place::Use => (ITEMS, &[]),
        Place::Header => (&[], &[]),
    };
    now.iter().chain(later).copied()
}

/// A token that cannot stand where it does.
pub(crate) fn unexpected<'a>(
    tokens: &Tokens<'_>,
    at: usize,
    expected: &[String],
    candidates: impl IntoIterator<Item = &'a str>,
) -> Diagnostic {
    let span = tokens.span(at);
    let word = tokens.word(at);
    let meant = if is_reserved(word) { None } else { closest(word, candidates) };
    let question = meant.map(|meant| format!("; did you mean `{meant}`?")).unwrap_or_default();
    let message = format!("expected {}, found {}{question}", listed(expected), found(tokens, at));
    let diagnostic = Diagnostic::new(Code::E0101, span, message);
    match meant {
        Some(meant) => diagnostic.help(format!("write `{meant}`")).fix(format!("write `{meant}`"), span, meant),
        None => diagnostic,
    }
}

/// What stands at `at`, for people.
fn found(tokens: &Tokens<'_>, at: usize) -> String {
    let text = tokens.text(at);
    if tokens.kind(at).is_none() {
        return "the end of the file".to_owned();
    }
    let shown: String = text.chars().take(SHOWN_MAX).collect();
    let more = if shown.len() < text.len() { "…" } else { "" };
    match tokens.kind(at) {
        Some(TokenKind::Raw) => "a text in backticks".to_owned(),
        _ => format!("`{shown}{more}`"),
    }
}

/// `a`, `a or b`, `a, b or c`.
fn listed(parts: &[String]) -> String {
    match parts {
        [] => "something else".to_owned(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

/// What to do next, where the words expected do not say it.
fn help(tokens: &Tokens<'_>, range: &Range<usize>, at: usize, misfit: &Misfit) -> Option<String> {
    let text = tokens.text(at);
    let first = tokens.word(range.start);
    let inside = at < range.end;
    let wants_name = misfit.others.contains(&"a name") || misfit.others.contains(&"an action");
    let wants_value = misfit.others.contains(&"an expression");
    // A reserved word begins something else only at a line's start; behind `let` it was meant as a name.
    if (inside || !tokens.line_start(at)) && (wants_name || wants_value) && is_reserved(tokens.word(at)) {
        return Some(format!("`{text}` is a word of the language and cannot be a name"));
    }
    if inside && COMPARISONS.contains(&text) && misfit.could_end {
        return Some("comparisons do not chain; join two of them with `and`".to_owned());
    }
    if inside && text == "for" && misfit.could_end {
        return Some("`for` does not chain; put what it applies to in parentheses".to_owned());
    }
    if inside && matches!(text, "and" | "or") {
        return Some("put the `if` before it in parentheses".to_owned());
    }
    if inside && text == "=" {
        return Some("equality is written `==`".to_owned());
    }
    if CLAUSES.contains(&first) && inside && CLAUSE_PARTS.contains(&text) {
        return Some(
            "the parts of a clause stand in the order `when`, `because`, `suggest`, `by`, `as`, each once".to_owned(),
        );
    }
    if CLAUSES.contains(&first) && inside && text == "else" {
        return Some("`else` stands only behind a `when`".to_owned());
    }
    if text == "}" && misfit.could_end {
        return Some("this `}` has no `{`; remove it".to_owned());
    }
    EXAMPLES.iter().find(|(word, _)| *word == first).map(|(_, example)| format!("it is written like `{example}`"))
}

/// How each member and header is written.
const EXAMPLES: &[(&str, &str)] = &[
    ("version", "version \"1.0.0\""),
    ("owner", "owner \"team-web\""),
    ("let", "let floor = 2"),
    ("metric", "metric p95: duration = scrape quantile(0.95, \"latency_seconds\", 1m)"),
    ("objective", "objective p95 <= 200ms"),
    ("rule", "rule grow { when refused > 5/s propose set_quota(to: current.quota * 110%) }"),
    ("allow", "allow set_quota(to) when to in 10/s..800/s"),
    ("approve", "approve set_quota(to) when to > 800/s"),
    ("forbid", "forbid set_quota(to) when to < 10/s"),
    ("limit", "limit cooldown 60s after any` or `limit breaker 3 failures"),
    ("verify", "verify set_quota { within 5s current.quota == to } else rollback"),
    ("fact", "fact replicas: count stale 30s"),
    ("action", "action scale(to: count) { effect replicas = to  undo scale(to: current.replicas)  risk low }"),
    ("blueprint", "blueprint web for ratelimiter.tenant(\"acme\") {"),
    ("target", "target shop.service(name: text) {"),
    ("use", "use std.ratelimiter` or `use std.ratelimiter as limiter"),
];
