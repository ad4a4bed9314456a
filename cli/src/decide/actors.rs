//! Who proposes, as documents write it: one principal, or a chain with the person first.

use std::sync::Arc;

use leeway_engine::Principal;

use crate::decide::document::{DocumentError, Node};
use crate::decide::members::{Members, Read, wanted};

/// How long a chain may be.
const CHAIN_MAX: usize = 16;

/// `"agent:atlas"`, `{ "id", "roles" }`, or a list of these.
pub(crate) fn read_actors(path: &str, node: &Node) -> Read<Vec<Principal>> {
    let Node::List(chain) = node else { return Ok(vec![read_actor(path, node)?]) };
    if chain.is_empty() {
        return Err(DocumentError::new(path, "expected at least one actor"));
    }
    if chain.len() > CHAIN_MAX {
        return Err(DocumentError::new(path, format!("a chain of over {CHAIN_MAX} actors")));
    }
    chain.iter().enumerate().map(|(at, node)| read_actor(&format!("{path}[{at}]"), node)).collect()
}

fn read_actor(path: &str, node: &Node) -> Read<Principal> {
    if let Some(id) = node.text() {
        return principal(path, id);
    }
    let mut members = Members::of(path, node)?;
    let id = members.required_text("id")?;
    let mut actor = principal(&members.path("id"), &id)?;
    if let Some(roles) = members.take("roles") {
        let path = members.path("roles");
        let Node::List(roles) = roles else { return Err(wanted(&path, "a list of roles", roles)) };
        let text = |(at, role): (usize, &Node)| {
            role.text().map(Arc::from).ok_or_else(|| wanted(&format!("{path}[{at}]"), "a text", role))
        };
        actor.roles = roles.iter().enumerate().map(text).collect::<Read<_>>()?;
    }
    members.done("member")?;
    Ok(actor)
}

fn principal(path: &str, id: &str) -> Read<Principal> {
    Principal::parse(id).map_err(|error| DocumentError::new(path, error.to_string()))
}
