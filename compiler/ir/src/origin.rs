//! Where a member came from and how it is told to people; none of it decides anything.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::expr::Expr;

/// A place in a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The path, relative to the workspace root.
    pub path: Arc<str>,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
}

/// An expression that is true or false, as it was written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Condition {
    /// What is evaluated.
    pub expr: Expr,
    /// As written: `not to in floor..ceiling`. Not called `text`, which tags a value in the stored form.
    pub written: Arc<str>,
    /// The names that stand in it, with what each means.
    pub names: Vec<Named>,
}

/// A name as written and what it stands for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Named {
    /// As written: `to`, `ceiling`, `current.quota`.
    pub name: Arc<str>,
    /// What it means.
    pub value: Expr,
}

/// A reason with values to be filled in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Because {
    /// Its parts, in order.
    pub pieces: Vec<Piece>,
}

/// A part of a reason.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Piece {
    /// Text as it stands.
    Text(Arc<str>),
    /// A value.
    Value(Named),
}
