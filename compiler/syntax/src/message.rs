//! What does not fit, said in the words of the language.

use std::ops::Range;

use leeway_diagnostics::{Code, Diagnostic};

use crate::boundary::Block;
use crate::grammar::{Misfit, OPERATOR};
use crate::slip;
use crate::token::{TokenKind, Tokens};
use crate::word::{CLAUSES, ITEMS, closest, is_reserved};

/// The most things a message says were expected.
const EXPECTED_MAX: usize = 8;

/// The longest part of a token that a message repeats, in characters.
const SHOWN_MAX: usize = 32;

/// What was being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A member of a block.
    Member(Block),
    /// The header of a declaration.
    Header(Block),
    /// A `use`.
    Use,
}

/// The clause's parts, in the order they stand.
const CLAUSE_PARTS: &[&str] = &["when", "because", "suggest", "by", "as"];
/// Members whose parts can be taken for each other's neighbours, with these in their order.
const ORDERS: &[(&str, &[&str])] = &[
    ("metric", &["every", "stale", "untrusted", "responds"]),
    ("slo", &["every", "stale"]),
    ("approval", &["by", "quorum", "timeout", "escalate", "notify"]),
    ("rule", &["when", "propose", "because"]),
];
const COMPARISONS: &[&str] = &["==", "!=", "<", "<=", ">", ">=", "in", "within", "starts_with", "ends_with", "matches"];

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
        Place::Header(_) => "`{`",
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
    let slip = slip::find(tokens, range, at, misfit);
    if slip.is_some() {
        candidates.clear();
    }
    let mut diagnostic = unexpected(tokens, at, &expected, candidates);
    if at > range.start && matches!(place, Place::Member(_)) {
        diagnostic = diagnostic.label(tokens.span(range.start), "in what begins here, which is left out whole");
    }
    if diagnostic.help.is_some() {
        return diagnostic;
    }
    if let Some(open) = slip::unclosed(tokens, range, at, misfit) {
        let end = if tokens.source.get(open.range()) == Some("[") { "]" } else { ")" };
        return diagnostic.label(open, "this is not closed").help(format!("close it with `{end}`"));
    }
    if let Some(slip) = slip.or_else(|| slip::missing_comma(tokens, range, at, misfit)) {
        return slip.say(diagnostic);
    }
    diagnostic.help = help(tokens, range, at, misfit);
    diagnostic
}

/// Something that is no item.
pub(crate) fn no_item(tokens: &Tokens<'_>, at: usize) -> Diagnostic {
    let expected: Vec<String> = ITEMS.iter().map(|word| format!("`{word}`")).collect();
    let diagnostic = unexpected(tokens, at, &expected, ITEMS.iter().copied());
    match diagnostic.help {
        Some(_) => diagnostic,
        None if matches!(tokens.word(at), "import" | "require" | "from" | "load") => {
            diagnostic.help("modules are brought in as in `use std.ratelimiter`")
        }
        None => diagnostic.help("members stand between the `{` and the `}` of a `blueprint`, `policy` or `target`"),
    }
}

/// Something that is no member of `block`.
pub(crate) fn no_member(tokens: &Tokens<'_>, block: Block, at: usize) -> Diagnostic {
    let word = tokens.word(at);
    let here = block.word();
    if let Some(there) = Block::ALL.iter().find(|other| other.has(word) && !block.has(word)) {
        let there = there.word();
        let message = format!("`{word}` is a member of a {there}, not of a {here}");
        return Diagnostic::new(Code::E0101, tokens.span(at), message).help(format!("move it into a `{there}`"));
    }
    let diagnostic = unexpected(tokens, at, &[format!("a member of the {here}")], next_words(Place::Member(block)));
    match diagnostic.help {
        Some(_) => diagnostic,
        None if tokens.sign(at) == "}" => diagnostic.help("this `}` has no `{`; remove it"),
        None => {
            let known = block.words().map(|word| format!("`{word}`")).collect::<Vec<_>>();
            diagnostic.help(format!("members begin with {}", listed(&known)))
        }
    }
}

/// Whether `word` is probably a member's word with a slip in it.
pub(crate) fn is_misspelt(word: &str, block: Block) -> bool {
    !word.is_empty() && !is_reserved(word) && closest(word, block.words()).is_some()
}

