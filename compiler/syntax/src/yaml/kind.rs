//! What one value may be, and how the language writes it. No value gets out of its place: each is one literal, name or
//! expression, or it is refused.

use leeway_units::{Unit, parse_literal};

use super::draft::{no_file, quoted};
use super::node::{Scalar, Style};
use crate::grammar::{self, Rule};
use crate::lexer::lex;
use crate::nesting::too_deep;
use crate::token::TokenKind;
use crate::word::is_reserved;

/// The kinds of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A text.
    Text,
    /// A name as the language has them.
    Name,
    /// Names joined by points.
    Path,
    /// A module, with `as NAME` if wanted.
    Use,
    /// One of these words.
    Word(&'static [&'static str]),
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Count,
    /// `80%`.
    Share,
    /// `5m`: minutes.
    Duration,
    /// Processors as Kubernetes writes them: `100m` is a tenth of one.
    Cpu,
    /// Memory as Kubernetes writes it.
    Memory,
    /// The type of what is measured.
    Type,
    /// What stands behind `scrape`, or the selector of a gauge.
    Scrape,
    /// A literal.
    Literal,
    /// What an argument may be: plain, as the language writes it; in quotes, a text.
    Argument,
    /// An expression.
    Expression,
    /// A query in another language.
    Query,
    /// Members, as text of this language.
    Members,
    /// An action of the target, or one of these words.
    Operation(&'static [&'static str]),
}

/// Why a value is not of its kind.
pub(super) struct Wrong {
    /// What stands there instead.
    pub(super) found: String,
    pub(super) help: String,
}

impl Kind {
    /// What is expected, for people.
    pub(super) fn expected(self) -> String {
        let listed = |words: &[&str]| words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
        match self {
            Kind::Text => "a text".to_owned(),
            Kind::Name => "a name".to_owned(),
            Kind::Path => "names joined by points".to_owned(),
            Kind::Use => "a module".to_owned(),
            Kind::Word([one]) => format!("`{one}`"),
            Kind::Word(words) => format!("one of {}", listed(words)),
            Kind::Bool => "`true` or `false`".to_owned(),
            Kind::Count => "a whole number".to_owned(),
            Kind::Share => "a percentage".to_owned(),
            Kind::Duration => "a duration".to_owned(),
            Kind::Cpu => "an amount of processors".to_owned(),
            Kind::Memory => "an amount of memory".to_owned(),
            Kind::Type => "a type".to_owned(),
            Kind::Scrape => "a reading of `/metrics`".to_owned(),
            Kind::Literal => "a literal".to_owned(),
            Kind::Argument => "a value, or the name of one".to_owned(),
            Kind::Expression => "an expression".to_owned(),
            Kind::Query => "a query".to_owned(),
            Kind::Members => "members of a blueprint, behind `|`".to_owned(),
            Kind::Operation(_) => "an operation".to_owned(),
        }
    }

    /// What one looks like, for people.
    pub(super) fn example(self) -> String {
        match self {
            Kind::Text => "`team-web`".to_owned(),
            Kind::Name => "`frontend`: a small letter, then small letters, digits and `_`".to_owned(),
            Kind::Path => "`kubernetes.deployment`".to_owned(),
            Kind::Use => "`std.kubernetes` or `teams.web as web`".to_owned(),
            Kind::Word(words) => words.first().map(|word| format!("`{word}`")).unwrap_or_default(),
            Kind::Bool => "`true`".to_owned(),
            Kind::Count => "`3`".to_owned(),
            Kind::Share => "`80%`".to_owned(),
            Kind::Duration => "`90s`, `5m` or `30d`".to_owned(),
            Kind::Cpu => "`500m`, `0.5` or `2`".to_owned(),
            Kind::Memory => "`128Mi` or `1Gi`".to_owned(),
            Kind::Type => Unit::ALL.iter().map(|unit| format!("`{}`", unit.name())).collect::<Vec<_>>().join(", "),
            Kind::Scrape => "`rate(\"requests_total\", 1m)` or `queue_length{app=\"web\"}`".to_owned(),
            Kind::Literal => "`100/s` or `80%`".to_owned(),
            Kind::Argument => "`80%`, `3`, `spending` (a name) or `\"Europe/Berlin\"` (a text, in quotes)".to_owned(),
            Kind::Expression => "`shared(replicas)`".to_owned(),
            Kind::Query => "`sum(up{app=\"web\"})`".to_owned(),
            Kind::Members => "`forbid scale(to) when to == 0`".to_owned(),
            Kind::Operation(words) => {
                let words = words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
                format!("{words}, or an action of the target")
            }
        }
    }

