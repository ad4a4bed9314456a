//! The types of the language.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::unit::Unit;

/// The type of an expression, a fact, a metric or a parameter.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Type {
    /// `true` or `false`.
    Bool,
    /// A number with its unit.
    Quantity(Unit),
    /// A text.
    Text,
    /// One of the words that an enum declares.
    Enum(Enum),
    /// A list of like values.
    List(Arc<Type>),
    /// A collection: a list of records with these fields, sorted by name.
    Records(Arc<[Field]>),
}

/// An enum: a name and its words.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Enum {
    /// The name.
    pub name: Arc<str>,
    /// The words, in the order of their declaration.
    pub words: Arc<[Arc<str>]>,
}

/// A field of a record.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Field {
    /// The name.
    pub name: Arc<str>,
    /// The type; neither a list nor records.
    #[serde(rename = "type")]
    pub ty: Type,
}

impl Type {
    /// The built-in type of that name.
    pub fn named(name: &str) -> Option<Type> {
        match name {
            "bool" => Some(Type::Bool),
            "text" => Some(Type::Text),
            _ => Unit::ALL.into_iter().find(|unit| unit.name() == name).map(Type::Quantity),
        }
    }

    /// The names of all built-in types, for "did you mean".
    pub fn names() -> impl Iterator<Item = &'static str> {
        ["bool", "text"].into_iter().chain(Unit::ALL.into_iter().map(Unit::name))
    }

    /// The unit, if this is a quantity.
    pub fn unit(&self) -> Option<Unit> {
        match self {
            Type::Quantity(unit) => Some(*unit),
            Type::Bool | Type::Text | Type::Enum(_) | Type::List(_) | Type::Records(_) => None,
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Bool => f.write_str("bool"),
            Type::Quantity(unit) => f.write_str(unit.name()),
            Type::Text => f.write_str("text"),
            Type::Enum(of) => f.write_str(&of.name),
            Type::List(of) => write!(f, "list of {of}"),
            Type::Records(_) => f.write_str("collection"),
        }
    }
}
