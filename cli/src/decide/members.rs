//! The members of an object that are still to be read; what nobody takes is unknown.

use leeway_driver::closest;

use crate::decide::document::{DocumentError, Node, cut, member};
use crate::decide::literal::duration;

pub(crate) type Read<T> = Result<T, DocumentError>;

/// How many known names a message lists.
const LISTED_MAX: usize = 12;

/// The members of an object that are still to be read.
pub(crate) struct Members<'a> {
    path: String,
    members: Vec<(&'a str, &'a Node)>,
    known: Vec<String>,
}

impl<'a> Members<'a> {
    pub(crate) fn of(path: &str, node: &'a Node) -> Read<Members<'a>> {
        let Node::Map(members) = node else { return Err(wanted(path, "an object", node)) };
        let members = members.iter().map(|(name, node)| (name.as_str(), node)).collect();
        Ok(Members { path: path.to_owned(), members, known: Vec::new() })
    }

    pub(crate) fn path(&self, name: &str) -> String {
        member(&self.path, name)
    }

    pub(crate) fn take(&mut self, name: &str) -> Option<&'a Node> {
        self.known.push(name.to_owned());
        let at = self.members.iter().position(|(known, _)| *known == name)?;
        Some(self.members.remove(at).1)
    }

    pub(crate) fn required(&mut self, name: &str) -> Read<&'a Node> {
        self.take(name).ok_or_else(|| DocumentError::new(&self.path, format!("`{name}` is missing")))
    }

    pub(crate) fn take_text(&mut self, name: &str) -> Read<Option<String>> {
        let Some(node) = self.take(name) else { return Ok(None) };
        let text = node.text().ok_or_else(|| wanted(&self.path(name), "a text", node))?;
        Ok(Some(text.to_owned()))
    }

    pub(crate) fn required_text(&mut self, name: &str) -> Read<String> {
        self.take_text(name)?.ok_or_else(|| DocumentError::new(&self.path, format!("`{name}` is missing")))
    }

    pub(crate) fn take_duration(&mut self, name: &str) -> Read<Option<i64>> {
        let path = self.path(name);
        self.take_text(name)?.map(|text| duration(&path, &text)).transpose()
    }

    /// Nothing may be left over.
    pub(crate) fn done(self, what: &str) -> Read<()> {
        match self.members.first() {
            None => Ok(()),
            Some((name, _)) => {
                let shown = cut(name);
                let help = match closest(&shown, self.known.iter().map(String::as_str)) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None if self.known.is_empty() => "there is none".to_owned(),
                    None => {
                        let listed: Vec<String> =
                            self.known.iter().take(LISTED_MAX).map(|name| format!("`{name}`")).collect();
                        let more = if self.known.len() > LISTED_MAX { ", …" } else { "" };
                        format!("known are {}{more}", listed.join(", "))
                    }
                };
                Err(DocumentError::new(self.path(name), format!("unknown {what} `{shown}`; {help}")))
            }
        }
    }
}

pub(crate) fn wanted(path: &str, what: &str, got: &Node) -> DocumentError {
    DocumentError::new(path, format!("expected {what}, got {}", got.what()))
}
