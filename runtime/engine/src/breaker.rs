//! Counts failures in a row.

use serde::{Deserialize, Serialize};

use crate::history::Ended;

/// How many operations in a row have failed. Whether that opens the breaker is the policy's to say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Breaker {
    /// Failures since the last success or reset.
    pub failures: u32,
}

impl Breaker {
    /// The count after an operation ended so.
    #[must_use]
    pub fn after(self, ended: Ended) -> Breaker {
        match ended {
            Ended::Failed | Ended::RolledBack | Ended::RollbackFailed => {
                Breaker { failures: self.failures.saturating_add(1) }
            }
            Ended::Confirmed | Ended::Partial => Breaker::default(),
            Ended::Superseded => self,
        }
    }
}
