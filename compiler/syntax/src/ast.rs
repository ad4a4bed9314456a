//! The syntax tree: what was written, with where each part stands. Names are not resolved and types not known.

use std::sync::Arc;

use leeway_diagnostics::{Span, Spanned};
use leeway_units::Quantity;

/// A name with its place.
pub type Ident = Spanned<Arc<str>>;

/// A text in quotes or backticks, unescaped, with the place of the whole literal.
pub type Text = Spanned<Arc<str>>;

/// A file: whole items only; what was broken is in the diagnostics.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct File {
    /// The `use`s, in order.
    pub uses: Vec<Use>,
    /// The `target`s, in order.
    pub targets: Vec<Target>,
    /// The `blueprint`s, in order.
    pub blueprints: Vec<Blueprint>,
}

/// Names joined by points: `std.ratelimiter`.
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    /// The parts; at least one.
    pub parts: Vec<Ident>,
    /// The whole.
    pub span: Span,
}

impl Path {
    /// The path as written, without white space.
    pub fn text(&self) -> String {
        self.parts.iter().map(|part| part.node.as_ref()).collect::<Vec<_>>().join(".")
    }
}

/// `use PATH [as NAME]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Use {
    /// The module.
    pub path: Path,
    /// The name it is bound to, if given.
    pub alias: Option<Ident>,
}

/// `name: type`, as parameters and facts declare it.
#[derive(Clone, Debug, PartialEq)]
pub struct Typed {
    /// The name.
    pub name: Ident,
    /// The type's name.
    pub ty: Ident,
}

/// `target KIND(name: text) { … }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// The `///` lines before it.
    pub doc: Option<Arc<str>>,
    /// The kind.
    pub kind: Path,
    /// Its parameters.
    pub parameters: Vec<Typed>,
    /// Its facts.
    pub facts: Vec<Fact>,
    /// Its actions.
    pub actions: Vec<Action>,
}

/// `fact NAME: TYPE [stale D]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    /// The `///` lines before it.
    pub doc: Option<Arc<str>>,
    /// Name and type.
    pub typed: Typed,
    /// How old a value may be.
    pub stale: Option<Spanned<Quantity>>,
}

/// `action NAME(PARAMETERS) { … }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Action {
    /// The `///` lines before it.
    pub doc: Option<Arc<str>>,
    /// The name.
    pub name: Ident,
    /// The parameters.
    pub parameters: Vec<Typed>,
    /// What stands in its block, in order.
    pub parts: Vec<Spanned<ActionPart>>,
}

/// One statement about an action.
#[derive(Clone, Debug, PartialEq)]
pub enum ActionPart {
    /// `effect FACT = E`.
    Effect {
        /// The fact it writes.
        fact: Ident,
        /// The value the fact has afterwards.
        value: Expr,
    },
    /// `undo CALL`.
    UndoCall(Call),
    /// `undo receipt`.
    UndoReceipt,
    /// `undo nothing`.
    UndoNothing,
    /// `irreversible`.
    Irreversible,
    /// `disruptive`.
    Disruptive,
    /// `risk low | medium | high`, the word as written.
    Risk(Ident),
    /// `verify { … }`.
    Verify(Vec<Stage>),
}

/// `blueprint NAME for KIND("NAME") { … }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Blueprint {
    /// The `///` lines before it.
    pub doc: Option<Arc<str>>,
    /// The name.
    pub name: Ident,
    /// The kind of its target.
    pub kind: Path,
    /// The name of its target.
    pub target: Text,
    /// Its whole members, in order.
    pub members: Vec<Member>,
    /// How many members were dropped because they were broken.
    pub broken: usize,
    /// The header, from `blueprint` to the `{`.
    pub span: Span,
}

/// A member of a blueprint.
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
pub enum MemberKind {
    /// `version "1.4.0"`.
    Version(Text),
    /// `owner "team"`.
    Owner(Text),
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
    /// `verify ACTIONS { … } else …`.
    Verify(Verify),
}

/// `let NAME = E`.
#[derive(Clone, Debug, PartialEq)]
pub struct Let {
    /// The name.
    pub name: Ident,
    /// What it stands for.
    pub value: Expr,
}

/// `metric NAME: TYPE = SOURCE [every D] [stale D]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Metric {
    /// Name and type.
    pub typed: Typed,
    /// Where its samples come from.
    pub source: Source,
    /// How often it is sampled.
    pub every: Option<Spanned<Quantity>>,
    /// How old a sample may be.
    pub stale: Option<Spanned<Quantity>>,
}

/// `scrape A [/ B]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// What is read.
    pub scrape: Scrape,
    /// By what it is divided.
    pub divided_by: Option<Scrape>,
    /// The whole.
    pub span: Span,
}

