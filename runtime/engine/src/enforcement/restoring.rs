//! Reads from the ledger what was known before a restart: a restart grants nothing and forgets nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use leeway_ir::MetricId;

use crate::approval::{Approval, Requirement};
use crate::digest::Binding;
use crate::enforcement::open_operation::{OpenOperation, Waits};
use crate::enforcement::{Enforcement, Mode, RuleMemory, World};
use crate::intent::{Intent, Purpose};
use crate::operation::{IllegalMove, Operation, OperationId, State};
use crate::proposal::Principal;
use crate::receipt::Receipt;
use crate::record::{Entry, Record, RecordId};
use crate::series::Sample;
use crate::tier::Tier;

/// A metric that no policy has.
const NO_METRIC: MetricId = MetricId(u16::MAX);

/// What the ledger says of one operation.
#[derive(Default)]
struct Traces {
    /// How it was decided.
    tier: Option<Tier>,
    /// The act, then the taking back.
    intents: Vec<Intent>,
    /// When each of them ended.
    done: Vec<(Purpose, Timestamp)>,
    asked: Option<(Vec<Requirement>, Binding, Timestamp)>,
    approvals: Vec<Approval>,
}

/// A ledger that is being read again, from its first record on.
pub struct Restoration {
    traces: BTreeMap<OperationId, Traces>,
    // What was seen of another target, or measured by another policy, is no evidence here.
    of_target: bool,
    of_policy: bool,
}

impl Default for Restoration {
    fn default() -> Restoration {
        Restoration { traces: BTreeMap::new(), of_target: true, of_policy: true }
    }
}

impl<W: World> Enforcement<W> {
    /// Takes in the next record that an earlier run wrote of this blueprint.
    ///
    /// # Errors
    /// When the ledger moves an operation where the state machine does not go.
    pub fn replay(&mut self, restoration: &mut Restoration, id: RecordId, entry: Entry) -> Result<(), IllegalMove> {
        if let Record::Started { target, fingerprint, .. } = &entry.record {
            restoration.of_target = *target == self.policy().target;
            restoration.of_policy = *fingerprint == self.policy().fingerprint;
        }
        if restoration.of_target {
            self.replay_record(id, entry, restoration.of_policy, &mut restoration.traces)?;
        }
        Ok(())
    }

    /// All was read: goes on where the earlier run stopped.
    ///
    /// # Errors
    /// When it cannot be written, or an operation would move where the state machine does not go.
    pub async fn resume(&mut self, restoration: Restoration) -> Result<(), W::Error> {
        // Killed between the last failure and the record of the open breaker, it is open all the same.
        self.watch_breaker().await?;
        for (id, trace) in restoration.traces {
            self.resume_operation(id, trace).await?;
        }
        self.supersede_overtaken().await
    }

    /// The enforcer was started again, in this mode: it knows what the ledger tells, and nothing else.
    pub(crate) fn restart(&mut self, mode: Mode) {
        self.mode = mode;
        (self.came_to_nothing, self.blind) = (None, None);
        for memory in self.rules.values_mut() {
            (memory.refused, memory.declined) = (None, memory.declined_last);
        }
        let since = self.world.now();
        for open in self.open.values_mut() {
            match &mut open.waits {
                Waits::Sight { since: known, .. } => *known = since,
                Waits::Verification { receipt } | Waits::RollbackVerification { undo: receipt } => {
                    *receipt = receipt.after_restart();
                }
                Waits::Decision | Waits::Nothing | Waits::Approval { .. } => {}
            }
        }
    }

