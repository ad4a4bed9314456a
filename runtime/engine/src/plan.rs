//! The policy compiled for speed: every clause as comparisons of numbered slots, indexed by the action it speaks about.
//!
//! A slot holds a number in base units, a truth value as 0 or 1, or a text or word by its place among the plan's words; NaN is
//! unknown, since no quantity is ever NaN. What flat code does not cover (windows, collections, the history, patterns) is an
//! *outside* expression: the reference evaluator computes it before the decision, and its result has a slot too.
//!
//! [`crate::evaluate`] is the meaning of a policy, and a plan agrees with it: `tests/laws/agreement.rs`.

mod columns;
mod compile;
mod decide;
mod draft;
mod inputs;
mod json;
mod layout;
mod names;
mod ways;
mod words;

use std::collections::BTreeMap;
use std::sync::Arc;

use leeway_ir::{ActionId, Expr, FactId, MetricId};
use leeway_units::{Type, Unit};
use serde::{Deserialize, Serialize};

pub use columns::{Columns, Lanes, decide_columns};
pub use decide::decide;
pub use inputs::Inputs;
pub use json::{JsonError, read_json};
use names::Names;
use words::Words;

use crate::expression::Scope;
use crate::ruling::Heard;
use crate::tier::Tier;
use crate::truths::Truths;

/// A policy's clauses as flat code. Plain vectors: it can be stored, and loaded where nothing can be compiled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    actions: Vec<ActionPlan>,
    steps: Vec<Step>,
    blocks: Vec<Block>,
    atoms: Vec<Atom>,
    terms: Vec<Term>,
    /// The clauses of each block's bits, as places in the policy.
    clauses: Vec<u32>,
    /// How many clauses the policy has.
    clauses_total: u32,
    parameters: Vec<ParameterPlan>,
    /// Which facts and metrics an action's clauses read.
    reads: Vec<u32>,
    outside: Vec<Outside>,
    /// What each input slot holds, from [`FIRST_INPUT`] on: facts, then metrics, then parameters by name.
    kinds: Vec<Kind>,
    facts: u32,
    metrics: u32,
    constants: Vec<f64>,
    /// The slot of the first constant. Before them lie the unknown one, inputs, outside expressions, and what steps compute.
    first_constant: u32,
    /// The input slots; a fact whose name is a parameter's too is `current.NAME`.
    names: Names<Slot>,
    action_names: Names<ActionId>,
    words: Words,
    /// The words that each input of an enum can be: a document with another says nothing.
    symbols: BTreeMap<u32, Vec<Arc<str>>>,
}

/// A slot of a plan's inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Slot(u32);

impl Slot {
    /// Its place in a row of all inputs.
    pub fn place(self) -> usize {
        self.0.saturating_sub(FIRST_INPUT) as usize
    }
}

/// The slot that is always unknown.
const UNKNOWN: u32 = 0;

/// The first slot of the inputs.
const FIRST_INPUT: u32 = 1;

/// What a slot holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Quantity(Unit),
    Bool,
    Text,
    Symbol,
    /// A list or a collection: no clause compares one, so the slot stays unknown.
    Other,
}

impl Kind {
    fn of(ty: &Type) -> Kind {
        match ty {
            Type::Bool => Kind::Bool,
            Type::Quantity(unit) => Kind::Quantity(*unit),
            Type::Text => Kind::Text,
            Type::Enum(_) => Kind::Symbol,
            Type::List(_) | Type::Records(_) => Kind::Other,
        }
    }
}

/// A part of one of the plan's vectors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Span {
    from: u32,
    until: u32,
}

impl Span {
    fn of<T>(self, all: &[T]) -> &[T] {
        // `u32` always fits `usize` on the machines that a decision is made on.
        all.get(self.from as usize..self.until as usize).unwrap_or_default()
    }
}

