//! One policy enforced on one target: what is open, what is remembered, and what each round makes of the evidence.
//!
//! It knows neither clock, network nor disk: these are its [`World`]. The daemon and the simulator run this same code.

mod executing;
mod moving;
mod observing;
mod open_operation;
mod proposing;
mod restoring;
mod settling;
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use leeway_ir::{FactId, Policy};

use crate::breaker::Breaker;
use crate::compiled::{Compiled, Decider};
use crate::decision::Decision;
use crate::digest::{StateSeen, facts_of};
use crate::enforcement::open_operation::{OpenOperation, Waits};
use crate::history::History;
use crate::intent::Intent;
use crate::operation::{OperationId, State};
use crate::proposal::Proposal;
use crate::record::{Record, RecordId};
use crate::snapshot::Snapshot;
use crate::warrant::Epoch;

pub use observing::Observation;
pub use proposing::Answer;
pub use restoring::Restoration;
pub use world::{Certainty, NotDone, World};

/// Whether what passes the gate is done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// It is done.
    #[default]
    Act,
    /// It is decided and recorded, and nothing is done.
    DryRun,
}

/// What is under way and must not be lost.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// The open operations.
    pub operations: Vec<(OperationId, State, Proposal)>,
    /// Whether the target is held.
    pub held: bool,
    /// Whether the breaker is open.
    pub breaker_open: bool,
}

/// Enforces one policy on one target.
pub struct Enforcement<W> {
    world: W,
    compiled: Compiled,
    decider: Decider,
    mode: Mode,
    /// The evidence so far; `at` and `safety` are brought up to date before each decision.
    snapshot: Snapshot,
    history: History,
    breaker: Breaker,
    breaker_open: bool,
    /// Whether a rollback failed and nothing has been confirmed since: then every proposal needs a person.
    unrecovered: bool,
    /// The facts that were written, or may have been, since the target was seen last: what is known of them is what they were.
    unseen: BTreeSet<Arc<str>>,
    /// The last operation that was refused or only recorded.
    came_to_nothing: Option<OperationId>,
    epoch: Epoch,
    open: BTreeMap<OperationId, OpenOperation>,
    rules: BTreeMap<u16, RuleMemory>,
    /// How often each limit made a rule wait that would have proposed, in the order of the policy.
    held_back: Vec<u64>,
    /// In how many rounds the condition of each rule was unknown, in the order of the policy.
    undecided: Vec<u64>,
    /// The first and last `observed` record that windows may still look at.
    observed: Option<(RecordId, RecordId)>,
    /// When the target did not answer, if that was the last look at it.
    blind: Option<Timestamp>,
}

/// What is remembered of a rule between rounds.
#[derive(Debug, Default)]
struct RuleMemory {
    /// The operation it proposed last.
    operation: Option<OperationId>,
    /// How that was decided, and on which state, when nothing came of it: it is not proposed again while the decision stays the same.
    refused: Option<(Decision, StateSeen)>,
    /// Whether people declined: it is not proposed again before the condition has been false.
    declined: bool,
    /// Whether they declined the operation that it proposed last, which is all that a restart knows.
    declined_last: bool,
    /// Until when a limit forbids what it would propose, while it would.
    waits_until: Option<Timestamp>,
}

impl<W: World> Enforcement<W> {
    /// Nothing has happened yet.
    pub fn new(policy: Arc<Policy>, mode: Mode, world: W) -> Enforcement<W> {
        let now = world.now();
        let snapshot = Snapshot::empty(&policy, now);
        let (held_back, undecided) = (vec![0; policy.limits.len()], vec![0; policy.rules.len()]);
        let compiled = Compiled::new(policy);
        Enforcement {
            world,
            decider: Decider::new(&compiled),
            compiled,
            mode,
            snapshot,
            history: History::since(now),
            breaker: Breaker::default(),
            breaker_open: false,
            unrecovered: false,
            unseen: BTreeSet::new(),
            came_to_nothing: None,
            epoch: Epoch::default(),
            open: BTreeMap::new(),
            rules: BTreeMap::new(),
            held_back,
            undecided,
            observed: None,
            blind: None,
        }
    }

    /// This was seen and done before, and stands in the way.
    pub(crate) fn go_on_from(&mut self, before: Snapshot, history: History) {
        (self.breaker_open, self.unrecovered) = (before.safety.breaker_open, before.safety.held);
        self.snapshot = before;
        self.history = history;
    }

    /// What it acts on.
    pub fn world(&self) -> &W {
        &self.world
    }