    /// Killed between a later act on a fact and the end of the earlier one's verification, the earlier one ends now.
    async fn supersede_overtaken(&mut self) -> Result<(), W::Error> {
        let verified: Vec<(OperationId, &Receipt)> = self
            .open
            .iter()
            .filter_map(|(id, open)| match &open.waits {
                Waits::Verification { receipt } if open.operation.state() == State::Verifying => Some((*id, receipt)),
                Waits::Verification { .. }
                | Waits::Decision
                | Waits::Nothing
                | Waits::Approval { .. }
                | Waits::Sight { .. }
                | Waits::RollbackVerification { .. } => None,
            })
            .collect();
        let later = |one: &Receipt, id: OperationId| {
            verified
                .iter()
                .find(|(other, receipt)| *other > id && receipt.writes_the_same(one))
                .map(|(other, _)| *other)
        };
        let overtaken: Vec<(OperationId, OperationId)> =
            verified.iter().filter_map(|(id, receipt)| Some((*id, later(receipt, *id)?))).collect();
        for (id, by) in overtaken {
            self.moved(id, State::Superseded, Some(format!("operation {by} wrote the same fact"))).await?;
        }
        Ok(())
    }

    fn replay_record(
        &mut self,
        id: RecordId,
        entry: Entry,
        of_policy: bool,
        traces: &mut BTreeMap<OperationId, Traces>,
    ) -> Result<(), IllegalMove> {
        let Entry { at, operation, record, .. } = entry;
        self.history.kept_at(at);
        let state = record.state();
        if let (Record::Proposed { proposal }, Some(operation)) = (&record, operation) {
            let mut proposal = proposal.clone();
            if !of_policy {
                // Claims name slots of the policy that they were made under: here nobody can say what they are about.
                proposal.claims.iter_mut().for_each(|claim| claim.metric = NO_METRIC);
            }
            let founded = Operation::proposed(operation);
            let by_rule =
                |rule: &leeway_ir::Rule| proposal.actors.iter().any(|actor| *actor == Principal::rule(&rule.name));
            if let Some((_, rule)) = self.policy().rules.iter().zip(0u16..).find(|(rule, _)| by_rule(rule)) {
                // That it proposes again shows that its condition has been false since people declined.
                let memory = RuleMemory { operation: Some(operation), ..RuleMemory::default() };
                self.rules.insert(rule, memory);
            }
            let proposal = Arc::new(proposal);
            self.open.insert(operation, OpenOperation { operation: founded, proposal, waits: Waits::Decision });
        } else if let (Some(operation), Some(state)) = (operation, state) {
            if let Record::Intended { intent } = &record {
                self.will_write(intent);
                if intent.purpose == Purpose::Act {
                    self.began(operation, intent);
                }
            }
            self.replay_state(operation, state)?;
        }
        match record {
            Record::Observed { facts, metrics, object_version } => {
                for (fact, series) in self.compiled.policy().facts.iter().zip(&mut self.snapshot.facts) {
                    if let Some(value) = facts.get(&fact.name) {
                        series.push(Sample { at, value: value.clone() });
                    }
                }
                for (metric, series) in
                    self.compiled.policy().metrics.iter().zip(&mut self.snapshot.metrics).filter(|_| of_policy)
                {
                    if let Some(value) = metrics.get(&metric.name) {
                        series.push(Sample { at, value: value.clone() });
                    }
                }
                self.snapshot.object_version = object_version;
                self.target_was_seen();
                self.observed = Some((self.observed.map_or(id, |(first, _)| first), id));
            }
            Record::BreakerOpened { .. } => self.breaker_open = true,
            Record::BreakerReset { .. } => self.breaker_was_reset(),
            Record::Decided { .. }
            | Record::ApprovalAsked { .. }
            | Record::Approved { .. }
            | Record::Intended { .. }
            | Record::Done { .. } => {
                if let Some(operation) = operation {
                    trace(traces.entry(operation).or_default(), record);
                }
            }
            Record::Started { .. }
            | Record::Unreachable { .. }
            | Record::Reachable { .. }
            | Record::Unseen { .. }
            | Record::Proposed { .. }
            | Record::Rejected { .. }
            | Record::NotDone { .. }
            | Record::Verified { .. }
            | Record::Moved { .. } => {}
        }
        Ok(())
    }

