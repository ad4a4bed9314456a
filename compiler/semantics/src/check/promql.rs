//! PromQL: read and typed before anything runs, so that a query that cannot answer is found here.

use leeway_diagnostics::{Code, Diagnostic, Span};
use leeway_syntax::ast::Text;
use leeway_units::Unit;
use promql_parser::parser::value::ValueType;
use promql_parser::parser::{Expr, parse};

use super::infer::Checker;
use crate::quoted::{Character, characters};

/// The longest query, in bytes.
const QUERY_LENGTH_MAX: usize = 16 * 1024;

/// How deep brackets may stand in each other, and how many operators may follow each other: the reader of queries nests as
/// deep as both together.
const BRACKETS_DEPTH_MAX: usize = 64;
const OPERATORS_MAX: usize = 500;

impl Checker<'_> {
    /// Checks a query whose one sample has that unit.
    pub(super) fn promql(&mut self, text: &Text, unit: Unit) {
        let finding = match self.read(text) {
            Ok(query) => misfit(&query, unit, text.span),
            Err(finding) => Some(*finding),
        };
        self.diagnostics.extend(finding);
    }

    fn read(&self, text: &Text) -> Result<Expr, Box<Diagnostic>> {
        let whole = |message: String| Diagnostic::new(Code::E0702, text.span, message);
        if text.node.len() > QUERY_LENGTH_MAX {
            let message = format!("a query of {} bytes; it may have {QUERY_LENGTH_MAX}", text.node.len());
            return Err(Box::new(whole(message).help("record it in Prometheus under a name, and ask for that")));
        }
        let written = characters(self.sources, text);
        brackets(&written, text.span)?;
        parse(&text.node).map_err(|reason| {
            let place = mentioned(&reason, &text.node)
                .and_then(|at| Some(written.get(at.start)?.span.to(written.get(at.end.checked_sub(1)?)?.span)));
            let finding = Diagnostic::new(Code::E0702, place.unwrap_or(text.span), told(&reason));
            let finding = if place.is_some() { finding.label(text.span, "in this query") } else { finding };
            Box::new(finding.help(advice(&reason)))
        })
    }
}

/// What is certainly wrong with what a query gives.
fn misfit(query: &Expr, unit: Unit, place: Span) -> Option<Diagnostic> {
    match query.value_type() {
        ValueType::Matrix => {
            let message = "this query gives a range of samples, and a metric is one sample at a time";
            let help = "say what is made of the range, as in `rate(…)`, `avg_over_time(…)` or `max_over_time(…)`";
            return Some(Diagnostic::new(Code::E0702, place, message).help(help));
        }
        ValueType::String => {
            let message = "this query gives a text, and a metric is a number";
            return Some(Diagnostic::new(Code::E0702, place, message).help("ask for a series, as in `sum(up)`"));
        }
        ValueType::Vector | ValueType::Scalar => {}
    }
    let (what, misfits): (&str, &[Unit]) = match outermost(query)? {
        // Numbers of series, whatever the series measure.
        "count" | "count_over_time" => {
            ("a number of things", &[Unit::Duration, Unit::Bytes, Unit::Cpu, Unit::Rate, Unit::Money, Unit::Spend])
        }
        // Something per second, whatever it is.
        "rate" | "irate" => ("something per second", &[Unit::Count, Unit::Duration, Unit::Money]),
        _ => return None,
    };
    misfits.contains(&unit).then(|| {
        let message = format!("this query gives {what}, and the metric is declared as a `{}`", unit.name());
        let fitting = match what {
            "a number of things" => "declare it as a `count`",
            _ => "declare it as a `rate` or what it comes to, such as a `ratio` or `cpu`",
        };
        Diagnostic::new(Code::E0302, place, message).help(fitting)
    })
}

/// The function that decides what the samples of a query are, behind brackets and sums.
fn outermost(query: &Expr) -> Option<&str> {
    let mut query = query;
    loop {
        query = match query {
            Expr::Paren(inner) => &inner.expr,
            Expr::Aggregate(aggregate) => match aggregate.op.to_string().as_str() {
                "count" => return Some("count"),
                "sum" | "avg" | "min" | "max" => &aggregate.expr,
                _ => return None,
            },
            Expr::Call(call) => return Some(call.func.name),
            Expr::Unary(_)
            | Expr::Binary(_)
            | Expr::Subquery(_)
            | Expr::NumberLiteral(_)
            | Expr::StringLiteral(_)
            | Expr::VectorSelector(_)
            | Expr::MatrixSelector(_)
            | Expr::Extension(_) => return None,
        };
    }
}

