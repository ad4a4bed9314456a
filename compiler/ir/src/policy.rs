//! One blueprint, compiled.

use std::collections::BTreeMap;
use std::sync::Arc;

use leeway_units::Type;
use serde::{Deserialize, Serialize};

use crate::action::{Action, ActionId};
use crate::approval::{ApprovalBlock, Ceiling};
use crate::clause::Clause;
use crate::expr::Input;
use crate::fingerprint::Fingerprint;
use crate::limit::Limit;
use crate::metric::{Metric, MetricId};
use crate::rule::{Objective, Rule};
use crate::slo::{Invariant, Slo};
use crate::verification::{Stage, Verification};

/// What a blueprint says, ready to be enforced.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Policy {
    /// The blueprint's name.
    pub blueprint: Arc<str>,
    /// Its semantic version, if it states one.
    pub version: Option<Arc<str>>,
    /// Who answers for it, if it says so.
    pub owner: Option<Arc<str>>,
    /// The user's own labels.
    pub labels: BTreeMap<Arc<str>, Arc<str>>,
    /// For how long its records are kept, if it says so.
    pub audit_retention_ms: Option<u64>,
    /// What it governs.
    pub target: Target,
    /// What can be seen of the target; a [`FactId`] is an index here.
    pub facts: Vec<Fact>,
    /// What is measured; a [`MetricId`] is an index here.
    pub metrics: Vec<Metric>,
    /// What can be done; an [`ActionId`] is an index here.
    pub actions: Vec<Action>,
    /// What is permitted, in source order.
    pub clauses: Vec<Clause>,
    /// What restrains beside the clauses, in source order.
    pub limits: Vec<Limit>,
    /// Who agrees; without one anybody who may approve.
    pub approvals: Vec<ApprovalBlock>,
    /// How far rules and agents may go; the strictest holds.
    pub ceilings: Vec<Ceiling>,
    /// What proposes.
    pub rules: Vec<Rule>,
    /// What is wanted.
    pub objectives: Vec<Objective>,
    /// How it is seen that an action worked, where the blueprint says so.
    pub verifications: Vec<Verification>,
    /// Service level objectives; a [`SloId`](crate::SloId) is an index here.
    pub slos: Vec<Slo>,
    /// What must always hold.
    pub invariants: Vec<Invariant>,
    /// SHA-256 over the members in canonical order, without positions, docs, `because` and ordinals.
    pub fingerprint: Fingerprint,
}

/// One thing that is governed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// Its kind: `ratelimiter.tenant`.
    pub kind: Arc<str>,
    /// Its name: `acme`.
    pub name: Arc<str>,
}

/// A slot of [`Policy::facts`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FactId(pub u16);

/// Something that can be seen of a target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    /// Its name.
    pub name: Arc<str>,
    /// Its type.
    #[serde(rename = "type")]
    pub ty: Type,
    /// How old a value may be.
    pub stale_ms: u64,
}

impl Policy {
    /// The fact in that slot.
    pub fn fact(&self, id: FactId) -> Option<&Fact> {
        self.facts.get(usize::from(id.0))
    }

    /// The slot of the fact of that name.
    pub fn fact_named(&self, name: &str) -> Option<FactId> {
        let at = self.facts.iter().position(|fact| fact.name.as_ref() == name)?;
        Some(FactId(u16::try_from(at).ok()?))
    }

    /// The metric in that slot.
    pub fn metric(&self, id: MetricId) -> Option<&Metric> {
        self.metrics.get(usize::from(id.0))
    }

    /// The metrics that are read for an input: of an error budget both that its objective counts.
    pub fn metrics_of(&self, input: Input) -> impl Iterator<Item = MetricId> {
        let slo = match input {
            Input::Budget(id) => self.slos.get(usize::from(id.0)),
            Input::Fact(_) | Input::Past(_) | Input::Metric(_) | Input::Window(_) | Input::History | Input::Claims => {
                None
            }
        };
        input.metric().into_iter().chain(slo.into_iter().flat_map(|slo| [slo.good, slo.total]))
    }

    /// The action in that slot.
    pub fn action(&self, id: ActionId) -> Option<&Action> {
        self.actions.get(usize::from(id.0))
    }

    /// The action of that name, with its slot.
    pub fn action_named(&self, name: &str) -> Option<(ActionId, &Action)> {
        let at = self.actions.iter().position(|action| action.name.as_ref() == name)?;
        Some((ActionId(u16::try_from(at).ok()?), self.actions.get(at)?))
    }

    /// The stages that the action must pass: as the blueprint says, or else as its declaration does; none for by its effects.
    pub fn stages(&self, id: ActionId) -> &[Stage] {
        let declared = self.action(id).map(|action| action.stages.as_slice()).unwrap_or_default();
        self.verification(id).map_or(declared, |verification| &verification.stages)
    }

    /// How the blueprint says that the action is verified, if it does.
    pub fn verification(&self, id: ActionId) -> Option<&Verification> {
        self.verifications.iter().find(|verification| verification.actions.contains(&id))
    }
}
