//! The words of the language: one table each, from which scanning, messages and completion are made.

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
pub(crate) const ITEMS: &[&str] = &["use", "target", "blueprint"];

/// Items of later versions.
pub(crate) const ITEMS_LATER: &[&str] = &["policy"];

/// What a blueprint consists of.
pub(crate) const MEMBERS: &[&str] =
    &["version", "owner", "let", "metric", "objective", "rule", "allow", "approve", "forbid", "limit", "verify"];

/// Members of later versions.
pub(crate) const MEMBERS_LATER: &[&str] =
    &["include", "approval", "autonomy", "slo", "invariant", "prove", "test", "needs", "consult", "audit", "label"];

/// Members that are words only before a text, since they are not reserved.
pub(crate) const MEMBERS_BEFORE_TEXT: &[&str] = &["version", "owner"];

/// What a target consists of.
pub(crate) const TARGET_MEMBERS: &[&str] = &["fact", "action"];

/// Members of targets in later versions.
pub(crate) const TARGET_MEMBERS_LATER: &[&str] = &["enum", "collection"];

/// The words a clause begins with; after some words they are not its beginning (`else approve`).
pub(crate) const CLAUSES: &[&str] = &["allow", "approve", "forbid"];

/// Words after which a member's word is a part of the member before.
pub(crate) const BEFORE_TIER: &[&str] = &["else", "autonomy", "never", "always", "expect"];

/// Limits of later versions, by the word after `limit`.
pub(crate) const LIMITS_LATER: &[&str] = &["at", "pace", "drift", "budget", "freeze"];

/// Metric sources of later versions, by the word after `=`.
pub(crate) const SOURCES_LATER: &[&str] = &["prometheus", "http_json", "constant"];

/// Comparisons of later versions.
pub(crate) const OPERATORS_LATER: &[&str] = &["starts_with", "ends_with", "matches"];

/// Quantifiers, all of a later version: `any X in C: E`.
pub(crate) const QUANTIFIERS_LATER: &[&str] = &["any", "all", "count", "sum", "min", "max"];

/// The most bytes of a name.
pub(crate) const NAME_LENGTH_MAX: usize = 64;

/// Whether `word` can never be a name.
pub(crate) fn is_reserved(word: &str) -> bool {
    RESERVED.contains(&word)
}

/// The one of `known` that was probably meant by `word`.
pub(crate) fn closest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // A third of the word may be wrong: more, and the guess says more about the table than about the word.
    let distance_max = (word.len() / 3).max(1);
    if word.len() < 2 || word.len() > NAME_LENGTH_MAX {
        return None;
    }
    known
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(word, candidate), candidate))
        .filter(|(distance, _)| (1..=distance_max).contains(distance))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}
