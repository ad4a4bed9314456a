//! Expressions over slots. Every one ends: there are no loops and no calls but of built-in functions.

use std::sync::Arc;

use leeway_units::{Quantity, Value};
use serde::{Deserialize, Serialize};

use crate::action::ActionId;
use crate::metric::MetricId;
use crate::pattern::Pattern;
use crate::policy::FactId;
use crate::slo::SloId;
use crate::weekly::Weekly;

/// How deep expressions nest at the most: whatever walks over one has so many steps to come back from.
pub const EXPRESSION_DEPTH_MAX: usize = 128;

/// An expression. Its value is of a known type, or unknown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expr {
    /// A value written in the source.
    Constant(Value),
    /// A fact of the target.
    Fact(FactId),
    /// A metric.
    Metric(MetricId),
    /// A parameter of the action judged, by its place.
    Parameter(u16),
    /// Something about who proposes.
    Actor(ActorField),
    /// `action.risk`.
    ActionRisk,
    /// `action.reversible`.
    ActionReversible,
    /// Three-valued `not`.
    Not(Box<Expr>),
    /// Three-valued `and`.
    And(Vec<Expr>),
    /// Three-valued `or`.
    Or(Vec<Expr>),
    /// A comparison.
    Compare(Box<Expr>, Comparison, Box<Expr>),
    /// `value in low..high`, both ends included.
    InRange(Box<Expr>, Box<Expr>, Box<Expr>),
    /// `value in [a, b]`.
    InList(Box<Expr>, Vec<Expr>),
    /// `a starts_with b`.
    StartsWith(Box<Expr>, Box<Expr>),
    /// `a ends_with b`.
    EndsWith(Box<Expr>, Box<Expr>),
    /// `a matches "pattern"`.
    Matches(Box<Expr>, Pattern),
    /// `any X in C: E` and its like. Inside the body an [`Expr::Element`] of depth 0 is an element of this collection.
    Quantified {
        /// What is asked.
        quantifier: Quantifier,
        /// The collection, a fact.
        over: FactId,
        /// What is asked of each element: true or false, for `sum`, `min` and `max` a quantity.
        body: Box<Expr>,
    },
    /// A field of an element; depth 0 is the innermost quantifier around it.
    Element {
        /// How many quantifiers lie between.
        depth: u16,
        /// The field.
        field: Arc<str>,
    },
    /// `count(ACTION, D)`: how many operations of these actions began in the last `window_ms`.
    Began {
        /// Of which actions.
        actions: Vec<ActionId>,
        /// How far back.
        window_ms: u64,
    },
    /// `since(ACTION)`: how long ago the last operation of these actions began.
    Since {
        /// Of which actions.
        actions: Vec<ActionId>,
    },
    /// `change(FACT, D)`: what a fact is now minus what it was `window_ms` ago.
    Change {
        /// The fact.
        fact: FactId,
        /// How far back.
        window_ms: u64,
    },
    /// `during("Mon-Fri 09:00-17:00", ZONE)`.
    During(Weekly),
    /// `proposal.claims`: how many claims were confirmed.
    Claims,
    /// `budget(NAME)`: what is left of an error budget, a ratio of it.
    BudgetLeft(SloId),
    /// `value within P% of other`; the first is the percentage.
    Within(Quantity, Box<Expr>, Box<Expr>),
    /// `condition for D`, in milliseconds.
    Held(Box<Expr>, u64),
    /// A function over the samples of the last `window_ms`.
    Window {
        /// Which function.
        function: WindowFunction,
        /// Over which metric.
        metric: MetricId,
        /// How far back, in milliseconds.
        window_ms: u64,
    },
    /// `a ?? b`: `b` where `a` is unknown.
    Coalesce(Box<Expr>, Box<Expr>),
    /// `known(a)`.
    Known(Box<Expr>),
    /// Unary minus.
    Negate(Box<Expr>),
    /// `+ - * /`.
    Arithmetic(Box<Expr>, ArithmeticOp, Box<Expr>),
    /// A computed number read as a ratio.
    AsRatio(Box<Expr>),
    /// A function of values.
    Function(Function, Vec<Expr>),
    /// `if a then b else c`.
    If(Box<Expr>, Box<Expr>, Box<Expr>),
}

