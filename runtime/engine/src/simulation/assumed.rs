//! What a simulation takes for granted: stages of a verification that read what the history does not show.

use std::collections::BTreeSet;
use std::sync::Arc;

use leeway_ir::{ActionId, FactId, Input, MetricId, Policy, Stage};

/// A policy as it can be simulated, and what is assumed for that.
#[derive(Clone, Debug)]
pub struct Assumed {
    /// The policy without the stages that nothing can be said about.
    pub policy: Policy,
    /// Those stages as written, each with what it reads that is not recorded; of what no rule proposes, none is told.
    pub stages: Vec<(String, Vec<Arc<str>>)>,
}

impl Assumed {
    /// A history that records these facts and metrics. What an action writes is known after it, whatever is recorded; a stage
    /// that reads anything else is taken to be met, because a fact that nobody models cannot follow what is done.
    pub fn of(policy: &Policy, facts: &BTreeSet<FactId>, metrics: &BTreeSet<MetricId>) -> Assumed {
        let written: BTreeSet<FactId> =
            policy.actions.iter().flat_map(|action| &action.effects).map(|effect| effect.fact).collect();
        let unseen = |input: Input| {
            let fact = input.fact().filter(|id| !facts.contains(id) && !written.contains(id));
            let metrics = policy.metrics_of(input).filter(|id| !metrics.contains(id));
            let fact = fact.and_then(|id| Some(policy.fact(id)?.name.clone()));
            fact.into_iter().chain(metrics.filter_map(|id| Some(policy.metric(id)?.name.clone())))
        };
        let is_proposed = |action: &ActionId| policy.rules.iter().any(|rule| rule.propose.action == *action);
        let mut assumed: Vec<(String, Vec<Arc<str>>)> = Vec::new();
        let mut without = |stages: &[Stage], is_told: bool| -> Vec<Stage> {
            let judged = |stage: &&Stage| {
                let mut names: Vec<Arc<str>> = stage.condition.expr.inputs().into_iter().flat_map(unseen).collect();
                names.sort();
                names.dedup();
                if is_told && !names.is_empty() && !assumed.iter().any(|(text, _)| *text == stage.text()) {
                    assumed.push((stage.text(), names.clone()));
                }
                names.is_empty()
            };
            stages.iter().filter(judged).cloned().collect()
        };
        let mut simulated = policy.clone();
        for verification in &mut simulated.verifications {
            let is_told = verification.actions.iter().any(is_proposed);
            verification.stages = without(&verification.stages, is_told);
        }
        for (id, action) in (0_u16..).map(ActionId).zip(&mut simulated.actions) {
            action.stages = without(&action.stages, is_proposed(&id));
        }
        Assumed { policy: simulated, stages: assumed }
    }
}
