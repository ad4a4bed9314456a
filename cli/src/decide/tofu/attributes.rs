//! The attributes of a resource, before or after: which are known, and the tags among them.

use std::collections::{BTreeMap, BTreeSet};

use crate::decide::document::Node;

/// Where resources have their tags: all of these count. Maps, lists of texts, and lists of `{ "key", "value" }` are read.
const TAGS: &[&str] = &["tags_all", "tags", "tag", "effective_labels", "labels", "freeform_tags"];

/// A longer value is unknown rather than cut: a part of it may say the opposite of the whole.
const VALUE_CHARS_MAX: usize = 4_096;

/// A name and a value, or what of them is known.
pub(crate) type Pair = (Option<String>, Option<String>);

/// The attributes of a resource, and which of them are unknown or not to be shown.
#[derive(Default)]
pub(crate) struct Values<'a> {
    values: Part<'a>,
    /// The same shape with `true` for what only applying will tell.
    unknown: Part<'a>,
    /// The same shape with `true` for what is secret.
    sensitive: Part<'a>,
}

/// The mark on a whole.
const WHOLE: &Node = &Node::Bool(true);

impl<'a> Values<'a> {
    /// Those of a resource, before or after: unknown unless they are an object.
    pub(crate) fn of_resource(
        values: Option<&'a Node>,
        unknown: Option<&'a Node>,
        sensitive: Option<&'a Node>,
    ) -> Values<'a> {
        let readable = matches!(values, Some(Node::Map(_)));
        Values::new(values, if readable { unknown } else { Some(WHOLE) }, sensitive)
    }

    pub(crate) fn new(values: Option<&'a Node>, unknown: Option<&'a Node>, sensitive: Option<&'a Node>) -> Values<'a> {
        Values { values: Part::of(values), unknown: Part::of(unknown), sensitive: Part::of(sensitive) }
    }

    /// Every attribute with its value, but those that are null.
    pub(crate) fn all(&self) -> Vec<Pair> {
        self.those(|_| true)
    }

    /// Those whose value is another than before, or may be.
    pub(crate) fn other_than(&self, before: &Values<'_>) -> Vec<Pair> {
        self.those(|name| {
            let null = &Node::Null;
            let (now, then) = (self.values.get(name).unwrap_or(null), before.values.get(name).unwrap_or(null));
            now != then || self.unknown.get(name).is_some_and(has_true)
        })
    }

    fn those(&self, count: impl Fn(&str) -> bool) -> Vec<Pair> {
        if self.unknown.is_whole() {
            return vec![(None, None)];
        }
        let names = self.names().into_iter().filter(|name| count(name));
        let pair = |name: &str| match self.known(name) {
            Some(Node::Null) => None,
            Some(value) => Some((Some(name.to_owned()), written(value))),
            None => Some((Some(name.to_owned()), None)),
        };
        names.filter_map(pair).collect()
    }

    /// The value of an attribute, if it is known and no secret; null if there is none.
    fn known(&self, name: &str) -> Option<&'a Node> {
        let hidden = [&self.unknown, &self.sensitive].into_iter().any(|marks| marks.get(name).is_some_and(has_true));
        (!hidden).then(|| self.values.get(name).unwrap_or(&Node::Null))
    }

    /// The names of all attributes, in order.
    fn names(&self) -> BTreeSet<&'a str> {
        self.values.members.keys().chain(self.unknown.members.keys()).copied().collect()
    }

    /// The text of the first of these attributes that is known and not null. Empty if there is none of them, and nothing if
    /// that is not known.
    pub(crate) fn first_of(&self, names: &[&str]) -> Option<String> {
        let found = names.iter().find_map(|name| self.known(name).and_then(Node::text));
        let unknown = names.iter().any(|name| self.known(name).is_none());
        found.map(str::to_owned).or_else(|| (!unknown).then(String::new))
    }

    /// Whether it has a place for tags, or may have one.
    pub(crate) fn taggable(&self) -> bool {
        let has = |name: &&str| self.values.get(name).is_some() || self.unknown.get(name).is_some();
        TAGS.iter().any(has)
    }

    /// Whether anything of it is secret.
    pub(crate) fn sensitive(&self) -> bool {
        self.sensitive.whole.is_some_and(has_true)
    }

    /// Keys with values. Where it may have more tags than can be known, there is one of which nothing is known.
    pub(crate) fn tags(&self) -> BTreeSet<Pair> {
        let of = |name: &&str| Values::new(self.values.get(name), self.unknown.get(name), self.sensitive.get(name));
        TAGS.iter().flat_map(|name| of(name).keys()).collect()
    }

    /// The keys and values of one attribute that holds tags.
    fn keys(&self) -> Vec<Pair> {
        if self.unknown.is_whole() || self.sensitive.is_whole() {
            return vec![(None, None)];
        }
        let hidden = [&self.unknown, &self.sensitive].into_iter().any(|marks| marks.whole.is_some_and(has_true));
        match self.values.whole {
            Some(Node::List(tags)) => tags.iter().map(listed).chain(hidden.then_some((None, None))).collect(),
            Some(Node::Map(_) | Node::Null) | None => {
                let pair = |key: &str| (Some(key.to_owned()), self.known(key).and_then(written));
                let keys = self.names().into_iter().map(pair);
                keys.collect()
            }
            Some(Node::Bool(_) | Node::Number(_) | Node::Text(_)) => vec![(None, None)],
        }
    }
}

/// An object, or what stands in its place, with its members in order.
#[derive(Default)]
struct Part<'a> {
    whole: Option<&'a Node>,
    members: BTreeMap<&'a str, &'a Node>,
}

impl<'a> Part<'a> {
    fn of(node: Option<&'a Node>) -> Part<'a> {
        let members = if let Some(Node::Map(members)) = node { members.as_slice() } else { &[] };
        Part { whole: node, members: members.iter().map(|(name, node)| (name.as_str(), node)).collect() }
    }

    /// The member of that name; a mark on the whole is one on each.
    fn get(&self, name: &str) -> Option<&'a Node> {
        self.members.get(name).copied().or_else(|| self.whole.filter(|_| self.is_whole()))
    }

    /// Whether it is a mark on the whole.
    fn is_whole(&self) -> bool {
        self.whole == Some(WHOLE)
    }
}

/// A tag in a list: a text, or an object with key and value.
fn listed(tag: &Node) -> Pair {
    match (tag, tag.get("key").and_then(Node::text)) {
        (Node::Text(key), _) => (Some(key.clone()), Some(String::new())),
        (_, Some(key)) => (Some(key.to_owned()), tag.get("value").and_then(written)),
        (_, None) => (None, None),
    }
}

/// The value as a text: texts as they are, lists and objects as JSON. Nothing if it is null, or too long.
fn written(node: &Node) -> Option<String> {
    let text = match node {
        Node::Null => return None,
        Node::Text(text) => text.clone(),
        other @ (Node::Bool(_) | Node::Number(_) | Node::List(_) | Node::Map(_)) => other.json(),
    };
    (text.chars().count() <= VALUE_CHARS_MAX).then_some(text)
}

/// Whether a mark is set anywhere in it. A document nests only so deep.
fn has_true(node: &Node) -> bool {
    match node {
        Node::Bool(value) => *value,
        Node::List(nodes) => nodes.iter().any(has_true),
        Node::Map(members) => members.iter().any(|(_, node)| has_true(node)),
        Node::Null | Node::Number(_) | Node::Text(_) => false,
    }
}
