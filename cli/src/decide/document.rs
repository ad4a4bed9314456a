//! A JSON document that remembers duplicate keys, so that they can be refused with their path.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// How deep a document may nest.
const DEPTH_MAX: usize = 64;

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Node {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

/// What is wrong with a document, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {message}")]
pub(crate) struct DocumentError {
    /// The JSON path: `$.facts.replicas`.
    pub(crate) path: String,
    /// What is wrong there.
    pub(crate) message: String,
}

impl DocumentError {
    pub(crate) fn new(path: impl Into<String>, message: impl Into<String>) -> DocumentError {
        DocumentError { path: path.into(), message: message.into() }
    }
}

impl Node {
    /// A document that says nothing.
    pub(crate) fn empty() -> Node {
        Node::Map(Vec::new())
    }

    /// Reads a document. Duplicate keys, non-finite numbers and nesting over the limit are errors.
    pub(crate) fn parse(text: &str) -> Result<Node, DocumentError> {
        let node: Node = serde_json::from_str(text).map_err(|error| DocumentError::new("$", error.to_string()))?;
        node.check("$", 0)?;
        Ok(node)
    }

    fn check(&self, path: &str, depth: usize) -> Result<(), DocumentError> {
        if depth > DEPTH_MAX {
            return Err(DocumentError::new(path, format!("nested deeper than {DEPTH_MAX}")));
        }
        match self {
            Node::List(entries) => {
                for (at, entry) in entries.iter().enumerate() {
                    entry.check(&format!("{path}[{at}]"), depth + 1)?;
                }
                Ok(())
            }
            Node::Map(members) => {
                let mut names: Vec<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
                names.sort_unstable();
                if let Some([name, _]) = names.array_windows().find(|[one, other]| one == other) {
                    return Err(DocumentError::new(format!("{path}.{name}"), "given twice"));
                }
                members.iter().try_for_each(|(name, member)| member.check(&format!("{path}.{name}"), depth + 1))
            }
            Node::Null | Node::Bool(_) | Node::Number(_) | Node::Text(_) => Ok(()),
        }
    }

    /// The text, if it is one.
    pub(crate) fn text(&self) -> Option<&str> {
        if let Node::Text(text) = self { Some(text) } else { None }
    }

    /// The truth value, if it is one.
    pub(crate) fn bool(&self) -> Option<bool> {
        if let Node::Bool(value) = self { Some(*value) } else { None }
    }

    /// What it is, for messages.
    pub(crate) fn what(&self) -> &'static str {
        match self {
            Node::Null => "null",
            Node::Bool(_) => "a boolean",
            Node::Number(_) => "a number",
            Node::Text(_) => "a text",
            Node::List(_) => "a list",
            Node::Map(_) => "an object",
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Bool(value))
    }

    #[expect(clippy::cast_precision_loss, reason = "whole numbers over 2^53 are no counts of the language")]
    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Number(value as f64))
    }

    #[expect(clippy::cast_precision_loss, reason = "as above")]
    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Number(value as f64))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Number(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Node, E> {
        Ok(Node::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Node, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = sequence.next_element()? {
            entries.push(entry);
        }
        Ok(Node::List(entries))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Node::Map(members))
    }
}
