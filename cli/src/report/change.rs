//! In which way two policies differ about a proposal.

use leeway_engine::Tier;
use serde::Serialize;

use crate::report::page::counted;

/// One way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Change {
    /// The new policy's verdict is looser.
    NewlyPermitted,
    /// It is stricter.
    NewlyRestricted,
    /// Both judge alike, and only the new policy's rules proposed it.
    NewlyProposed,
    /// Both judge alike, and only the old policy's rules proposed it.
    NoLongerProposed,
}

/// How often each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Changes {
    pub(crate) newly_permitted: u64,
    pub(crate) newly_restricted: u64,
    pub(crate) newly_proposed: u64,
    pub(crate) no_longer_proposed: u64,
}

impl Change {
    /// All, in the order in which they are told.
    pub(crate) const ALL: [Change; 4] =
        [Change::NewlyPermitted, Change::NewlyRestricted, Change::NewlyProposed, Change::NoLongerProposed];

    /// What it is that one tier became another; nothing where they are the same.
    pub(crate) fn between(old: Tier, new: Tier) -> Option<Change> {
        match new.cmp(&old) {
            std::cmp::Ordering::Less => Some(Change::NewlyPermitted),
            std::cmp::Ordering::Equal => None,
            std::cmp::Ordering::Greater => Some(Change::NewlyRestricted),
        }
    }

    /// Its name for people.
    pub(crate) const fn told(self) -> &'static str {
        match self {
            Change::NewlyPermitted => "newly permitted",
            Change::NewlyRestricted => "newly restricted",
            Change::NewlyProposed => "newly proposed",
            Change::NoLongerProposed => "no longer proposed",
        }
    }
}

impl Changes {
    pub(crate) fn count(&mut self, change: Change) {
        match change {
            Change::NewlyPermitted => self.newly_permitted += 1,
            Change::NewlyRestricted => self.newly_restricted += 1,
            Change::NewlyProposed => self.newly_proposed += 1,
            Change::NoLongerProposed => self.no_longer_proposed += 1,
        }
    }

    pub(crate) fn of(&self, change: Change) -> u64 {
        match change {
            Change::NewlyPermitted => self.newly_permitted,
            Change::NewlyRestricted => self.newly_restricted,
            Change::NewlyProposed => self.newly_proposed,
            Change::NoLongerProposed => self.no_longer_proposed,
        }
    }

    pub(crate) fn all(&self) -> u64 {
        Change::ALL.into_iter().map(|change| self.of(change)).sum()
    }

    /// `2 newly permitted, 0 newly restricted, …`
    pub(crate) fn told(&self) -> String {
        Change::ALL.map(|change| format!("{} {}", counted(self.of(change)), change.told())).join(", ")
    }
}
