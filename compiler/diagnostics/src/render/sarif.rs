//! Findings as SARIF 2.1.0, which services read that keep findings: what was run, the rules it knows, the files, the results.

use std::collections::{BTreeMap, BTreeSet};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use super::finding::{Finding, findings, is_file};
use super::short::severity;
use crate::code::Code;
use crate::diagnostic::{Diagnostic, Fix, Label};
use crate::source_map::SourceMap;
use crate::span::Span;

/// Where the standard's schema lies.
const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// What paths are relative to; the reader knows where that is.
const ROOT: &str = "%SRCROOT%";

/// What stands for itself in the path of a URI, in every part of it.
const IN_PATHS: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// All findings as one SARIF log with one run; columns count characters. The same findings give the same bytes.
pub fn sarif(sources: &SourceMap, diagnostics: &[Diagnostic]) -> String {
    let codes: BTreeSet<&str> = diagnostics.iter().map(|diagnostic| diagnostic.code.text()).collect();
    let found = findings(sources, diagnostics);
    let log = Log {
        schema: SCHEMA,
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: "leeway",
                    semantic_version: env!("CARGO_PKG_VERSION"),
                    rules: Code::ALL
                        .iter()
                        .filter(|code| codes.contains(code.text()))
                        .map(|code| rule(*code))
                        .collect(),
                },
            },
            original_uri_base_ids: BTreeMap::from([(ROOT, Base { description: text("the root of the workspace") })]),
            artifacts: sources
                .files()
                .filter(|(_, file)| is_file(&file.path) && !file.is_view())
                .map(|(_, file)| Artifact { location: artifact(&file.path) })
                .collect(),
            results: found.iter().map(|finding| result(finding, &codes)).collect(),
            column_kind: "unicodeCodePoints",
        }],
    };
    // Only texts and numbers are written, which always can be.
    serde_json::to_string(&log).unwrap_or_default()
}

#[derive(Serialize)]
struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    original_uri_base_ids: BTreeMap<&'static str, Base>,
    artifacts: Vec<Artifact>,
    results: Vec<Outcome>,
    column_kind: &'static str,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    semantic_version: &'static str,
    rules: Vec<Rule>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: &'static str,
    short_description: Text,
    help: Help,
    default_configuration: Configuration,
}

#[derive(Serialize)]
struct Help {
    text: &'static str,
    markdown: &'static str,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct Base {
    description: Text,
}

#[derive(Serialize)]
struct Artifact {
    location: ArtifactLocation,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactLocation {
    uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri_base_id: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    message: Text,
    locations: Vec<Location>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location>,
    partial_fingerprints: BTreeMap<&'static str, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<Change>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    physical_location: PhysicalLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Text>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    region: Region,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
    start_column: u32,
    end_line: u32,
    end_column: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Change {
    description: Text,
    artifact_changes: Vec<ArtifactChange>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactChange {
    artifact_location: ArtifactLocation,
    replacements: Vec<Replacement>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement {
    deleted_region: Region,
    inserted_content: Text,
}

#[derive(Serialize)]
struct Text {
    text: String,
}

fn text(text: impl Into<String>) -> Text {
    Text { text: text.into() }
}

fn rule(code: Code) -> Rule {
    Rule {
        id: code.text(),
        short_description: text(code.title()),
        help: Help { text: code.page(), markdown: code.page() },
        default_configuration: Configuration { level: severity(code.severity()) },
    }
}

fn result(finding: &Finding<'_>, codes: &BTreeSet<&str>) -> Outcome {
    let Finding { sources, diagnostic, place, fingerprint } = finding;
    let code = diagnostic.code;
    let in_file = |label: &Label| is_file(sources.path(label.span));
    let location = |span, id, message| Location { id, physical_location: physical(sources, span), message };
    let marked = Some(&diagnostic.primary).filter(|label| !label.message.is_empty());
    let related = marked.into_iter().chain(&diagnostic.labels).filter(|label| in_file(label)).enumerate();
    Outcome {
        rule_id: code.text(),
        rule_index: codes.iter().position(|known| *known == code.text()).unwrap_or_default(),
        level: severity(code.severity()),
        // Nothing is filled into it: braces stand for themselves.
        message: text(finding.text(in_file)),
        locations: place.iter().map(|span| location(*span, None, None)).collect(),
        related_locations: related
            .map(|(at, label)| {
                let message = Some(text(label.message.as_str())).filter(|message| !message.text.is_empty());
                location(label.span, Some(at), message)
            })
            .collect(),
        partial_fingerprints: BTreeMap::from([("leewayFinding/v1", fingerprint.clone())]),
        fixes: diagnostic.fixes.iter().filter(|fix| fix.certain).filter_map(|fix| change(sources, fix)).collect(),
    }
}

/// A fix, unless it would write to what is no file.
fn change(sources: &SourceMap, fix: &Fix) -> Option<Change> {
    let mut by_path: BTreeMap<&str, Vec<Replacement>> = BTreeMap::new();
    for edit in &fix.edits {
        let replacement = Replacement {
            deleted_region: region(sources, edit.span),
            inserted_content: text(edit.replacement.as_str()),
        };
        by_path.entry(sources.path(edit.span)).or_default().push(replacement);
    }
    by_path.keys().all(|path| is_file(path)).then(|| Change {
        description: text(fix.title.as_str()),
        artifact_changes: by_path
            .into_iter()
            .map(|(path, replacements)| ArtifactChange { artifact_location: artifact(path), replacements })
            .collect(),
    })
}

fn physical(sources: &SourceMap, span: Span) -> PhysicalLocation {
    PhysicalLocation { artifact_location: artifact(sources.path(span)), region: region(sources, span) }
}

fn region(sources: &SourceMap, span: Span) -> Region {
    let (start, end) = (sources.start(span), sources.end(span));
    Region { start_line: start.line, start_column: start.column, end_line: end.line, end_column: end.column }
}

/// A path as a URI: relative to the root, or for one that lies elsewhere by itself.
fn artifact(path: &str) -> ArtifactLocation {
    let encoded = utf8_percent_encode(path, IN_PATHS);
    if path.starts_with('/') {
        ArtifactLocation { uri: format!("file://{encoded}"), uri_base_id: None }
    } else {
        ArtifactLocation { uri: encoded.to_string(), uri_base_id: Some(ROOT) }
    }
}
