//! Two policies with the same slots for the same meanings, so that their members can be compared.

use crate::action::{Action, ActionId, Undo};
use crate::expr::Expr;
use crate::limit::LimitKind;
use crate::metric::{Metric, MetricId};
use crate::origin::Condition;
use crate::policy::{Fact, Policy};
use crate::slo::Slo;

/// Both policies, renumbered: a fact, metric, action or objective that is not the same in both has a slot of its own in each.
/// Conditions are in normal form. Only what is compared is renumbered.
pub(super) fn aligned(old: &Policy, new: &Policy) -> (Policy, Policy) {
    let mut shared = Shared::default();
    let (mut old, mut new) = (shared.renumbered(old), shared.renumbered(new));
    old.actions.clone_from(&shared.actions);
    new.actions = shared.actions;
    (old, new)
}

/// Every meaning once.
#[derive(Default)]
struct Shared {
    facts: Vec<Fact>,
    metrics: Vec<Metric>,
    actions: Vec<Action>,
    slos: Vec<Slo>,
}

/// For each slot of a policy the shared one.
struct Slots {
    facts: Vec<u16>,
    metrics: Vec<u16>,
    actions: Vec<u16>,
    slos: Vec<u16>,
}

impl Shared {
    fn renumbered(&mut self, policy: &Policy) -> Policy {
        let mut policy = policy.clone();
        let slots = self.slots(&policy);
        let conditions = policy.clauses.iter_mut().filter_map(|clause| clause.when.as_mut());
        let stages = policy.verifications.iter_mut().flat_map(|verification| &mut verification.stages);
        let conditions = conditions.chain(stages.map(|stage| &mut stage.condition));
        for condition in conditions.chain(policy.invariants.iter_mut().map(|invariant| &mut invariant.condition)) {
            slots.condition(condition);
        }
        policy.clauses.iter_mut().for_each(|clause| slots.actions(&mut clause.actions));
        policy.verifications.iter_mut().for_each(|verification| slots.actions(&mut verification.actions));
        policy.limits.iter_mut().for_each(|limit| slots.limit(&mut limit.kind));
        policy
    }

    fn slots(&mut self, policy: &Policy) -> Slots {
        // What a metric is called says nothing about what it measures, nor does how it responds in a simulation.
        let nameless = |metric: &Metric| Metric { name: "".into(), responds: None, ..metric.clone() };
        let metrics: Vec<u16> =
            policy.metrics.iter().map(|metric| place(&mut self.metrics, nameless(metric), PartialEq::eq)).collect();
        let measured = |id: MetricId| MetricId(at(&metrics, id.0));
        let slo = |slo: &Slo| Slo { good: measured(slo.good), total: measured(slo.total), ..slo.clone() };
        Slots {
            facts: policy.facts.iter().map(|fact| place(&mut self.facts, fact.clone(), PartialEq::eq)).collect(),
            actions: policy.actions.iter().map(|one| place(&mut self.actions, one.clone(), same_action)).collect(),
            slos: policy.slos.iter().map(|one| place(&mut self.slos, slo(one), same_budget)).collect(),
            metrics,
        }
    }
}

/// Whether a clause about one is a clause about the other: conditions read the parameters, the risk and the way back.
fn same_action(one: &Action, other: &Action) -> bool {
    let final_ = |action: &Action| action.undo == Undo::Irreversible;
    (&one.name, &one.parameters, one.risk) == (&other.name, &other.parameters, other.risk)
        && final_(one) == final_(other)
}

/// Whether the same is left of both error budgets.
fn same_budget(one: &Slo, other: &Slo) -> bool {
    (one.objective, one.window_ms, one.good, one.total) == (other.objective, other.window_ms, other.good, other.total)
        && one.min_events == other.min_events
}

/// The place of `one`, which is added unless it is known.
fn place<T>(all: &mut Vec<T>, one: T, same: fn(&T, &T) -> bool) -> u16 {
    let place = all.iter().position(|known| same(known, &one)).unwrap_or(all.len());
    if place == all.len() {
        all.push(one);
    }
    u16::try_from(place).unwrap_or(u16::MAX)
}

fn at(slots: &[u16], slot: u16) -> u16 {
    slots.get(usize::from(slot)).copied().unwrap_or(u16::MAX)
}

impl Slots {
    fn condition(&self, condition: &mut Condition) {
        condition.expr.walk_mut(&mut |expr| {
            if let Expr::Fact(fact) | Expr::Change { fact, .. } | Expr::Quantified { over: fact, .. } = expr {
                fact.0 = at(&self.facts, fact.0);
            } else if let Expr::Metric(metric) | Expr::Window { metric, .. } = expr {
                metric.0 = at(&self.metrics, metric.0);
            } else if let Expr::BudgetLeft(slo) = expr {
                slo.0 = at(&self.slos, slo.0);
            } else if let Expr::Began { actions, .. } | Expr::Since { actions } = expr {
                self.actions(actions);
            }
        });
        condition.expr.normalize();
    }

    fn actions(&self, actions: &mut [ActionId]) {
        actions.iter_mut().for_each(|action| action.0 = at(&self.actions, action.0));
        actions.sort_unstable();
    }

    fn limit(&self, limit: &mut LimitKind) {
        match limit {
            LimitKind::Cooldown { actions, .. }
            | LimitKind::AtMost { actions, .. }
            | LimitKind::Pace { actions, .. }
            | LimitKind::Freeze { except: actions, .. } => self.actions(actions),
            LimitKind::Drift { fact, .. } => fact.0 = at(&self.facts, fact.0),
            LimitKind::Budget { metric, .. } => metric.0 = at(&self.metrics, metric.0),
            LimitKind::Breaker { .. } => {}
        }
    }
}
