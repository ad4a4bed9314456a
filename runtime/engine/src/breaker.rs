//! Counts failures in a row.

use leeway_ir::{LimitKind, Policy};

use crate::history::Ended;

/// How many operations in a row have failed. Whether that opens the breaker is the policy's to say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Breaker {
    /// Failures since the last success or reset.
    pub failures: u32,
    /// The most failures without a success between them, since the last reset.
    most: u32,
}

impl Breaker {
    /// The count after an operation ended so.
    #[must_use]
    pub fn after(self, ended: Ended) -> Breaker {
        match ended {
            Ended::Failed | Ended::RolledBack | Ended::RollbackFailed => {
                let failures = self.failures.saturating_add(1);
                Breaker { failures, most: self.most.max(failures) }
            }
            Ended::Confirmed | Ended::Partial => Breaker { failures: 0, ..self },
            Ended::Superseded => self,
        }
    }

    /// Whether the failures that are counted now open the policy's breaker.
    pub(crate) fn opens(self, policy: &Policy) -> bool {
        opening(policy).any(|failures| self.failures >= failures)
    }

    /// Whether the policy's breaker has opened since the last reset: a success does not close it.
    pub(crate) fn has_opened(self, policy: &Policy) -> bool {
        opening(policy).any(|failures| self.most >= failures)
    }
}

/// How many failures in a row open each breaker of the policy.
fn opening(policy: &Policy) -> impl Iterator<Item = u32> {
    policy.limits.iter().filter_map(|limit| match limit.kind {
        LimitKind::Breaker { failures } => Some(failures),
        LimitKind::Cooldown { .. }
        | LimitKind::AtMost { .. }
        | LimitKind::Pace { .. }
        | LimitKind::Drift { .. }
        | LimitKind::Budget { .. }
        | LimitKind::Freeze { .. } => None,
    })
}
