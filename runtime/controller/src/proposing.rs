//! A proposal's way: decided, refused or asked about or done.

use jiff::Timestamp;
use leeway_engine::{
    Breaker, Decision, Ended, Intent, Operation, OperationId, PastOperation, Proposal, Purpose, Receipt, Record,
    Refusal, State, Tier, Truth, Warrant, admit, evaluate, explain, propose,
};
use leeway_ir::Limit;
use leeway_providers::Certainty;

use crate::command::Answer;
use crate::enforcer::{EnforceError, Enforcer};
use crate::open_operation::{OpenOperation, Waits};

impl Enforcer {
    /// Lets each rule propose whose condition is true, whose last operation has ended, that no cooldown
    /// holds back and that was not just refused the same.
    pub(crate) async fn let_rules_propose(&mut self) -> Result<(), EnforceError> {
        self.refresh();
        for said in propose(&self.policy, &self.snapshot) {
            let memory = self.rules.entry(said.rule.0).or_default();
            match said.truth {
                Truth::False => (memory.declined, memory.refused) = (false, None),
                // Not knowing is no reason to ask people again.
                Truth::Unknown => memory.refused = None,
                Truth::True => {}
            }
            let busy = memory.operation.is_some_and(|operation| self.open.contains_key(&operation));
            let Some(proposal) = said.proposal.filter(|_| !busy && !memory.declined) else { continue };
            let refused = memory.refused.take();
            let decision = self.decide(&proposal);
            if decision.retry_after_ms().is_some() {
                continue;
            }
            if refused.as_ref().is_some_and(|refused| refused.says_the_same(&decision)) {
                self.rules.entry(said.rule.0).or_default().refused = refused;
                continue;
            }
            let operation = self.consider(proposal).await?;
            let memory = self.rules.entry(said.rule.0).or_default();
            memory.operation = Some(operation);
            memory.refused = (self.came_to_nothing == Some(operation)).then_some(decision);
            self.refresh();
        }
        Ok(())
    }

    /// Takes a proposal in: recorded, decided, and whatever follows from that.
    pub(crate) async fn consider(&mut self, proposal: Proposal) -> Result<OperationId, EnforceError> {
        let id = OperationId(self.write(None, Record::Proposed { proposal: proposal.clone() }).await?.0);
        let open = OpenOperation { operation: Operation::proposed(id), proposal, waits: Waits::Decision };
        self.open.insert(id, open);
        self.decide_on(id).await?;
        Ok(id)
    }

    /// Decides on an operation that was proposed.
    pub(crate) async fn decide_on(&mut self, id: OperationId) -> Result<(), EnforceError> {
        self.refresh();
        let Some(open) = self.open.get(&id) else { return Ok(()) };
        let decision = self.decide(&open.proposal);
        let verdict = explain(&self.policy, &self.snapshot, &self.history, &decision);
        let required = verdict.approval.clone();
        self.step(id, Record::Decided { verdict: Box::new(verdict), observed: self.observed }).await?;
        if decision.tier() == Tier::Forbidden {
            return self.moved(id, State::Refused, None).await;
        }
        if self.settings.dry_run {
            return self.moved(id, State::Recorded, Some("dry run".to_owned())).await;
        }
        match admit(&self.policy, &self.snapshot, &decision, id, &[], self.epoch) {
            Ok(warrant) => self.execute(id, warrant, None).await,
            Err(Refusal::Unapproved(_)) => {
                let timeout_s = required.iter().map(|requirement| requirement.timeout_s).min().unwrap_or(0);
                let timeout = jiff::SignedDuration::from_secs(i64::try_from(timeout_s).unwrap_or(i64::MAX));
                let expires = self.snapshot.at.checked_add(timeout).unwrap_or(Timestamp::MAX);
                let binding = decision.binding();
                self.step(id, Record::ApprovalAsked { required: required.clone(), binding: binding.clone(), expires })
                    .await?;
                self.wait(id, Waits::Approval { required, binding, expires, approvals: Vec::new() });
                Ok(())
            }
            Err(refusal @ (Refusal::Forbidden | Refusal::Unforeseeable)) => {
                self.moved(id, State::Refused, Some(refusal.to_string())).await
            }
        }
    }