/// Checks that brackets are closed and neither they nor operators nest too deep. Texts and comments are passed over.
fn brackets(query: &[Character], whole: Span) -> Result<(), Box<Diagnostic>> {
    let error = |span: Span, message: String, help: &str| {
        Box::new(Diagnostic::new(Code::E0702, span, message).label(whole, "in this query").help(help))
    };
    let mut open: Vec<Character> = Vec::new();
    let mut operators = 0;
    let mut word = String::new();
    let mut rest = query.iter();
    while let Some(one) = rest.next() {
        if one.value.is_ascii_alphanumeric() || one.value == '_' {
            word.push(one.value);
            continue;
        }
        operators += usize::from(matches!(std::mem::take(&mut word).as_str(), "and" | "or" | "unless" | "atan2"));
        match one.value {
            '#' => drop(rest.by_ref().find(|next| next.value == '\n')),
            '"' | '\'' => {
                let mut escaped = false;
                let end = rest.by_ref().find(|next| {
                    let ends = next.value == one.value && !escaped;
                    escaped = next.value == '\\' && !escaped;
                    ends
                });
                if end.is_none() {
                    return Err(error(one.span, "a text in this query has no end".to_owned(), "close the quotes"));
                }
            }
            '(' | '[' | '{' => open.push(*one),
            ')' | ']' | '}' => {
                let wanted = match open.pop().map(|open| open.value) {
                    Some('(') => ')',
                    Some('[') => ']',
                    Some('{') => '}',
                    Some(_) | None => {
                        let message = format!("`{}` closes nothing in this query", one.value);
                        return Err(error(one.span, message, "take it out, or open it before"));
                    }
                };
                if wanted != one.value {
                    let message = format!("`{}` where `{wanted}` should close", one.value);
                    return Err(error(one.span, message, "close brackets in the order in which they were opened"));
                }
            }
            '+' | '-' | '*' | '/' | '%' | '^' | '<' | '>' | '=' | '!' => operators += 1,
            _ => {}
        }
        if open.len() > BRACKETS_DEPTH_MAX || operators > OPERATORS_MAX {
            let message = "this query is too large to be read".to_owned();
            let help = "record parts of it in Prometheus under names, and ask for those";
            return Err(error(one.span, message, help));
        }
    }
    match open.pop() {
        Some(last) => {
            let message = format!("`{}` is not closed in this query", last.value);
            Err(error(last.span, message, "close it"))
        }
        None => Ok(()),
    }
}

/// The reader's reason, in our words.
fn told(reason: &str) -> String {
    let said = match reason {
        "invalid promql query" => "it is no PromQL".to_owned(),
        _ => reason
            .replace('\'', "`")
            .replace("expected type matrix", "expected a range vector")
            .replace("expected type vector", "expected an instant vector")
            .replace("expected type scalar", "expected a number")
            .replace("got matrix", "got a range vector")
            .replace("got vector", "got an instant vector")
            .replace("got scalar", "got a number"),
    };
    format!("malformed query: {said}")
}

fn advice(reason: &str) -> &'static str {
    if reason.contains("expected type matrix") {
        "a range vector says how far back it looks, as in `rate(x[5m])`"
    } else if reason.contains("expected type vector") {
        "an instant vector has no `[…]` behind it"
    } else if reason.contains("duration") {
        "times in a query are written like `30s`, `5m` or `1h`"
    } else if reason.contains("no expression found") {
        "write a query, such as `sum(rate(requests_total[2m]))`"
    } else {
        "try it in Prometheus first, and paste what works"
    }
}

/// The characters of the query that a reason is about: the word it mentions, if that stands in the query once.
fn mentioned(reason: &str, query: &str) -> Option<std::ops::Range<usize>> {
    let quoted = reason.split('\'').nth(1);
    let word = quoted.or_else(|| reason.split_once(": ").map(|(_, word)| word)).filter(|word| !word.is_empty())?;
    let in_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    let bounded = |at: &usize| {
        let before = query.get(..*at).and_then(|text| text.chars().next_back());
        let after = query.get(at + word.len()..).and_then(|text| text.chars().next());
        let longer_before = word.starts_with(in_word) && before.is_some_and(in_word);
        let longer_after = word.ends_with(in_word) && after.is_some_and(in_word);
        !longer_before && !longer_after
    };
    let mut places = query.match_indices(word).map(|(at, _)| at).filter(bounded);
    let at = places.next().filter(|_| places.next().is_none())?;
    let start = query.get(..at)?.chars().count();
    Some(start..start + word.chars().count())
}

#[cfg(test)]
mod tests;
