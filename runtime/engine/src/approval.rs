//! Who must agree, and who has.

use std::sync::Arc;

use jiff::Timestamp;
use leeway_ir::{ClauseKind, Policy};
use serde::{Deserialize, Serialize};

use crate::decision::Decision;
use crate::digest::Binding;
use crate::proposal::{ActorKind, Principal};
use crate::tier::Tier;

/// How long people have to answer unless a policy says otherwise, in seconds.
pub const APPROVAL_TIMEOUT_S: u64 = leeway_ir::APPROVAL_TIMEOUT_MS / 1_000;

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

/// Who must agree to what was decided: each distinct `by` of a clause that spoke, and for whatever else spoke the policy's
/// `approval` blocks. Of several blocks the larger quorum and the shorter timeout hold, for every group.
pub(crate) fn requirements(policy: &Policy, decision: &Decision) -> Vec<Requirement> {
    if decision.tier() != Tier::ApprovalRequired {
        return Vec::new();
    }
    let clauses = policy.clauses.iter().zip(decision.clauses().iter());
    let spoke = clauses.filter(|(clause, truth)| clause.kind == ClauseKind::Approve && truth.restrains());
    let mut groups: Vec<&[Arc<str>]> = spoke.map(|(clause, _)| clause.by.as_slice()).collect();
    let limits = decision.limits().iter().any(|voice| voice.tier == Tier::ApprovalRequired);
    if limits || decision.guards().iter().any(|guard| guard.tier() == Tier::ApprovalRequired) {
        groups.push(&[]);
    }
    let anybody = groups.iter().any(|group| group.is_empty());
    groups.retain(|group| !group.is_empty());
    if anybody {
        let named: Vec<&[Arc<str>]> =
            policy.approvals.iter().map(|block| block.by.as_slice()).filter(|by| !by.is_empty()).collect();
        // Blocks that name nobody are met by whoever meets those that do.
        groups.extend(if named.is_empty() { vec![&[][..]] } else { named });
    }
    let quorum = policy.approvals.iter().filter_map(|block| block.quorum).max().unwrap_or(1).max(1);
    let timeout_ms = policy.approvals.iter().filter_map(|block| block.timeout_ms).min();
    let timeout_s = timeout_ms.map_or(APPROVAL_TIMEOUT_S, |ms| ms / 1_000);
    let mut required: Vec<Requirement> = Vec::new();
    for group in groups {
        let mut by = group.to_vec();
        by.sort();
        by.dedup();
        if !required.iter().any(|known| known.by == by) {
            required.push(Requirement { by, timeout_s, quorum });
        }
    }
    required
}

impl Requirement {
    /// Whether whoever meets this one meets the other too, and in its time.
    pub(crate) fn implies(&self, other: &Requirement) -> bool {
        let are_among = !self.by.is_empty() && self.by.iter().all(|group| other.by.contains(group));
        let may_answer = other.by.is_empty() || are_among;
        may_answer && self.quorum >= other.quorum && self.timeout_s <= other.timeout_s
    }

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
