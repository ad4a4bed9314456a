//! What an approval and a warrant are bound to: the exact action and the exact state.

use std::collections::BTreeMap;
use std::sync::Arc;

use leeway_ir::{Action, Expr, FactId, Fingerprint, Input, Policy, Undo, canonical_digest};
use leeway_units::{Call, Value};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::snapshot::Snapshot;

/// SHA-256 over the target, the facts that the action's effects and undo name, and the provider's version of the object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StateDigest(Arc<str>);

/// The state that an action would change, as it was: what its digest is taken of.
#[derive(Clone, Debug)]
pub(crate) struct StateSeen {
    facts: Vec<(FactId, Option<Value>)>,
    object_version: Option<Arc<str>>,
}

/// SHA-256 over the policy, the call and the state: what a person approves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Binding(Arc<str>);

impl StateDigest {
    pub(crate) fn of(policy: &Policy, seen: &StateSeen) -> StateDigest {
        let named = |(id, value): &(FactId, Option<Value>)| {
            Some((policy.fact(*id)?.name.as_ref(), value.as_ref().map(ToString::to_string)))
        };
        let facts: BTreeMap<&str, Option<String>> = seen.facts.iter().filter_map(named).collect();
        let document = json!({ "target": policy.target, "facts": facts, "object_version": seen.object_version });
        StateDigest(canonical_digest(&document).into())
    }

    /// The digest's text: `sha256:…`.
    pub fn text(&self) -> &str {
        &self.0
    }
}

impl StateSeen {
    /// What `action` would change, as it is in `snapshot`. Without an action, the target alone.
    pub(crate) fn of(action: Option<&Action>, snapshot: &Snapshot) -> StateSeen {
        let facts = action.map(facts_of).unwrap_or_default();
        let seen = |id| (id, snapshot.fact(id, snapshot.at).value().cloned());
        StateSeen { facts: facts.into_iter().map(seen).collect(), object_version: snapshot.object_version.clone() }
    }

    /// Whether it still is so.
    pub(crate) fn is_still(&self, snapshot: &Snapshot) -> bool {
        let same = |(id, value): &(FactId, Option<Value>)| snapshot.fact(*id, snapshot.at).value() == value.as_ref();
        self.object_version == snapshot.object_version && self.facts.iter().all(same)
    }
}

impl Binding {
    pub(crate) fn of(fingerprint: &Fingerprint, call: &Call, state: &StateDigest) -> Binding {
        let document = json!({ "policy": fingerprint, "call": call.to_string(), "state": state });
        Binding(canonical_digest(&document).into())
    }
}

/// The facts that the action's effects and undo name.
pub(crate) fn facts_of(action: &Action) -> Vec<FactId> {
    let mut facts: Vec<FactId> = action.effects.iter().map(|effect| effect.fact).collect();
    let undo_arguments: &[Expr] = match &action.undo {
        Undo::Call(call) => &call.arguments,
        Undo::Receipt | Undo::Nothing | Undo::Irreversible => &[],
    };
    for expr in action.effects.iter().map(|effect| &effect.value).chain(undo_arguments) {
        facts.extend(expr.inputs().into_iter().filter_map(Input::fact));
    }
    facts.sort_unstable();
    facts.dedup();
    facts
}
