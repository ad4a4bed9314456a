//! Slips of people who know other languages, and how each is mended.

use std::ops::Range;

use leeway_diagnostics::{Diagnostic, Span};
use leeway_units::Unit;

use crate::grammar::{Misfit, OPERATOR};
use crate::token::{TokenKind, Tokens};
use crate::word::{CLAUSES, QUANTIFIERS, is_reserved};

/// What to do about a slip.
pub(crate) struct Slip {
    help: String,
    /// What mends it, where that is certain: the place and what to write there.
    fix: Option<(Span, String)>,
}

impl Slip {
    pub(crate) fn new(help: impl Into<String>, fix: Option<(Span, String)>) -> Slip {
        Slip { help: help.into(), fix }
    }

    /// Says it in `diagnostic`.
    pub(crate) fn say(self, diagnostic: Diagnostic) -> Diagnostic {
        let title = self.help.clone();
        let diagnostic = diagnostic.help(self.help);
        match self.fix {
            Some((span, text)) => diagnostic.fix(title, span, text),
            None => diagnostic,
        }
    }
}

/// Words that other languages have for `else if`.
const ELSE_IFS: &[&str] = &["elif", "elsif", "elseif"];

/// Words that other languages have for `when`.
const WHENS: &[&str] = &["if", "where", "unless"];

/// The slip because of which `range` does not fit at `at`.
pub(crate) fn find(tokens: &Tokens<'_>, range: &Range<usize>, at: usize, misfit: &Misfit) -> Option<Slip> {
    let word = tokens.word(at);
    let expected = |word: &str| expects(misfit, word);
    if let Some(slip) = comparison(tokens, at).or_else(|| split_number(tokens, at)).or_else(|| bare_point(tokens, at)) {
        return Some(slip);
    }
    let wants_value = misfit.others.contains(&"an expression");
    if let Some(slip) = doubled(tokens, at, wants_value) {
        return Some(slip);
    }
    let in_expression = misfit.others.contains(&OPERATOR);
    if tokens.sign(at) == "=" && in_expression {
        return Some(Slip::new("equality is written `==`", Some((tokens.span(at), "==".to_owned()))));
    }
    if ELSE_IFS.contains(&word) && expected("else") {
        return Some(Slip::new("write `else if`", Some((tokens.span(at), "else if".to_owned()))));
    }
    if WHENS.contains(&word) && expected("when") {
        let fix = (word != "unless").then(|| (tokens.span(at), "when".to_owned()));
        let help = if word == "unless" { "write `when not (…)`" } else { "a condition begins with `when`" };
        return Some(Slip::new(help, fix));
    }
    if word == "between" && in_expression {
        return Some(Slip::new("a range is written `in 2..5`, and includes both ends", None));
    }
    if word == "is" && in_expression {
        return Some(Slip::new("write `==`, or ask `known(…)` whether something is known at all", None));
    }
    if CLAUSES.contains(&tokens.word(range.start)) && tokens.sign(at) == ":" && misfit.others == ["`)`", "`,`"] {
        let help = "an action stands with the names of its parameters alone; ask for a value behind `when`, as in `when to == 3`";
        return Some(Slip::new(help, None));
    }
    if let Some(slip) = hyphen(tokens, at, misfit).or_else(|| no_call(tokens, at, misfit)) {
        return Some(slip);
    }
    let unfinished = || range.clone().take_while(|before| *before < at).any(|before| tokens.word(before) == "if");
    if expected("then") || expected("else") && unfinished() {
        return Some(Slip::new("an `if` is written `if CONDITION then VALUE else VALUE`", None));
    }
    let before = at.checked_sub(1);
    if word == "not" && before.is_some_and(|before| tokens.sign(before) == ":") {
        return Some(Slip::new("what is asked of each element is one comparison; put more in parentheses", None));
    }
    let begun = |at: usize| QUANTIFIERS.contains(&tokens.word(at)) && !tokens.word(at + 1).is_empty();
    // `any x y`, or anything but a `:` behind `any x in y` or `any x in y.z`.
    let quantified = in_expression && before.is_some_and(begun)
        || misfit.others.contains(&"`:`")
            && [4, 6]
                .iter()
                .filter_map(|back| at.checked_sub(*back))
                .any(|at| begun(at) && tokens.word(at + 2) == "in");
    quantified.then(|| Slip::new("it is written like `any pod in pods: pod.crashed`", None))
}

fn expects(misfit: &Misfit, word: &str) -> bool {
    misfit.words.iter().any(|expected| expected == word)
}

/// A comma that is missing before `at`, between actions or between what a test is given.
pub(crate) fn missing_comma(tokens: &Tokens<'_>, range: &Range<usize>, at: usize, misfit: &Misfit) -> Option<Slip> {
    let word = tokens.word(at);
    let before = tokens.span(at.checked_sub(1)?);
    let between = if CLAUSES.contains(&tokens.word(range.start)) && expects(misfit, "when") {
        "actions"
    } else if expects(misfit, "given") {
        "what is given"
    } else {
        return None;
    };
    let wanted = at < range.end && !word.is_empty() && !is_reserved(word) && misfit.others.contains(&"`,`");
    if !wanted {
        return None;
    }
    if tokens.line_start(at) {
        // A line of its own is more likely meant as a member.
        let text = match word {
            "version" => "`version` stands before a text, as in `version \"1.0.0\"`".to_owned(),
            "owner" => "`owner` stands before a text, as in `owner \"team-web\"`".to_owned(),
            _ => format!("no member begins with `{word}`; if it goes on with {between}, write a comma before it"),
        };
        return Some(Slip::new(text, None));
    }
    if between == "actions" && tokens.sign(at - 1).is_empty() && tokens.word(at + 1) == "when" {
        let help = format!(
            "parameters stand in parentheses, as in `{}({word})`, and commas between actions",
            tokens.word(at - 1)
        );
        return Some(Slip::new(help, None));
    }
    let place = Span::new(before.file, before.range().end, before.range().end);
    Some(Slip::new(format!("write a comma between {between}"), Some((place, ",".to_owned()))))
}

