//! What proposes and what grants or restrains.

use leeway_diagnostics::Spanned;

use super::{ActionRef, Call, Expr, Ident, Text, Words};

/// `rule NAME { when E propose CALL [because S] }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// The name.
    pub name: Ident,
    /// When it proposes.
    pub when: Expr,
    /// What it proposes.
    pub propose: Call,
    /// Why, for people.
    pub because: Option<Text>,
}

/// The three words that begin a clause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ClauseKind {
    /// `allow`.
    Allow,
    /// `approve`.
    Approve,
    /// `forbid`.
    Forbid,
}

impl ClauseKind {
    /// The word.
    pub const fn word(self) -> &'static str {
        match self {
            ClauseKind::Allow => "allow",
            ClauseKind::Approve => "approve",
            ClauseKind::Forbid => "forbid",
        }
    }
}

/// `KIND ACTIONS [when E [else KIND]] [because S] [suggest CALL] [by S, …] [as NAME]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Clause {
    /// The word it begins with.
    pub kind: Spanned<ClauseKind>,
    /// The actions it speaks about; at least one.
    pub actions: Vec<ActionRef>,
    /// When it speaks.
    pub when: Option<Expr>,
    /// The kind that speaks when `when` does not hold; only with `when`.
    pub otherwise: Option<Spanned<ClauseKind>>,
    /// Why, for people; `{name}` stands unreplaced.
    pub because: Option<Text>,
    /// What would be better.
    pub suggest: Option<Call>,
    /// Who must agree.
    pub by: Vec<Words>,
    /// Its given name.
    pub name: Option<Ident>,
}
