//! The words of the language: one table each, from which scanning, messages and completion are made.

use leeway_diagnostics::nearest;

/// The words a member of a blueprint begins with.
pub fn member_words() -> &'static [&'static str] {
    MEMBERS
}

/// Words that are never names, except after `.` and before `:`.
pub(crate) const RESERVED: &[&str] = &[
    "and",
    "or",
    "not",
    "in",
    "within",
    "of",
    "for",
    "if",
    "then",
    "else",
    "true",
    "false",
    "when",
    "because",
    "suggest",
    "propose",
    "include",
    "let",
    "metric",
    "objective",
    "rule",
    "allow",
    "approve",
    "forbid",
    "limit",
    "approval",
    "autonomy",
    "verify",
    "slo",
    "invariant",
    "prove",
    "test",
    "needs",
    "fact",
    "collection",
    "action",
    "enum",
    "consult",
    "audit",
    "label",
];

/// What a file consists of.
pub(crate) const ITEMS: &[&str] = &["use", "target", "policy", "blueprint"];

/// What a blueprint consists of.
pub(crate) const MEMBERS: &[&str] = &[
    "version",
    "owner",
    "label",
    "include",
    "let",
    "metric",
    "objective",
    "rule",
    "allow",
    "approve",
    "forbid",
    "limit",
    "approval",
    "autonomy",
    "audit",
    "verify",
    "slo",
    "invariant",
    "test",
];

/// What a policy has beside the members of a blueprint.
pub(crate) const POLICY_MEMBERS: &[&str] = &["needs"];

/// Members of blueprints and policies in later versions.
pub(crate) const MEMBERS_LATER: &[&str] = &["prove", "consult"];

/// Members that are words only before a text, since they are not reserved.
pub(crate) const MEMBERS_BEFORE_TEXT: &[&str] = &["version", "owner"];

/// What a target consists of.
pub(crate) const TARGET_MEMBERS: &[&str] = &["fact", "enum", "collection", "action"];

/// The words a clause begins with; after some words they are not its beginning (`else approve`).
pub(crate) const CLAUSES: &[&str] = &["allow", "approve", "forbid"];

/// Words after which a member's word is a part of the member before.
pub(crate) const BEFORE_TIER: &[&str] = &["else", "autonomy", "never", "always", "expect"];

/// What asks something of each element: `any X in C: E`. Elsewhere these are names and functions.
pub(crate) const QUANTIFIERS: &[&str] = &["any", "all", "count", "sum", "min", "max"];

/// The comparisons of texts. Elsewhere these are names.
pub(crate) const TEXT_TESTS: &[&str] = &["starts_with", "ends_with", "matches"];

/// What other policy languages call the words of this one.
const ELSEWHERE: &[(&str, &str)] = &[
    ("deny", "forbid"),
    ("block", "forbid"),
    ("reject", "forbid"),
    ("permit", "allow"),
    ("grant", "allow"),
    ("require", "approve"),
];

/// The most bytes of a name.
pub(crate) const NAME_LENGTH_MAX: usize = 64;

/// Whether `word` can never be a name.
pub(crate) fn is_reserved(word: &str) -> bool {
    RESERVED.contains(&word)
}

/// The one of `known` that was probably meant by `word`.
pub(crate) fn closest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.len() < 2 || word.len() > NAME_LENGTH_MAX {
        return None;
    }
    let known: Vec<&str> = known.into_iter().collect();
    let elsewhere = ELSEWHERE.iter().find(|(other, _)| *other == word);
    if let Some((_, here)) = elsewhere.filter(|(_, here)| known.contains(here)) {
        return Some(here);
    }
    // A word in the wrong place is not meant for itself.
    nearest(word, known.into_iter().filter(|candidate| *candidate != word))
}
