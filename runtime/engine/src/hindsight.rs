//! Judges an act that somebody wrote down, on evidence alone: no warrant came before it, and none can come of it.

use std::sync::Arc;

use jiff::Timestamp;
use leeway_ir::{Expr, Policy};
use leeway_units::Call;

use crate::arguments::{ArgumentsError, bound};
use crate::digest::{StateDigest, StateSeen};
use crate::expression::Scope;
use crate::history::History;
use crate::intent::{Facts, Intent, Purpose};
use crate::operation::OperationId;
use crate::receipt::Receipt;
use crate::series::Sample;
use crate::snapshot::Snapshot;
use crate::truth::Truth;
use crate::verify::{Progress, StageReport, verify};
use crate::warrant::Epoch;

/// An act as somebody wrote it down.
#[derive(Clone, Debug, PartialEq)]
pub struct Act {
    /// What was done.
    pub call: Call,
    /// When the call began.
    pub began: Timestamp,
    /// When it ended: verification counts from here.
    pub ended: Timestamp,
    /// What facts were before it.
    pub before: Facts,
}

/// Why an act cannot be judged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unjudgeable {
    /// The call does not fit the policy's actions.
    #[error(transparent)]
    Call(#[from] ArgumentsError),
    /// What the fact became cannot be computed.
    #[error("what `{0}` became cannot be computed: a fact that it depends on is not among those of before")]
    Before(Arc<str>),
}

/// How an act turned out, and what each objective says now.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// The outcome and the stages.
    pub progress: Progress,
    /// The objectives at the moment of the snapshot.
    pub objectives: Vec<StageReport>,
}

/// Judges an act by the evidence since it ended, as the enforcer would.
///
/// # Errors
/// When the call does not fit the policy's actions, or what it wrote cannot be computed from what is known of before.
pub fn judge(policy: &Policy, act: &Act, snapshot: &Snapshot, history: &History) -> Result<Judgement, Unjudgeable> {
    let (action, arguments) = bound(policy, &act.call)?;
    let mut before = Snapshot::empty(policy, act.began);
    for (name, value) in &act.before {
        let slot = policy.fact_named(name).and_then(|id| before.facts.get_mut(usize::from(id.0)));
        if let Some(series) = slot {
            series.push(Sample { at: act.began, value: Ok(value.clone()) });
        }
    }
    let scope =
        Scope { arguments: &arguments, action: Some(action), ..Scope::bare(policy, &before, Some(&History::Unknown)) };
    let written = action.effects.iter().map(|effect| {
        let name = policy.fact(effect.fact).map(|fact| fact.name.clone()).unwrap_or_default();
        match scope.value(&effect.value) {
            Some(value) => Ok((name, value.settled())),
            None => Err(Unjudgeable::Before(name)),
        }
    });
    let written = written.collect::<Result<Facts, _>>()?;
    let names = action.parameters.iter().map(|parameter| parameter.name.clone());
    let intent = Intent {
        operation: OperationId(0),
        purpose: Purpose::Act,
        call: Call { action: act.call.action.clone(), arguments: names.zip(arguments.iter().cloned()).collect() },
        target: policy.target.clone(),
        fingerprint: policy.fingerprint.clone(),
        state: StateDigest::of(policy, &StateSeen::of(Some(action), &before)),
        object_version: None,
        epoch: Epoch(0),
        asked_by: Vec::new(),
        approved_by: Vec::new(),
        at: act.began,
        expires: act.began,
        before: act.before.clone(),
        written,
        undo: None,
    };
    let receipt = Receipt::of(intent, act.began, act.ended);
    let now = Scope::bare(policy, snapshot, Some(history));
    let objectives = policy.objectives.iter().map(|objective| {
        let value =
            |expr: &Expr| now.value(expr).map_or_else(|| "unknown".to_owned(), |value| value.rounded().to_string());
        let condition = &objective.condition;
        StageReport {
            text: condition.written.clone(),
            passed: Some(now.truth(&condition.expr)),
            values: condition.names.iter().map(|named| (named.name.clone(), value(&named.value))).collect(),
        }
    });
    Ok(Judgement { progress: verify(policy, &receipt, snapshot, history), objectives: objectives.collect() })
}

impl Judgement {
    /// Whether every objective holds.
    pub fn meets_objectives(&self) -> bool {
        self.objectives.iter().all(|objective| objective.passed == Some(Truth::True))
    }
}
