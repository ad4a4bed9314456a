//! Queries that are right, and what is said of those that are not.

use std::fmt::Write as _;

use leeway_diagnostics::{SourceMap, Spanned};

use super::super::environment::Environment;
use super::*;

/// What is said about a query, and the text at which it points.
fn said(query: &str, unit: Unit) -> Option<(String, String)> {
    let mut sources = SourceMap::default();
    let written = format!("`{query}`");
    let file = sources.add("a.leeway", written.as_str());
    let text = Spanned::new(query.into(), Span::new(file, 0, written.len()));
    let environment = Environment::of(&crate::hir::Target::any());
    let mut checker = Checker::new(&sources, environment);
    checker.promql(&text, unit);
    let found = checker.diagnostics.pop()?;
    Some((found.message, sources.text(found.primary.span).to_owned()))
}

#[test]
fn a_query_that_answers_with_samples_is_right() {
    for query in [
        "up",
        "sum(rate(requests_total{code=~\"5..\"}[2m])) / sum(rate(requests_total[2m])) # share",
        "histogram_quantile(0.95, sum by (le) (rate(seconds_bucket[2m])))",
        "{__name__=\"a(b\"} or vector(0)",
        "1 + 2",
    ] {
        assert_eq!(said(query, Unit::Ratio), None, "{query}");
    }
}

#[test]
fn what_is_wrong_is_pointed_at() {
    for (query, message, place) in [
        ("sum(rate(x[5m])", "`(` is not closed", "("),
        ("sum(x))", "`)` closes nothing", ")"),
        ("sum(x]", "`]` where `)` should close", "]"),
        ("ratee(x[5m])", "unknown function with name `ratee`", "ratee"),
        ("rate(x)", "expected a range vector in call to function `rate`", "rate"),
        ("rate(x[5q])", "bad number or duration syntax", "5q"),
        ("sum by le (x)", "it is no PromQL", "`sum by le (x)`"),
        ("x{a=\"b}", "has no end", "\""),
        ("x[5m]", "gives a range of samples", "`x[5m]`"),
        ("\"text\"", "gives a text", "`\"text\"`"),
        ("", "no expression found", "``"),
    ] {
        let (told, at) = said(query, Unit::Ratio).unwrap_or_default();
        assert!(told.contains(message) && at == place, "{query}: {told} at {at}");
    }
}

#[test]
fn a_declared_unit_that_cannot_be_is_said() {
    assert!(said("count(up == 1)", Unit::Duration).is_some());
    assert!(said("max(sum by (a) ((rate(x[5m]))))", Unit::Count).is_some());
    for unit in [Unit::Count, Unit::Number, Unit::Ratio] {
        assert_eq!(said("count(up)", unit), None);
    }
    for unit in [Unit::Rate, Unit::Ratio, Unit::Cpu, Unit::Spend] {
        assert_eq!(said("sum(rate(x[5m]))", unit), None);
    }
    assert_eq!(said("rate(x[5m]) * 60", Unit::Count), None);
}

#[test]
fn large_queries_are_refused_before_they_are_read() {
    let mut long = String::new();
    for at in 0..2_000 {
        write!(long, "metric_number_{at} or ").unwrap_or_default();
    }
    assert!(said(&long, Unit::Count).is_some_and(|(message, _)| message.contains("bytes")));
    for query in ["(".repeat(9_000), "-".repeat(9_000) + "x", "x and ".repeat(2_000) + "x", "x+".repeat(3_000) + "x"] {
        assert!(said(&query, Unit::Count).is_some_and(|(message, _)| message.contains("too large")));
    }
}
