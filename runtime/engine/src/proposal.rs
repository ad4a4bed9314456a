//! What somebody wants done: from a rule, a person or an agent, all of one type.

use std::fmt;
use std::sync::{Arc, LazyLock};

use leeway_ir::Claim;
use leeway_units::Call;
use serde::{Deserialize, Serialize};

/// A call and who asks for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Proposal {
    /// What should be done.
    pub call: Call,
    /// Who asks: one principal, or a chain with the person first. The strictest verdict over them stands.
    pub actors: Vec<Principal>,
    /// What they say that metrics show; judged on live data.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claims: Vec<Claim>,
    /// Why, in free text. Shown to people; nothing reads it.
    pub because: Option<Arc<str>>,
    /// Another rule that writes the same fact in the same round, and is not known to want the same value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conflicts_with: Option<Arc<str>>,
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Principal {
    /// The identity, with its kind before a colon: `agent:atlas`.
    id: Arc<str>,
    /// What it may act as.
    pub roles: Vec<Arc<str>>,
}

/// The kinds of actors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the language's")]
pub enum ActorKind {
    Rule,
    Human,
    Agent,
}

/// The text names no actor.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no actor: expected `human:NAME`, `agent:NAME` or `rule:NAME`")]
pub struct ActorError(String);

/// The longest name of an actor, in bytes.
const ACTOR_LENGTH_MAX: usize = 256;

impl Principal {
    /// Reads `agent:atlas`.
    ///
    /// # Errors
    /// When the text has another shape.
    pub fn parse(id: &str) -> Result<Principal, ActorError> {
        let known = kind_of(id).is_some() && id.len() <= ACTOR_LENGTH_MAX && !id.ends_with(':');
        if known && id.chars().all(|c| !c.is_control()) {
            Ok(Principal { id: id.into(), roles: Vec::new() })
        } else {
            Err(ActorError(id.chars().take(ACTOR_LENGTH_MAX).collect()))
        }
    }

    /// The rule of that name.
    pub fn rule(name: &str) -> Principal {
        Principal { id: format!("rule:{name}").into(), roles: Vec::new() }
    }

    /// The identity: `agent:atlas`.
    pub fn id(&self) -> &Arc<str> {
        &self.id
    }

    /// What kind of actor it is. An identity of no kind counts as an agent, which is granted least.
    pub fn kind(&self) -> ActorKind {
        kind_of(&self.id).unwrap_or(ActorKind::Agent)
    }
}

fn kind_of(id: &str) -> Option<ActorKind> {
    let (kind, _) = id.split_once(':')?;
    [ActorKind::Rule, ActorKind::Human, ActorKind::Agent].into_iter().find(|known| known.name() == kind)
}

impl ActorKind {
    /// The word of the language.
    pub const fn name(self) -> &'static str {
        match self {
            ActorKind::Rule => "rule",
            ActorKind::Human => "human",
            ActorKind::Agent => "agent",
        }
    }

    /// The same word as a value holds it, made once.
    pub(crate) fn word(self) -> Arc<str> {
        static WORDS: LazyLock<[Arc<str>; 3]> =
            LazyLock::new(|| [ActorKind::Rule, ActorKind::Human, ActorKind::Agent].map(|kind| kind.name().into()));
        let [rule, human, agent] = &*WORDS;
        Arc::clone(match self {
            ActorKind::Rule => rule,
            ActorKind::Human => human,
            ActorKind::Agent => agent,
        })
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.id)
    }
}

impl Proposal {
    /// What one principal proposes.
    pub fn new(actor: Principal, call: Call, because: Option<Arc<str>>) -> Proposal {
        Proposal { call, actors: vec![actor], claims: Vec::new(), because, conflicts_with: None }
    }

    /// That nobody wants anything done.
    pub(crate) fn nothing() -> Proposal {
        let call = Call { action: "".into(), arguments: Vec::new() };
        Proposal { call, actors: Vec::new(), claims: Vec::new(), because: None, conflicts_with: None }
    }

    /// The identities of all who ask, joined by ` for `: the last acts for the ones before.
    pub fn actor(&self) -> String {
        self.actors.iter().rev().map(|actor| actor.id.as_ref()).collect::<Vec<_>>().join(" for ")
    }
}
