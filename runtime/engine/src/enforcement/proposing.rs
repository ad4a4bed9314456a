//! A proposal's way to a decision, and through the answers of people.

use std::sync::Arc;

use jiff::Timestamp;

use crate::approval::Approval;
use crate::decision::Decision;
use crate::digest::StateSeen;
use crate::enforcement::open_operation::{OpenOperation, Waits};
use crate::enforcement::{Enforcement, Mode, World};
use crate::gate::{Refusal, admit};
use crate::operation::{Operation, OperationId, State};
use crate::proposal::{Principal, Proposal};
use crate::record::Record;
use crate::rules::{because, proposed, read_by};
use crate::series::{ms_after, ms_between};
use crate::tier::Tier;
use crate::truth::Truth;

/// What a person says to an operation that awaits approval.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Yes, to exactly what the approval names.
    Approve {
        /// Who, to what, when.
        approval: Approval,
        /// Whether this is a stand-in and no person.
        stand_in: bool,
    },
    /// No.
    Reject {
        /// Who.
        by: Principal,
        /// Whether this is a stand-in and no person.
        stand_in: bool,
    },
}

impl<W: World> Enforcement<W> {
    /// Lets each rule propose whose condition is true, whose last operation has ended, that no cooldown
    /// holds back and that was not just refused the same.
    pub(super) async fn let_rules_propose(&mut self) -> Result<(), W::Error> {
        self.refresh();
        for said in proposed(self.compiled.policy(), &self.snapshot, &self.history) {
            if said.truth == Truth::Unknown {
                self.undecided.get_mut(usize::from(said.rule.0)).into_iter().for_each(|rounds| *rounds += 1);
            }
            // What an earlier rule of this round has written is seen in the next.
            if self.are_unseen(|policy| read_by(policy, said.rule)) {
                continue;
            }
            let memory = self.rules.entry(said.rule.0).or_default();
            match said.truth {
                Truth::False => (memory.declined, memory.refused) = (false, None),
                // Not knowing is no reason to ask people again.
                Truth::Unknown => memory.refused = None,
                Truth::True => {}
            }
            let waited_until = memory.waits_until.take();
            let busy = memory.operation.is_some_and(|operation| self.open.contains_key(&operation));
            let Some(proposal) = said.proposal.filter(|_| !busy && !memory.declined) else { continue };
            // Whatever else is decided, a cooldown forbids it until it has passed.
            if waited_until.is_some_and(|until| ms_between(self.snapshot.at, until) > 0) {
                memory.waits_until = waited_until;
                continue;
            }
            let proposal = Arc::new(proposal);
            let decision = self.decider.decide(&self.snapshot, &self.history, &proposal);
            let same =
                |(refused, on): &(Decision, StateSeen)| refused.says_the_same(decision) && on.is_still(&self.snapshot);
            let again = memory.refused.as_ref().is_some_and(same);
            // What people may agree to is asked for; only what is forbidden waits for its time.
            let wait_ms = decision.retry_after_ms().filter(|_| decision.tier() == Tier::Forbidden);
            memory.waits_until = wait_ms.map(|ms| ms_after(self.snapshot.at, ms));
            if wait_ms.is_some() && waited_until.is_none() {
                let waits_for = decision.limits().iter().filter(|voice| voice.retry_after_ms.is_some());
                for voice in waits_for.filter(|voice| voice.tier == Tier::Forbidden) {
                    self.held_back.get_mut(voice.limit).into_iter().for_each(|times| *times += 1);
                }
            }
            if again || wait_ms.is_some() {
                continue;
            }
            let policy = self.compiled.policy();
            let decided = (decision.clone(), decision.state_seen(policy, &self.snapshot));
            let because = because(policy, &self.snapshot, &self.history, said.rule);
            let operation = self.consider(Arc::new(Proposal { because, ..Proposal::clone(&proposal) })).await?;
            let memory = self.rules.entry(said.rule.0).or_default();
            (memory.operation, memory.declined_last) = (Some(operation), false);
            memory.refused = (self.came_to_nothing == Some(operation)).then_some(decided);
            self.refresh();
        }
        Ok(())
    }

