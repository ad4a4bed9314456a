//! What the command line says before the documents: the moment, and who proposes.

use jiff::Timestamp;
use leeway_engine::Principal;
use leeway_ir::Policy;
use leeway_units::CallError;

use crate::exit::Failure;

/// Who proposes when nobody says.
const SOMEBODY: &str = "human:cli";

/// What the command line says before the documents.
#[derive(Default)]
pub(crate) struct Flags {
    pub(crate) at: Option<Timestamp>,
    actor: Option<Principal>,
    roles: Vec<String>,
}

impl Flags {
    pub(crate) fn new(at: Option<Timestamp>, actor: Option<&str>, roles: &[String]) -> Result<Flags, Failure> {
        let actor = actor.map(Principal::parse).transpose().map_err(Failure::usage)?;
        Ok(Flags { at, actor, roles: roles.to_vec() })
    }

    /// Who proposes: the flag, before what the documents say, before `human:cli`. `--roles` are the roles of the last of a
    /// chain, who acts, in place of those that a document gives.
    pub(crate) fn actors(&self, named: Option<Vec<Principal>>) -> Vec<Principal> {
        let mut actors = match (&self.actor, named) {
            (Some(actor), _) => vec![actor.clone()],
            (None, Some(named)) => named,
            (None, None) => Principal::parse(SOMEBODY).into_iter().collect(),
        };
        if let Some(actor) = actors.last_mut().filter(|_| !self.roles.is_empty()) {
            actor.roles = self.roles.iter().map(|role| role.as_str().into()).collect();
        }
        actors
    }
}

/// Why a text is no call, with the signature of the action that it seems to mean.
pub(crate) fn unreadable(policy: &Policy, text: &str, error: &CallError) -> String {
    let name = text.split('(').next().unwrap_or_default().trim();
    let signature = policy.action_named(name).map(|(_, action)| format!(": `{}`", action.signature()));
    format!("{error}{}", signature.unwrap_or_default())
}
