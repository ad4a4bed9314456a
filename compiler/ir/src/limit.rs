//! Restraints that look at what was done before, and at the clock.

use std::sync::Arc;

use leeway_units::Quantity;
use serde::{Deserialize, Serialize};

use crate::action::ActionId;
use crate::metric::MetricId;
use crate::origin::Origin;
use crate::policy::FactId;
use crate::weekly::Weekly;

/// One `limit`: a voice beside the clauses.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Limit {
    /// Its id: `frontend/limit/cooldown/1`.
    pub id: Arc<str>,
    /// Always false: limits have no given names; keeps the id out of the fingerprint.
    pub named: bool,
    /// What it restrains.
    pub kind: LimitKind,
    /// As written, without `limit`: `cooldown 60s after any`.
    pub written: Arc<str>,
    /// Where it stands.
    pub origin: Origin,
}

/// The kinds of limits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitKind {
    /// Until this long after the start of one of the actions, none of them passes.
    Cooldown {
        /// For how long.
        duration_ms: u64,
        /// After which actions, and which it holds back.
        actions: Vec<ActionId>,
    },
    /// After so many failures in a row nothing passes until a person resets it.
    Breaker {
        /// How many.
        failures: u32,
    },
    /// At most so many operations of these actions in a window; more need approval.
    AtMost {
        /// How many.
        count: u32,
        /// Of which actions together.
        actions: Vec<ActionId>,
        /// In how long.
        window_ms: u64,
    },
    /// The same for each actor by itself.
    Pace {
        /// How many.
        count: u32,
        /// Of which actions together.
        actions: Vec<ActionId>,
        /// In how long.
        window_ms: u64,
    },
    /// A fact must not be written farther than `by` from what it was `window_ms` ago.
    Drift {
        /// The fact.
        fact: FactId,
        /// How far.
        by: Quantity,
        /// From what it was how long ago.
        window_ms: u64,
    },
    /// The forecast must not exceed a part of what may be spent.
    Budget {
        /// The forecast, a `spend`.
        metric: MetricId,
        /// What may be spent, times the percentage: the most that passes.
        most: Quantity,
    },
    /// Nothing passes without people in that part of the week.
    Freeze {
        /// When.
        weekly: Weekly,
        /// What is not frozen.
        except: Vec<ActionId>,
    },
}

impl LimitKind {
    /// Whether this holds back whatever `other` does; both are of one policy.
    pub(crate) fn holds_back_like(&self, other: &LimitKind) -> bool {
        let all = |mine: &[ActionId], theirs: &[ActionId]| theirs.iter().all(|action| mine.contains(action));
        match (self, other) {
            (
                LimitKind::Cooldown { duration_ms, actions },
                LimitKind::Cooldown { duration_ms: theirs, actions: held_back },
            ) => duration_ms >= theirs && all(actions, held_back),
            (LimitKind::Breaker { failures }, LimitKind::Breaker { failures: theirs }) => failures <= theirs,
            (
                LimitKind::AtMost { count, actions, window_ms },
                LimitKind::AtMost { count: theirs, actions: counted, window_ms: over_ms },
            )
            | (
                LimitKind::Pace { count, actions, window_ms },
                LimitKind::Pace { count: theirs, actions: counted, window_ms: over_ms },
            ) => count <= theirs && window_ms >= over_ms && all(actions, counted),
            // What a fact was longer ago is neither nearer nor farther.
            (
                LimitKind::Drift { fact, by, window_ms },
                LimitKind::Drift { fact: of, by: theirs, window_ms: over_ms },
            ) => fact == of && window_ms == over_ms && at_most(*by, *theirs),
            (LimitKind::Budget { metric, most }, LimitKind::Budget { metric: of, most: theirs }) => {
                metric == of && at_most(*most, *theirs)
            }
            (LimitKind::Freeze { weekly, except }, LimitKind::Freeze { weekly: theirs, except: free }) => {
                weekly.covers(theirs) && all(free, except)
            }
            (
                LimitKind::Cooldown { .. }
                | LimitKind::Breaker { .. }
                | LimitKind::AtMost { .. }
                | LimitKind::Pace { .. }
                | LimitKind::Drift { .. }
                | LimitKind::Budget { .. }
                | LimitKind::Freeze { .. },
                _,
            ) => false,
        }
    }
}

fn at_most(one: Quantity, other: Quantity) -> bool {
    one.compare(other).is_some_and(std::cmp::Ordering::is_le)
}
