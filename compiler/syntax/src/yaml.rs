//! Blueprints as YAML: a document becomes a text of the language, which is read as any other, with every finding shown where it
//! stands in the YAML.

mod clauses;
mod copied;
mod declared;
mod document;
mod draft;
mod fields;
mod governance;
mod kind;
mod node;
mod part;
mod remarks;
mod scalar;
mod schema;
mod sections;
mod shape;
mod twin;
mod walk;
mod wanted;
mod writer;

use leeway_diagnostics::{Diagnostic, FileId, SourceMap, View};

use crate::ast::File;
use crate::parse::Parsed;
use draft::Draft;
use fields::{API_VERSION, DOCUMENT};
use node::Node;
use part::Part;
use walk::Walk;
use writer::Writer;

pub use document::{ALIASED_NODES_MAX, YAML_DEPTH_MAX};
pub use remarks::with_remarks;
pub use schema::schema;
pub use twin::{Untwinned, to_yaml};

/// How the names of blueprints in YAML end; in files of other names YAML is taken for a blueprint where it is asked for.
pub const YAML_SUFFIXES: [&str; 2] = [".leeway.yaml", ".leeway.yml"];

/// What a document becomes.
#[derive(Debug)]
pub struct Read {
    /// The text that it stands for, unless it says too little to be a blueprint.
    pub written: Option<Written>,
    /// What is wrong with the document, by place.
    pub diagnostics: Vec<Diagnostic>,
}

/// A text of the language, written from a document.
#[derive(Debug)]
pub struct Written {
    /// The text.
    pub text: String,
    /// Where each part of it comes from.
    pub view: View,
}

/// Whether `path` names YAML.
pub fn is_yaml(path: &str) -> bool {
    path.ends_with(".yaml") || path.ends_with(".yml")
}

/// Whether `text`, of which the beginning is enough, says that it is a blueprint.
pub fn claims_to_be_one(text: &str) -> bool {
    let version = text.lines().find_map(|line| line.trim_start_matches('\u{feff}').strip_prefix("apiVersion:"));
    version.is_some_and(|version| {
        let version = version.split(" #").next().unwrap_or_default().trim();
        version.trim_matches(['"', '\'']) == API_VERSION
    })
}

/// Reads the document `text`, whose spans will be in `file`. It cannot fail: what is broken is left out, and said.
pub fn read(file: FileId, text: &str) -> Read {
    let root = match document::document(file, text) {
        Ok(root) => root,
        Err(refusal) => return Read { written: None, diagnostics: vec![*refusal] },
    };
    let mut walk = Walk { file, findings: Vec::new() };
    walk.map("a blueprint", &root, DOCUMENT);
    if let Some(version) = foreign(&root) {
        // Of what is no blueprint nothing else is wrong.
        walk.findings.retain(|finding| finding.primary.span.range() == version.range);
        return Read { written: None, diagnostics: walk.findings };
    }
    let mut writer = Writer { root: Part::root(&root), draft: Draft::new(text), walk };
    let known = writer.header();
    writer.members();
    let Writer { draft, walk: Walk { mut findings, .. }, .. } = writer;
    findings.sort_by_key(|finding| (finding.primary.span.start, finding.primary.span.end));
    let written = known.then_some(Written { text: draft.text, view: draft.view });
    Read { written, diagnostics: findings }
}

/// The version of a document of another form.
fn foreign(root: &Node) -> Option<&Node> {
    let version = &root.entry("apiVersion")?.value;
    version.scalar().filter(|scalar| scalar.text != API_VERSION).map(|_| version)
}

impl Writer<'_> {
    /// What stands between the braces, and the last of them.
    fn members(&mut self) {
        self.metadata();
        self.include();
        self.metrics();
        self.resources();
        self.performance();
        self.scaling();
        self.reliability();
        self.deployment();
        self.authority();
        self.approval();
        self.audit();
        self.clauses();
        let end = self.root.at.end;
        self.draft.because(&(end..end), |draft| draft.push("}\n"));
    }
}

/// Reads the document that `sources` has as `file`, and adds the text that it stands for as a view of it.
pub fn parse(sources: &mut SourceMap, file: FileId) -> Parsed {
    let text = sources.file(file).map(|source| source.text.clone()).unwrap_or_default();
    let Read { written, mut diagnostics } = read(file, &text);
    let Some(Written { text, view }) = written else { return Parsed { tree: File::default(), diagnostics } };
    let whole = diagnostics.is_empty();
    let view = sources.add_view(file, text.as_str(), view);
    let Parsed { mut tree, diagnostics: of_text } = crate::parse(view, &text);
    // Of what was left out of the document nothing is known, so that nothing is said where it is used.
    tree.broken += usize::from(!whole);
    for blueprint in tree.blueprints.iter_mut().filter(|_| !whole) {
        blueprint.broken += 1;
        blueprint.lost.everything();
    }
    diagnostics.extend(of_text);
    Parsed { tree, diagnostics }
}

#[cfg(test)]
mod tests;