    /// What it acts on.
    pub fn world_mut(&mut self) -> &mut W {
        &mut self.world
    }

    /// What it decides by.
    pub(crate) fn compiled(&self) -> &Compiled {
        &self.compiled
    }

    /// What it enforces.
    pub fn policy(&self) -> &Arc<Policy> {
        self.compiled.policy()
    }

    /// Whether what passes the gate is done.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// The evidence so far.
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// How often each limit made a rule wait that would have proposed, in the order of the policy.
    pub fn held_back(&self) -> &[u64] {
        &self.held_back
    }

    /// In how many rounds the condition of each rule was unknown, in the order of the policy.
    pub fn undecided(&self) -> &[u64] {
        &self.undecided
    }

    /// What was done so far.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// How many operations in a row have failed.
    pub(crate) fn breaker(&self) -> Breaker {
        self.breaker
    }

    /// What is under way.
    pub fn standing(&self) -> Standing {
        let open = self.open.values();
        Standing {
            operations: open
                .map(|open| (open.operation.id(), open.operation.state(), Proposal::clone(&open.proposal)))
                .collect(),
            held: self.is_held(),
            breaker_open: self.breaker_open,
        }
    }

    /// Whether an operation still wants something.
    pub fn has_open_operations(&self) -> bool {
        !self.open.is_empty()
    }

    /// What people were asked and have not answered, as it was recorded.
    pub fn questions(&self) -> Vec<(OperationId, Record)> {
        let asked = self.open.values().filter_map(|open| match &open.waits {
            Waits::Approval { required, binding, expires, .. } => {
                let (required, binding, expires) = (required.clone(), binding.clone(), *expires);
                Some((open.operation.id(), Record::ApprovalAsked { required, binding, expires }))
            }
            Waits::Decision
            | Waits::Nothing
            | Waits::Sight { .. }
            | Waits::Verification { .. }
            | Waits::RollbackVerification { .. } => None,
        });
        asked.collect()
    }

    /// A person closed the breaker.
    pub fn breaker_was_reset(&mut self) {
        self.breaker = Breaker::default();
        self.breaker_open = false;
    }

    /// Writes a record.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn write(&mut self, operation: Option<OperationId>, record: Record) -> Result<RecordId, W::Error> {
        self.world.write(operation, record).await
    }

    /// One round on the evidence as it is: settles what is open, and lets the rules propose.
    ///
    /// # Errors
    /// When it cannot be written, or an operation would move where the state machine does not go.
    pub async fn round(&mut self) -> Result<(), W::Error> {
        self.settle().await?;
        self.let_rules_propose().await
    }

    /// Whether an act is being judged: evidence that time brings may end that.
    pub(crate) fn is_judging(&self) -> bool {
        self.open.values().any(|open| matches!(open.operation.state(), State::Verifying | State::RollingBack))
    }

    /// Whether the facts that the proposed action writes, and is taken back by, are known now.
    fn sees_facts_of(&self, proposal: &Proposal) -> bool {
        let action = self.policy().action_named(&proposal.call.action).map(|(_, action)| action);
        let facts = action.map(facts_of).unwrap_or_default();
        let known = |id: &FactId| self.snapshot.fact(*id, self.snapshot.at).value().is_some();
        self.blind.is_none() && facts.iter().all(known) && !self.are_unseen(|_| facts)
    }

    /// Whether one of these facts was written since the target was seen last. In most rounds none was, and nobody asks which.
    fn are_unseen(&self, facts: impl FnOnce(&Policy) -> Vec<FactId>) -> bool {
        let is_unseen = |id| self.policy().fact(id).is_some_and(|fact| self.unseen.contains(&fact.name));
        !self.unseen.is_empty() && facts(self.policy()).into_iter().any(is_unseen)
    }

    /// From here on nobody knows what these facts are, until they are seen.
    fn will_write(&mut self, intent: &Intent) {
        self.unseen.extend(intent.written.iter().map(|(fact, _)| fact.clone()));
    }

    /// The facts were seen: what was written before shows in them.
    pub(crate) fn target_was_seen(&mut self) {
        self.unseen.clear();
    }

    fn is_held(&self) -> bool {
        self.unrecovered || self.open.values().any(OpenOperation::holds_target)
    }

    /// Brings the snapshot's clock and safety up to date.
    pub(crate) fn refresh(&mut self) {
        self.snapshot.at = self.world.now();
        self.snapshot.safety.breaker_open = self.breaker_open;
        self.snapshot.safety.held = self.is_held();
    }
}