/// What can be asked about who proposes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActorField {
    /// `rule`, `human` or `agent`.
    Kind,
    /// The identity: `agent:atlas`.
    Id,
    /// The list of roles.
    Roles,
}

/// The comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the operators")]
pub enum ArithmeticOp {
    Add,
    Subtract,
    Multiply,
    Divide,
}

/// Functions over the samples of a window.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WindowFunction {
    /// The mean.
    Average,
    /// The least.
    Minimum,
    /// The greatest.
    Maximum,
    /// Last minus first.
    Delta,
    /// The least-squares line through the last four windows, read one window ahead.
    Forecast,
    /// The quantile (0..1) of the samples, interpolated linearly.
    Quantile(f64),
}

/// What can be asked of a collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quantifier {
    /// Whether it is true of some element; false over nothing.
    Any,
    /// Whether it is true of every element; true over nothing.
    All,
    /// Of how many elements it is true.
    Count,
    /// The sum; 0 over nothing.
    Sum,
    /// The least; unknown over nothing.
    Min,
    /// The greatest; unknown over nothing.
    Max,
}

/// Functions of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Function {
    /// The magnitude.
    Abs,
    /// The smaller of two.
    Least,
    /// The larger of two.
    Greatest,
    /// The first, kept between the second and the third.
    Clamp,
    /// To the nearest whole, a `count`; all three round to 9 digits behind the point first.
    Round,
    /// To the next whole above.
    Ceil,
    /// To the next whole below.
    Floor,
}

/// What an expression reads from outside, directly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Input {
    /// The present value of a fact.
    Fact(FactId),
    /// The present value of a metric.
    Metric(MetricId),
    /// The samples of a metric over a window.
    Window(MetricId),
    /// What was done before.
    History,
    /// What a fact was some time ago: its samples, or what operations changed.
    Past(FactId),
    /// What the proposer says that it saw.
    Claims,
    /// What is left of an error budget.
    Budget(SloId),
}

impl Input {
    /// The fact of which it is the present or the past.
    pub fn fact(self) -> Option<FactId> {
        match self {
            Input::Fact(id) | Input::Past(id) => Some(id),
            Input::Metric(_) | Input::Window(_) | Input::History | Input::Claims | Input::Budget(_) => None,
        }
    }

    /// The metric of which it is the present or a window.
    pub fn metric(self) -> Option<MetricId> {
        match self {
            Input::Metric(id) | Input::Window(id) => Some(id),
            Input::Fact(_) | Input::Past(_) | Input::History | Input::Claims | Input::Budget(_) => None,
        }
    }
}

impl Expr {
    /// What this node itself reads; what stands inside it is not asked.
    pub fn input(&self) -> Option<Input> {
        match self {
            Expr::Fact(id) => Some(Input::Fact(*id)),
            Expr::Metric(id) => Some(Input::Metric(*id)),
            Expr::Window { metric, .. } => Some(Input::Window(*metric)),
            Expr::Quantified { over, .. } => Some(Input::Fact(*over)),
            Expr::Began { .. } | Expr::Since { .. } => Some(Input::History),
            Expr::Change { fact, .. } => Some(Input::Past(*fact)),
            Expr::Claims => Some(Input::Claims),
            Expr::BudgetLeft(slo) => Some(Input::Budget(*slo)),
            Expr::Constant(_)
            | Expr::Parameter(_)
            | Expr::Actor(_)
            | Expr::ActionRisk
            | Expr::ActionReversible
            | Expr::Not(_)
            | Expr::And(_)
            | Expr::Or(_)
            | Expr::Compare(..)
            | Expr::InRange(..)
            | Expr::InList(..)
            | Expr::StartsWith(..)
            | Expr::EndsWith(..)
            | Expr::Matches(..)
            | Expr::Element { .. }
            | Expr::During(_)
            | Expr::Within(..)
            | Expr::Held(..)
            | Expr::Coalesce(..)
            | Expr::Known(_)
            | Expr::Negate(_)
            | Expr::Arithmetic(..)
            | Expr::AsRatio(_)
            | Expr::Function(..)
            | Expr::If(..) => None,
        }
    }

