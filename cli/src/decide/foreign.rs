//! What other tools wrote about a target: which tool it was is seen in the document, and what it says becomes facts.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use leeway_engine::{Gap, RECORDS_MAX, Sample, Snapshot};
use leeway_ir::Policy;
use sha2::{Digest as _, Sha256};

use crate::decide::document::{DocumentError, Node};
use crate::decide::input::{read_bytes, refused, text};
use crate::decide::literal::{is_missing, value};
use crate::decide::members::Read;
use crate::decide::{infracost, tofu};
use crate::exit::Failure;
use crate::terminal::{harmless, stderr};

/// Plans hold every resource twice, so they may be longer than a document that somebody writes for this.
const FOREIGN_BYTES_MAX: usize = 64 << 20;

/// The fields of a record of a collection.
pub(crate) type Record = Vec<(&'static str, Node)>;

/// What one document says about the target.
pub(crate) struct Evidence {
    /// The kind of target that it is about.
    kind: &'static str,
    /// When it was found out, if the document says.
    at: Option<Timestamp>,
    /// Facts as a state writes them.
    pub(crate) facts: Vec<(&'static str, Node)>,
    /// What people should know about the reading of it.
    notes: Vec<String>,
}

/// The records of a collection, as many as there are.
pub(crate) struct Records {
    name: &'static str,
    records: Vec<Record>,
}

impl Records {
    pub(crate) fn new(name: &'static str) -> Records {
        Records { name, records: Vec::new() }
    }

    pub(crate) fn push(&mut self, record: Record) {
        self.records.push(record);
    }

    pub(crate) fn extend(&mut self, records: Vec<Record>) {
        self.records.extend(records);
    }
}

impl Evidence {
    pub(crate) fn new(kind: &'static str, at: Option<Timestamp>) -> Evidence {
        Evidence { kind, at, facts: Vec::new(), notes: Vec::new() }
    }

    pub(crate) fn fact(&mut self, name: &'static str, node: Node) {
        self.facts.push((name, node));
    }

    /// A collection; one that is longer than a decision looks through is not known.
    pub(crate) fn collection(&mut self, records: Records) {
        let Records { name, records } = records;
        if records.len() > RECORDS_MAX {
            let n = records.len();
            self.notes.push(format!("`{name}` would have {n} records, and {RECORDS_MAX} are looked at; it is unknown"));
            return self.fact(name, missing());
        }
        let node = |record: Record| Node::Map(record.into_iter().map(|(name, node)| (name.to_owned(), node)).collect());
        self.fact(name, Node::List(records.into_iter().map(node).collect()));
    }

    /// Adds what it says to what is known at that moment.
    fn add_to(&self, policy: &Policy, snapshot: &mut Snapshot) -> Read<()> {
        let at = self.at.unwrap_or(snapshot.at);
        if at > snapshot.at {
            let message = format!("it was written at {at}, after {}, the moment to decide at", snapshot.at);
            return Err(DocumentError::new("$", message));
        }
        let facts = policy.facts.iter().zip(&mut snapshot.facts);
        for (fact, series) in facts {
            let Some((name, node)) = self.facts.iter().find(|(name, _)| *name == fact.name.as_ref()) else { continue };
            if series.first().is_some() {
                return Err(DocumentError::new("$", format!("it says `{name}`, which another document gives, too")));
            }
            let value = if is_missing(node) { Err(Gap::Missing) } else { Ok(value(name, node, &fact.ty)?) };
            series.push(Sample { at, value });
        }
        Ok(())
    }
}

/// A record of these texts; one that is not known is not in it.
pub(crate) fn record(fields: Vec<(&'static str, Option<String>)>) -> Record {
    fields.into_iter().filter_map(|(name, text)| Some((name, Node::Text(text?)))).collect()
}

/// A count.
pub(crate) fn whole(count: usize) -> Node {
    #[expect(clippy::cast_precision_loss, reason = "a document is too short for so many")]
    Node::Number(count as f64)
}

/// That there is a fact which nobody knows.
pub(crate) fn missing() -> Node {
    Node::Text("missing".to_owned())
}

/// What the documents at some paths say.
pub(crate) struct Foreign {
    read: Vec<(PathBuf, Evidence)>,
    /// What identifies all that was read.
    version: Option<Arc<str>>,
}

impl Foreign {
    /// Reads the documents; `-` is standard input. What people should know goes to standard error.
    pub(crate) fn read(paths: &[PathBuf], policy: &Policy) -> Result<Foreign, Failure> {
        let mut hash = Sha256::new();
        let mut read = Vec::new();
        for path in paths {
            let bytes = read_bytes(path, FOREIGN_BYTES_MAX)?;
            hash.update(Sha256::digest(&bytes));
            let evidence = recognise(&bytes).and_then(|evidence| about(policy, evidence));
            let evidence = evidence.map_err(|error| refused(path, &error))?;
            for note in &evidence.notes {
                stderr(&format!("{}\n", harmless(&format!("note: `{}`: {note}", path.display()))));
            }
            read.push((path.clone(), evidence));
        }
        let digest: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        let version = (!paths.is_empty()).then(|| format!("sha256:{digest}").into());
        Ok(Foreign { read, version })
    }

    /// When the newest of them was written.
    pub(crate) fn newest(&self) -> Option<Timestamp> {
        self.read.iter().filter_map(|(_, evidence)| evidence.at).max()
    }

    /// Adds what they say to what is known. A fact that somebody else gave, too, is an error: who should be believed?
    pub(crate) fn add_to(&self, policy: &Policy, snapshot: &mut Snapshot) -> Result<(), Failure> {
        for (path, evidence) in &self.read {
            evidence.add_to(policy, snapshot).map_err(|error| refused(path, &error))?;
        }
        if self.version.is_some() {
            snapshot.object_version.clone_from(&self.version);
        }
        Ok(())
    }
}

/// Which tool wrote it, and what it says.
fn recognise(bytes: &[u8]) -> Read<Evidence> {
    let wrong = |message: &str| Err(DocumentError::new("$", message));
    if bytes.starts_with(b"PK") {
        return wrong("a saved plan; give what `tofu show -json PLANFILE` writes of it");
    }
    if bytes.trim_ascii_start().starts_with(b"{\"@level\"") {
        return wrong("the messages of `tofu plan -json`; give what `tofu show -json PLANFILE` writes of the plan");
    }
    let wanted = |name: &str| tofu::MEMBERS.contains(&name) || infracost::MEMBERS.contains(&name);
    let document = Node::parse_where(text(bytes, FOREIGN_BYTES_MAX)?, &wanted)?;
    let has = |name: &str| document.get(name).is_some();
    if has("format_version") && (has("planned_values") || has("resource_changes")) {
        tofu::read_plan(&document)
    } else if has("totalMonthlyCost") {
        infracost::read_costs(&document)
    } else if has("values") || has("lineage") {
        wrong("the state of a workspace, not a plan; give what `tofu show -json PLANFILE` writes")
    } else {
        wrong(
            "neither a plan of OpenTofu or Terraform (`tofu show -json PLANFILE`) nor costs of Infracost (`--format json`)",
        )
    }
}

/// The evidence, if it is about the kind of target that the policy is for.
fn about(policy: &Policy, evidence: Evidence) -> Read<Evidence> {
    let kind = policy.target.kind.as_ref();
    if kind == evidence.kind {
        return Ok(evidence);
    }
    let message = format!("it is about a `{}`, and `{}` is for a `{kind}`", evidence.kind, policy.blueprint);
    Err(DocumentError::new("$", message))
}

#[cfg(test)]
mod tests;
