//! How the parts of a YAML blueprint are described: the table in `fields.rs` is written in these, and read by the walk and by
//! the schema.

use super::kind::Kind;

/// A key of a mapping.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) key: &'static str,
    pub(super) shape: Shape,
    pub(super) presence: Presence,
    /// What it says, for people.
    pub(super) about: &'static str,
}

/// Whether a key stands there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presence {
    Optional,
    Required,
    /// One of those that are this stands there, and no other of them.
    OneOf,
}

/// What stands behind a key.
#[derive(Debug)]
pub(super) enum Shape {
    /// One value.
    Scalar(Kind),
    /// These keys and no other.
    Map(&'static [Field]),
    /// Keys of the author's own, each a value of this kind, and what each stands for.
    Named(Kind, &'static Shape),
    /// A list of these.
    List(&'static Shape),
    /// One value, or this key with its value: `"resize_within: 10%"` is either, by its quotes.
    Or(Kind, &'static [Field]),
}

impl Field {
    pub(super) const fn new(key: &'static str, shape: Shape, about: &'static str) -> Field {
        Field { key, shape, presence: Presence::Optional, about }
    }

    pub(super) const fn required(self) -> Field {
        Field { presence: Presence::Required, ..self }
    }

    pub(super) const fn one_of(self) -> Field {
        Field { presence: Presence::OneOf, ..self }
    }
}