    /// Everything that this and the expressions inside it read, in the order written.
    pub fn inputs(&self) -> Vec<Input> {
        let mut inputs = Vec::new();
        self.walk(&mut |expr| inputs.extend(expr.input()));
        inputs
    }

    /// The expressions directly inside this one.
    pub fn children(&self) -> impl Iterator<Item = &Expr> {
        let (named, listed): ([Option<&Expr>; 3], &[Expr]) = match self {
            Expr::Constant(_)
            | Expr::Fact(_)
            | Expr::Metric(_)
            | Expr::Parameter(_)
            | Expr::Actor(_)
            | Expr::ActionRisk
            | Expr::ActionReversible
            | Expr::Window { .. }
            | Expr::Element { .. }
            | Expr::Began { .. }
            | Expr::Since { .. }
            | Expr::Change { .. }
            | Expr::During(_)
            | Expr::Claims
            | Expr::BudgetLeft(_) => ([None; 3], &[]),
            Expr::Not(a)
            | Expr::Held(a, _)
            | Expr::Known(a)
            | Expr::Negate(a)
            | Expr::AsRatio(a)
            | Expr::Matches(a, _)
            | Expr::Quantified { body: a, .. } => ([Some(a), None, None], &[]),
            Expr::And(all) | Expr::Or(all) | Expr::Function(_, all) => ([None; 3], all),
            Expr::Compare(a, _, b)
            | Expr::Within(_, a, b)
            | Expr::Coalesce(a, b)
            | Expr::Arithmetic(a, _, b)
            | Expr::StartsWith(a, b)
            | Expr::EndsWith(a, b) => ([Some(a), Some(b), None], &[]),
            Expr::InRange(a, b, c) | Expr::If(a, b, c) => ([Some(a), Some(b), Some(c)], &[]),
            Expr::InList(a, list) => ([Some(a), None, None], list),
        };
        named.into_iter().flatten().chain(listed)
    }

    /// The same, to be changed.
    fn children_mut(&mut self) -> Vec<&mut Expr> {
        match self {
            Expr::Constant(_)
            | Expr::Fact(_)
            | Expr::Metric(_)
            | Expr::Parameter(_)
            | Expr::Actor(_)
            | Expr::ActionRisk
            | Expr::ActionReversible
            | Expr::Window { .. }
            | Expr::Element { .. }
            | Expr::Began { .. }
            | Expr::Since { .. }
            | Expr::Change { .. }
            | Expr::During(_)
            | Expr::Claims
            | Expr::BudgetLeft(_) => vec![],
            Expr::Not(a)
            | Expr::Held(a, _)
            | Expr::Known(a)
            | Expr::Negate(a)
            | Expr::AsRatio(a)
            | Expr::Matches(a, _)
            | Expr::Quantified { body: a, .. } => vec![a],
            Expr::And(all) | Expr::Or(all) | Expr::Function(_, all) => all.iter_mut().collect(),
            Expr::Compare(a, _, b)
            | Expr::Within(_, a, b)
            | Expr::Coalesce(a, b)
            | Expr::Arithmetic(a, _, b)
            | Expr::StartsWith(a, b)
            | Expr::EndsWith(a, b) => vec![a, b],
            Expr::InRange(a, b, c) | Expr::If(a, b, c) => vec![a, b, c],
            Expr::InList(a, list) => std::iter::once(a.as_mut()).chain(list).collect(),
        }
    }

    /// Changes this and every expression inside it, outermost first.
    pub(crate) fn walk_mut(&mut self, change: &mut dyn FnMut(&mut Expr)) {
        change(self);
        for child in self.children_mut() {
            child.walk_mut(change);
        }
    }

    /// This and every expression inside it, outermost first.
    pub fn walk<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        visit(self);
        for child in self.children() {
            child.walk(visit);
        }
    }
}
