//! What was done before, as documents write it.

use jiff::Timestamp;
use leeway_driver::closest;
use leeway_engine::{Ended, Facts, History, PastOperation};
use leeway_ir::Policy;
use leeway_units::Call;

use crate::decide::actors::read_actors;
use crate::decide::document::{DocumentError, Node, cut};
use crate::decide::literal::{is_missing, shifted, value};
use crate::decide::members::{Members, Read, wanted};

/// How many operations a history may name: as many as are remembered.
const OPERATIONS_MAX: usize = 10_000;

/// A list of operations, or `"missing"`: then nobody can say what was done.
pub(crate) fn read_history(policy: &Policy, path: &str, node: &Node, at: Timestamp) -> Read<History> {
    if is_missing(node) {
        return Ok(History::Unknown);
    }
    let Node::List(entries) = node else { return Err(wanted(path, "a list of operations, or \"missing\"", node)) };
    if entries.len() > OPERATIONS_MAX {
        return Err(DocumentError::new(path, format!("over {OPERATIONS_MAX} operations")));
    }
    let operation = |(index, entry): (usize, &Node)| read_operation(policy, &format!("{path}[{index}]"), entry, at);
    Ok(History::written(at, entries.iter().enumerate().map(operation).collect::<Read<_>>()?))
}

fn read_operation(policy: &Policy, path: &str, entry: &Node, at: Timestamp) -> Read<PastOperation> {
    let mut members = Members::of(path, entry)?;
    let text = members.required_text("action")?;
    let action_path = members.path("action");
    let call = Call::parse(&text).map_err(|error| DocumentError::new(&action_path, error.to_string()))?;
    let unknown = || {
        let names = policy.actions.iter().map(|action| action.name.as_ref());
        let meant = closest(&call.action, names).map(|meant| format!("; did you mean `{meant}`?"));
        DocumentError::new(&action_path, format!("unknown action `{}`{}", call.action, meant.unwrap_or_default()))
    };
    let (action, declared) = policy.action_named(&call.action).ok_or_else(unknown)?;
    for (name, value) in &call.arguments {
        let parameter = declared.parameters.iter().find(|parameter| parameter.name == *name);
        if !parameter.is_some_and(|parameter| value.is_a(&parameter.ty)) {
            let message = format!("`{name}: {value}` does not fit `{}`", declared.signature());
            return Err(DocumentError::new(&action_path, message));
        }
    }
    let ago = members.take_duration("ago")?.ok_or_else(|| DocumentError::new(path, "`ago` is missing"))?;
    let outcome_path = members.path("outcome");
    let ended = members.take_text("outcome")?.map(|outcome| ended(&outcome_path, &outcome)).transpose()?.flatten();
    let actor_path = members.path("actor");
    let actors = members.take("actor").map(|node| read_actors(&actor_path, node)).transpose()?;
    let before_path = members.path("before");
    let noted = members.take("before");
    let before = noted.map(|node| read_before(policy, &before_path, node)).transpose()?;
    // It may have changed what is said not to be known: an operation without `before` says so, one with a shorter one does not.
    let before = before.filter(|_| !noted.is_some_and(lacks_something));
    members.done("member")?;
    Ok(PastOperation {
        operation: None,
        action,
        actors: actors.unwrap_or_default().iter().map(|actor| actor.id().clone()).collect(),
        began: shifted(at, -ago),
        before,
        ended,
    })
}

fn lacks_something(before: &Node) -> bool {
    matches!(before, Node::Map(facts) if facts.iter().any(|(_, node)| is_missing(node)))
}

/// What facts were before an operation. One that is not named, or `"missing"`, is not known.
pub(crate) fn read_before(policy: &Policy, path: &str, node: &Node) -> Read<Facts> {
    let mut members = Members::of(path, node)?;
    let mut before = Facts::new();
    for fact in &policy.facts {
        if let Some(node) = members.take(&fact.name).filter(|node| !is_missing(node)) {
            before.push((fact.name.clone(), value(&members.path(&fact.name), node, &fact.ty)?));
        }
    }
    members.done("fact")?;
    Ok(before)
}

/// How an operation ended; nothing for one that has not, or that nobody could judge.
fn ended(path: &str, outcome: &str) -> Read<Option<Ended>> {
    let known: Result<Ended, _> = serde_json::from_value(outcome.into());
    match (known, outcome) {
        (Ok(ended), _) => Ok(Some(ended)),
        (Err(_), "executing" | "verifying" | "rolling_back" | "inconclusive") => Ok(None),
        (Err(_), _) => Err(DocumentError::new(
            path,
            format!(
                "unknown outcome `{}`; expected `confirmed`, `partial`, `failed`, `inconclusive`, `rolled_back`, \
                 `rollback_failed`, `superseded`, `executing`, `verifying` or `rolling_back`",
                cut(outcome)
            ),
        )),
    }
}
