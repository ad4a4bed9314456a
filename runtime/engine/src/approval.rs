//! Who must agree, and who has.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::digest::Binding;
use crate::proposal::{ActorKind, Principal};

/// How long people have to answer unless a policy says otherwise, in seconds.
pub const APPROVAL_TIMEOUT_S: u64 = 3_600;

/// One group of people that must agree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requirement {
    /// One of these groups; empty for any person who may approve.
    pub by: Vec<Arc<str>>,
    /// How long they have, in seconds.
    pub timeout_s: u64,
    /// How many must agree.
    pub quorum: u32,
}

/// The agreement of one person to one exact action on one exact state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Who agreed.
    pub by: Principal,
    /// What exactly was agreed to.
    pub binding: Binding,
    /// When.
    pub at: Timestamp,
}

impl Requirement {
    /// Whether enough people other than those who ask have agreed to exactly this.
    pub(crate) fn is_met(&self, approvals: &[Approval], binding: &Binding, asking: &[Principal]) -> bool {
        let mut signed: Vec<&str> = approvals
            .iter()
            .filter(|approval| approval.binding == *binding)
            .map(|approval| &approval.by)
            .filter(|person| person.kind() == ActorKind::Human)
            .filter(|person| !asking.iter().any(|actor| actor.id() == person.id()))
            .filter(|person| self.by.is_empty() || person.roles.iter().any(|role| self.by.contains(role)))
            .map(|person| person.id().as_ref())
            .collect();
        signed.sort_unstable();
        signed.dedup();
        signed.len() >= self.quorum as usize
    }
}
