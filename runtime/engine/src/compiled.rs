//! A policy as it is decided by: compiled once, asked again and again.

use std::sync::Arc;

use leeway_ir::Policy;

use crate::claims::confirmed;
use crate::decision::Decision;
use crate::evaluate::walk;
use crate::explain::explained;
use crate::expression::Scope;
use crate::history::History;
use crate::plan::{Inputs, Plan};
use crate::proposal::Proposal;
use crate::ruling::Ruling;
use crate::snapshot::Snapshot;
use crate::verdict::Verdict;

/// A policy and its plan. A clone is cheap, and the same.
#[derive(Clone, Debug)]
pub struct Compiled {
    policy: Arc<Policy>,
    plan: Arc<Plan>,
}

impl Compiled {
    /// Compiles a policy.
    pub fn new(policy: Arc<Policy>) -> Compiled {
        let plan = Arc::new(Plan::of(&policy));
        Compiled { policy, plan }
    }

    /// The policy.
    pub fn policy(&self) -> &Arc<Policy> {
        &self.policy
    }

    /// Its plan.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Decides on one proposal; a [`Decider`] on many. The decision is that of [`crate::evaluate`].
    pub fn evaluate(&self, snapshot: &Snapshot, history: &History, proposal: &Proposal) -> Decision {
        let mut decider = Decider::new(self);
        decider.decide(snapshot, history, &Arc::new(proposal.clone()));
        decider.decision
    }

    /// The verdict in the shape of the contract; that of [`crate::explain`].
    pub fn explain(&self, snapshot: &Snapshot, history: &History, decision: &Decision) -> Verdict {
        let mut decider = Decider::new(self);
        let tier = |proposal| decider.decide(snapshot, history, &Arc::new(proposal)).tier();
        explained(&self.policy, snapshot, history, decision, tier)
    }
}

/// Decides again and again, and allocates nothing once its buffers have grown to what is asked. Two things are the exception:
/// percentiles, which sort the samples of their window, and claims about a window.
///
/// ```
/// # use std::sync::Arc;
/// # use leeway_engine::{Compiled, Decider, History, Principal, Proposal, Snapshot, Tier};
/// # let text = r#"target t.t(name: text) { fact n: count  action set(to: count) { effect n = to  undo set(to: current.n)  risk low } }
/// #               blueprint b for t.t("a") { allow set(..) }"#;
/// # let policy = Arc::new(leeway_driver::compile_text("b.leeway", text).policies.remove(0));
/// # let at = jiff::Timestamp::UNIX_EPOCH;
/// # let (snapshot, history) = (Snapshot::empty(&policy, at), History::since(at));
/// # let call = leeway_units::Call::parse("set(to: 1)").unwrap();
/// # let proposals = [Arc::new(Proposal::new(Principal::parse("human:ada").unwrap(), call, None))];
/// let compiled = Compiled::new(policy);
/// let mut decider = Decider::new(&compiled);
/// for proposal in &proposals {
///     let decision = decider.decide(&snapshot, &history, proposal);
///     assert_eq!(decision.tier(), Tier::Allowed);
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Decider {
    compiled: Compiled,
    inputs: Inputs,
    decision: Decision,
    /// The ruling on the principal at hand, of several.
    ruling: Ruling,
}

impl Decider {
    /// One that has decided on nothing yet.
    pub fn new(compiled: &Compiled) -> Decider {
        let nothing = Proposal::nothing();
        Decider {
            compiled: compiled.clone(),
            inputs: Inputs::new(&compiled.plan),
            decision: Decision::new(&compiled.policy, Arc::new(nothing), jiff::Timestamp::UNIX_EPOCH),
            ruling: Ruling::new(),
        }
    }

    /// Decides on a proposal. For a chain of principals the strictest verdict stands. Clone what shall outlive the next decision.
    pub fn decide(&mut self, snapshot: &Snapshot, history: &History, proposal: &Arc<Proposal>) -> &Decision {
        let Decider { compiled: Compiled { policy, plan }, inputs, decision, ruling } = self;
        decision.proposal.clone_from(proposal);
        let bare = Scope::bare(policy, snapshot, Some(history));
        let named = plan.action_named(&proposal.call.action);
        let named = named.and_then(|id| Some((id, policy.action(id)?)));
        let Some((id, action)) = decision.turn_to(named, bare) else { return decision };
        let conflicting = proposal.conflicts_with.is_some();
        for (place, actor) in proposal.actors.iter().enumerate() {
            let scope = Scope {
                arguments: &decision.arguments,
                action: Some(action),
                actor: Some(actor),
                claims: confirmed(&decision.claims),
                ..bare
            };
            ruling.clear(policy);
            ruling.actor = place;
            let heard = plan.hear(scope, id, inputs, &mut ruling.clauses);
            let heard = heard.unwrap_or_else(|| walk(scope, id, &mut ruling.clauses));
            ruling.conclude(heard, scope, (id, action), actor, (conflicting, &decision.claims));
            if place == 0 {
                std::mem::swap(&mut decision.ruling, ruling);
            } else {
                decision.ruling.join(policy, ruling);
            }
        }
        decision
    }
}
