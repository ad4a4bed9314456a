//! Checks a call against its action before anything else is asked.

use std::sync::Arc;

use leeway_ir::{Action, ActionId, Policy};
use leeway_units::{Call, Type, Value};
use serde::{Deserialize, Serialize};

/// Why a call does not fit, in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct ArgumentsError {
    /// What is wrong and what the signature is.
    pub message: Arc<str>,
}

/// Why a call does not fit; put into words when somebody reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Misfit {
    /// Nobody asks for it.
    Nobody,
    /// The policy has no such action.
    Action,
    /// The action has no parameter of the name of that argument of the call.
    Argument(usize),
    /// What is wrong with that parameter of the action.
    Missing(usize),
    Mistyped(usize),
    Negative(usize),
}

/// The action that `call` names, and its arguments in the order of the parameters: `arguments` holds nothing else afterwards.
pub(crate) fn bind<'a>(
    action: Option<(ActionId, &'a Action)>,
    call: &Call,
    arguments: &mut Vec<Value>,
) -> Result<(ActionId, &'a Action), Misfit> {
    arguments.clear();
    let (id, action) = action.ok_or(Misfit::Action)?;
    for (at, (name, _)) in call.arguments.iter().enumerate() {
        if !action.parameters.iter().any(|parameter| parameter.name == *name) {
            return Err(Misfit::Argument(at));
        }
    }
    for (at, parameter) in action.parameters.iter().enumerate() {
        let value = call.argument(&parameter.name).ok_or(Misfit::Missing(at))?;
        if !value.is_a(&parameter.ty) {
            return Err(Misfit::Mistyped(at));
        }
        if value.quantity().is_some_and(|quantity| quantity.base() < 0.0) {
            return Err(Misfit::Negative(at));
        }
        arguments.push(value.settled());
    }
    Ok((id, action))
}

/// The same for those who decide nothing: the action and its arguments.
pub(crate) fn bound<'a>(policy: &'a Policy, call: &Call) -> Result<(&'a Action, Vec<Value>), ArgumentsError> {
    let mut arguments = Vec::new();
    match bind(policy.action_named(&call.action), call, &mut arguments) {
        Ok((_, action)) => Ok((action, arguments)),
        Err(misfit) => Err(misfit.told(policy, call)),
    }
}

impl Misfit {
    /// What is wrong with the call.
    pub(crate) fn told(self, policy: &Policy, call: &Call) -> ArgumentsError {
        let action = policy.action_named(&call.action).map(|(_, action)| action);
        let signature = action.map(Action::signature).unwrap_or_default();
        let parameter = |at: usize| action.and_then(|action| action.parameters.get(at));
        let name = |at: usize| parameter(at).map(|parameter| parameter.name.clone()).unwrap_or_default();
        let given =
            |at: usize| call.argument(&name(at)).map(|value| format!("`{}: {value}`", name(at))).unwrap_or_default();
        let message = match self {
            Misfit::Nobody => "nobody asks for it".to_owned(),
            Misfit::Action => {
                let known: Vec<String> =
                    policy.actions.iter().map(|known| format!("`{}`", known.signature())).collect();
                format!("`{}` has no action `{}`; it has {}", policy.target.kind, call.action, known.join(", "))
            }
            Misfit::Argument(at) => {
                let foreign = call.arguments.get(at).map(|(name, _)| name.clone()).unwrap_or_default();
                format!("`{}` has no parameter `{foreign}`: `{signature}`", call.action)
            }
            Misfit::Missing(at) => format!("argument `{}` is missing: `{signature}`", name(at)),
            Misfit::Mistyped(at) => {
                let ty = parameter(at).map(|parameter| parameter.ty.to_string()).unwrap_or_default();
                let words = match parameter(at).map(|parameter| &parameter.ty) {
                    Some(Type::Enum(of)) => format!(", which is `{}`", of.words.join("` or `")),
                    Some(_) | None => String::new(),
                };
                format!("{} is no {ty}{words}: `{signature}`", given(at))
            }
            Misfit::Negative(at) => format!("{} is negative: `{signature}`", given(at)),
        };
        ArgumentsError { message: message.into() }
    }
}
