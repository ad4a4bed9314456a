//! Checks a call against its action before anything else is asked.

use std::sync::Arc;

use leeway_ir::{Action, ActionId, Policy};
use leeway_units::{Call, Value};
use serde::{Deserialize, Serialize};

/// Why a call does not fit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct ArgumentsError {
    /// What is wrong and what the signature is.
    pub message: Arc<str>,
}

/// The action that `call` names and its arguments in the order of the parameters.
pub(crate) fn bind<'a>(policy: &'a Policy, call: &Call) -> Result<(ActionId, &'a Action, Vec<Value>), ArgumentsError> {
    let Some((id, action)) = policy.action_named(&call.action) else {
        let known: Vec<String> = policy.actions.iter().map(|action| format!("`{}`", action.signature())).collect();
        let kind = &policy.target.kind;
        return refuse(format!("`{kind}` has no action `{}`; it has {}", call.action, known.join(", ")));
    };
    let signature = action.signature();
    for (name, _) in &call.arguments {
        if !action.parameters.iter().any(|parameter| parameter.name == *name) {
            return refuse(format!("`{}` has no parameter `{name}`: `{signature}`", action.name));
        }
    }
    let mut arguments = Vec::with_capacity(action.parameters.len());
    for parameter in &action.parameters {
        let Some(value) = call.argument(&parameter.name) else {
            return refuse(format!("argument `{}` is missing: `{signature}`", parameter.name));
        };
        if !value.is_a(&parameter.ty) {
            return refuse(format!("`{}: {value}` is no {}: `{signature}`", parameter.name, parameter.ty));
        }
        if value.quantity().is_some_and(|quantity| quantity.base() < 0.0) {
            return refuse(format!("`{}: {value}` is negative: `{signature}`", parameter.name));
        }
        arguments.push(value.settled());
    }
    Ok((id, action, arguments))
}

fn refuse<T>(message: String) -> Result<T, ArgumentsError> {
    Err(ArgumentsError { message: message.into() })
}
