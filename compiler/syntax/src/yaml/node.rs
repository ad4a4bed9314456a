//! What a YAML document consists of, with where each part stands in bytes.

use std::ops::Range;

/// A value with its place.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) value: Value,
    pub(super) range: Range<usize>,
}

#[derive(Clone, Debug)]
pub(super) enum Value {
    Scalar(Scalar),
    List(Vec<Node>),
    /// In the order they were written, those written twice too.
    Map(Vec<Entry>),
}

/// A key and what it stands for.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) key: Scalar,
    pub(super) at: Range<usize>,
    pub(super) value: Node,
}

/// A text, and how it was written.
#[derive(Clone, Debug)]
pub(super) struct Scalar {
    pub(super) text: String,
    pub(super) style: Style,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    /// In quotes of one kind or the other.
    Quoted,
    /// Behind a `|`.
    Block,
    /// Behind a `>`.
    Folded,
}

impl Node {
    /// What stands behind `key`, the first if it is written twice.
    pub(super) fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key.text == key)
    }

    pub(super) fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Map(entries) => entries,
            Value::Scalar(_) | Value::List(_) => &[],
        }
    }

    pub(super) fn items(&self) -> &[Node] {
        match &self.value {
            Value::List(items) => items,
            Value::Scalar(_) | Value::Map(_) => &[],
        }
    }

    pub(super) fn scalar(&self) -> Option<&Scalar> {
        match &self.value {
            Value::Scalar(scalar) => Some(scalar),
            Value::List(_) | Value::Map(_) => None,
        }
    }

    /// Whether nothing was written, or a word that means nothing.
    pub(super) fn is_nothing(&self) -> bool {
        self.scalar().is_some_and(|scalar| {
            scalar.style == Style::Plain && matches!(scalar.text.as_str(), "" | "~" | "null" | "Null" | "NULL")
        })
    }

    /// How much it is.
    pub(super) fn size(&self) -> Size {
        let (own, inner): (usize, Vec<Size>) = match &self.value {
            Value::Scalar(scalar) => (scalar.text.len(), Vec::new()),
            Value::List(items) => (0, items.iter().map(Node::size).collect()),
            Value::Map(entries) => (
                entries.iter().map(|entry| entry.key.text.len()).sum(),
                entries.iter().map(|entry| entry.value.size()).collect(),
            ),
        };
        inner.iter().fold(Size { nodes: 1, bytes: own, depth: 1 }, |size, inner| Size {
            nodes: size.nodes + inner.nodes,
            bytes: size.bytes + inner.bytes,
            depth: size.depth.max(inner.depth + 1),
        })
    }
}

/// How much a node is.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Size {
    pub(super) nodes: usize,
    /// Of all its texts.
    pub(super) bytes: usize,
    /// How deep it nests; at least one.
    pub(super) depth: usize,
}
