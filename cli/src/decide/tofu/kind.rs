//! What a plan does to a resource, from the list of its actions.

use crate::decide::document::Node;
use crate::decide::members::{Read, wanted};

/// What happens to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Create,
    Update,
    Replace,
    Delete,
    Import,
    Move,
    Forget,
    Invoke,
}

impl Kind {
    /// Every kind.
    pub(crate) const ALL: &[Kind] = &[
        Kind::Create,
        Kind::Update,
        Kind::Replace,
        Kind::Delete,
        Kind::Import,
        Kind::Move,
        Kind::Forget,
        Kind::Invoke,
    ];

    /// Its word in the enum of the target.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Kind::Create => "create",
            Kind::Update => "update",
            Kind::Replace => "replace",
            Kind::Delete => "delete",
            Kind::Import => "import",
            Kind::Move => "move",
            Kind::Forget => "forget",
            Kind::Invoke => "invoke",
        }
    }

    /// The fact that counts it.
    pub(crate) fn fact(self) -> &'static str {
        match self {
            Kind::Create => "creates",
            Kind::Update => "updates",
            Kind::Replace => "replaces",
            Kind::Delete => "deletes",
            Kind::Import => "imports",
            Kind::Move => "moves",
            Kind::Forget => "forgets",
            Kind::Invoke => "invokes",
        }
    }
}

/// What a plan does, as far as it can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Does {
    Nothing,
    Known(Kind),
    /// Actions that came with a later version: they may be anything.
    Unknown,
}

impl Does {
    /// What these actions do to a resource of that mode.
    pub(crate) fn from_actions(actions: &[&str], mode: &str, imported: bool, moved: bool) -> Does {
        match (actions, mode) {
            (["no-op"], _) if imported => Does::Known(Kind::Import),
            (["no-op"], _) if moved => Does::Known(Kind::Move),
            (["no-op"], _) | (["read"], "data") | (["open"], "ephemeral") => Does::Nothing,
            (["create"], _) => Does::Known(Kind::Create),
            (["update"], _) => Does::Known(Kind::Update),
            (["delete"], _) => Does::Known(Kind::Delete),
            (["forget"], _) => Does::Known(Kind::Forget),
            (["create", "delete" | "forget"] | ["delete" | "forget", "create"], _) => Does::Known(Kind::Replace),
            _ => Does::Unknown,
        }
    }
}

/// The `actions` of a change.
pub(crate) fn actions<'a>(path: &str, change: &'a Node) -> Read<Vec<&'a str>> {
    let Node::Map(_) = change else { return Err(wanted(path, "an object", change)) };
    let node = change.get("actions").unwrap_or(&Node::Null);
    let path = format!("{path}.actions");
    let Node::List(actions) = node else { return Err(wanted(&path, "a list of texts", node)) };
    actions.iter().map(|action| action.text().ok_or_else(|| wanted(&path, "a list of texts", action))).collect()
}