/// `my-name` where a name ends.
fn hyphen(tokens: &Tokens<'_>, at: usize, misfit: &Misfit) -> Option<Slip> {
    let (before, after) = (at.checked_sub(1)?, at + 1);
    let touching = tokens.span(before).end == tokens.span(at).start && tokens.span(at).end == tokens.span(after).start;
    let (first, second) = (tokens.word(before), tokens.word(after));
    let operand = misfit.others.contains(&OPERATOR);
    (tokens.sign(at) == "-" && touching && !operand && !first.is_empty() && !second.is_empty()).then(|| {
        let place = tokens.span(before).to(tokens.span(after));
        Slip::new("a name has `_` where others have `-`", Some((place, format!("{first}_{second}"))))
    })
}

/// `propose restart` without parentheses.
fn no_call(tokens: &Tokens<'_>, at: usize, misfit: &Misfit) -> Option<Slip> {
    let before = at.checked_sub(1)?;
    let called = tokens.word(before);
    let proposed =
        before.checked_sub(1).is_some_and(|verb| matches!(tokens.word(verb), "propose" | "suggest" | "undo"));
    (misfit.others == ["`(`"] && proposed && !called.is_empty())
        .then(|| Slip::new(format!("arguments stand in parentheses, also where there are none: `{called}()`"), None))
}

/// The bracket that is still open where something else than its end stands.
pub(crate) fn unclosed(tokens: &Tokens<'_>, range: &Range<usize>, at: usize, misfit: &Misfit) -> Option<Span> {
    let closing = ["`)`", "`]`"].into_iter().any(|sign| misfit.others.contains(&sign));
    if !closing || at < range.end && tokens.sign(at) != "}" {
        return None;
    }
    let mut open = Vec::new();
    for inside in range.clone().take_while(|inside| *inside < at) {
        match tokens.sign(inside) {
            "(" | "[" | "{" => open.push(inside),
            ")" | "]" | "}" => drop(open.pop()),
            _ => {}
        }
    }
    open.pop().filter(|open| tokens.sign(*open) != "{").map(|open| tokens.span(open))
}

/// `=>` and `=<`.
fn comparison(tokens: &Tokens<'_>, at: usize) -> Option<Slip> {
    let (first, second) = (tokens.span(at), tokens.span(at + 1));
    if tokens.sign(at) != "=" || first.end != second.start {
        return None;
    }
    let meant = match tokens.sign(at + 1) {
        ">" => ">=",
        "<" => "<=",
        _ => return None,
    };
    Some(Slip::new(format!("write `{meant}`"), Some((first.to(second), meant.to_owned()))))
}

/// `<>` and `...`, whose second part begins at `at`.
fn doubled(tokens: &Tokens<'_>, at: usize, wants_value: bool) -> Option<Slip> {
    let before = at.checked_sub(1)?;
    let meant = match (tokens.sign(before), tokens.sign(at)) {
        ("<", ">") => "!=",
        ("..", ".") => "..",
        _ => return None,
    };
    let touching = tokens.span(before).end == tokens.span(at).start;
    (wants_value && touching).then(|| {
        Slip::new(format!("write `{meant}`"), Some((tokens.span(before).to(tokens.span(at)), meant.to_owned())))
    })
}

/// `60 s`.
fn split_number(tokens: &Tokens<'_>, at: usize) -> Option<Slip> {
    let number = if tokens.kind(at) == Some(TokenKind::Number) { at } else { at.checked_sub(1)? };
    let (digits, unit) = (tokens.text(number), tokens.word(number + 1));
    let plain =
        tokens.kind(number) == Some(TokenKind::Number) && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let known = Unit::ALL.iter().flat_map(|unit| unit.suffixes()).any(|suffix| suffix.text == unit);
    (plain && known && !tokens.line_start(number + 1)).then(|| {
        let place = tokens.span(number).to(tokens.span(number + 1));
        Slip::new("a unit stands against its number", Some((place, format!("{digits}{unit}"))))
    })
}

/// `.5`.
fn bare_point(tokens: &Tokens<'_>, at: usize) -> Option<Slip> {
    let (point, number) = (tokens.span(at), tokens.span(at + 1));
    let bare = tokens.sign(at) == "." && tokens.kind(at + 1) == Some(TokenKind::Number) && point.end == number.start;
    let before = at.checked_sub(1).map(|before| tokens.span(before));
    let free = before.is_none_or(|before| before.end < point.start);
    (bare && free).then(|| {
        let place = Span::new(point.file, point.range().start, point.range().start);
        Slip::new("a digit stands on both sides of a decimal point", Some((place, "0".to_owned())))
    })
}
