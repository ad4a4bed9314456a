//! Turns a decision into a warrant; nothing else can.

use leeway_ir::{Action, Expr, Policy, Undo};
use leeway_units::{Call, Value};

use crate::approval::{Approval, Requirement, requirements};
use crate::decision::Decision;
use crate::expression::Scope;
use crate::intent::{Facts, Intent, Purpose, Undoing};
use crate::operation::OperationId;
use crate::series::ms_after;
use crate::snapshot::Snapshot;
use crate::suggest;
use crate::tier::Tier;
use crate::warrant::{Epoch, Warrant};

/// How long a warrant may be used, in milliseconds.
pub const WARRANT_LIFE_MS: u64 = 30_000;

/// Why there is no warrant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The decision forbids it.
    #[error("forbidden")]
    Forbidden,
    /// People have not agreed yet.
    #[error("waiting for approval")]
    Unapproved(Vec<Requirement>),
    /// What it would write, or how it would be taken back, cannot be computed from what is known.
    #[error("its effect or its undo cannot be computed: a fact they read is unknown")]
    Unforeseeable,
}

/// A warrant for what was decided, if the decision and the approvals admit it.
///
/// `snapshot` is the one decided on: the intent keeps what the facts were, and what they will be.
///
/// # Errors
/// When it is forbidden, not approved yet, or its effect or undo cannot be foreseen.
pub fn admit(
    policy: &Policy,
    snapshot: &Snapshot,
    decision: &Decision,
    operation: OperationId,
    approvals: &[Approval],
    epoch: Epoch,
) -> Result<Warrant, Refusal> {
    let binding = decision.binding(policy, snapshot);
    match decision.tier() {
        Tier::Forbidden => return Err(Refusal::Forbidden),
        Tier::ApprovalRequired => {
            let required = requirements(policy, decision);
            let open: Vec<Requirement> = required
                .into_iter()
                .filter(|requirement| !requirement.is_met(approvals, &binding, &decision.proposal.actors))
                .collect();
            if !open.is_empty() {
                return Err(Refusal::Unapproved(open));
            }
        }
        Tier::Allowed => {}
    }
    let action = decision.bound.ok().and_then(|id| policy.action(id)).ok_or(Refusal::Forbidden)?;
    let scope = decision.scope(policy, snapshot, None);
    let (before, written) = effect(policy, action, scope).ok_or(Refusal::Unforeseeable)?;
    let undo = match &action.undo {
        Undo::Call(call) => Some(undoing(policy, scope, call).ok_or(Refusal::Unforeseeable)?),
        Undo::Receipt | Undo::Nothing | Undo::Irreversible => None,
    };
    let approved_by = approvals.iter().filter(|approval| approval.binding == binding);
    Ok(Warrant::new(Intent {
        operation,
        purpose: Purpose::Act,
        call: decision.settled_call(action),
        target: policy.target.clone(),
        fingerprint: decision.fingerprint.clone(),
        state: decision.state(policy, snapshot),
        object_version: snapshot.object_version.clone(),
        epoch,
        asked_by: decision.proposal.actors.iter().map(|actor| actor.id().clone()).collect(),
        approved_by: approved_by.map(|approval| approval.by.id().clone()).collect(),
        at: decision.at,
        expires: ms_after(decision.at, WARRANT_LIFE_MS),
        before,
        written,
        undo,
    }))
}

/// What the facts that the action writes are now, and what they will be.
fn effect(policy: &Policy, action: &Action, scope: Scope<'_>) -> Option<(Facts, Facts)> {
    let name = |id| Some(policy.fact(id)?.name.clone());
    let before = action.effects.iter().map(|effect| Some((name(effect.fact)?, scope.value(&Expr::Fact(effect.fact))?)));
    let written = action.effects.iter().map(|effect| Some((name(effect.fact)?, scope.value(&effect.value)?.settled())));
    Some((before.collect::<Option<_>>()?, written.collect::<Option<_>>()?))
}

/// The call that takes the action back. Its effect is computed from the facts of now, as every effect is.
fn undoing(policy: &Policy, scope: Scope<'_>, call: &leeway_ir::CallExpr) -> Option<Undoing> {
    let undo = suggest::call(policy, scope, call)?;
    let action = policy.action(call.action)?;
    let arguments: Vec<Value> = undo.arguments.iter().map(|(_, value)| value.clone()).collect();
    let (_, written) = effect(policy, action, Scope { arguments: &arguments, action: Some(action), ..scope })?;
    Some(Undoing { call: undo, written })
}

impl Decision {
    /// The call as it is done: its arguments settled and in the order of the parameters, so that equal calls are recorded alike.
    fn settled_call(&self, action: &Action) -> Call {
        let names = action.parameters.iter().map(|parameter| parameter.name.clone());
        Call { action: action.name.clone(), arguments: names.zip(self.arguments.iter().cloned()).collect() }
    }
}
