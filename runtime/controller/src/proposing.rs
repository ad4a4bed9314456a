//! A proposal's way to a decision, and through the answers of people.

use jiff::Timestamp;
use leeway_engine::{Decision, Operation, OperationId, Proposal, Record, Refusal, State, Tier, Truth, admit, propose};

use crate::command::Answer;
use crate::enforcer::{EnforceError, Enforcer};
use crate::open_operation::{OpenOperation, Waits};

impl Enforcer {
    /// Lets each rule propose whose condition is true, whose last operation has ended, that no cooldown
    /// holds back and that was not just refused the same.
    pub(crate) async fn let_rules_propose(&mut self) -> Result<(), EnforceError> {
        self.refresh();
        for said in propose(self.policy(), &self.snapshot, &self.history) {
            let memory = self.rules.entry(said.rule.0).or_default();
            match said.truth {
                Truth::False => (memory.declined, memory.refused) = (false, None),
                // Not knowing is no reason to ask people again.
                Truth::Unknown => memory.refused = None,
                Truth::True => {}
            }
            let busy = memory.operation.is_some_and(|operation| self.open.contains_key(&operation));
            let Some(proposal) = said.proposal.filter(|_| !busy && !memory.declined) else { continue };
            let refused = memory.refused.clone();
            let decision = self.decide(&proposal);
            let state = decision.state(self.policy(), &self.snapshot);
            let again = refused.is_some_and(|(refused, on)| refused.says_the_same(&decision) && on == state);
            // What people may agree to is asked for; only what is forbidden waits for its time.
            let waits = decision.tier() == Tier::Forbidden && decision.retry_after_ms().is_some();
            if again || waits {
                continue;
            }
            let operation = self.consider(proposal).await?;
            let memory = self.rules.entry(said.rule.0).or_default();
            memory.operation = Some(operation);
            memory.refused = (self.came_to_nothing == Some(operation)).then_some((decision, state));
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
        let verdict = self.compiled.explain(&self.snapshot, &self.history, &decision);
        let required = verdict.approval.clone();
        self.step(id, Record::Decided { verdict: Box::new(verdict), observed: self.observed }).await?;
        if decision.only_ceiling_forbids() {
            return self.moved(id, State::Recorded, Some("autonomy goes no further".to_owned())).await;
        }
        if decision.tier() == Tier::Forbidden {
            return self.moved(id, State::Refused, None).await;
        }
        if self.settings.dry_run {
            return self.moved(id, State::Recorded, Some("dry run".to_owned())).await;
        }
        match admit(self.policy(), &self.snapshot, &decision, id, &[], self.epoch) {
            Ok(warrant) => self.execute(id, warrant, None).await,
            Err(Refusal::Unapproved(_)) => {
                let timeout_s = required.iter().map(|requirement| requirement.timeout_s).min().unwrap_or(0);
                let timeout = jiff::SignedDuration::from_secs(i64::try_from(timeout_s).unwrap_or(i64::MAX));
                let expires = self.snapshot.at.checked_add(timeout).unwrap_or(Timestamp::MAX);
                let binding = decision.binding(self.policy(), &self.snapshot);
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
        if decision.binding(self.policy(), &self.snapshot) != binding {
            let why = "the state it was asked on has changed".to_owned();
            return self.moved(id, State::Superseded, Some(why)).await;
        }
        match admit(self.policy(), &self.snapshot, &decision, id, &approvals, self.epoch) {
            Ok(warrant) => self.execute(id, warrant, None).await,
            Err(Refusal::Unapproved(_)) => Ok(()),
            Err(Refusal::Forbidden) => {
                let verdict = self.compiled.explain(&self.snapshot, &self.history, &decision);
                let by = verdict.deciding().map(|voice| voice.by.to_string()).unwrap_or_default();
                let why = format!("approved, but forbidden by `{by}` when judged again");
                self.moved(id, State::Superseded, Some(why)).await
            }
            Err(refusal @ Refusal::Unforeseeable) => self.moved(id, State::Superseded, Some(refusal.to_string())).await,
        }
    }

    pub(crate) fn decide(&self, proposal: &Proposal) -> Decision {
        self.compiled.evaluate(&self.snapshot, &self.history, proposal)
    }

    /// People do not want it: the rule that proposed it stays silent until its condition has been false.
    pub(crate) fn declined(&mut self, id: OperationId) {
        for memory in self.rules.values_mut().filter(|memory| memory.operation == Some(id)) {
            memory.declined = true;
        }
    }
}
