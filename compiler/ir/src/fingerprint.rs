//! What a policy means, as one hash: two policies with the same fingerprint decide alike.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::policy::Policy;

/// `sha256:` and 64 hexadecimal digits; empty before it is computed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(Arc<str>);

impl Fingerprint {
    /// The fingerprint's text.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// The fingerprint of `policy`: over its members in canonical order, without positions, docs, `because` and ids not given
    /// by `as`.
    pub fn of(policy: &Policy) -> Fingerprint {
        let mut document = serde_json::to_value(policy).unwrap_or_default();
        strip(&mut document);
        if let Value::Object(members) = &mut document {
            members.remove("fingerprint");
            for member in
                ["clauses", "limits", "rules", "objectives", "verifications", "approvals", "ceilings", "invariants"]
            {
                if let Some(Value::Array(list)) = members.get_mut(member) {
                    list.sort_by_cached_key(Value::to_string);
                }
            }
        }
        Fingerprint(canonical_digest(&document).into())
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `sha256:` and the hexadecimal SHA-256 of the document's canonical form (RFC 8785).
pub fn canonical_digest(document: &impl Serialize) -> String {
    // Our documents have string keys and finite numbers, all that canonical JSON asks for.
    let canonical = serde_jcs::to_vec(document).unwrap_or_default();
    let hash = Sha256::digest(&canonical);
    let mut text = String::from("sha256:");
    for byte in hash {
        text.push_str(&format!("{byte:02x}"));
    }
    text
}

/// Removes what says nothing about meaning.
fn strip(value: &mut Value) {
    match value {
        Value::Object(members) => {
            let unnamed = members.get("named") == Some(&Value::Bool(false));
            members.retain(|key, member| match key.as_str() {
                "origin" | "because" | "written" | "names" | "named" => false,
                "id" => !unnamed,
                // Its keys are the user's own: a label may well be called `origin`.
                "labels" => true,
                _ => {
                    strip(member);
                    true
                }
            });
        }
        Value::Array(list) => list.iter_mut().for_each(strip),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