    /// Moves an operation as the ledger says it moved.
    fn replay_state(&mut self, id: OperationId, state: State) -> Result<(), IllegalMove> {
        if let Some(open) = self.open.get_mut(&id) {
            let asked = open.operation.state() == State::AwaitingApproval;
            open.operation.advance(state)?;
            if asked && matches!(state, State::Rejected | State::Expired) {
                self.declined(id);
            }
        }
        if !state.is_open() {
            self.open.remove(&id);
            self.ended(id, state);
        }
        Ok(())
    }

    /// Takes up an operation where the ledger left it.
    async fn resume_operation(&mut self, id: OperationId, trace: Traces) -> Result<(), W::Error> {
        let Some(open) = self.open.get(&id) else { return Ok(()) };
        let since = self.world.now();
        let act = trace.intents.iter().find(|intent| intent.purpose == Purpose::Act).cloned();
        let undo = trace.intents.iter().find(|intent| intent.purpose == Purpose::Undo).cloned();
        let ended = |purpose: Purpose| trace.done.iter().find(|(known, _)| *known == purpose).map(|(_, ended)| *ended);
        let act_receipt = act.clone().zip(ended(Purpose::Act)).map(|(intent, ended)| Receipt::found(intent, ended));
        let waits = match open.operation.state() {
            // Judged anew, on fresh evidence.
            State::Proposed => Waits::Decision,
            State::Decided if trace.tier == Some(Tier::Forbidden) => return self.moved(id, State::Refused, None).await,
            State::Decided if trace.tier == Some(Tier::ApprovalRequired) => {
                let why = "the enforcer stopped before people were asked; propose it again".to_owned();
                return self.moved(id, State::Recorded, Some(why)).await;
            }
            state @ (State::Decided | State::Warranted) => {
                if state == State::Decided {
                    self.moved(id, State::Warranted, None).await?;
                }
                let why = "the enforcer stopped before it was begun".to_owned();
                return self.moved(id, State::Expired, Some(why)).await;
            }
            State::AwaitingApproval => match trace.asked {
                Some((required, binding, expires)) => {
                    Waits::Approval { required, binding, expires, approvals: trace.approvals }
                }
                None => Waits::Nothing,
            },
            // The call may have been made: only the target knows.
            State::Executing => match act {
                Some(intent) => Waits::Sight { intent: Box::new(intent), act: None, since },
                None => Waits::Nothing,
            },
            State::RollingBack | State::Inconclusive | State::Verifying => {
                match (undo, ended(Purpose::Undo), act_receipt) {
                    (Some(intent), Some(ended), _) => {
                        Waits::RollbackVerification { undo: Receipt::found(intent, ended) }
                    }
                    (Some(intent), None, act) => Waits::Sight { intent: Box::new(intent), act, since },
                    (None, _, Some(receipt)) => Waits::Verification { receipt },
                    (None, _, None) => Waits::Nothing,
                }
            }
            State::Refused
            | State::Recorded
            | State::Rejected
            | State::Expired
            | State::Revoked
            | State::Superseded
            | State::Failed
            | State::Confirmed
            | State::Partial
            | State::RolledBack
            | State::RollbackFailed => return Ok(()),
        };
        self.wait(id, waits);
        Ok(())
    }
}

fn trace(traces: &mut Traces, record: Record) {
    match record {
        Record::Intended { intent } => traces.intents.push(*intent),
        Record::Decided { verdict, .. } => traces.tier = Some(verdict.tier),
        Record::Done { purpose, ended, .. } => traces.done.push((purpose, ended)),
        Record::ApprovalAsked { required, binding, expires } => traces.asked = Some((required, binding, expires)),
        Record::Approved { approval, .. } => traces.approvals.push(approval),
        Record::Started { .. }
        | Record::Observed { .. }
        | Record::Unreachable { .. }
        | Record::Reachable { .. }
        | Record::Unseen { .. }
        | Record::Proposed { .. }
        | Record::Rejected { .. }
        | Record::NotDone { .. }
        | Record::Verified { .. }
        | Record::Moved { .. }
        | Record::BreakerOpened { .. }
        | Record::BreakerReset { .. } => {}
    }
}
