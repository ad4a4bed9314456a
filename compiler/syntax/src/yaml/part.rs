//! A node with what the table says about it: what the sections are written from.

use std::collections::BTreeSet;
use std::ops::Range;

use super::fields::DOCUMENT;
use super::node::{Node, Scalar, Value};
use super::shape::{Presence, Shape};

static ROOT: Shape = Shape::Map(DOCUMENT);

/// A node, its shape, and the place that is shown for what is written because of it.
#[derive(Clone)]
pub(super) struct Part<'a> {
    pub(super) node: &'a Node,
    shape: &'static Shape,
    /// The key with its value if that is one value, otherwise the key, or the item of a list.
    pub(super) at: Range<usize>,
}

impl<'a> Part<'a> {
    pub(super) fn root(node: &'a Node) -> Part<'a> {
        Part { node, shape: &ROOT, at: node.range.clone() }
    }

    pub(super) fn get(&self, key: &str) -> Option<Part<'a>> {
        let (Shape::Map(fields) | Shape::Or(_, fields)) = self.shape else { return None };
        let field = fields.iter().find(|field| field.key == key)?;
        let entry = self.node.entry(key)?;
        Some(Part { node: &entry.value, shape: &field.shape, at: shown(&entry.at, &entry.value) })
    }

    /// The one of its alternatives that stands there, with its key.
    pub(super) fn alternative(&self) -> Option<(&'static str, Part<'a>)> {
        let Shape::Map(fields) = self.shape else { return None };
        let keys = fields.iter().filter(|field| field.presence == Presence::OneOf).map(|field| field.key);
        let mut found = keys.filter_map(|key| Some((key, self.get(key)?)));
        found.next().filter(|_| found.next().is_none())
    }

    /// What stands behind the first key, in that behind the second, and so on.
    pub(super) fn find(&self, path: &[&str]) -> Option<Part<'a>> {
        path.iter().try_fold(self.clone(), |part, key| part.get(key))
    }

    pub(super) fn items(&self) -> Vec<Part<'a>> {
        let Shape::List(of) = self.shape else { return Vec::new() };
        self.node.items().iter().map(|node| Part { node, shape: of, at: node.range.clone() }).collect()
    }

    pub(super) fn is_empty_list(&self) -> bool {
        matches!(&self.node.value, Value::List(items) if items.is_empty())
    }

    /// The keys of the author's own, each as a node, and what stands behind them.
    pub(super) fn named(&self) -> Vec<(Node, Part<'a>)> {
        let Shape::Named(key, of) = self.shape else { return Vec::new() };
        let (mut seen, mut named) = (BTreeSet::new(), Vec::new());
        for entry in self.node.entries() {
            if key.literal(&entry.key).is_ok() && seen.insert(entry.key.text.as_str()) {
                let name = Node { value: Value::Scalar(entry.key.clone()), range: entry.at.clone() };
                named.push((name, Part { node: &entry.value, shape: of, at: shown(&entry.at, &entry.value) }));
            }
        }
        named
    }

    /// How the language writes the value, if it is one of its kind.
    pub(super) fn literal(&self) -> Option<String> {
        let (Shape::Scalar(kind) | Shape::Or(kind, _)) = self.shape else { return None };
        kind.literal(self.scalar()?).ok()
    }

    /// The part with how the language writes it, if its value is one of its kind.
    pub(super) fn valued(self) -> Option<(Part<'a>, String)> {
        let literal = self.literal()?;
        Some((self, literal))
    }

    pub(super) fn scalar(&self) -> Option<&'a Scalar> {
        self.node.scalar()
    }
}

fn shown(key: &Range<usize>, value: &Node) -> Range<usize> {
    match &value.value {
        Value::Scalar(scalar) if !scalar.text.contains('\n') => key.start..value.range.end.max(key.end),
        Value::Scalar(_) | Value::List(_) | Value::Map(_) => key.clone(),
    }
}