    /// How the language writes what `scalar` says.
    pub(super) fn literal(self, scalar: &Scalar) -> Result<String, Wrong> {
        let text = scalar.text.as_str();
        let wrong = |found: &str, help: &str| Err(Wrong { found: found.to_owned(), help: help.to_owned() });
        match (self, scalar.style) {
            (Kind::Text | Kind::Query, _) => self.text(scalar),
            (Kind::Members, Style::Folded) => {
                wrong("a text whose lines are joined", "write `|` for `>`: lines end comments")
            }
            (Kind::Members, Style::Plain | Style::Quoted | Style::Block) => self.text(scalar).map(|_| text.to_owned()),
            (Kind::Argument, Style::Quoted | Style::Block | Style::Folded) => Ok(quoted(text)),
            (Kind::Bool | Kind::Count, Style::Quoted | Style::Block | Style::Folded) if self.plain(text).is_some() => {
                wrong("a text", "leave out the quotes")
            }
            (Kind::Bool | Kind::Count, Style::Quoted | Style::Block | Style::Folded) => Err(self.wrong("a text")),
            (_, _) if text.contains(['\n', '\r']) => Err(self.wrong("a text of several lines")),
            (_, _) => self.plain(text).ok_or_else(|| self.wrong(&shown(text))),
        }
    }

    fn text(self, scalar: &Scalar) -> Result<String, Wrong> {
        if let Some(meaning) = meaning(scalar) {
            let text = &scalar.text;
            let help = if text.is_empty() {
                "write a text there".to_owned()
            } else {
                format!("quote it if it is a text: `\"{text}\"`")
            };
            return Err(Wrong { found: meaning.to_owned(), help });
        }
        Ok(quoted(&scalar.text))
    }

    fn wrong(self, found: &str) -> Wrong {
        Wrong { found: found.to_owned(), help: format!("write, for instance, {}", self.example()) }
    }

    fn plain(self, text: &str) -> Option<String> {
        let own = || Some(text.to_owned());
        match self {
            Kind::Text | Kind::Query | Kind::Members => None,
            Kind::Name => is_name(text).then(own)?,
            Kind::Operation(words) => operation(words, text).then(own)?,
            Kind::Path => reads(Rule::one_path, text).then(own)?,
            Kind::Use => reads(Rule::one_use, &format!("use {text}")).then(own)?,
            Kind::Word(words) => words.contains(&text).then(own)?,
            Kind::Bool => matches!(text, "true" | "false").then(own)?,
            // Readers of YAML disagree about `010`, too.
            Kind::Count => (unit(text) == Some(Unit::Count) && (text == "0" || !text.starts_with('0'))).then(own)?,
            Kind::Share => (unit(text) == Some(Unit::Ratio)).then(own)?,
            Kind::Duration => (unit(text) == Some(Unit::Duration)).then(own)?,
            Kind::Cpu => cpu(text),
            Kind::Memory => memory(text),
            Kind::Type => Unit::ALL.iter().any(|unit| unit.name() == text).then(own)?,
            Kind::Scrape => scrape(text),
            Kind::Literal => reads(Rule::one_literal, text).then(own)?,
            Kind::Argument | Kind::Expression => reads(Rule::one_expression, text).then(own)?,
        }
    }
}

