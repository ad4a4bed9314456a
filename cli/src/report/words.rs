//! The course of a fact that is no number, in bounded memory.

use jiff::Timestamp;
use jiff::fmt::serde::timestamp::millisecond;
use serde::Serialize;

/// More changes than this are not told apart.
const CHANGES_MAX: usize = 2_000;

/// What stands from the first change that is not told.
const MORE: &str = "(it changed more often than is shown)";

/// What a fact was, in order of time.
#[derive(Debug, Default, PartialEq, Serialize)]
pub(crate) struct Words {
    changes: Vec<Change>,
}

/// A word that a fact became.
#[derive(Debug, PartialEq, Serialize)]
struct Change {
    /// When.
    #[serde(rename = "t", with = "millisecond::required")]
    at: Timestamp,
    /// What; nothing where it was not known.
    word: Option<String>,
}

impl Words {
    /// Takes in what it was at one more moment, in order of time; nothing where it was not known.
    pub(crate) fn add(&mut self, at: Timestamp, word: Option<&str>) {
        let is_told = self.changes.len() < CHANGES_MAX;
        let word = if is_told { word } else { Some(MORE) };
        if self.changes.last().is_none_or(|last| last.word.as_deref() != word) {
            self.changes.push(Change { at, word: word.map(str::to_owned) });
        }
    }

    /// Whether it was known at any moment.
    pub(crate) fn is_known(&self) -> bool {
        self.changes.iter().any(|change| change.word.is_some())
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;

    #[test]
    fn only_changes_are_kept_and_what_is_not_told_is_said() {
        let mut words = Words::default();
        assert!(!words.is_known());
        let at = |second| Timestamp::from_second(second).unwrap();
        for (second, word) in [(0, Some("a")), (1, Some("a")), (2, None), (3, None), (4, Some("a"))] {
            words.add(at(second), word);
        }
        assert!(words.is_known());
        let told: Vec<_> = words.changes.iter().map(|one| (one.at.as_second(), one.word.as_deref())).collect();
        assert_eq!(told, [(0, Some("a")), (2, None), (4, Some("a"))]);
        for second in 5..10_000 {
            words.add(at(second), Some(if second % 2 == 0 { "a" } else { "b" }));
        }
        assert_eq!(words.changes.len(), CHANGES_MAX + 1);
        assert_eq!(words.changes.last().unwrap().word.as_deref(), Some(MORE));
    }
}
