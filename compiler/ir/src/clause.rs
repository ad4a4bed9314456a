//! `allow`, `approve`, `forbid`: one voice each.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::action::{ActionId, CallExpr};
use crate::origin::{Because, Condition, Origin};

/// A clause of one kind; `allow … else approve` has become two.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Clause {
    /// Its stable id: `frontend/forbid/scale/1`, or `frontend/forbid/zero` with `as zero`.
    pub id: Arc<str>,
    /// Whether the id was given by `as`; only then is it part of the fingerprint.
    pub named: bool,
    /// What it does when it speaks.
    pub kind: ClauseKind,
    /// The actions it speaks about; `any` and `disruptive` are spelt out.
    pub actions: Vec<ActionId>,
    /// When it speaks; always, without one.
    pub when: Option<Condition>,
    /// Why, for people.
    pub because: Option<Because>,
    /// What would be better.
    pub suggest: Option<CallExpr>,
    /// Who must agree.
    pub by: Vec<Arc<str>>,
    /// Where it stands.
    pub origin: Origin,
}

/// What a clause does when it speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClauseKind {
    /// Grants: done without asking.
    Allow,
    /// Grants what people agree to, and restrains what is granted otherwise.
    Approve,
    /// Restrains.
    Forbid,
}
