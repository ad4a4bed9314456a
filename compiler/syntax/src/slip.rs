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

/// The slip because of which `range` does not fit at `at`.
pub(crate) fn find(tokens: &Tokens<'_>, range: &Range<usize>, at: usize, misfit: &Misfit) -> Option<Slip> {
    let word = tokens.word(at);
    let expected = |word: &str| expects(misfit, word);
    if let Some(slip) = comparison(tokens, at).or_else(|| split_number(tokens, at)).or_else(|| bare_point(tokens, at)) {
        return Some(slip);
    }
    let in_expression = misfit.others.contains(&OPERATOR);
    if tokens.sign(at) == "=" && in_expression {
        return Some(Slip::new("equality is written `==`", Some((tokens.span(at), "==".to_owned()))));
    }
    if ELSE_IFS.contains(&word) && expected("else") {
        return Some(Slip::new("write `else if`", Some((tokens.span(at), "else if".to_owned()))));
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
    let place = Span::new(before.file, before.range().end, before.range().end);
    wanted.then(|| Slip::new(format!("write a comma between {between}"), Some((place, ",".to_owned()))))
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
