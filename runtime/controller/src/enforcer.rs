//! One blueprint, one target, one loop.

use std::sync::Arc;
use std::time::Duration;

use leeway_engine::{Enforcement, IllegalMove, Mode, Record, RecordId, Restoration, Standing};
use leeway_ir::Policy;
use leeway_providers::{Provider, Scrape};
use leeway_store::{StoreError, Writer};
use tokio::sync::mpsc;
use tokio::time::MissedTickBehavior;

use crate::command::{Command, Handle};
use crate::journal::{EventStream, Journal};
use crate::live::Live;
use crate::observing::Unknown;

/// How often the target is looked at when the policy measures nothing, in milliseconds.
const LOOK_EVERY_MS: u64 = 15_000;

/// Why the loop ended before it was told to.
#[derive(Debug, thiserror::Error)]
pub enum EnforceError {
    /// The ledger cannot be written: without a record nothing is done.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The loop lost track of an operation; going on would be guessing.
    #[error(transparent)]
    IllegalMove(#[from] IllegalMove),
}

/// Enforces one blueprint on one live target.
pub struct Enforcer {
    pub(crate) enforcement: Enforcement<Live>,
    pub(crate) scrape: Scrape,
    pub(crate) unknown: Unknown,
    /// The last record of the ledger that this loop knows of.
    seen: RecordId,
    commands: mpsc::Receiver<Command>,
}

impl Enforcer {
    /// An enforcer that knows what the ledger knows. Nothing is done before [`Enforcer::run`].
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn new(
        policy: Policy,
        provider: Box<dyn Provider>,
        writer: Arc<Writer>,
        mode: Mode,
    ) -> Result<(Enforcer, Handle), EnforceError> {
        let (handle, commands) = Handle::new();
        let live = Live::new(provider, Journal::new(writer, policy.blueprint.clone()));
        let mut enforcer = Enforcer {
            scrape: Scrape::new(&policy.metrics),
            enforcement: Enforcement::new(Arc::new(policy), mode, live),
            unknown: Unknown::default(),
            seen: RecordId(0),
            commands,
        };
        enforcer.restore().await?;
        Ok((enforcer, handle))
    }

    /// Receives every record of this loop as it is written.
    pub fn watch(&self) -> EventStream {
        self.enforcement.world().journal.watch()
    }

    /// What an earlier run left: each open operation with its state, and whether the target is held or the breaker open.
    pub fn standing(&self) -> Standing {
        self.enforcement.standing()
    }

    /// Enforces until `stop` completes.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub async fn run(mut self, stop: impl Future<Output = ()>) -> Result<(), EnforceError> {
        let policy = self.enforcement.policy().clone();
        let started = Record::Started {
            version: policy.version.clone(),
            fingerprint: policy.fingerprint.clone(),
            target: policy.target.clone(),
            dry_run: self.enforcement.mode() == Mode::DryRun,
        };
        self.enforcement.write(None, started).await?;
        // What people were asked before a restart and have not answered.
        for (operation, question) in self.enforcement.questions() {
            self.enforcement.world().remind(operation, question);
        }
        let every_ms = policy.metrics.iter().map(|metric| metric.every_ms).min().unwrap_or(LOOK_EVERY_MS);
        let mut rounds = tokio::time::interval(Duration::from_millis(every_ms));
        rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        tokio::pin!(stop);
        loop {
            tokio::select! {
                () = &mut stop => return Ok(()),
                _ = rounds.tick() => self.round().await?,
                Some(command) = self.commands.recv() => self.obey(command).await?,
            }
        }
    }

    /// One round: look, settle what is open, let the rules propose.
    async fn round(&mut self) -> Result<(), EnforceError> {
        self.observe().await?;
        self.hear().await?;
        self.enforcement.round().await
    }

    async fn obey(&mut self, command: Command) -> Result<(), EnforceError> {
        self.enforcement.world_mut().turn();
        self.hear().await?;
        match command {
            Command::Propose { proposal, reply } => {
                let operation = self.enforcement.consider(Arc::new(proposal)).await?;
                // Whoever asked may have gone; the ledger has the answer.
                let _ = reply.send(operation);
                Ok(())
            }
            Command::Answer { operation, answer } => self.enforcement.answered(operation, answer).await,
        }
    }

    /// Replays the ledger of this blueprint: a restart grants nothing and forgets nothing.
    async fn restore(&mut self) -> Result<(), EnforceError> {
        let mut restoration = Restoration::default();
        loop {
            let journal = &self.enforcement.world().journal;
            let page = journal.writer().entries_after(self.seen).await?;
            if page.is_empty() {
                break;
            }
            let blueprint = journal.blueprint().clone();
            for (id, entry) in page {
                self.seen = id;
                if entry.blueprint == blueprint {
                    self.enforcement.replay(&mut restoration, id, entry)?;
                }
            }
        }
        self.enforcement.resume(restoration).await?;
        for (operation, state, _) in self.standing().operations {
            tracing::info!(%operation, %state, "taken up from the ledger");
        }
        Ok(())
    }

    /// What others wrote to the ledger since: a person may have reset the breaker from another process.
    async fn hear(&mut self) -> Result<(), EnforceError> {
        let journal = &self.enforcement.world().journal;
        let blueprint = journal.blueprint().clone();
        for (id, entry) in journal.writer().entries_after(self.seen).await? {
            self.seen = id;
            if entry.blueprint == blueprint && matches!(entry.record, Record::BreakerReset { .. }) {
                self.enforcement.breaker_was_reset();
            }
        }
        Ok(())
    }
}