/// One reading of a target's own `/metrics`.
#[derive(Clone, Debug, PartialEq)]
pub enum Scrape {
    /// `"gauge{…}"`.
    Gauge(Text),
    /// `sum("gauge{…}")`.
    Sum(Text),
    /// `rate("counter{…}", D)`.
    Rate(Text, Spanned<Quantity>),
    /// `quantile(Q, "histogram{…}", D)`.
    Quantile(Spanned<Quantity>, Text, Spanned<Quantity>),
    /// `mean("histogram{…}", D)`.
    Mean(Text, Spanned<Quantity>),
}

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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    pub by: Vec<Text>,
    /// Its given name.
    pub name: Option<Ident>,
}

/// An action as clauses, limits and `verify` name it: `any`, `disruptive`, `scale`, `scale(to)`, `resize(cpu_request, ..)`.
#[derive(Clone, Debug, PartialEq)]
pub struct ActionRef {
    /// The action's name, or `any` or `disruptive`.
    pub name: Ident,
    /// The parameters named.
    pub parameters: Vec<Ident>,
    /// Whether `..` says that the rest is not read on purpose.
    pub rest: bool,
    /// The whole.
    pub span: Span,
}

/// `limit …`.
#[derive(Clone, Debug, PartialEq)]
pub enum Limit {
    /// `cooldown D after ACTIONS`.
    Cooldown {
        /// For how long.
        duration: Spanned<Quantity>,
        /// After which actions.
        after: Vec<ActionRef>,
    },
    /// `breaker N failures`.
    Breaker {
        /// How many in a row.
        failures: Spanned<Quantity>,
    },
}

/// `verify ACTIONS { … } else …`.
#[derive(Clone, Debug, PartialEq)]
pub struct Verify {
    /// Which actions.
    pub actions: Vec<ActionRef>,
    /// The stages, in order.
    pub stages: Vec<Stage>,
    /// What happens when it fails.
    pub otherwise: Spanned<Failure>,
}

/// What happens when verification fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// `else rollback`.
    Rollback,
    /// `else escalate`.
    Escalate,
    /// `else nothing`.
    Nothing,
}

/// `at D E`, `within D E` or `hold D E`.
#[derive(Clone, Debug, PartialEq)]
pub struct Stage {
    /// Which of the three.
    pub kind: StageKind,
    /// How long, from the end of the action (`hold`: from when the others are done).
    pub duration: Spanned<Quantity>,
    /// What must be true.
    pub condition: Expr,
}

/// The kinds of stages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StageKind {
    /// Once, after the time.
    At,
    /// At some time until then.
    Within,
    /// At every sample for that long, after the others.
    Hold,
}

/// A call of an action with expressions as arguments.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The action.
    pub action: Ident,
    /// The arguments, by name.
    pub arguments: Vec<(Ident, Expr)>,
    /// The whole.
    pub span: Span,
}

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of expressions. Parentheses leave no node, but `Expr::span` of what stands in them includes them.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// `true`, `false`.
    Bool(bool),
    /// A number with its unit.
    Quantity(Quantity),
    /// A text.
    Text(Arc<str>),
    /// `[a, b]`.
    List(Vec<Expr>),
    /// A bare name.
    Name(Arc<str>),
    /// `E.name`.
    Field(Box<Expr>, Ident),
    /// `name(a, b)`.
    Function(Ident, Vec<Expr>),
    /// `not E`.
    Not(Box<Expr>),
    /// `-E`.
    Negate(Box<Expr>),
    /// `a and b and c`; at least two.
    And(Vec<Expr>),
    /// `a or b or c`; at least two.
    Or(Vec<Expr>),
    /// `E for D`; D is a duration literal or the name of a constant.
    For(Box<Expr>, Box<Expr>),
    /// `a == b` and its like.
    Compare(Box<Expr>, Spanned<Comparison>, Box<Expr>),
    /// `a in lo..hi`; `negated` for `not in`.
    InRange {
        /// What is looked for.
        value: Box<Expr>,
        /// The least.
        low: Box<Expr>,
        /// The greatest.
        high: Box<Expr>,
        /// Whether `not` stands before `in`.
        negated: bool,
    },
    /// `a in list`; `negated` for `not in`.
    InList {
        /// What is looked for.
        value: Box<Expr>,
        /// Where.
        list: Box<Expr>,
        /// Whether `not` stands before `in`.
        negated: bool,
    },
    /// `a within P% of b`.
    Within {
        /// What is measured.
        value: Box<Expr>,
        /// How far it may be away.
        percent: Spanned<Quantity>,
        /// From what.
        of: Box<Expr>,
    },
    /// `a ?? b`.
    Coalesce(Box<Expr>, Box<Expr>),
    /// `a + b` and its like.
    Arithmetic(Box<Expr>, Spanned<ArithmeticOp>, Box<Expr>),
    /// `if a then b else c`.
    If(Box<Expr>, Box<Expr>, Box<Expr>),
}

/// The comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the operators")]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// The four operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the operators")]
pub enum ArithmeticOp {
    Add,
    Subtract,
    Multiply,
    Divide,
}
