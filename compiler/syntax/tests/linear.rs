//! Reading takes work in proportion to the text, counted in calls of pest. This is a process of its own because pest counts
//! for the whole process.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::num::NonZeroUsize;

use leeway_diagnostics::{Code, SourceMap};
use leeway_syntax::parse;

/// Whether `calls` of pest are enough for each member of `text`.
fn enough(text: &str, calls: usize) -> bool {
    pest::set_call_limit(NonZeroUsize::new(calls));
    let id = SourceMap::default().add("test", text);
    let parsed = parse(id, text);
    pest::set_call_limit(None);
    parsed.diagnostics.iter().all(|found| found.code != Code::E0106)
}

/// The least that is enough.
fn calls(text: &str) -> usize {
    let mut most = 1;
    while !enough(text, most) {
        most *= 2;
    }
    let mut least = most / 2;
    while most - least > 1 {
        let middle = usize::midpoint(least, most);
        if enough(text, middle) {
            most = middle;
        } else {
            least = middle;
        }
    }
    most
}

#[test]
fn twice_the_text_is_twice_the_work() {
    let member = |text: String| format!("blueprint b for k(\"n\") {{\n{text}\n}}");
    let nested =
        |left: &str, right: &str, n: usize| member(format!("objective {}a{}", left.repeat(n), right.repeat(n)));
    let test = |text: String| member(format!("test \"t\" {{ {text} expect allow }}"));
    let grown: [&dyn Fn(usize) -> String; 21] = [
        &|n| nested("(", ")", n),
        &|n| nested("(", "", n),
        &|n| nested("f(", ")", n),
        &|n| nested("[", "]", n),
        &|n| nested("a in (", ")..5", n),
        &|n| nested("if a then (", ") else b", n),
        &|n| nested("not (-", " ?? 2) and b", n),
        &|n| nested("(a within 5% of ", " ?? x y", n),
        &|n| member(format!("objective a{}", " and b > 1".repeat(50 * n))),
        &|n| member(format!("allow s when x in [1{}] nonsense", ", 2".repeat(50 * n))),
        &|n| member(format!("verify s {{ {} }} else nothing", "within 10s x within 5% of y ".repeat(20 * n))),
        &|n| nested("(any x in y: ", ")", n),
        &|n| nested("any x in y: ", "", n),
        &|n| nested("(1 + max x in y: ", ") matches b", n),
        &|n| test(format!("given a = [{}]", "{ a: [1, (2)] },".repeat(20 * n) + "{ b: 1 }")),
        &|n| test(format!("given a = {}1{}", "[".repeat(n), "]".repeat(n))),
        &|n| test(format!("given a = [{{ b: {}1{} }}]", "[".repeat(n), "]".repeat(n))),
        &|n| test(format!("given a({}) failed 5m ago", "b: 1, ".repeat(20 * n) + "c: 2")),
        &|n| test(format!("given a({}) nonsense", "b: 1, ".repeat(20 * n) + "c: 2")),
        &|n| {
            member(format!(
                "slo a 9% over 1d {{ good = constant 1 total = constant 1 {} }}",
                "burn 3 1h 5m high ".repeat(20 * n)
            ))
        },
        &|n| member(format!("forbid s because \"{}\"", "x".repeat(1000 * n))),
    ];
    for (number, text) in grown.iter().enumerate() {
        let (small, large) = (calls(&text(8)), calls(&text(16)));
        assert!(large <= small * 5 / 2, "{number}: {small} calls, then {large}: {}", text(2).lines().nth(1).unwrap());
    }
}
