//! A value of any type, and its two written forms: the language's and JSON's.

use std::fmt;
use std::sync::Arc;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::literal::{LiteralError, parse_literal};
use crate::quantity::Quantity;
use crate::record::Record;
use crate::ty::{Field, Type};
use crate::unit::Unit;

/// A value of the language.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `true` or `false`.
    Bool(bool),
    /// A number with its unit.
    Quantity(Quantity),
    /// A text.
    Text(Arc<str>),
    /// A word of an enum.
    Symbol(Arc<str>),
    /// A list of like values.
    List(Arc<[Value]>),
    /// An element of a collection.
    Record(Record),
}

/// Why a text is no value of the type wanted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// The text is no literal.
    #[error(transparent)]
    Literal(#[from] LiteralError),
    /// The literal has another type.
    #[error("expected a `{wanted}`, such as `{example}`, got `{got}`")]
    Type {
        /// The type wanted.
        wanted: String,
        /// A literal of that type.
        example: String,
        /// What was written.
        got: String,
    },
}

impl Value {
    /// The quantity, if it is one.
    pub fn quantity(&self) -> Option<Quantity> {
        match self {
            Value::Quantity(quantity) => Some(*quantity),
            Value::Bool(_) | Value::Text(_) | Value::Symbol(_) | Value::List(_) | Value::Record(_) => None,
        }
    }

    /// The truth value, if it is one.
    pub fn bool(&self) -> Option<bool> {
        match self {
            Value::Bool(value) => Some(*value),
            Value::Quantity(_) | Value::Text(_) | Value::Symbol(_) | Value::List(_) | Value::Record(_) => None,
        }
    }

    /// Reads a value of `ty` as it is written in JSON documents: strings hold literals with units; texts stand as they are.
    ///
    /// # Errors
    /// When the text is no literal, or one of another type.
    pub fn parse_as(ty: &Type, text: &str) -> Result<Value, ValueError> {
        let mismatch = || ValueError::Type { wanted: ty.to_string(), example: example(ty), got: text.to_owned() };
        match ty {
            Type::Text => Ok(Value::Text(text.into())),
            Type::Enum(of) if of.words.iter().any(|word| word.as_ref() == text) => Ok(Value::Symbol(text.into())),
            Type::Enum(_) => Err(mismatch()),
            Type::Bool => match text {
                "true" => Ok(Value::Bool(true)),
                "false" => Ok(Value::Bool(false)),
                _ => Err(mismatch()),
            },
            Type::Quantity(unit) => {
                let (negative, digits) = text.strip_prefix('-').map_or((false, text), |digits| (true, digits));
                let read = parse_literal(digits)?;
                let like = read.unit() == *unit || (*unit == Unit::Number && read.unit() == Unit::Count);
                let signed = if negative { -read.base() } else { read.base() };
                if like {
                    Quantity::new(*unit, signed).map(Value::Quantity).ok_or_else(mismatch)
                } else {
                    Err(mismatch())
                }
            }
            Type::List(_) | Type::Records(_) => Err(mismatch()),
        }
    }

    /// Whether this is a value of `ty`. A whole number passes for a `number`.
    pub fn is_a(&self, ty: &Type) -> bool {
        match (self, ty) {
            (Value::Bool(_), Type::Bool) | (Value::Text(_), Type::Text) => true,
            (Value::Symbol(word), Type::Enum(of)) => of.words.contains(word),
            (Value::Quantity(quantity), Type::Quantity(unit)) => {
                quantity.unit() == *unit || (*unit == Unit::Number && quantity.unit() == Unit::Count)
            }
            (Value::List(values), Type::List(of)) => values.iter().all(|value| value.is_a(of)),
            (Value::List(values), Type::Records(fields)) => values.iter().all(|value| value.has(fields)),
            _ => false,
        }
    }

    /// Whether this is a record of nothing but these fields; any of them may be unknown.
    fn has(&self, fields: &[Field]) -> bool {
        let declared = |name: &str| fields.iter().find(|field| field.name.as_ref() == name);
        match self {
            Value::Record(record) => {
                record.fields().all(|(name, value)| declared(name).is_some_and(|field| value.is_a(&field.ty)))
            }
            Value::Bool(_) | Value::Quantity(_) | Value::Text(_) | Value::Symbol(_) | Value::List(_) => false,
        }
    }

    /// The same value with 15 significant digits; see [`Quantity::settled`].
    #[must_use]
    pub fn settled(&self) -> Value {
        match self {
            Value::Quantity(quantity) => Value::Quantity(quantity.settled()),
            Value::Bool(_) | Value::Text(_) | Value::Symbol(_) | Value::List(_) | Value::Record(_) => self.clone(),
        }
    }

    /// The same value with numbers rounded, for sentences that people read.
    pub fn rounded(&self) -> Value {
        match self {
            Value::Quantity(quantity) => Value::Quantity(quantity.rounded()),
            Value::Bool(_) | Value::Text(_) | Value::Symbol(_) | Value::List(_) | Value::Record(_) => self.clone(),
        }
    }

