//! One blueprint, one target, one loop.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use leeway_engine::{
    Breaker, Compiled, Decision, Epoch, History, IllegalMove, OperationId, Proposal, Record, RecordId, Snapshot, State,
    StateDigest,
};
use leeway_ir::Policy;
use leeway_providers::{Provider, Scrape};
use leeway_store::{StoreError, Writer};
use tokio::sync::mpsc;
use tokio::time::MissedTickBehavior;

use crate::command::{Command, Handle};
use crate::journal::{EventStream, Journal};
use crate::observing::Unknown;
use crate::open_operation::{OpenOperation, Waits};

/// How the loop behaves.
#[derive(Clone, Copy, Debug, Default)]
pub struct Settings {
    /// Decide and record, but do nothing.
    pub dry_run: bool,
}

/// What an earlier run left.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// The open operations.
    pub operations: Vec<(OperationId, State, Proposal)>,
    /// Whether the target is held.
    pub held: bool,
    /// Whether the breaker is open.
    pub breaker_open: bool,
}

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

/// Enforces one blueprint on one target.
pub struct Enforcer {
    pub(crate) compiled: Compiled,
    pub(crate) provider: Box<dyn Provider>,
    pub(crate) scrape: Scrape,
    pub(crate) settings: Settings,
    pub(crate) journal: Journal,
    /// The evidence so far; `at` and `safety` are brought up to date before each decision.
    pub(crate) snapshot: Snapshot,
    pub(crate) history: History,
    pub(crate) breaker: Breaker,
    pub(crate) breaker_open: bool,
    /// Whether a rollback failed and nothing has been confirmed since: then every proposal needs a person.
    pub(crate) unrecovered: bool,
    /// The last operation that was refused or only recorded.
    pub(crate) came_to_nothing: Option<OperationId>,
    pub(crate) epoch: Epoch,
    pub(crate) open: BTreeMap<OperationId, OpenOperation>,
    pub(crate) rules: BTreeMap<u16, RuleMemory>,
    /// The first and last `observed` record that windows may still look at.
    pub(crate) observed: Option<(RecordId, RecordId)>,
    pub(crate) reachable: bool,
    pub(crate) unknown: Unknown,
    /// The last record of the ledger that this loop knows of.
    pub(crate) seen: RecordId,
    commands: mpsc::Receiver<Command>,
}

/// What is remembered of a rule between rounds.
#[derive(Debug, Default)]
pub(crate) struct RuleMemory {
    /// The operation it proposed last.
    pub(crate) operation: Option<OperationId>,
    /// How that was decided, and on which state, when nothing came of it: it is not proposed again while the decision stays the same.
    pub(crate) refused: Option<(Decision, StateDigest)>,
    /// Whether people declined: it is not proposed again before the condition has been false.
    pub(crate) declined: bool,
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
        settings: Settings,
    ) -> Result<(Enforcer, Handle), EnforceError> {
        let (handle, commands) = Handle::new();
        let mut enforcer = Enforcer {
            scrape: Scrape::new(&policy.metrics),
            snapshot: Snapshot::empty(&policy, Timestamp::now()),
            journal: Journal::new(writer, policy.blueprint.clone()),
            compiled: Compiled::new(Arc::new(policy)),
            provider,
            settings,
            history: History::since(Timestamp::now()),
            breaker: Breaker::default(),
            breaker_open: false,
            unrecovered: false,
            came_to_nothing: None,
            epoch: Epoch::default(),
            open: BTreeMap::new(),
            rules: BTreeMap::new(),
            observed: None,
            reachable: true,
            unknown: Unknown::default(),
            seen: RecordId(0),
            commands,
        };
        enforcer.restore().await?;
        Ok((enforcer, handle))
    }

    pub(crate) fn policy(&self) -> &Arc<Policy> {
        self.compiled.policy()
    }

    /// Receives every record of this loop as it is written.
    pub fn watch(&self) -> EventStream {
        self.journal.watch()
    }

    /// What an earlier run left: each open operation with its state, and whether the target is held or the breaker open.
    pub fn standing(&self) -> Standing {
        let open = self.open.values();
        Standing {
            operations: open.map(|open| (open.operation.id(), open.operation.state(), open.proposal.clone())).collect(),
            held: self.unrecovered || self.open.values().any(OpenOperation::holds_target),
            breaker_open: self.breaker_open,
        }
    }

    /// Enforces until `stop` completes.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub async fn run(mut self, stop: impl Future<Output = ()>) -> Result<(), EnforceError> {
        let policy = Arc::clone(self.policy());
        self.write(
            None,
            Record::Started {
                version: policy.version.clone(),
                fingerprint: policy.fingerprint.clone(),
                target: policy.target.clone(),
            },
        )
        .await?;
        self.ask_again();
        let every_ms = policy.metrics.iter().map(|metric| metric.every_ms).min().unwrap_or(15_000);
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
        self.hear().await?;
        self.observe().await?;
        self.settle().await?;
        self.let_rules_propose().await
    }

    async fn obey(&mut self, command: Command) -> Result<(), EnforceError> {
        match command {
            Command::Propose { proposal, reply } => {
                let operation = self.consider(proposal).await?;
                // Whoever asked may have gone; the ledger has the answer.
                let _ = reply.send(operation);
                Ok(())
            }
            Command::Answer { operation, answer } => self.answered(operation, answer).await,
        }
    }

    /// What others wrote to the ledger since: a person may have reset the breaker from another process.
    async fn hear(&mut self) -> Result<(), EnforceError> {
        for (id, entry) in self.journal.writer().entries_after(self.seen).await? {
            self.seen = id;
            if entry.blueprint == *self.journal.blueprint() && matches!(entry.record, Record::BreakerReset { .. }) {
                self.breaker = Breaker::default();
                self.breaker_open = false;
            }
        }
        Ok(())
    }

    pub(crate) async fn write(
        &mut self,
        operation: Option<OperationId>,
        record: Record,
    ) -> Result<RecordId, EnforceError> {
        Ok(self.journal.write(operation, record).await?)
    }

    /// Whether every fact of the target is known now.
    pub(crate) fn sees_all_facts(&self) -> bool {
        self.reachable && self.snapshot.facts.iter().all(|fact| fact.at(self.snapshot.at).value().is_some())
    }

    /// Tells those who watch what people were asked before a restart and have not answered.
    fn ask_again(&self) {
        for open in self.open.values() {
            if let Waits::Approval { required, binding, expires, .. } = &open.waits {
                let (required, binding, expires) = (required.clone(), binding.clone(), *expires);
                self.journal.remind(open.operation.id(), Record::ApprovalAsked { required, binding, expires });
            }
        }
    }

    /// Brings the snapshot's clock and safety up to date.
    pub(crate) fn refresh(&mut self) {
        self.snapshot.at = Timestamp::now();
        self.snapshot.safety.breaker_open = self.breaker_open;
        self.snapshot.safety.held = self.unrecovered || self.open.values().any(OpenOperation::holds_target);
    }
}
