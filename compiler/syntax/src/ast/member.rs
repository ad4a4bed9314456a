//! What a blueprint or a policy consists of.

use std::sync::Arc;

use leeway_diagnostics::{Span, Spanned};

use super::{
    Amount, Approval, Argument, Autonomy, Clause, Expr, Ident, Limit, Metric, Path, Rule, Slo, Test, Text, Typed,
    Verify,
};

/// A member of a blueprint or a policy.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// The `///` lines before it.
    pub doc: Option<Arc<str>>,
    /// What it is.
    pub kind: MemberKind,
    /// The whole member.
    pub span: Span,
}

/// The kinds of members.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "members are few, and each is read once")]
pub enum MemberKind {
    /// `version "1.4.0"`.
    Version(Text),
    /// `owner "team"`.
    Owner(Text),
    /// `label "KEY" = "VALUE"`.
    Label(Text, Text),
    /// `include M.NAME(ARGUMENTS) [as NAME]`.
    Include(Include),
    /// `needs metric NAME: TYPE`, in a policy.
    Needs(Typed),
    /// `let NAME = E`.
    Let(Let),
    /// `metric NAME: TYPE = SOURCE …`.
    Metric(Metric),
    /// `objective E`.
    Objective(Expr),
    /// `rule NAME { … }`.
    Rule(Rule),
    /// `allow`, `approve` or `forbid`.
    Clause(Clause),
    /// `limit …`.
    Limit(Limit),
    /// `approval { … }`.
    Approval(Approval),
    /// `autonomy observe | suggest | approve | act`.
    Autonomy(Spanned<Autonomy>),
    /// `audit { retention D }`.
    Audit(Amount),
    /// `verify ACTIONS { … } else …`.
    Verify(Verify),
    /// `slo NAME P% over D { … }`.
    Slo(Slo),
    /// `invariant NAME: E [because S]`.
    Invariant(Invariant),
    /// `test "…" { … }`.
    Test(Test),
}

/// `include M.NAME(ARGUMENTS) [as NAME]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Include {
    /// The policy: `baseline.irreversible`, or `irreversible` of this file.
    pub path: Path,
    /// The arguments, by name: constants, and for a needed metric the name of one.
    pub arguments: Vec<Argument>,
    /// Its name in ids, if given.
    pub alias: Option<Ident>,
}

/// `let NAME = E`.
#[derive(Clone, Debug, PartialEq)]
pub struct Let {
    /// The name.
    pub name: Ident,
    /// What it stands for.
    pub value: Expr,
}

/// `invariant NAME: E [because S]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Invariant {
    /// The name.
    pub name: Ident,
    /// What must always hold.
    pub condition: Expr,
    /// Why, for people.
    pub because: Option<Text>,
}