    /// The value as contracts in JSON write it: counts, numbers and booleans bare, all else as the language writes it.
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Value::Bool(value) => (*value).into(),
            Value::Quantity(quantity) => match quantity.unit() {
                #[expect(clippy::cast_possible_truncation, reason = "whole and within 2^53, so exact")]
                Unit::Count | Unit::Number if quantity.base().fract() == 0.0 && quantity.base().abs() <= 9e15 => {
                    (quantity.base() as i64).into()
                }
                Unit::Count | Unit::Number => quantity.base().into(),
                Unit::Ratio | Unit::Duration | Unit::Bytes | Unit::Cpu | Unit::Rate | Unit::Money | Unit::Spend => {
                    quantity.to_string().into()
                }
            },
            Value::Text(text) | Value::Symbol(text) => text.as_ref().into(),
            Value::List(values) => values.iter().map(Value::to_json).collect(),
            Value::Record(record) => record
                .fields()
                .map(|(name, value)| (name.to_string(), value.to_json()))
                .collect::<serde_json::Map<_, _>>()
                .into(),
        }
    }
}

/// Writes the value as the language writes it.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Bool(value) => write!(f, "{value}"),
            Value::Quantity(quantity) => write!(f, "{quantity}"),
            Value::Text(text) => {
                f.write_str("\"")?;
                for c in text.chars() {
                    match c {
                        '"' => f.write_str("\\\"")?,
                        '\\' => f.write_str("\\\\")?,
                        '\n' => f.write_str("\\n")?,
                        '\t' => f.write_str("\\t")?,
                        c if c.is_control() || is_bidirectional(c) => write!(f, "\\u{{{:x}}}", u32::from(c))?,
                        c => write!(f, "{c}")?,
                    }
                }
                f.write_str("\"")
            }
            Value::Symbol(word) => f.write_str(word),
            Value::List(values) => {
                f.write_str("[")?;
                for (at, value) in values.iter().enumerate() {
                    write!(f, "{}{value}", if at == 0 { "" } else { ", " })?;
                }
                f.write_str("]")
            }
            Value::Record(record) => {
                f.write_str("{")?;
                for (at, (name, value)) in record.fields().enumerate() {
                    write!(f, "{} {name}: {value}", if at == 0 { "" } else { "," })?;
                }
                f.write_str(" }")
            }
        }
    }
}

/// A value of that type, as it is written.
fn example(ty: &Type) -> String {
    match ty {
        Type::Enum(of) => of.words.first().map(ToString::to_string).unwrap_or_default(),
        Type::Quantity(unit) => unit.example().to_owned(),
        Type::Records(_) => "[{ … }]".to_owned(),
        Type::List(_) => "[…]".to_owned(),
        Type::Bool | Type::Text => "true".to_owned(),
    }
}

/// Whether the character changes the direction of writing. The language has it only in escapes, and nothing prints it as it is: a
/// text must not look different from what it says.
pub fn is_bidirectional(c: char) -> bool {
    matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// The stored form: tagged by type, so that it reads back without knowing the type wanted.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stored {
    Bool(bool),
    Number(String),
    Literal(String),
    Text(Arc<str>),
    Symbol(Arc<str>),
    List(Vec<Value>),
    Record(Record),
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let stored = match self {
            Value::Bool(value) => Stored::Bool(*value),
            Value::Quantity(quantity) if quantity.unit() == Unit::Number => Stored::Number(quantity.base().to_string()),
            Value::Quantity(quantity) => Stored::Literal(quantity.to_string()),
            Value::Text(text) => Stored::Text(text.clone()),
            Value::Symbol(word) => Stored::Symbol(word.clone()),
            Value::List(values) => Stored::List(values.to_vec()),
            Value::Record(record) => Stored::Record(record.clone()),
        };
        stored.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Stored::deserialize(deserializer)? {
            Stored::Bool(value) => Value::Bool(value),
            Stored::Number(text) => text
                .parse()
                .ok()
                .and_then(|base| Quantity::new(Unit::Number, base))
                .map(Value::Quantity)
                .ok_or_else(|| D::Error::custom(format!("`{text}` is not a finite number")))?,
            Stored::Literal(text) => {
                let (negative, digits) = text.strip_prefix('-').map_or((false, text.as_str()), |digits| (true, digits));
                let read = parse_literal(digits).map_err(D::Error::custom)?;
                let base = if negative { -read.base() } else { read.base() };
                Quantity::new(read.unit(), base).map(Value::Quantity).ok_or_else(|| D::Error::custom("not finite"))?
            }
            Stored::Text(text) => Value::Text(text),
            Stored::Symbol(word) => Value::Symbol(word),
            Stored::List(values) => Value::List(values.into()),
            Stored::Record(record) => Value::Record(record),
        })
    }
}