    /// A person answered. The operation is judged again on fresh evidence before anything is done.
    pub(crate) async fn answered(&mut self, id: OperationId, answer: Answer) -> Result<(), EnforceError> {
        let Some(OpenOperation { waits: Waits::Approval { expires, .. }, .. }) = self.open.get(&id) else {
            return Ok(());
        };
        if self.settings.dry_run || Timestamp::now() > *expires {
            return Ok(());
        }
        match answer {
            Answer::Reject { by, stand_in } => {
                self.declined(id);
                self.step(id, Record::Rejected { by, stand_in }).await
            }
            Answer::Approve { approval, stand_in } => {
                self.step(id, Record::Approved { approval: approval.clone(), stand_in }).await?;
                if let Some(OpenOperation { waits: Waits::Approval { approvals, .. }, .. }) = self.open.get_mut(&id) {
                    approvals.push(approval);
                }
                self.refresh();
                self.weigh_approval(id).await
            }
        }
    }

    /// Goes on with an operation that awaits approval: done when enough people agreed, ended when its state has changed.
    pub(crate) async fn weigh_approval(&mut self, id: OperationId) -> Result<(), EnforceError> {
        let Some(open) = self.open.get(&id) else { return Ok(()) };
        let Waits::Approval { binding, approvals, .. } = &open.waits else { return Ok(()) };
        let (binding, approvals) = (binding.clone(), approvals.clone());
        // While the target cannot be seen its state is unknown, not changed.
        if !self.sees_all_facts() {
            return Ok(());
        }
        let decision = self.decide(&open.proposal);
        if decision.binding() != binding {
            let why = "the state it was asked on has changed".to_owned();
            return self.moved(id, State::Superseded, Some(why)).await;
        }
        match admit(&self.policy, &self.snapshot, &decision, id, &approvals, self.epoch) {
            Ok(warrant) => self.execute(id, warrant, None).await,
            Err(Refusal::Unapproved(_)) => Ok(()),
            Err(Refusal::Forbidden) => {
                let verdict = explain(&self.policy, &self.snapshot, &self.history, &decision);
                let by = verdict.deciding().map(|voice| voice.by.to_string()).unwrap_or_default();
                let why = format!("approved, but forbidden by `{by}` when judged again");
                self.moved(id, State::Superseded, Some(why)).await
            }
            Err(refusal @ Refusal::Unforeseeable) => self.moved(id, State::Superseded, Some(refusal.to_string())).await,
        }
    }

    pub(crate) fn decide(&self, proposal: &Proposal) -> Decision {
        evaluate(&self.policy, &self.snapshot, &self.history, proposal)
    }

    /// Does what the warrant permits. `act` is what a taking back takes back.
    pub(crate) async fn execute(
        &mut self,
        id: OperationId,
        warrant: Warrant,
        act: Option<Receipt>,
    ) -> Result<(), EnforceError> {
        if self.settings.dry_run {
            return Ok(());
        }
        let intent = warrant.intent().clone();
        // The ledger is written before the call: a crash must leave a trace, not a surprise.
        self.step(id, Record::Intended { intent: Box::new(intent.clone()) }).await?;
        fail::fail_point!("intent-written");
        if act.is_none() {
            self.began(id, &intent);
        }
        let since = Timestamp::now();
        if !warrant.is_valid(since, self.epoch) {
            return self.not_done(id, &intent, "the warrant expired before it was used".to_owned()).await;
        }
        match self.provider.execute(warrant).await {
            Ok(receipt) => {
                fail::fail_point!("receipt-not-written");
                self.done(id, receipt, false).await
            }
            Err(not_done) => match not_done.certainty {
                Certainty::NotDone => self.not_done(id, &intent, not_done.why).await,
                Certainty::Unknown => {
                    tracing::warn!(operation = %id, why = not_done.why, "the call may have arrived; looking at the target");
                    self.wait(id, Waits::Sight { intent: Box::new(intent), act, since: Timestamp::now() });
                    Ok(())
                }
            },
        }
    }

    /// The act happened: wait for evidence of what it did.
    pub(crate) async fn done(&mut self, id: OperationId, receipt: Receipt, found: bool) -> Result<(), EnforceError> {
        let purpose = receipt.intent().purpose;
        let (began, ended) = (receipt.began(), receipt.ended());
        self.step(id, Record::Done { purpose, began, ended, found }).await?;
        match purpose {
            Purpose::Act => {
                self.supersede_others(id, &receipt).await?;
                self.wait(id, Waits::Verification { receipt });
            }
            Purpose::Undo => self.wait(id, Waits::RollbackVerification { undo: receipt }),
        }
        Ok(())
    }

