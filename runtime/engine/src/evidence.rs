//! What is known of a fact or metric: one of five kinds, and only one of them is a value.

use jiff::Timestamp;
use leeway_units::Value;
use serde::{Deserialize, Serialize};

/// What is known at one moment.
#[derive(Clone, Debug, PartialEq)]
pub enum Evidence<'a> {
    /// A value, and when it was measured.
    Known {
        /// The value.
        value: &'a Value,
        /// When it was measured.
        at: Timestamp,
    },
    /// Nothing was measured, or what was measured had no value.
    Missing,
    /// The last value is older than the metric admits.
    Stale,
    /// What was measured cannot be a value: not a number, two series where one was wanted.
    Invalid,
    /// The source answered with an error.
    Failed,
}

/// Why a sample holds no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gap {
    /// The source had no value.
    Missing,
    /// The source answered with what cannot be a value.
    Invalid,
    /// The source answered with an error.
    Failed,
}

impl<'a> Evidence<'a> {
    /// The value, if one is known.
    pub fn value(&self) -> Option<&'a Value> {
        match self {
            Evidence::Known { value, .. } => Some(value),
            Evidence::Missing | Evidence::Stale | Evidence::Invalid | Evidence::Failed => None,
        }
    }

    /// Why there is none, in the word of the contract.
    pub fn why(&self) -> Option<&'static str> {
        match self {
            Evidence::Known { .. } => None,
            Evidence::Missing => Some("missing"),
            Evidence::Stale => Some("stale"),
            Evidence::Invalid => Some("invalid"),
            Evidence::Failed => Some("failed"),
        }
    }
}
