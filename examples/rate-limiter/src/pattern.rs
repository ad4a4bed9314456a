//! Which tenant a request belongs to: exact names first, then the longest prefix.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::buckets::RuleId;
use crate::tenant::{NAME_BYTES_MAX, TenantName};

/// The most patterns of one tenant.
pub const PATTERNS_MAX: usize = 16;

/// What a tenant's requests are called: exactly this, or anything that begins with it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pattern {
    /// `acme`: this name alone.
    Exactly(String),
    /// `acme/*`: every name that begins with `acme/`.
    Prefix(String),
}

/// Why a text is not a [`Pattern`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PatternError {
    /// Nothing was written.
    #[error("a pattern may not be empty")]
    Empty,
    /// Longer than a name may be.
    #[error("a pattern has at most 256 bytes, not {0}")]
    TooLong(usize),
    /// A star that is not at the end.
    #[error("in `{0}` the `*` is not at the end; write a name, or a beginning and one `*`, as in `acme/*`")]
    StarInside(String),
}

/// The tenants' patterns, each of which belongs to one of them.
#[derive(Debug, Default)]
pub(crate) struct Patterns {
    exact: HashMap<String, RuleId>,
    /// By length, so that the longest is looked for first.
    prefixes: BTreeMap<usize, HashMap<String, RuleId>>,
}

impl Pattern {
    /// The pattern that a tenant has when it names none: its own name, stars and all.
    #[must_use]
    pub fn of_name(name: &TenantName) -> Self {
        Self::Exactly(name.as_str().to_owned())
    }
}

impl FromStr for Pattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        if text.is_empty() {
            return Err(PatternError::Empty);
        }
        if text.len() > NAME_BYTES_MAX {
            return Err(PatternError::TooLong(text.len()));
        }
        let (begin, is_prefix) = text.strip_suffix('*').map_or((text, false), |begin| (begin, true));
        if begin.contains('*') {
            return Err(PatternError::StarInside(text.to_owned()));
        }
        Ok(if is_prefix { Self::Prefix(begin.to_owned()) } else { Self::Exactly(begin.to_owned()) })
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exactly(name) => f.write_str(name),
            Self::Prefix(begin) => write!(f, "{begin}*"),
        }
    }
}

impl Patterns {
    /// Whose a request with this name is, if anybody's.
    pub(crate) fn owner(&self, name: &str) -> Option<RuleId> {
        if let Some(rule) = self.exact.get(name) {
            return Some(*rule);
        }
        let fitting = self.prefixes.range(..=name.len()).rev();
        fitting.filter_map(|(length, begins)| begins.get(name.get(..*length)?)).next().copied()
    }

    /// Whose the pattern itself is.
    pub(crate) fn holder(&self, pattern: &Pattern) -> Option<RuleId> {
        match pattern {
            Pattern::Exactly(name) => self.exact.get(name).copied(),
            Pattern::Prefix(begin) => self.prefixes.get(&begin.len())?.get(begin).copied(),
        }
    }

    pub(crate) fn add(&mut self, pattern: &Pattern, rule: RuleId) {
        match pattern {
            Pattern::Exactly(name) => self.exact.insert(name.clone(), rule),
            Pattern::Prefix(begin) => self.prefixes.entry(begin.len()).or_default().insert(begin.clone(), rule),
        };
    }

    pub(crate) fn remove(&mut self, pattern: &Pattern) {
        match pattern {
            Pattern::Exactly(name) => drop(self.exact.remove(name)),
            Pattern::Prefix(begin) => {
                if let Some(begins) = self.prefixes.get_mut(&begin.len()) {
                    begins.remove(begin);
                    if begins.is_empty() {
                        self.prefixes.remove(&begin.len());
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

    use super::*;

    #[test]
    fn the_most_specific_pattern_wins() {
        let mut patterns = Patterns::default();
        let written = ["acme", "acme/*", "acme/eu/*", "ü*", "*"];
        for (pattern, number) in written.iter().zip(0..) {
            patterns.add(&pattern.parse().unwrap(), RuleId(number));
        }
        for (name, owner) in
            [("acme", 0), ("acme/", 1), ("acme/u1", 1), ("acme/eu/u1", 2), ("acmes", 4), ("über", 3), ("u", 4)]
        {
            assert_eq!(patterns.owner(name), Some(RuleId(owner)), "{name}");
        }
        patterns.remove(&"*".parse().unwrap());
        patterns.remove(&"acme/eu/*".parse().unwrap());
        assert_eq!((patterns.owner("acmes"), patterns.owner("acme/eu/u1")), (None, Some(RuleId(1))));
    }

    #[test]
    fn a_pattern_that_is_none_is_told_why() {
        assert_eq!("".parse::<Pattern>(), Err(PatternError::Empty));
        assert_eq!("a*b".parse::<Pattern>(), Err(PatternError::StarInside("a*b".to_owned())));
        assert_eq!("x".repeat(257).parse::<Pattern>(), Err(PatternError::TooLong(257)));
        assert_eq!("a*".parse::<Pattern>().unwrap().to_string(), "a*");
    }
}
