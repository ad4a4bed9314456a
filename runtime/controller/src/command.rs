//! The enforcer's one door for people and agents: propose, and answer what is asked.

use leeway_engine::{Answer, OperationId, Proposal};
use tokio::sync::{mpsc, oneshot};

/// How many commands may wait.
const COMMANDS_PENDING_MAX: usize = 64;

/// What is asked of a running enforcer.
#[derive(Debug)]
pub(crate) enum Command {
    Propose { proposal: Proposal, reply: oneshot::Sender<OperationId> },
    Answer { operation: OperationId, answer: Answer },
}

/// The enforcer is not running any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the enforcer has stopped")]
pub struct Stopped;

/// Speaks to a running enforcer.
#[derive(Clone, Debug)]
pub struct Handle {
    commands: mpsc::Sender<Command>,
}

impl Handle {
    pub(crate) fn new() -> (Handle, mpsc::Receiver<Command>) {
        let (commands, receiver) = mpsc::channel(COMMANDS_PENDING_MAX);
        (Handle { commands }, receiver)
    }

    /// Hands in a proposal; it is decided before this returns.
    ///
    /// # Errors
    /// When the enforcer has stopped.
    pub async fn propose(&self, proposal: Proposal) -> Result<OperationId, Stopped> {
        let (reply, answer) = oneshot::channel();
        self.commands.send(Command::Propose { proposal, reply }).await.map_err(|_| Stopped)?;
        answer.await.map_err(|_| Stopped)
    }

    /// Hands in an answer. One that comes too late, or to something else than what is asked, changes nothing.
    ///
    /// # Errors
    /// When the enforcer has stopped.
    pub async fn answer(&self, operation: OperationId, answer: Answer) -> Result<(), Stopped> {
        self.commands.send(Command::Answer { operation, answer }).await.map_err(|_| Stopped)
    }
}
