//! What is formatted means the same, looks the same when it is formatted again, and looks as a person would write it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a panic is a failed test")]

mod fixtures;
pub(crate) mod generated;
mod style;

use leeway_diagnostics::{SourceMap, render};

use super::*;

pub(crate) const FIXTURES: [&str; 12] = [
    include_str!("../parse/sample.txt"),
    include_str!("../parse/members.txt"),
    include_str!("../parse/targets.txt"),
    include_str!("../parse/reference.txt"),
    include_str!("../../../../blueprints/backend.leeway"),
    include_str!("../../../../blueprints/frontend.leeway"),
    include_str!("../../../../blueprints/rate_limiter.leeway"),
    include_str!("../../../../policies/agents.leeway"),
    include_str!("../../../../policies/baseline.leeway"),
    include_str!("../../../../policies/cost.leeway"),
    include_str!("../../../../stdlib/http.leeway"),
    include_str!("../../../../stdlib/kubernetes.leeway"),
];

fn file_id() -> FileId {
    SourceMap::default().add("test.leeway", "")
}

/// What `text` means: its tree without places, in which `a(..)` is `a`.
fn meaning(text: &str) -> Option<String> {
    let parsed = crate::parse(file_id(), text);
    if !parsed.diagnostics.is_empty() {
        return None;
    }
    let tree = format!("{:?}", parsed.tree);
    let pieces = tree.split("Span {").map(|piece| piece.split_once('}').map_or(piece, |(_, rest)| rest));
    let first = tree.split("Span {").next().unwrap();
    let rest = pieces.skip(1).collect::<String>();
    Some(format!("{first}{rest}").replace("parameters: [], rest: true", "parameters: [], rest: false"))
}

/// `text` as it should be written; all that holds of any result is checked.
fn formatted(text: &str) -> String {
    let formatted = match format(file_id(), text) {
        Ok(formatted) => formatted,
        Err(found) => {
            let mut sources = SourceMap::default();
            sources.add("test.leeway", text);
            panic!("{}\n{text}", render::short(&sources, &found));
        }
    };
    assert_eq!(meaning(&formatted), meaning(text), "{text}\nbecame\n{formatted}");
    assert_eq!(format(file_id(), &formatted).as_deref(), Ok(formatted.as_str()), "{text}\nbecame\n{formatted}");
    assert!(formatted.is_empty() || formatted.ends_with('\n') && !formatted.ends_with("\n\n"), "{formatted:?}");
    assert!(!formatted.contains("\n\n\n") || text.contains('`'), "{formatted}");
    let (tokens, _) = lex(file_id(), text);
    for comment in &tokens.comments {
        assert!(formatted.contains(tokens.comment(*comment)), "{text}\nbecame\n{formatted}");
    }
    assert_eq!(lex(file_id(), &formatted).0.comments.len(), tokens.comments.len(), "{text}\nbecame\n{formatted}");
    formatted
}
