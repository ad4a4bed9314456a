//! A blueprint and its twin in YAML are one policy, as long as they say the same.

use std::collections::BTreeMap;
use std::sync::Arc;

use leeway_diagnostics::{Code, Diagnostic, Span};
use leeway_ir::{Fingerprint, Policy};

use crate::modules::File;

/// Keeps one policy of each name, the first; twins that say different things are told. Of blueprints of one name only twins get
/// here.
pub(crate) fn joined(policies: &mut Vec<Policy>, files: &[File]) -> Vec<Diagnostic> {
    let mut first: BTreeMap<Arc<str>, Fingerprint> = BTreeMap::new();
    let mut unlike = Vec::new();
    policies.retain(|policy| match first.get(&policy.blueprint) {
        None => first.insert(policy.blueprint.clone(), policy.fingerprint.clone()).is_none(),
        Some(twin) => {
            if *twin != policy.fingerprint {
                unlike.push(policy.blueprint.clone());
            }
            false
        }
    });
    unlike.iter().filter_map(|name| told(name, files)).collect()
}

fn told(name: &str, files: &[File]) -> Option<Diagnostic> {
    let blueprints = files.iter().filter(|file| file.root).flat_map(|file| &file.tree.blueprints);
    let mut places = blueprints.filter(|one| one.name.node.as_ref() == name).map(|one| one.name.span);
    let (one, other): (Span, Span) = (places.next()?, places.next()?);
    let message = format!("the two forms of `{name}` say different things");
    let finding = Diagnostic::new(Code::E0202, other, message).label(one, "its twin");
    Some(finding.help("write one anew from the other, with `leeway fmt --to yaml` or `--from yaml`"))
}