/// What is computed for one action.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct ActionPlan {
    parameters: Span,
    steps: Span,
    blocks: Span,
    reads: Span,
    outside: Span,
    /// What the action itself demands: approval, where it cannot be undone.
    least: Tier,
}

/// A parameter of an action: an argument that is missing, negative or of another type is refused.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct ParameterPlan {
    slot: Slot,
    kind: Kind,
}

/// Up to 64 clauses, of up to 64 different comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Block {
    atoms: Span,
    terms: Span,
    clauses: Span,
    /// Bits of the clauses that forbid, that ask for approval, and that grant.
    forbids: u64,
    approves: u64,
    grants: u64,
    /// Bits of the atoms that hold if the left is less, equal, or greater.
    less: u64,
    equal: u64,
    greater: u64,
}

/// A comparison of two slots; in which cases it holds, its block knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Atom {
    left: u32,
    right: u32,
}

/// Bits of the mask of cases in which a comparison holds.
const LESS: u32 = 1;
const EQUAL: u32 = 2;
const GREATER: u32 = 4;

/// One way for a clause to be true: all of these atoms are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Term {
    needs: u64,
    /// The clause's bit in its block.
    clause: u32,
}

/// A computation of one slot from two others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Step {
    op: Op,
    left: u32,
    right: u32,
    out: u32,
}

/// What a step computes; those of one operand ignore the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Op {
    Add,
    Subtract,
    Multiply,
    Divide,
    /// A product that may be infinite: both sides of `within` are only compared.
    MultiplyToCompare,
    Abs,
    Least,
    Greatest,
    Round,
    Ceil,
    Floor,
    Known,
    Coalesce,
}

/// An expression that the reference evaluator computes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Outside {
    expr: Expr,
    kind: Kind,
    slot: u32,
}

impl Plan {
    /// The slot of a fact.
    pub fn fact(&self, id: FactId) -> Option<Slot> {
        let at = u32::from(id.0);
        (at < self.facts).then_some(Slot(FIRST_INPUT + at))
    }

    /// The slot of a metric.
    pub fn metric(&self, id: MetricId) -> Option<Slot> {
        let at = u32::from(id.0);
        (at < self.metrics).then_some(Slot(FIRST_INPUT + self.facts + at))
    }

    /// The slot of the fact, metric or parameter of that name; parameters of one name share a slot, and a fact whose name is a
    /// parameter's too is `current.NAME`.
    pub fn named(&self, name: &str) -> Option<Slot> {
        self.names.get(name)
    }

    /// The action of that name.
    pub fn action_named(&self, name: &str) -> Option<ActionId> {
        self.action_names.get(name)
    }

    /// How many inputs there are: as long is a row of them.
    pub fn inputs_total(&self) -> usize {
        self.kinds.len()
    }

    /// How many clauses the policy has.
    pub fn clauses_total(&self) -> usize {
        self.clauses_total as usize
    }

    /// How many expressions of the action's clauses only the reference evaluator computes.
    pub fn outside_total(&self, action: ActionId) -> usize {
        self.action(action).map_or(0, |action| action.outside.of(&self.outside).len())
    }

    /// The truth of each clause in a scope, and what they say in sum; nothing where the reference evaluator has to be asked.
    pub(crate) fn hear(
        &self,
        scope: Scope<'_>,
        action: ActionId,
        inputs: &mut Inputs,
        truths: &mut Truths,
    ) -> Option<Heard> {
        if !inputs.read(self, action, scope) {
            return None;
        }
        let (heard, _) = decide::heard(self, inputs, action)?;
        inputs.truths(self, truths);
        Some(heard)
    }

    fn action(&self, action: ActionId) -> Option<&ActionPlan> {
        self.actions.get(usize::from(action.0))
    }

    fn kind(&self, slot: Slot) -> Kind {
        let at = slot.0.checked_sub(FIRST_INPUT).and_then(|at| self.kinds.get(at as usize));
        at.copied().unwrap_or(Kind::Other)
    }
}
