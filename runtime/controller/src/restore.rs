//! Reads from the ledger what was known before a restart: a restart grants nothing and forgets nothing.

use std::collections::BTreeMap;

use jiff::Timestamp;
use leeway_engine::{
    Approval, Binding, Breaker, Entry, Intent, Operation, OperationId, Principal, Purpose, Receipt, Record, RecordId,
    Requirement, Sample, State, Tier,
};

use leeway_ir::MetricId;

use crate::enforcer::{EnforceError, Enforcer};
use crate::open_operation::{OpenOperation, Waits};

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

impl Enforcer {
    /// Replays the ledger of this blueprint.
    pub(crate) async fn restore(&mut self) -> Result<(), EnforceError> {
        let mut traces: BTreeMap<OperationId, Traces> = BTreeMap::new();
        // What was seen of another target, or measured by another policy, is no evidence here.
        let (mut of_target, mut of_policy) = (true, true);
        loop {
            let page = self.journal.writer().entries_after(self.seen).await?;
            if page.is_empty() {
                break;
            }
            for (id, entry) in page {
                self.seen = id;
                if entry.blueprint != *self.journal.blueprint() {
                    continue;
                }
                if let Record::Started { target, fingerprint, .. } = &entry.record {
                    of_target = *target == self.policy().target;
                    of_policy = *fingerprint == self.policy().fingerprint;
                }
                if of_target {
                    self.replay(id, entry, of_policy, &mut traces)?;
                }
            }
        }
        // Killed between the last failure and the record of the open breaker, it is open all the same.
        self.watch_breaker().await?;
        for (id, trace) in traces {
            self.resume(id, trace).await?;
        }
        self.supersede_overtaken().await
    }

    /// Killed between a later act on a fact and the end of the earlier one's verification, the earlier one ends now.
    async fn supersede_overtaken(&mut self) -> Result<(), EnforceError> {
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

    fn replay(
        &mut self,
        id: RecordId,
        entry: Entry,
        of_policy: bool,
        traces: &mut BTreeMap<OperationId, Traces>,
    ) -> Result<(), EnforceError> {
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
                self.rules.entry(rule).or_default().operation = Some(operation);
            }
            self.open.insert(operation, OpenOperation { operation: founded, proposal, waits: Waits::Decision });
        } else if let (Some(operation), Some(state)) = (operation, state) {
            if let Record::Intended { intent } = &record
                && intent.purpose == Purpose::Act
            {
                self.began(operation, intent);
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
                self.observed = Some((self.observed.map_or(id, |(first, _)| first), id));
            }
            Record::BreakerOpened { .. } => self.breaker_open = true,
            Record::BreakerReset { .. } => {
                self.breaker = Breaker::default();
                self.breaker_open = false;
            }
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
            | Record::Reachable
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
    fn replay_state(&mut self, id: OperationId, state: State) -> Result<(), EnforceError> {
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
    async fn resume(&mut self, id: OperationId, trace: Traces) -> Result<(), EnforceError> {
        let Some(open) = self.open.get(&id) else { return Ok(()) };
        let since = Timestamp::now();
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
        tracing::info!(operation = %id, state = %open.operation.state(), "taken up from the ledger");
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
        | Record::Reachable
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
