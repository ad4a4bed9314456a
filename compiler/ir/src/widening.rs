//! What a policy permits that an older one did not, and what it no longer holds back: what takes a major version.
//!
//! Members are compared by what they mean: their order, their ids and reasons, the files they stand in and the names of metrics
//! say nothing. Included members count as the blueprint's own.

mod agreement;
mod aligned;
mod clauses;
mod members;

use crate::origin::Origin;
use crate::policy::Policy;

/// One thing that is wider.
#[derive(Clone, Debug, PartialEq)]
pub struct Widening {
    /// Whether something was added or taken away.
    pub kind: WideningKind,
    /// The member as people read it: `allow scale when to in 2..5`.
    pub member: String,
    /// Where it stands, in the new policy what was added, in the old one what was taken away; nothing for what is said of the
    /// whole policy.
    pub origin: Option<Origin>,
    /// What it was before, or is now, if something stands in its place.
    pub counterpart: Option<Counterpart>,
}

/// What makes a policy wider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WideningKind {
    /// It grants what was not granted.
    Granted,
    /// What held back is gone, or holds back less.
    Loosened,
}

/// What stands in the place of a member in the other policy.
#[derive(Clone, Debug, PartialEq)]
pub struct Counterpart {
    /// As people read it.
    pub member: String,
    /// Where it stands.
    pub origin: Option<Origin>,
}

/// In what `new` is wider than `old`: what was added in its order, then what was taken away in its. Nothing is missed; a change
/// of a condition whose form does not show that it is narrower counts as wider.
pub fn widenings(old: &Policy, new: &Policy) -> Vec<Widening> {
    let (old, new) = aligned::aligned(old, new);
    let mut found = Vec::new();
    if old.target != new.target {
        let governs = |policy: &Policy| format!("for {}(\"{}\")", policy.target.kind, policy.target.name);
        let before = Counterpart { member: governs(&old), origin: None };
        found.push(Widening {
            kind: WideningKind::Granted,
            member: governs(&new),
            origin: None,
            counterpart: Some(before),
        });
    }
    clauses::compare(&old, &new, &mut found);
    members::compare(&old, &new, &mut found);
    agreement::compare(&old, &new, &mut found);
    found.sort_by_key(|one| one.kind == WideningKind::Loosened);
    found
}

/// What was taken away, and what stands in its place.
fn loosened(member: String, origin: &Origin, now: Option<(String, &Origin)>) -> Widening {
    let counterpart = now.map(|(member, origin)| Counterpart { member, origin: Some(origin.clone()) });
    Widening { kind: WideningKind::Loosened, member, origin: Some(origin.clone()), counterpart }
}
