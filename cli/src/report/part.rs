//! What of a policy may speak, and how often it did.

use leeway_ir::Origin;
use serde::Serialize;

/// A rule, a clause, a limit or a ceiling.
#[derive(Debug, Serialize)]
pub(crate) struct Part {
    pub(crate) kind: PartKind,
    /// Its id; of a rule, that of the actor that it is: `rule:scale_out`.
    pub(crate) id: String,
    /// As written.
    pub(crate) text: String,
    /// Where it stands.
    pub(crate) at: Origin,
    /// In how many verdicts it spoke; of a rule, how often it proposed.
    pub(crate) times: u64,
}

/// What it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PartKind {
    Rule,
    Clause,
    Limit,
    Ceiling,
}

impl PartKind {
    /// What it did where it never did anything.
    pub(crate) const fn never(self) -> &'static str {
        match self {
            PartKind::Rule => "never proposed",
            PartKind::Clause | PartKind::Limit | PartKind::Ceiling => "never spoke",
        }
    }
}
