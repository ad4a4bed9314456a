//! What a policy means, as one hash: two policies with the same fingerprint decide alike.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::hexadecimal::hexadecimal;
use crate::policy::Policy;

/// Up to here every whole number is a double, and printed as one.
const WHOLE_MAX: u64 = 1 << 53;

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
pub fn canonical_digest(document: &Value) -> String {
    // Our documents have string keys and finite numbers, all that canonical JSON asks for.
    let canonical = || serde_jcs::to_string(document).unwrap_or_default();
    let text = if is_canonical(document) { document.to_string() } else { canonical() };
    format!("sha256:{}", hexadecimal(&Sha256::digest(text)))
}

/// Whether the document is in canonical form as it is printed, which takes a fifth of the time: where members stand in the order
/// of their ASCII names and all numbers are whole, RFC 8785 leaves no choice.
fn is_canonical(document: &Value) -> bool {
    match document {
        Value::Object(members) => {
            members.keys().is_sorted() && members.iter().all(|(name, member)| name.is_ascii() && is_canonical(member))
        }
        Value::Array(list) => list.iter().all(is_canonical),
        Value::Number(number) => number.as_i64().is_some_and(|number| number.unsigned_abs() <= WHOLE_MAX),
        Value::Null | Value::Bool(_) | Value::String(_) => true,
    }
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn documents() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            any::<i64>().prop_map(Value::from),
            (-1_i64 << 54..1 << 54).prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            any::<String>().prop_map(Value::String),
            "[a-z\\\\\"/\u{0}-\u{20}\u{7f}é\u{2028}]{0,6}".prop_map(Value::String),
        ];
        leaf.prop_recursive(4, 40, 5, |inner| {
            let name = prop_oneof!["[a-zA-Z_.]{0,4}", any::<String>()];
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
                prop::collection::btree_map(name, inner, 0..5).prop_map(|members| json!(members)),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_passes_for_canonical_is(document in documents()) {
            let canonical = serde_jcs::to_string(&document).unwrap_or_default();
            let printed = document.to_string();
            prop_assert!(!is_canonical(&document) || printed == canonical);
        }
    }

    #[test]
    fn what_documents_mostly_hold_passes() {
        assert!(is_canonical(&json!({ "a": [1, -2, true, null, "é\n"], "b": {} })));
        assert!(!is_canonical(&json!({ "a": 0.5 })));
        assert!(!is_canonical(&json!({ "é": 1 })));
        assert!(!is_canonical(&json!(u64::MAX)));
    }
}
