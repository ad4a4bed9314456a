//! Restraints that look at what was done before.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::action::ActionId;
use crate::origin::Origin;

/// One `limit`: a voice beside the clauses.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// Until this long after the start of one of the actions, none of them passes.
    Cooldown {
        /// Its id: `frontend/limit/cooldown/1`.
        id: Arc<str>,
        /// Always false: limits have no given names; keeps the id out of the fingerprint.
        named: bool,
        /// For how long.
        duration_ms: u64,
        /// After which actions, and which it holds back.
        actions: Vec<ActionId>,
        /// Where it stands.
        origin: Origin,
    },
    /// After so many failures in a row nothing passes until a person resets it.
    Breaker {
        /// Its id: `frontend/limit/breaker/1`.
        id: Arc<str>,
        /// Always false, as above.
        named: bool,
        /// How many.
        failures: u32,
        /// Where it stands.
        origin: Origin,
    },
}
