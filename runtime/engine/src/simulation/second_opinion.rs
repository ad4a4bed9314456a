//! What another policy says of a proposal, in the very state in which it was made.

use std::sync::Arc;

use leeway_ir::{ActionId, FactId, Policy};

use crate::compiled::Compiled;
use crate::operation::OperationId;
use crate::proposal::Proposal;
use crate::recording::is_of_rule;
use crate::rules::conflict;
use crate::series::Series;
use crate::simulation::Simulation;
use crate::snapshot::{Safety, Snapshot};
use crate::verdict::Verdict;

/// Judges by one policy what is proposed in the simulation of another. Facts and actions are the same when their names are.
#[derive(Debug)]
pub struct SecondOpinion {
    judge: Compiled,
    /// For each fact of the judge, the same fact of the policy that is simulated.
    facts: Vec<Option<FactId>>,
    /// For each action of the policy that is simulated, the same action of the judge.
    actions: Vec<Option<ActionId>>,
}

impl SecondOpinion {
    /// Judges by `judge` what is proposed where `simulated` is followed.
    pub fn new(judge: Arc<Policy>, simulated: &Policy) -> SecondOpinion {
        let same = |fact: &leeway_ir::Fact| {
            let id = simulated.fact_named(&fact.name)?;
            (simulated.fact(id)?.ty == fact.ty).then_some(id)
        };
        SecondOpinion {
            facts: judge.facts.iter().map(same).collect(),
            actions: simulated.actions.iter().map(|action| Some(judge.action_named(&action.name)?.0)).collect(),
            judge: Compiled::new(judge),
        }
    }

    /// The verdict on the proposal with which `operation` began in the last round of `simulation`: on the facts, the history and
    /// the safety there, and on metrics as the judge has seen them in `own`, its own simulation, which is at the same moment. The
    /// failures there open the judge's own breaker.
    pub fn on(
        &self,
        simulation: &Simulation,
        own: &Simulation,
        operation: OperationId,
        proposal: &Proposal,
    ) -> Verdict {
        let (there, here) = (simulation.snapshot(), own.snapshot());
        let fact = |(own, same): (&Series, &Option<FactId>)| {
            let same = same.and_then(|id| there.facts.get(usize::from(id.0)));
            same.map_or_else(|| own.clone(), |series| series.counting_for(own.stale_ms()))
        };
        let breaker_open = simulation.breaker().has_opened(self.judge.policy());
        let snapshot = Snapshot {
            at: there.at,
            facts: here.facts.iter().zip(&self.facts).map(fact).collect(),
            metrics: here.metrics.clone(),
            safety: Safety { breaker_open, ..there.safety.clone() },
            object_version: None,
        };
        let action = |id: ActionId| self.actions.get(usize::from(id.0)).copied().flatten();
        let history = simulation.history().before(operation, action);
        // Whether rules differ is for each policy to say of its own.
        let of_rule = is_of_rule(proposal).then(|| conflict(self.judge.policy(), &snapshot, &history, proposal));
        let proposal = Proposal { conflicts_with: of_rule.flatten(), ..proposal.clone() };
        let decision = self.judge.evaluate(&snapshot, &history, &proposal);
        self.judge.explain(&snapshot, &history, &decision)
    }
}
