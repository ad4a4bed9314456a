//! Whether a document has the form of a blueprint: every key known, none twice, none missing, each value of its kind.

use std::collections::BTreeMap;
use std::ops::Range;

use leeway_diagnostics::{Code, Diagnostic, FileId, Span, nearest};

use super::kind::Kind;
use super::node::{Entry, Node, Scalar, Value};
use super::shape::{Field, Presence, Shape};
use crate::parse::DIAGNOSTICS_MAX;

/// The longest part of a key that a message repeats, in characters.
const KEY_SHOWN_MAX: usize = 64;

/// What is found.
pub(super) struct Walk {
    pub(super) file: FileId,
    pub(super) findings: Vec<Diagnostic>,
}

impl Walk {
    /// Says something, and where.
    pub(super) fn say(&mut self, code: Code, at: &Range<usize>, message: impl Into<String>, help: impl Into<String>) {
        let finding = Diagnostic::new(code, self.span(at), message).help(help);
        self.push(finding);
    }

    pub(super) fn push(&mut self, finding: Diagnostic) {
        if self.findings.len() < DIAGNOSTICS_MAX {
            self.findings.push(finding);
        }
    }

    fn span(&self, at: &Range<usize>) -> Span {
        Span::new(self.file, at.start, at.end)
    }

    /// Checks the mapping at `node`, which stands behind `name`.
    pub(super) fn map(&mut self, name: &str, node: &Node, fields: &[Field]) {
        if !matches!(node.value, Value::Map(_)) {
            return self.unlike(name, node, "a mapping", &keys(fields));
        }
        for entry in self.once(node.entries()) {
            match fields.iter().find(|field| field.key == entry.key.text) {
                Some(field) => self.shape(field.key, &entry.value, &field.shape),
                None => self.unknown(name, entry, fields),
            }
        }
        // A key that was meant by another is not missing as well.
        let entries = node.entries().iter().take(DIAGNOSTICS_MAX);
        let meant: Vec<&str> = entries.filter_map(|entry| near(&entry.key.text, fields)).collect();
        let missing = |field: &&Field| {
            let required = field.presence == Presence::Required;
            required && node.entry(field.key).is_none() && !meant.contains(&field.key)
        };
        for field in fields.iter().filter(missing) {
            let key = field.key;
            self.say(
                Code::E0806,
                &first(node),
                format!("{name} lacks `{key}`"),
                format!("add `{key}:` — {}", field.about),
            );
        }
        self.alternatives(name, node, fields);
    }

    /// Of keys that stand for each other, one stands there.
    fn alternatives(&mut self, name: &str, node: &Node, fields: &[Field]) {
        let alternatives = fields.iter().filter(|field| field.presence == Presence::OneOf);
        let keys: Vec<&str> = alternatives.map(|field| field.key).collect();
        let listed = keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
        let mut found = node.entries().iter().filter(|entry| keys.contains(&entry.key.text.as_str()));
        let one = found.next();
        let second = found.find(|entry| one.is_some_and(|one| one.key.text != entry.key.text));
        match (one, second) {
            (None, _) if !keys.is_empty() => {
                self.say(Code::E0806, &first(node), format!("{name} has no source"), format!("add one of {listed}"));
            }
            (Some(_), Some(second)) => {
                self.say(Code::E0805, &second.at, format!("{name} has two sources"), format!("keep one of {listed}"));
            }
            (None | Some(_), _) => {}
        }
    }

    fn shape(&mut self, name: &str, node: &Node, shape: &Shape) {
        match (shape, &node.value) {
            (Shape::Scalar(kind), Value::Scalar(scalar)) => self.scalar(name, node, scalar, *kind),
            (Shape::Or(kind, _), Value::Scalar(scalar)) => self.scalar(name, node, scalar, *kind),
            (Shape::Or(_, fields) | Shape::Map(fields), _) => self.map(&format!("`{name}`"), node, fields),
            (Shape::Named(key, of), Value::Map(entries)) => {
                for entry in self.once(entries) {
                    let node = Node { value: Value::Scalar(entry.key.clone()), range: entry.at.clone() };
                    self.scalar("key", &node, &entry.key, *key);
                    self.shape(&entry.key.text, &entry.value, of);
                }
            }
            (Shape::List(of), Value::List(items)) => items.iter().for_each(|item| self.shape(name, item, of)),
            (Shape::Scalar(kind), _) => {
                self.unlike(name, node, &kind.expected(), &format!("write, for instance, {}", kind.example()));
            }
            (Shape::Named(..), _) => self.unlike(name, node, "a mapping", "write `name: …`, a line each"),
            (Shape::List(_), _) => self.unlike(name, node, "a list", "write `- …`, a line each"),
        }
    }

