//! One resource of a plan, and what happens to it.

use crate::decide::document::{DocumentError, Node};
use crate::decide::foreign::{Record, record};
use crate::decide::members::{Members, Read, wanted};
use crate::decide::tofu::attributes::Values;
use crate::decide::tofu::kind::{Does, Kind, actions};

/// Where resources say where they are; the first that is known counts.
const REGIONS: &[&str] = &["region", "location", "zone", "availability_zone"];

/// One resource of a plan, or an action of a provider.
pub(crate) struct Change<'a> {
    address: &'a str,
    /// Names one of several objects that are left over under one address.
    deposed: &'a str,
    module: &'a str,
    mode: &'a str,
    ty: &'a str,
    provider: &'a str,
    reason: &'a str,
    does: Does,
    imported: bool,
    before: Values<'a>,
    after: Values<'a>,
}

impl<'a> Change<'a> {
    /// One of the `resource_changes`.
    pub(crate) fn read(path: &str, node: &'a Node) -> Read<Change<'a>> {
        let mut members = Members::of(path, node)?;
        let change = members.required("change")?;
        let change_path = members.path("change");
        let text = |name: &str| text(path, node, name);
        let address = named(path, node, "address")?;
        let (previous, mode) = (text("previous_address")?, named(path, node, "mode")?);
        let imported = !matches!(change.get("importing"), None | Some(Node::Null));
        let moved = !previous.is_empty() && previous != address;
        Ok(Change {
            address,
            deposed: text("deposed")?,
            module: text("module_address")?,
            mode,
            ty: named(path, node, "type")?,
            provider: named(path, node, "provider_name")?,
            reason: text("action_reason")?,
            does: Does::from_actions(&actions(&change_path, change)?, mode, imported, moved),
            imported,
            before: Values::of_resource(change.get("before"), None, change.get("before_sensitive")),
            after: Values::of_resource(change.get("after"), change.get("after_unknown"), change.get("after_sensitive")),
        })
    }

    /// One of the `action_invocations`.
    pub(crate) fn read_invocation(path: &str, node: &'a Node) -> Read<Change<'a>> {
        let named = |name: &str| named(path, node, name);
        Ok(Change {
            address: named("address")?,
            deposed: "",
            module: "",
            mode: "",
            ty: named("type")?,
            provider: named("provider_name")?,
            reason: "",
            does: Does::Known(Kind::Invoke),
            imported: false,
            before: Values::default(),
            after: Values::new(node.get("config_values"), node.get("config_unknown"), node.get("config_sensitive")),
        })
    }

    pub(crate) fn address(&self) -> &'a str {
        self.address
    }

    /// What no two of a plan share.
    pub(crate) fn identity(&self) -> (&'a str, &'a str) {
        (self.address, self.deposed)
    }

    /// Whether something happens to it.
    pub(crate) fn changes(&self) -> bool {
        self.does != Does::Nothing
    }

    /// Whether what happens to it can be told.
    pub(crate) fn readable(&self) -> bool {
        self.does != Does::Unknown
    }

    pub(crate) fn is(&self, kind: Kind) -> bool {
        self.does == Does::Known(kind)
    }

    /// Whether the workspace manages it already.
    pub(crate) fn managed(&self) -> bool {
        self.mode == "managed" && self.deposed.is_empty() && !self.imported && !self.is(Kind::Create)
    }

    /// Its record among the `changes`. What is not known is not in it.
    pub(crate) fn record(&self) -> Record {
        let values = self.values();
        let mut fields = vec![
            ("address", Some(self.address.to_owned())),
            ("module", Some(self.module.to_owned())),
            ("type", Some(self.ty.to_owned())),
            ("provider", Some(self.provider.to_owned())),
            ("reason", Some(self.reason.to_owned())),
            ("region", values.first_of(REGIONS)),
        ];
        if let Does::Known(kind) = self.does {
            fields.push(("kind", Some(kind.word().to_owned())));
        }
        let mut record = record(fields);
        record.push(("taggable", Node::Bool(values.taggable())));
        record.push(("sensitive", Node::Bool(self.before.sensitive() || self.after.sensitive())));
        record
    }

    /// Its records among the `tags`.
    pub(crate) fn tags(&self) -> Vec<Record> {
        let tags = self.values().tags().into_iter();
        tags.map(|(key, value)| {
            record(vec![("address", Some(self.address.to_owned())), ("key", key), ("value", value)])
        })
        .collect()
    }

    /// Its records among the `attributes`.
    pub(crate) fn attributes(&self) -> Vec<Record> {
        let set = match self.does {
            Does::Known(Kind::Create | Kind::Replace | Kind::Invoke) | Does::Unknown => self.after.all(),
            Does::Known(Kind::Update) => self.after.other_than(&self.before),
            Does::Known(Kind::Delete | Kind::Import | Kind::Move | Kind::Forget) | Does::Nothing => Vec::new(),
        };
        let (address, ty) = (self.address, self.ty);
        let one = |(name, value): (Option<String>, Option<String>)| {
            record(vec![
                ("address", Some(address.to_owned())),
                ("type", Some(ty.to_owned())),
                ("name", name),
                ("value", value),
            ])
        };
        set.into_iter().map(one).collect()
    }

    /// What it will be, or of what goes away what it is.
    fn values(&self) -> &Values<'a> {
        let goes = matches!(self.does, Does::Known(Kind::Delete | Kind::Forget));
        if goes { &self.before } else { &self.after }
    }
}

/// The text of that name, which every resource has: clauses go by it, so that it must not be missing.
fn named<'a>(path: &str, node: &'a Node, name: &str) -> Read<&'a str> {
    Members::of(path, node)?.required(name)?;
    match text(path, node, name)? {
        "" => Err(DocumentError::new(format!("{path}.{name}"), "expected a text, got nothing")),
        text => Ok(text),
    }
}

/// The text of that name; empty if it is not there.
fn text<'a>(path: &str, node: &'a Node, name: &str) -> Read<&'a str> {
    match node.get(name) {
        None | Some(Node::Null) => Ok(""),
        Some(Node::Text(text)) => Ok(text),
        Some(other) => Err(wanted(&format!("{path}.{name}"), "a text", other)),
    }
}
