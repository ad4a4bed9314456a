//! What is about to be done, as the ledger keeps it: written before the act, and enough to judge it after a crash.

use std::sync::Arc;

use jiff::Timestamp;
use leeway_ir::{Fingerprint, Target};
use leeway_units::{Call, Value};
use serde::{Deserialize, Serialize};

use crate::digest::StateDigest;
use crate::operation::OperationId;
use crate::warrant::Epoch;

/// An act about to happen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Intent {
    /// The operation it belongs to.
    pub operation: OperationId,
    /// Whether it does or takes back.
    pub purpose: Purpose,
    /// What is done.
    pub call: Call,
    /// To what.
    pub target: Target,
    /// Under which policy.
    pub fingerprint: Fingerprint,
    /// On which state it was judged.
    pub state: StateDigest,
    /// The provider's version of the object on which it was judged: the precondition of the write.
    pub object_version: Option<Arc<str>>,
    /// Under which epoch.
    pub epoch: Epoch,
    /// Who asked.
    pub asked_by: Vec<Arc<str>>,
    /// Who approved.
    pub approved_by: Vec<Arc<str>>,
    /// When the warrant was given.
    pub at: Timestamp,
    /// Until when it may be used.
    pub expires: Timestamp,
    /// What the facts it writes were before, by name: slots change with the policy.
    pub before: Facts,
    /// What they will be after.
    pub written: Facts,
    /// What takes it back, if a call does.
    pub undo: Option<Undoing>,
}

/// The call that takes an act back, and what it writes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Undoing {
    /// The call.
    pub call: Call,
    /// What the facts will be after it.
    pub written: Facts,
}

/// Facts by name, with their values.
pub type Facts = Vec<(Arc<str>, Value)>;

/// Whether an act does something or takes it back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Purpose {
    Act,
    Undo,
}

impl Intent {
    /// What makes it unique: an operation acts once and is taken back once. The store admits each nonce one time.
    pub fn nonce(&self) -> String {
        let purpose = match self.purpose {
            Purpose::Act => "act",
            Purpose::Undo => "undo",
        };
        format!("{}/{purpose}", self.operation.0)
    }
}
