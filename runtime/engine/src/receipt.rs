//! Proof that an act was done, and the only source of leave to take it back.

use std::sync::Arc;

use jiff::Timestamp;
use leeway_ir::{ActionId, Policy};
use leeway_units::Value;

use crate::expression::Scope;
use crate::gate::WARRANT_LIFE_MS;
use crate::history::History;
use crate::intent::{Intent, Purpose};
use crate::series::ms_after;
use crate::snapshot::Snapshot;
use crate::warrant::{Epoch, Warrant};

/// An act that was done. Not `Clone`: taking it back uses up the leave to do so.
#[derive(Debug)]
pub struct Receipt {
    intent: Box<Intent>,
    began: Timestamp,
    ended: Timestamp,
    /// Since when it is judged.
    judged: Timestamp,
    undone: bool,
}

/// Why an act is not taken back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UndoRefusal {
    /// The action has no call that takes it back.
    #[error("`{0}` has no call that takes it back")]
    NoUndo(Arc<str>),
    /// It was taken back already.
    #[error("it was taken back already")]
    AlreadyUndone,
    /// The target no longer shows what the act wrote: somebody else wrote since.
    #[error("`{0}` no longer shows what was written")]
    Drifted(Arc<str>),
    /// What the target shows is unknown.
    #[error("`{0}` cannot be seen")]
    Unseen(Arc<str>),
}

impl Receipt {
    pub(crate) fn of(intent: Intent, began: Timestamp, ended: Timestamp) -> Receipt {
        Receipt { intent: Box::new(intent), began, ended, judged: ended, undone: false }
    }

    /// The receipt of an act that the ledger intended and whose effect was found on the target after a crash, at `found`.
    pub fn found(intent: Intent, found: Timestamp) -> Receipt {
        Receipt { began: intent.at, intent: Box::new(intent), ended: found, judged: found, undone: false }
    }

    /// What a restart knows of it from the ledger.
    pub(crate) fn after_restart(&self) -> Receipt {
        Receipt::found(self.intent().clone(), self.ended)
    }

    /// What was done.
    pub fn intent(&self) -> &Intent {
        &self.intent
    }

    /// When it began.
    pub fn began(&self) -> Timestamp {
        self.began
    }

    /// When it ended.
    pub fn ended(&self) -> Timestamp {
        self.ended
    }

    /// Since when it is judged: when it ended, or was reconsidered.
    pub fn judged_since(&self) -> Timestamp {
        self.judged
    }

    /// Counts verification anew from `at`, because the evidence until then could not decide.
    #[must_use]
    pub fn reconsidered(self, at: Timestamp) -> Receipt {
        Receipt { judged: at, ..self }
    }

    /// The action's slot.
    pub fn action(&self, policy: &Policy) -> Option<ActionId> {
        policy.action_named(&self.intent.call.action).map(|(id, _)| id)
    }

    /// The arguments, in the order of the parameters.
    pub fn arguments(&self) -> Vec<Value> {
        self.intent.call.arguments.iter().map(|(_, value)| value.clone()).collect()
    }

    /// Whether both write a fact that the other writes too.
    pub fn writes_the_same(&self, other: &Receipt) -> bool {
        let theirs = &other.intent.written;
        self.intent.written.iter().any(|(name, _)| theirs.iter().any(|(also, _)| name == also))
    }

    /// Leave to take it back, once, while the target still shows what the act wrote.
    ///
    /// # Errors
    /// When there is nothing to take back with, it was taken back, or the target shows something else.
    pub fn undo(&mut self, policy: &Policy, snapshot: &Snapshot, epoch: Epoch) -> Result<Warrant, UndoRefusal> {
        let undoing = match (&self.intent.undo, self.undone) {
            (None, _) => return Err(UndoRefusal::NoUndo(self.intent.call.action.clone())),
            (Some(_), true) => return Err(UndoRefusal::AlreadyUndone),
            (Some(undoing), false) => undoing.clone(),
        };
        for (name, written) in &self.intent.written {
            match seen_since(policy, snapshot, name, self.judged) {
                Some(value) if value == written => {}
                Some(_) => return Err(UndoRefusal::Drifted(name.clone())),
                None => return Err(UndoRefusal::Unseen(name.clone())),
            }
        }
        self.undone = true;
        Ok(Warrant::new(Intent {
            purpose: Purpose::Undo,
            call: undoing.call,
            object_version: snapshot.object_version.clone(),
            epoch,
            at: snapshot.at,
            expires: ms_after(snapshot.at, WARRANT_LIFE_MS),
            before: self.intent.written.clone(),
            written: undoing.written,
            undo: None,
            ..self.intent.as_ref().clone()
        }))
    }

    /// Whether the target shows what the act wrote, judged by evidence taken after `since`; nothing while it cannot be seen.
    pub fn shows(policy: &Policy, intent: &Intent, snapshot: &Snapshot, since: Timestamp) -> Option<bool> {
        let mut all = true;
        for (name, written) in &intent.written {
            all &= seen_since(policy, snapshot, name, since)? == written;
        }
        Some(all)
    }

    pub(crate) fn scope<'a>(
        &'a self,
        policy: &'a Policy,
        snapshot: &'a Snapshot,
        history: &'a History,
        arguments: &'a [Value],
    ) -> Scope<'a> {
        let action = policy.action_named(&self.intent.call.action).map(|(_, action)| action);
        Scope { since: Some(self.judged), arguments, action, ..Scope::bare(policy, snapshot, Some(history)) }
    }
}

/// The fact's present value, if it was measured after `since`.
fn seen_since<'a>(policy: &Policy, snapshot: &'a Snapshot, name: &str, since: Timestamp) -> Option<&'a Value> {
    match snapshot.fact(policy.fact_named(name)?, snapshot.at) {
        crate::Evidence::Known { value, at } if at > since => Some(value),
        crate::Evidence::Known { .. }
        | crate::Evidence::Missing
        | crate::Evidence::Stale
        | crate::Evidence::Invalid
        | crate::Evidence::Failed => None,
    }
}