    /// Takes a proposal in: recorded, decided, and whatever follows from that.
    ///
    /// # Errors
    /// When it cannot be written, or an operation would move where the state machine does not go.
    pub async fn consider(&mut self, proposal: Arc<Proposal>) -> Result<OperationId, W::Error> {
        let proposed = Record::Proposed { proposal: Proposal::clone(&proposal) };
        let id = OperationId(self.write(None, proposed).await?.0);
        let open = OpenOperation { operation: Operation::proposed(id), proposal, waits: Waits::Decision };
        self.open.insert(id, open);
        self.decide_on(id).await?;
        Ok(id)
    }

    /// Decides on an operation that was proposed.
    pub(super) async fn decide_on(&mut self, id: OperationId) -> Result<(), W::Error> {
        self.refresh();
        let Some(open) = self.open.get(&id) else { return Ok(()) };
        let decision = self.decider.decide(&self.snapshot, &self.history, &open.proposal).clone();
        let verdict = self.compiled.explain(&self.snapshot, &self.history, &decision);
        let required = verdict.approval.clone();
        self.step(id, Record::Decided { verdict: Box::new(verdict), observed: self.observed }).await?;
        if decision.only_ceiling_forbids() {
            return self.moved(id, State::Recorded, Some("autonomy goes no further".to_owned())).await;
        }
        if decision.tier() == Tier::Forbidden {
            return self.moved(id, State::Refused, None).await;
        }
        if self.mode == Mode::DryRun {
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
    ///
    /// # Errors
    /// As those of [`Enforcement::consider`].
    pub async fn answered(&mut self, id: OperationId, answer: Answer) -> Result<(), W::Error> {
        let Some(OpenOperation { waits: Waits::Approval { expires, .. }, .. }) = self.open.get(&id) else {
            return Ok(());
        };
        if self.mode == Mode::DryRun || self.world.now() > *expires {
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

    /// Goes on with an operation that awaits approval: done when enough people agreed, ended when its state has changed, or when
    /// nobody has answered and nobody needs to.
    pub(super) async fn weigh_approval(&mut self, id: OperationId) -> Result<(), W::Error> {
        let Some(open) = self.open.get(&id) else { return Ok(()) };
        let Waits::Approval { binding, approvals, .. } = &open.waits else { return Ok(()) };
        let (binding, approvals) = (binding.clone(), approvals.clone());
        // While the target cannot be seen its state is unknown, not changed.
        if !self.sees_facts_of(&open.proposal) {
            return Ok(());
        }
        let decision = self.decider.decide(&self.snapshot, &self.history, &open.proposal);
        if decision.binding(self.compiled.policy(), &self.snapshot) != binding {
            let why = "the state it was asked on has changed".to_owned();
            return self.moved(id, State::Superseded, Some(why)).await;
        }
        let is_answered = approvals.iter().any(|approval| approval.binding == binding);
        // Whoever proposed it may not want it any more. If they do they propose it again, and that has a verdict of its own.
        if !is_answered && decision.tier() == Tier::Allowed {
            let why = "nobody needs to be asked any more".to_owned();
            return self.moved(id, State::Superseded, Some(why)).await;
        }
        match admit(self.compiled.policy(), &self.snapshot, decision, id, &approvals, self.epoch) {
            Ok(warrant) => self.execute(id, warrant, None).await,
            Err(Refusal::Unapproved(_)) => Ok(()),
            Err(Refusal::Forbidden) => {
                let verdict = self.compiled.explain(&self.snapshot, &self.history, decision);
                let by = verdict.deciding().map(|voice| voice.by.to_string()).unwrap_or_default();
                let approved = if is_answered { "approved, but " } else { "" };
                let why = format!("{approved}forbidden by `{by}` when judged again");
                self.moved(id, State::Superseded, Some(why)).await
            }
            Err(refusal @ Refusal::Unforeseeable) => self.moved(id, State::Superseded, Some(refusal.to_string())).await,
        }
    }

    /// People do not want it: the rule that proposed it stays silent until its condition has been false.
    pub(super) fn declined(&mut self, id: OperationId) {
        for memory in self.rules.values_mut().filter(|memory| memory.operation == Some(id)) {
            (memory.declined, memory.declined_last) = (true, true);
        }
    }
}
