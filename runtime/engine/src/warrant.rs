//! Leave to act once: one action, one target, one state, for a short time.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::intent::Intent;
use crate::receipt::Receipt;

/// Raised by the kill switch; warrants of an earlier epoch are dead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Epoch(pub u64);

/// Leave to act once. It cannot be copied, stored or made outside this crate: [`crate::admit`] gives one for what was decided
/// and approved, [`Receipt::undo`] one for taking that back.
///
/// A provider cannot act without one:
///
/// ```compile_fail
/// fn act(warrant: leeway_engine::Warrant) {}
/// act(leeway_engine::Warrant { intent: todo!() });
/// ```
///
/// nor twice with the same:
///
/// ```compile_fail
/// fn act(warrant: leeway_engine::Warrant) {}
/// fn twice(warrant: leeway_engine::Warrant) { act(warrant); act(warrant); }
/// ```
#[derive(Debug)]
pub struct Warrant {
    intent: Intent,
}

impl Warrant {
    pub(crate) fn new(intent: Intent) -> Warrant {
        Warrant { intent }
    }

    /// What it permits, for the record.
    pub fn intent(&self) -> &Intent {
        &self.intent
    }

    /// Whether it may still be used.
    pub fn is_valid(&self, now: Timestamp, epoch: Epoch) -> bool {
        now <= self.intent.expires && epoch == self.intent.epoch
    }

    /// Uses it up: the act was done between these two moments.
    pub fn done(self, began: Timestamp, ended: Timestamp) -> Receipt {
        Receipt::of(self.intent, began, ended)
    }
}
