//! A JSON document that remembers duplicate keys, so that they can be refused with their path.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// How deep a document may nest.
const DEPTH_MAX: usize = 64;

/// A name in a path or a message is shown up to so many characters.
const NAME_SHOWN_MAX: usize = 64;

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

/// Why a text is no JSON. Where it is one line, such as one of many, that line needs no number.
fn told(error: &serde_json::Error, text: &str) -> String {
    let said = error.to_string();
    let said = if text.contains('\n') { said } else { said.replace(" at line 1 column ", " at byte ") };
    if error.is_eof() && !text.is_empty() { format!("it breaks off: {said}") } else { said }
}

impl Node {
    /// A document that says nothing.
    pub(crate) fn empty() -> Node {
        Node::Map(Vec::new())
    }

    /// Reads a document. Duplicate keys, non-finite numbers and nesting over the limit are errors.
    pub(crate) fn parse(text: &str) -> Result<Node, DocumentError> {
        Node::parse_where(text, &|_| true)
    }

    /// The same, of those members of the document alone that are wanted: the others stand as null, whatever they are.
    pub(crate) fn parse_where(text: &str, wanted: &dyn Fn(&str) -> bool) -> Result<Node, DocumentError> {
        let place = Place { path: RefCell::new("$".to_owned()), wrong: RefCell::new(None), wanted };
        let mut reader = serde_json::Deserializer::from_str(text);
        let read = Seed { place: &place, depth: 0 }.deserialize(&mut reader);
        let read = read.and_then(|node| reader.end().map(|()| node));
        read.map_err(|error| {
            // Reading stopped at the path where it failed; what serde adds to our own words is no help.
            let message = place.wrong.into_inner().unwrap_or_else(|| told(&error, text));
            DocumentError::new(place.path.into_inner(), message)
        })
    }

    /// The text, if it is one.
    pub(crate) fn text(&self) -> Option<&str> {
        if let Node::Text(text) = self { Some(text) } else { None }
    }

    /// The member of that name, if it is an object that has one.
    pub(crate) fn get(&self, name: &str) -> Option<&Node> {
        let Node::Map(members) = self else { return None };
        members.iter().find(|(known, _)| known == name).map(|(_, node)| node)
    }

    /// The truth value, if it is one.
    pub(crate) fn bool(&self) -> Option<bool> {
        if let Node::Bool(value) = self { Some(*value) } else { None }
    }

    /// As JSON, without white space.
    pub(crate) fn json(&self) -> String {
        let written = |text: &str| serde_json::Value::from(text).to_string();
        match self {
            Node::Null => "null".to_owned(),
            Node::Bool(value) => value.to_string(),
            Node::Number(number) => number.to_string(),
            Node::Text(text) => written(text),
            Node::List(nodes) => format!("[{}]", nodes.iter().map(Node::json).collect::<Vec<_>>().join(",")),
            Node::Map(members) => {
                let member = |(name, node): &(String, Node)| format!("{}:{}", written(name), node.json());
                format!("{{{}}}", members.iter().map(member).collect::<Vec<_>>().join(","))
            }
        }
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

/// The path of a member: `$.facts.replicas`; a name that is no word stands in brackets.
pub(crate) fn member(path: &str, name: &str) -> String {
    let word = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if word { format!("{path}.{}", cut(name)) } else { format!("{path}[{:?}]", cut(name)) }
}

/// A name as messages show it.
pub(crate) fn cut(name: &str) -> String {
    let mut shown: String = name.chars().take(NAME_SHOWN_MAX).collect();
    if shown.len() < name.len() {
        shown.push('…');
    }
    shown
}

/// Where reading stands, what is wrong there in our own words, and which members of the document are read at all.
struct Place<'w> {
    path: RefCell<String>,
    wrong: RefCell<Option<String>>,
    wanted: &'w dyn Fn(&str) -> bool,
}

impl Place<'_> {
    /// Reads something at a longer path. After an error the path stays where that happened.
    fn inside<T, E>(&self, path: String, read: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let outer = self.path.replace(path);
        let value = read()?;
        self.path.replace(outer);
        Ok(value)
    }

    fn wrong<T, E: serde::de::Error>(&self, message: String) -> Result<T, E> {
        let error = E::custom(&message);
        self.wrong.replace(Some(message));
        Err(error)
    }
}

#[derive(Clone, Copy)]
struct Seed<'p> {
    place: &'p Place<'p>,
    depth: usize,
}

impl<'p> Seed<'p> {
    fn deeper<E: serde::de::Error>(self) -> Result<Seed<'p>, E> {
        if self.depth == DEPTH_MAX {
            return self.place.wrong(format!("nested deeper than {DEPTH_MAX}"));
        }
        Ok(Seed { depth: self.depth + 1, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
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

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Node, E> {
        if value.is_finite() { Ok(Node::Number(value)) } else { Err(E::custom("the number is not finite")) }
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Node, E> {
        Ok(Node::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Node, A::Error> {
        let inner = self.deeper()?;
        let mut entries = Vec::new();
        loop {
            let path = format!("{}[{}]", self.place.path.borrow(), entries.len());
            match self.place.inside(path, || sequence.next_element_seed(inner))? {
                Some(entry) => entries.push(entry),
                None => return Ok(Node::List(entries)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let inner = self.deeper()?;
        let mut members: Vec<(String, Node)> = Vec::new();
        let mut names: BTreeSet<String> = BTreeSet::new();
        while let Some(name) = map.next_key::<String>()? {
            let path = member(&self.place.path.borrow(), &name);
            let twice = !names.insert(name.clone());
            let node = self.place.inside(path, || match (twice, self.depth > 0 || (self.place.wanted)(&name)) {
                (true, _) => self.place.wrong("given twice".to_owned()),
                (false, true) => map.next_value_seed(inner),
                (false, false) => map.next_value::<IgnoredAny>().map(|_| Node::Null),
            })?;
            members.push((name, node));
        }
        Ok(Node::Map(members))
    }
}
