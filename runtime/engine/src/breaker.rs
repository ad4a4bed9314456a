//! Counts failures in a row.

use leeway_ir::{LimitKind, Policy};
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

    /// Whether that many open the policy's breaker.
    pub(crate) fn opens(self, policy: &Policy) -> bool {
        policy.limits.iter().any(|limit| match limit.kind {
            LimitKind::Breaker { failures } => self >= Breaker { failures },
            LimitKind::Cooldown { .. }
            | LimitKind::AtMost { .. }
            | LimitKind::Pace { .. }
            | LimitKind::Drift { .. }
            | LimitKind::Budget { .. }
            | LimitKind::Freeze { .. } => false,
        })
    }

    /// Whether operations that ended so, in this order, have opened the policy's breaker, which nobody reset.
    pub(crate) fn has_opened(policy: &Policy, ended: impl IntoIterator<Item = Ended>) -> bool {
        let mut breaker = Breaker::default();
        ended.into_iter().any(|ended| {
            breaker = breaker.after(ended);
            breaker.opens(policy)
        })
    }
}