    pub(crate) async fn not_done(&mut self, id: OperationId, intent: &Intent, why: String) -> Result<(), EnforceError> {
        self.step(id, Record::NotDone { purpose: intent.purpose, why }).await
    }

    /// A later operation on the same fact ends the earlier verification.
    async fn supersede_others(&mut self, id: OperationId, receipt: &Receipt) -> Result<(), EnforceError> {
        let overtaken: Vec<OperationId> = self
            .open
            .values()
            .filter(|open| open.operation.id() != id && open.operation.state() == State::Verifying)
            .filter(|open| match &open.waits {
                Waits::Verification { receipt: other } => {
                    other.began() <= receipt.began() && other.writes_the_same(receipt)
                }
                Waits::Decision
                | Waits::Nothing
                | Waits::Approval { .. }
                | Waits::Sight { .. }
                | Waits::RollbackVerification { .. } => false,
            })
            .map(|open| open.operation.id())
            .collect();
        for other in overtaken {
            self.moved(other, State::Superseded, Some(format!("operation {id} wrote the same fact"))).await?;
        }
        Ok(())
    }

    /// Writes a record of an operation and moves the operation where the record says.
    pub(crate) async fn step(&mut self, id: OperationId, record: Record) -> Result<(), EnforceError> {
        if let (Some(state), Some(open)) = (record.state(), self.open.get(&id)) {
            // Checked before it is written: the ledger holds no step that the state machine does not have.
            open.operation.clone().advance(state)?;
        }
        self.write(Some(id), record.clone()).await?;
        if let Some(state) = record.state() {
            self.arrived(id, state).await?;
        }
        Ok(())
    }

    pub(crate) async fn moved(
        &mut self,
        id: OperationId,
        state: State,
        why: Option<String>,
    ) -> Result<(), EnforceError> {
        self.step(id, Record::Moved { state, why }).await
    }

    /// The operation is in a new state: close it if that is an end, and count it.
    async fn arrived(&mut self, id: OperationId, state: State) -> Result<(), EnforceError> {
        if let Some(open) = self.open.get_mut(&id) {
            open.operation.advance(state)?;
        }
        if state.is_open() {
            return Ok(());
        }
        if matches!(state, State::Refused | State::Recorded) {
            self.came_to_nothing = Some(id);
        }
        self.open.remove(&id);
        if !self.ended(id, state) {
            return Ok(());
        }
        self.watch_breaker().await
    }

    /// Opens the breaker when so many operations have failed in a row.
    pub(crate) async fn watch_breaker(&mut self) -> Result<(), EnforceError> {
        if !self.breaker_open && self.breaker_trips() {
            self.breaker_open = true;
            self.write(None, Record::BreakerOpened { failures: self.breaker.failures }).await?;
        }
        Ok(())
    }

    fn breaker_trips(&self) -> bool {
        self.policy.limits.iter().any(|limit| match limit {
            Limit::Breaker { failures, .. } => self.breaker >= Breaker { failures: *failures },
            Limit::Cooldown { .. } => false,
        })
    }

    pub(crate) fn began(&mut self, id: OperationId, intent: &Intent) {
        if let Some((action, _)) = self.policy.action_named(&intent.call.action) {
            self.history.begin(PastOperation { operation: Some(id), action, began: intent.at, ended: None });
        }
    }

    /// Counts an operation that began and ended so. Whether it is one that counts.
    pub(crate) fn ended(&mut self, id: OperationId, state: State) -> bool {
        let Some(ended) = Ended::of(state) else { return false };
        let began = self.history.end(id, ended);
        if began {
            self.breaker = self.breaker.after(ended);
            self.unrecovered = match ended {
                Ended::RollbackFailed => true,
                Ended::Confirmed | Ended::Partial => false,
                Ended::Failed | Ended::RolledBack | Ended::Superseded => self.unrecovered,
            };
        }
        began
    }

    pub(crate) fn wait(&mut self, id: OperationId, waits: Waits) {
        if let Some(open) = self.open.get_mut(&id) {
            open.waits = waits;
        }
    }

    /// People do not want it: the rule that proposed it stays silent until its condition has been false.
    pub(crate) fn declined(&mut self, id: OperationId) {
        for memory in self.rules.values_mut().filter(|memory| memory.operation == Some(id)) {
            memory.declined = true;
        }
    }
}
