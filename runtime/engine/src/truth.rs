//! Kleene's three truth values.

use leeway_units::Value;
use serde::{Deserialize, Serialize};

/// True, false, or not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Truth {
    /// It holds.
    True,
    /// It does not.
    False,
    /// The evidence does not say.
    Unknown,
}

impl Truth {
    /// The truth of a value; what is no truth value is unknown.
    pub fn of(value: Option<&Value>) -> Truth {
        match value.and_then(Value::bool) {
            Some(true) => Truth::True,
            Some(false) => Truth::False,
            None => Truth::Unknown,
        }
    }

    /// As a value; nothing when unknown.
    pub fn value(self) -> Option<Value> {
        match self {
            Truth::True => Some(Value::Bool(true)),
            Truth::False => Some(Value::Bool(false)),
            Truth::Unknown => None,
        }
    }

    /// Its word: `true`, `false` or `unknown`.
    pub fn name(self) -> &'static str {
        match self {
            Truth::True => "true",
            Truth::False => "false",
            Truth::Unknown => "unknown",
        }
    }

    /// Whether it holds for certain.
    pub fn is_true(self) -> bool {
        self == Truth::True
    }

    /// Whether it may hold: restraints speak when true *or unknown*.
    pub fn restrains(self) -> bool {
        self != Truth::False
    }

    /// False if one is false, else unknown if one is unknown.
    pub fn all(truths: impl IntoIterator<Item = Truth>) -> Truth {
        let mut all = Truth::True;
        for truth in truths {
            match truth {
                Truth::False => return Truth::False,
                Truth::Unknown => all = Truth::Unknown,
                Truth::True => {}
            }
        }
        all
    }
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Truth {
        if holds { Truth::True } else { Truth::False }
    }
}

impl std::ops::Not for Truth {
    type Output = Truth;

    fn not(self) -> Truth {
        match self {
            Truth::True => Truth::False,
            Truth::False => Truth::True,
            Truth::Unknown => Truth::Unknown,
        }
    }
}
