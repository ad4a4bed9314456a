//! A plan of OpenTofu or Terraform, as `show -json` writes it, read into the facts of `tofu.workspace`.

mod attributes;
mod change;
mod kind;

use std::collections::BTreeSet;

use crate::decide::document::{DocumentError, Node, cut, member};
use crate::decide::foreign::{Evidence, Records, missing, whole};
use crate::decide::literal::time;
use crate::decide::members::{Read, wanted};
use crate::decide::tofu::change::Change;
use crate::decide::tofu::kind::Kind;

/// The target whose facts a plan tells.
pub(crate) const KIND: &str = "tofu.workspace";

/// The major version of the format that is known; later minor ones only add.
const FORMAT_MAJOR: &str = "1";

/// The members of a plan that are read. The others, the largest among them, are passed over.
pub(crate) const MEMBERS: &[&str] = &[
    "format_version",
    "timestamp",
    "complete",
    "errored",
    "resource_changes",
    "resource_drift",
    "deferred_changes",
    "action_invocations",
    "deferred_action_invocations",
    "output_changes",
    "checks",
];

/// What the plan says.
pub(crate) fn read_plan(document: &Node) -> Read<Evidence> {
    check_whole(document)?;
    let at = document.get("timestamp").map(|node| time("$.timestamp", node)).transpose()?;
    let mut evidence = Evidence::new(KIND, at);
    let entries = entries(document)?;
    let (mut changes, mut tags, mut attributes) =
        (Records::new("changes"), Records::new("tags"), Records::new("attributes"));
    for change in entries.iter().filter(|entry| entry.changes()) {
        changes.push(change.record());
        tags.extend(change.tags());
        attributes.extend(change.attributes());
    }
    // What nobody knows how to read may be any of them.
    let readable = entries.iter().all(|entry| entry.readable());
    let counted = |n: usize| if readable { whole(n) } else { missing() };
    evidence.fact("managed", counted(entries.iter().filter(|entry| entry.managed()).count()));
    evidence.fact("changed", whole(entries.iter().filter(|entry| entry.changes()).count()));
    for kind in Kind::ALL {
        evidence.fact(kind.fact(), counted(entries.iter().filter(|entry| entry.is(*kind)).count()));
    }
    evidence.fact("drifted", whole(drifted(document)?));
    let deferred = list(document, "deferred_changes")?.len() + list(document, "deferred_action_invocations")?.len();
    evidence.fact("deferred", whole(deferred));
    evidence.fact("outputs_changed", whole(outputs_changed(document)?));
    evidence.fact("failed_checks", whole(failed_checks(document)?));
    if let Some(node) = document.get("complete") {
        let complete = node.bool().ok_or_else(|| wanted("$.complete", "true or false", node))?;
        evidence.fact("complete", Node::Bool(complete));
    }
    for records in [changes, tags, attributes] {
        evidence.collection(records);
    }
    Ok(evidence)
}

/// Half a plan is no plan: what would have come after the error nobody knows.
fn check_whole(document: &Node) -> Read<()> {
    let version = document.get("format_version").unwrap_or(&Node::Null);
    let text = version.text().ok_or_else(|| wanted("$.format_version", "a text such as \"1.2\"", version))?;
    if text.split('.').next() != Some(FORMAT_MAJOR) {
        let message = format!("format `{}` is not known; this reads {FORMAT_MAJOR}.x", cut(text));
        return Err(DocumentError::new("$.format_version", message));
    }
    match document.get("errored") {
        None | Some(Node::Bool(false)) => Ok(()),
        Some(Node::Bool(true)) => Err(DocumentError::new(
            "$.errored",
            "planning ended with errors, so this is only a part of a plan; plan again",
        )),
        Some(other) => Err(wanted("$.errored", "true or false", other)),
    }
}

/// The resources and the actions of the plan, whether or not something happens to them.
fn entries(document: &Node) -> Read<Vec<Change<'_>>> {
    let mut entries = Vec::new();
    let mut seen = BTreeSet::new();
    for (at, node) in list(document, "resource_changes")?.iter().enumerate() {
        let path = format!("$.resource_changes[{at}]");
        let change = Change::read(&path, node)?;
        if !seen.insert(change.identity()) {
            return Err(DocumentError::new(
                format!("{path}.address"),
                format!("`{}` is given twice", cut(change.address())),
            ));
        }
        entries.push(change);
    }
    for (at, node) in list(document, "action_invocations")?.iter().enumerate() {
        entries.push(Change::read_invocation(&format!("$.action_invocations[{at}]"), node)?);
    }
    Ok(entries)
}

/// The list of that name; one that is not there is empty.
fn list<'a>(document: &'a Node, name: &str) -> Read<&'a [Node]> {
    match document.get(name) {
        None | Some(Node::Null) => Ok(&[]),
        Some(Node::List(nodes)) => Ok(nodes),
        Some(other) => Err(wanted(&format!("$.{name}"), "a list", other)),
    }
}

/// How many resources were changed elsewhere.
fn drifted(document: &Node) -> Read<usize> {
    let mut drifted = 0;
    for (at, node) in list(document, "resource_drift")?.iter().enumerate() {
        drifted += usize::from(Change::read(&format!("$.resource_drift[{at}]"), node)?.changes());
    }
    Ok(drifted)
}

/// How many outputs would not stay as they are.
fn outputs_changed(document: &Node) -> Read<usize> {
    let outputs = match document.get("output_changes") {
        None | Some(Node::Null) => return Ok(0),
        Some(Node::Map(outputs)) => outputs,
        Some(other) => return Err(wanted("$.output_changes", "an object", other)),
    };
    let mut changed = 0;
    for (name, output) in outputs {
        let path = member("$.output_changes", name);
        let actions = kind::actions(&path, output)?;
        changed += usize::from(actions != ["no-op"]);
    }
    Ok(changed)
}

/// How many checks do not hold, or could not be made. One that waits for what only applying will tell is none of them.
fn failed_checks(document: &Node) -> Read<usize> {
    let mut failed = 0;
    for (at, check) in list(document, "checks")?.iter().enumerate() {
        let status = check.get("status").and_then(Node::text);
        let status = status.ok_or_else(|| DocumentError::new(format!("$.checks[{at}]"), "`status` is no text"))?;
        failed += usize::from(!matches!(status, "pass" | "unknown"));
    }
    Ok(failed)
}

#[cfg(test)]
mod tests;