    fn scalar(&mut self, name: &str, node: &Node, scalar: &Scalar, kind: Kind) {
        if let Err(wrong) = kind.literal(scalar) {
            let message = format!("`{name}`: expected {}, found {}", kind.expected(), wrong.found);
            let near = if let Kind::Word(words) = kind { nearest(&scalar.text, words.iter().copied()) } else { None };
            let help = near.map_or(wrong.help, |near| format!("did you mean `{near}`?"));
            self.say(Code::E0805, &node.range, message, help);
        }
    }

    /// The entries without those whose key stood there before, which are told.
    fn once<'n>(&mut self, entries: &'n [Entry]) -> Vec<&'n Entry> {
        let mut seen: BTreeMap<&str, &Entry> = BTreeMap::new();
        let mut kept = Vec::new();
        for entry in entries {
            let key = entry.key.text.as_str();
            match seen.get(key) {
                None => {
                    seen.insert(key, entry);
                    kept.push(entry);
                }
                Some(first) => {
                    let message = format!("`{}` is written twice", shown(key));
                    let finding =
                        Diagnostic::new(Code::E0804, self.span(&entry.at), message).help("keep one of the two");
                    self.push(finding.label(self.span(&first.at), "here for the first time"));
                }
            }
        }
        kept
    }

    fn unknown(&mut self, name: &str, entry: &Entry, fields: &[Field]) {
        let key = &entry.key.text;
        let (at, message) = (self.span(&entry.at), format!("{name} has no key `{}`", shown(key)));
        if self.findings.len() >= DIAGNOSTICS_MAX {
            return;
        }
        let finding = match near(key, fields) {
            Some(near) => Diagnostic::new(Code::E0803, at, format!("{message}; did you mean `{near}`?")).guess(
                format!("write `{near}`"),
                at,
                near,
            ),
            None => Diagnostic::new(Code::E0803, at, message),
        };
        self.push(finding.help(keys(fields)));
    }

    fn unlike(&mut self, name: &str, node: &Node, expected: &str, help: &str) {
        let found = match &node.value {
            _ if node.is_nothing() => "nothing",
            Value::Scalar(_) => "one value",
            Value::List(_) => "a list",
            Value::Map(_) => "a mapping",
        };
        let name = if name.starts_with('`') || name.contains(' ') { name.to_owned() } else { format!("`{name}`") };
        self.say(Code::E0805, &first(node), format!("{name}: expected {expected}, found {found}"), help);
    }
}

/// The key that was probably meant by `key`.
fn near(key: &str, fields: &[Field]) -> Option<&'static str> {
    // Nothing is near to what is longer than any of them.
    let possible = key.len() <= KEY_SHOWN_MAX && fields.iter().all(|field| field.key != key);
    if possible { nearest(key, fields.iter().map(|field| field.key)) } else { None }
}

/// A part of `key` that a message can repeat.
fn shown(key: &str) -> String {
    key.chars().take(KEY_SHOWN_MAX).collect()
}

/// The first key or item of `node`, where something is said about all of it: long marks hide what they mark.
pub(super) fn first(node: &Node) -> Range<usize> {
    match &node.value {
        Value::Scalar(_) => node.range.clone(),
        Value::List(items) => items.first().map_or(node.range.clone(), first),
        Value::Map(entries) => entries.first().map_or(node.range.clone(), |entry| entry.at.clone()),
    }
}

fn keys(fields: &[Field]) -> String {
    let keys: Vec<String> = fields.iter().map(|field| format!("`{}`", field.key)).collect();
    format!("its keys are {}", keys.join(", "))
}
