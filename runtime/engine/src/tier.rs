//! The three tiers, from the most permissive to the strictest.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What may be done about a proposal. The order is strictness: the maximum of two is the stricter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// Done without asking.
    Allowed,
    /// Done when people have agreed.
    ApprovalRequired,
    /// Not done.
    Forbidden,
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Tier::Allowed => "allowed",
            Tier::ApprovalRequired => "approval required",
            Tier::Forbidden => "forbidden",
        })
    }
}
