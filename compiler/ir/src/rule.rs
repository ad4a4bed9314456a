//! What proposes, and what is wanted.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::action::CallExpr;
use crate::origin::{Because, Condition, Origin};

/// A slot of [`crate::Policy::rules`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RuleId(pub u16);

/// A rule. It grants nothing: what it proposes passes the same gate as every proposal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// Its name.
    pub name: Arc<str>,
    /// When it proposes.
    pub when: Condition,
    /// What it proposes.
    pub propose: CallExpr,
    /// Why, for people.
    pub because: Option<Because>,
    /// Where it stands.
    pub origin: Origin,
}

/// Something wanted of the target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Objective {
    /// What should hold.
    pub condition: Condition,
    /// Where it stands.
    pub origin: Origin,
}
