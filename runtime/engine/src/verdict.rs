//! A decision in words, in the shape of the contract (`docs/cli.md`).

use std::collections::BTreeMap;
use std::sync::Arc;

use leeway_ir::Origin;
use serde::{Deserialize, Serialize};

use crate::approval::Requirement;
use crate::tier::Tier;
use crate::truth::Truth;

/// A decision as people and programs read it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// The tier.
    pub tier: Tier,
    /// The blueprint's name.
    pub blueprint: Arc<str>,
    /// Its version.
    pub version: Option<Arc<str>>,
    /// The policy's fingerprint.
    pub fingerprint: Arc<str>,
    /// The target's name.
    pub target: Arc<str>,
    /// The action proposed.
    pub action: Arc<str>,
    /// Its arguments; counts, numbers and booleans bare, all else as the language writes it.
    pub arguments: BTreeMap<Arc<str>, serde_json::Value>,
    /// The call as the language writes it.
    pub proposal: String,
    /// Who asked: the principal whose verdict stands.
    pub actor: Arc<str>,
    /// All that spoke, strictest first, then in source order.
    pub voices: Vec<Voice>,
    /// What was unknown where it mattered.
    pub unknown: Vec<Unknown>,
    /// Calls that would fare better.
    pub suggest: Vec<String>,
    /// Who must agree; empty unless approval is required.
    pub approval: Vec<Requirement>,
    /// After how many seconds asking again makes sense.
    pub retry_after_s: Option<f64>,
    /// The state it was made on.
    pub state_digest: Arc<str>,
    /// SHA-256 over the canonical form of all of the above.
    #[serde(default)]
    pub digest: Arc<str>,
}

/// One clause, limit or guard that spoke.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Voice {
    /// What it demands.
    pub tier: Tier,
    /// Its id.
    pub by: Arc<str>,
    /// What it is: `clause`, `limit`, `breaker`, `kill`, `autonomy`, `claim`, `hold`, `owner`, `irreversible`,
    /// `conflict`, `arguments`, `default`.
    pub kind: Arc<str>,
    /// `true` or `unknown`.
    pub truth: Truth,
    /// Where it stands; nothing for what stands in no file.
    pub at: Option<Origin>,
    /// Its reason, with values filled in.
    pub because: Option<String>,
    /// The values of the names in its condition; unknown ones are null.
    pub values: BTreeMap<Arc<str>, serde_json::Value>,
    /// Its condition as written.
    pub text: String,
}

/// An input that was unknown where it mattered.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Unknown {
    /// Its name.
    pub name: Arc<str>,
    /// `metric`, `fact`, `history` or `claim`.
    pub kind: Arc<str>,
    /// `missing`, `stale`, `invalid` or `failed`.
    pub why: Arc<str>,
}

impl Verdict {
    /// The voice that decided: the first, for they stand strictest first. Every verdict has one.
    pub fn deciding(&self) -> Option<&Voice> {
        self.voices.first()
    }

    /// Whether people can agree to this who could not agree to `other`: other ones, fewer, or later. What asks nobody says nothing.
    pub fn is_content_with_less_than(&self, other: &Verdict) -> bool {
        let asks_too = |required: &Requirement| self.approval.iter().any(|own| own.implies(required));
        !self.approval.is_empty() && !other.approval.iter().all(asks_too)
    }
}
