//! Who agrees, and how far rules and agents may go without anybody.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::origin::Origin;

/// How long people have to answer unless a policy says otherwise.
pub const APPROVAL_TIMEOUT_MS: u64 = 3_600_000;

/// One `approval` block. Of several the larger quorum and the shorter timeout hold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ApprovalBlock {
    /// The groups of which people may agree; none: anybody who may approve.
    pub by: Vec<Arc<str>>,
    /// How many must.
    pub quorum: Option<u32>,
    /// How long they have.
    pub timeout_ms: Option<u64>,
    /// Who is asked too, and when.
    pub escalation: Option<Escalation>,
    /// Who is told.
    pub notify: Vec<Arc<str>>,
    /// Where it stands.
    pub origin: Origin,
}

/// `escalate GROUP after D`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Escalation {
    /// The group.
    pub group: Arc<str>,
    /// After how long without an answer.
    pub after_ms: u64,
}

/// One `autonomy`: a ceiling for rules and agents. The strictest holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ceiling {
    /// Its id: `frontend/autonomy`.
    pub id: Arc<str>,
    /// Always false: keeps the id out of the fingerprint.
    pub named: bool,
    /// How far they may go.
    pub level: Autonomy,
    /// Where it stands.
    pub origin: Origin,
}

/// How far rules and agents may go, strictest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Autonomy {
    /// Forbidden; recorded as what would have been.
    Observe,
    /// Forbidden to execute; shown as a suggestion.
    Suggest,
    /// Approval required.
    Approve,
    /// No ceiling.
    Act,
}
