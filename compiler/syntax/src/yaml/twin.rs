//! A blueprint of the language as YAML that means the same: what has a section of its own goes there, all else into
//! `spec.clauses` as it is.

use std::ops::Range;

use leeway_diagnostics::{Diagnostic, FileId, Span};

use super::fields::API_VERSION;
use super::kind::Kind;
use super::node::{Scalar, Style};
use super::scalar::{self, STEP};
use super::sections::Sections;
use crate::ast::{Blueprint, Use};
use crate::format;
use crate::lexer::lex;
use crate::parse::{Parsed, Part, read};
use crate::token::{Comment, TokenKind, Tokens};

/// Why a source has no twin.
#[derive(Clone, Debug, PartialEq)]
pub enum Untwinned {
    /// It has errors.
    Broken(Vec<Diagnostic>),
    /// It holds something else than one blueprint.
    NotOneBlueprint,
}

/// The YAML that means what `text` means.
///
/// # Errors
/// When `text`, whose spans are in `file`, cannot be read or is not one blueprint, with what it uses.
pub fn to_yaml(file: FileId, text: &str) -> Result<String, Untwinned> {
    let text = format(file, text).map_err(Untwinned::Broken)?;
    let (Parsed { tree, .. }, parts) = read(file, &text);
    let ([blueprint], [], []) = (tree.blueprints.as_slice(), tree.policies.as_slice(), tree.targets.as_slice()) else {
        return Err(Untwinned::NotOneBlueprint);
    };
    let (tokens, _) = lex(file, &text);
    let mut sections = Sections::new(&text);
    let mut lifted = Vec::new();
    let ranges = parts.iter().filter_map(|part| match part {
        Part::Member(_, range) => Some(range),
        Part::Use(_) | Part::Header(..) | Part::End => None,
    });
    for (range, member) in ranges.zip(&blueprint.members) {
        if !is_commented(&tokens, range) && sections.take(&member.kind) {
            lifted.push(tokens.span_of(range).range());
        }
    }
    let header = parts.iter().find_map(|part| match part {
        Part::Header(_, range) => Some(range.clone()),
        Part::Use(_) | Part::Member(..) | Part::End => None,
    });
    let header = header.unwrap_or_default();
    let mut yaml = before(&tokens, &header);
    yaml += &document(blueprint, &tree.uses, sections);
    let body = tokens.span(header.end.saturating_sub(1)).range().end
        ..tokens.span(tokens.len().saturating_sub(1)).range().start;
    let members = members(&tokens, &body, &lifted);
    if !members.is_empty() {
        let block = scalar::block(&members, 2 * STEP).unwrap_or_else(|| scalar::in_quotes(&members));
        yaml += &format!("  clauses: {block}\n");
    }
    yaml.extend(tokens.comments(tokens.len()).iter().map(|comment| scalar::comment(tokens.comment(*comment))));
    Ok(yaml)
}

/// Whether a comment stands before the member, in it or behind it on its line.
fn is_commented(tokens: &Tokens<'_>, range: &Range<usize>) -> bool {
    let trails = |at: usize, comment: &Comment| {
        let before = at.checked_sub(1).map_or(0, |before| tokens.span(before).range().end);
        !tokens.source.get(before..comment.start).unwrap_or_default().contains('\n')
    };
    let before = tokens.comments(range.start).iter().any(|comment| !trails(range.start, comment));
    let inside = (range.start + 1..range.end).any(|at| !tokens.comments(at).is_empty());
    before || inside || tokens.comments(range.end).iter().any(|comment| trails(range.end, comment))
}

/// The comments before the members that are no documentation of the blueprint, as comments of YAML.
fn before(tokens: &Tokens<'_>, header: &Range<usize>) -> String {
    let comments = (0..header.end).flat_map(|at| tokens.comments(at).iter().map(move |comment| (at, *comment)));
    let kept = comments.filter_map(|(at, comment)| {
        let text = tokens.comment(comment);
        let documents = at == header.start && text.starts_with("///") && !text.starts_with("////");
        (!documents).then(|| scalar::comment(text))
    });
    kept.collect()
}

/// Everything but `spec.clauses`.
fn document(blueprint: &Blueprint, uses: &[Use], sections: Sections<'_>) -> String {
    let mut yaml =
        format!("apiVersion: {API_VERSION}\nkind: Blueprint\nmetadata:\n  name: {}\n", key(&blueprint.name.node));
    let description = blueprint.doc.as_ref().filter(|doc| !doc.trim().is_empty());
    yaml += &sections.metadata;
    if let Some(doc) = description {
        yaml += &format!("  description: {}\n", scalar::text(doc, 2 * STEP));
    }
    if !sections.labels.is_empty() {
        yaml += &format!("  labels:\n{}", sections.labels);
    }
    let (kind, name) = (blueprint.kind.text(), scalar::text(&blueprint.target.node, 3 * STEP));
    yaml += &format!("spec:\n  target:\n    kind: {kind}\n    name: {name}\n");
    if !uses.is_empty() {
        yaml += "  use:\n";
    }
    for one in uses {
        let alias = one.alias.as_ref().map(|alias| format!(" as {}", alias.node)).unwrap_or_default();
        yaml += &format!("    - {}{alias}\n", one.path.text());
    }
    for (section, text) in
        [("include", &sections.include), ("metrics", &sections.metrics), ("governance", &sections.governance)]
    {
        if !text.is_empty() {
            yaml += &format!("  {section}:\n{text}");
        }
    }
    yaml
}

/// The body without what was lifted out of it, and without its indentation; texts over several lines keep theirs.
fn members(tokens: &Tokens<'_>, body: &Range<usize>, lifted: &[Range<usize>]) -> String {
    let raw: Vec<Range<usize>> = (0..tokens.len())
        .filter(|at| tokens.kind(*at) == Some(TokenKind::Raw))
        .map(|at| tokens.span(at).range())
        .collect();
    let around = |ranges: &[Range<usize>], at: usize| {
        let before = ranges.partition_point(|range| range.start <= at);
        before.checked_sub(1).and_then(|before| ranges.get(before)).filter(|range| at < range.end).cloned()
    };
    let mut text = String::new();
    let mut start = body.start;
    for line in tokens.source.get(body.clone()).unwrap_or_default().split_inclusive('\n') {
        let first = start + (line.len() - line.trim_start().len());
        let in_text = around(&raw, start).is_some_and(|text| text.start < start);
        // A member that was lifted takes up all of its lines.
        let gone = around(lifted, first).is_some();
        let blank = line.trim().is_empty() && !in_text;
        start += line.len();
        if gone || blank && (text.is_empty() || text.ends_with("\n\n")) {
            continue;
        }
        let own = if in_text { line } else { line.strip_prefix("  ").unwrap_or(line) };
        let trimmed = if text.is_empty() {
            own.trim_start()
        } else if blank {
            "\n"
        } else {
            own
        };
        text.push_str(trimmed);
    }
    let kept = text.trim_end().len();
    text.truncate(kept);
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

/// A name as a key or a value.
pub(super) fn key(name: &str) -> String {
    scalar::text(name, 0)
}

/// `text`, which the language writes, as a plain value of that kind.
pub(super) fn plain(kind: Kind, text: &str) -> Option<String> {
    let scalar = Scalar { text: text.to_owned(), style: Style::Plain };
    kind.literal(&scalar).ok()?;
    scalar::literal(text)
}

/// The text of the language at `span`.
pub(super) fn written(text: &str, span: Span) -> &str {
    text.get(span.range()).unwrap_or_default()
}