/// What YAML takes a plain text for, where that is no text. Readers of YAML disagree about `no`, `12:30` and `2026-01-01`, so that
/// these are not taken for texts either.
pub(super) fn meaning(scalar: &Scalar) -> Option<&'static str> {
    if scalar.style != Style::Plain {
        return None;
    }
    let text = scalar.text.as_str();
    let number = text.trim_start_matches(['+', '-']);
    match text.to_ascii_lowercase().as_str() {
        "" | "~" | "null" => Some("nothing"),
        "true" | "false" | "yes" | "no" | "on" | "off" | "y" | "n" => Some("what YAML may take for a truth value"),
        _ if number.starts_with("0x") || number.starts_with("0o") => Some("a number"),
        _ if text.replace('_', "").parse::<f64>().is_ok() || matches!(number, ".inf" | ".nan" | ".Inf" | ".NaN") => {
            Some("a number")
        }
        _ if number.contains(':') && number.split(':').all(is_digits) => Some("what YAML may take for a number"),
        _ if is_date(text) => Some("what YAML may take for a date"),
        _ => None,
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether it begins as a date does: four digits, `-`, more, `-`, and one more.
fn is_date(text: &str) -> bool {
    let mut parts = text.splitn(3, '-');
    let (year, month, day) = (parts.next(), parts.next(), parts.next());
    year.is_some_and(|year| year.len() == 4 && is_digits(year))
        && month.is_some_and(is_digits)
        && day.is_some_and(|day| day.starts_with(|c: char| c.is_ascii_digit()))
}

/// A part of `text` that a message can repeat.
fn shown(text: &str) -> String {
    const SHOWN_MAX: usize = 40;
    let start: String = text.chars().take(SHOWN_MAX).collect();
    let more = if start.len() < text.len() { "…" } else { "" };
    if text.is_empty() { "nothing".to_owned() } else { format!("`{start}{more}`") }
}

/// Whether all of `text` is one `rule`, with no comment in it.
pub(super) fn reads(rule: Rule, text: &str) -> bool {
    let (tokens, findings) = lex(no_file(), text);
    findings.is_empty()
        && tokens.comments.is_empty()
        && tokens.len() > 0
        && too_deep(&tokens, 0..tokens.len()).is_none()
        && grammar::parse(rule, text).is_ok()
}

fn is_name(text: &str) -> bool {
    let (tokens, findings) = lex(no_file(), text);
    findings.is_empty() && tokens.len() == 1 && tokens.word(0) == text && !is_reserved(text)
}

/// What an operation may be called that needs a percentage.
pub(super) const RESIZE_WITHIN: &str = "resize_within";

fn operation(words: &[&str], text: &str) -> bool {
    match text.split_once(':') {
        Some((RESIZE_WITHIN, share)) => words.contains(&RESIZE_WITHIN) && unit(share.trim()) == Some(Unit::Ratio),
        Some(_) => false,
        None => text != RESIZE_WITHIN && is_name(text),
    }
}

fn unit(text: &str) -> Option<Unit> {
    parse_literal(text).ok().map(leeway_units::Quantity::unit)
}

/// `100m`, `0.5` and `2` of Kubernetes; what the language writes too.
fn cpu(text: &str) -> Option<String> {
    let literal = match text.strip_suffix('m') {
        Some(milli) => format!("{milli}mcpu"),
        None if text.ends_with(|c: char| c.is_ascii_digit()) => format!("{text}cpu"),
        None => text.to_owned(),
    };
    (unit(&literal) == Some(Unit::Cpu)).then_some(literal)
}

/// `128Mi`, `1G` and `134217728` of Kubernetes; what the language writes too.
fn memory(text: &str) -> Option<String> {
    let decimal = [("k", "KB"), ("M", "MB"), ("G", "GB"), ("T", "TB")];
    let renamed = decimal.iter().find_map(|(suffix, ours)| Some(format!("{}{ours}", text.strip_suffix(suffix)?)));
    let bytes = || text.ends_with(|c: char| c.is_ascii_digit()).then(|| format!("{text}B"));
    let literal = renamed.or_else(bytes).unwrap_or_else(|| text.to_owned());
    (unit(&literal) == Some(Unit::Bytes)).then_some(literal)
}

/// What stands behind `scrape`; the selector of a gauge may stand without its quotes.
fn scrape(text: &str) -> Option<String> {
    if reads(Rule::one_source, &format!("scrape {text}")) {
        return Some(text.to_owned());
    }
    let (tokens, _) = lex(no_file(), text);
    let called = tokens.kind(0) == Some(TokenKind::Word) && tokens.sign(1) == "(";
    let selector = text.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '_' | ':' | '{')) && !called;
    selector.then(|| quoted(text))
}