/// The words with which something may begin behind what stands in `place`.
fn next_words(place: Place) -> Vec<&'static str> {
    match place {
        Place::Member(block) => block.words().chain(block.words_later().iter().copied()).collect(),
        Place::Use => ITEMS.to_vec(),
        Place::Header(_) => Vec::new(),
    }
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
        Some(meant) => diagnostic.help(format!("write `{meant}`")).guess(format!("write `{meant}`"), span, meant),
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
    if inside && COMPARISONS.contains(&text) && (misfit.could_end || misfit.others.contains(&OPERATOR)) {
        return Some("comparisons do not chain; join two of them with `and`".to_owned());
    }
    if inside && text == "for" && misfit.could_end {
        return Some("`for` does not chain; put what it applies to in parentheses".to_owned());
    }
    if inside && matches!(text, "and" | "or") {
        return Some("put the `if` before it in parentheses".to_owned());
    }
    if CLAUSES.contains(&first) && inside && CLAUSE_PARTS.contains(&text) {
        return Some(
            "the parts of a clause stand in the order `when`, `because`, `suggest`, `by`, `as`, each once".to_owned(),
        );
    }
    if let Some((_, parts)) = ORDERS.iter().find(|(of, _)| *of == first)
        && inside
        && parts.contains(&text)
    {
        let listed: Vec<String> = parts.iter().map(|part| format!("`{part}`")).collect();
        return Some(format!("the parts stand in the order {}, each once", listed.join(", ")));
    }
    if CLAUSES.contains(&first) && inside && text == "else" {
        return Some("`else` stands only behind a `when`".to_owned());
    }
    if text == "}" && misfit.could_end {
        return Some("this `}` has no `{`; remove it".to_owned());
    }
    let example = |examples: &[(&str, &'static str)], word| {
        examples.iter().find(|(of, _)| *of == word).map(|(_, example)| format!("it is written like `{example}`"))
    };
    let source = range.clone().find(|at| tokens.sign(*at) == "=").map_or("", |at| tokens.word(at + 1));
    match first {
        "limit" => example(LIMITS, tokens.word(range.start + 1)),
        "metric" => example(SOURCES, source),
        "test" => (range.start..at).rev().find_map(|at| example(TEST_PARTS, tokens.word(at))),
        _ => None,
    }
    .or_else(|| example(EXAMPLES, first))
}

/// How each member and header is written.
const EXAMPLES: &[(&str, &str)] = &[
    ("version", "version \"1.0.0\""),
    ("owner", "owner \"team-web\""),
    ("label", "label \"tier\" = \"web\""),
    ("include", "include baseline.irreversible()` or `include web.headroom(floor: 2) as room"),
    ("needs", "needs metric cpu: ratio"),
    ("let", "let floor = 2"),
    ("metric", "metric p95: duration = scrape quantile(0.95, \"latency_seconds\", 1m)"),
    ("objective", "objective p95 <= 200ms"),
    ("rule", "rule grow { when refused > 5/s propose set_quota(to: current.quota * 110%) }"),
    ("allow", "allow set_quota(to) when to in 10/s..800/s"),
    ("approve", "approve set_quota(to) when to > 800/s"),
    ("forbid", "forbid set_quota(to) when to < 10/s"),
    ("limit", "limit cooldown 60s after any` or `limit breaker 3 failures"),
    (
        "approval",
        "approval { by \"sre-oncall\" quorum 2 timeout 1h escalate \"leads\" after 30m notify \"slack:#ops\" }",
    ),
    ("autonomy", "autonomy approve"),
    ("audit", "audit { retention 30d }"),
    ("verify", "verify set_quota { within 5s current.quota == to } else rollback"),
    ("slo", "slo availability 99.9% over 30d { good = prometheus \"sum(good)\" total = prometheus \"sum(all)\" }"),
    ("invariant", "invariant spread: ready >= 2"),
    ("test", "test \"a hot service grows\" { given replicas = 2, cpu = 85% for 3m propose scale(to: 3) expect allow }"),
    ("fact", "fact replicas: count stale 30s"),
    ("enum", "enum strategy { rolling_update recreate }"),
    ("collection", "collection pods { name: text restarts: count }"),
    ("action", "action scale(to: count) { effect replicas = to  undo scale(to: current.replicas)  risk low }"),
    ("blueprint", "blueprint web for ratelimiter.tenant(\"acme\") {"),
    ("policy", "policy headroom(floor: count = 2) for kubernetes.deployment {` or `policy calm() for any {"),
    ("target", "target shop.service(name: text) {"),
    ("use", "use std.ratelimiter` or `use std.ratelimiter as limiter"),
];

/// How each limit is written, by the word behind `limit`.
const LIMITS: &[(&str, &str)] = &[
    ("cooldown", "limit cooldown 60s after any"),
    ("breaker", "limit breaker 3 failures"),
    ("at", "limit at most 3 of disruptive per 10m"),
    ("pace", "limit pace 3 of any per 10m per actor"),
    ("drift", "limit drift replicas 4 per 1h"),
    ("budget", "limit budget cost of $450/month at 80%"),
    ("freeze", "limit freeze \"Fri 16:00\"..\"Mon 08:00\" in \"Europe/Berlin\" except restart"),
];

/// How each source is written.
const SOURCES: &[(&str, &str)] = &[
    ("prometheus", "metric cpu: ratio = prometheus \"sum(rate(cpu_seconds_total[2m])) / 4\""),
    ("http_json", "metric queue: count = http_json \"/stats\" at \"/queue/length\""),
    ("constant", "metric nominal: rate = constant 100/s"),
];

/// How what stands in a test is written.
const TEST_PARTS: &[(&str, &str)] = &[
    ("given", "given cpu = 85% for 3m, errors missing, scale succeeded 5m ago"),
    ("propose", "propose scale(to: 3)"),
    ("expect", "expect approve` or `expect rule grow proposes scale(to: 3)"),
];
