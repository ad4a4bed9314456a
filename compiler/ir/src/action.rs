//! What can be done to a target, what it changes and how it is taken back.

use std::sync::Arc;

use leeway_units::Type;
use serde::{Deserialize, Serialize};

use crate::expr::Expr;
use crate::policy::FactId;
use crate::verification::Stage;

/// A slot of [`crate::Policy::actions`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ActionId(pub u16);

/// An action of a target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Action {
    /// Its name.
    pub name: Arc<str>,
    /// Its parameters; `Expr::Parameter` is an index here.
    pub parameters: Vec<Parameter>,
    /// What it writes.
    pub effects: Vec<Effect>,
    /// How it is taken back.
    pub undo: Undo,
    /// How much harm it can do.
    pub risk: Risk,
    /// Whether it interrupts service.
    pub disruptive: bool,
    /// How its declaration says it is verified; empty: by its effects.
    pub stages: Vec<Stage>,
}

/// A parameter of an action.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Parameter {
    /// Its name.
    pub name: Arc<str>,
    /// Its type.
    #[serde(rename = "type")]
    pub ty: Type,
}

/// `effect FACT = VALUE`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Effect {
    /// The fact written.
    pub fact: FactId,
    /// Its value afterwards, from the parameters and the facts before.
    pub value: Expr,
}

/// How an action is taken back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Undo {
    /// By this call, its arguments computed from the facts before.
    Call(CallExpr),
    /// By what the provider's receipt holds.
    Receipt,
    /// It leaves nothing to take back.
    Nothing,
    /// Not at all.
    Irreversible,
}

/// A call of an action with expressions as arguments, in the order of its parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CallExpr {
    /// The action.
    pub action: ActionId,
    /// One expression for each parameter.
    pub arguments: Vec<Expr>,
}

/// How much harm an action can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the language's")]
pub enum Risk {
    Low,
    Medium,
    High,
}

impl Action {
    /// Its signature as people read it: `scale(to: count)`.
    pub fn signature(&self) -> String {
        let parameters: Vec<String> =
            self.parameters.iter().map(|parameter| format!("{}: {}", parameter.name, parameter.ty)).collect();
        format!("{}({})", self.name, parameters.join(", "))
    }
}
