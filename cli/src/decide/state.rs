//! A state document becomes evidence: facts, metrics, history and safety of one moment.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use leeway_engine::{
    Ended, Facts, Gap, History, PastOperation, Principal, RECORDS_MAX, Safety, Sample, Series, Snapshot,
};
use leeway_ir::Policy;
use leeway_units::{Call, Field, Quantity, Record, Type, Unit, Value, parse_literal};

use crate::decide::document::{DocumentError, Node};

/// What a decision needs beside the policy.
pub(crate) struct State {
    pub(crate) snapshot: Snapshot,
    pub(crate) history: History,
    /// Who proposes, if the document says so: one principal, or a chain with the person first.
    pub(crate) actors: Option<Vec<Principal>>,
}

type Read<T> = Result<T, DocumentError>;

/// Reads a state at `at`, or at the moment that the document names. `None` when neither says.
pub(crate) fn read_state(policy: &Policy, document: &Node, at: Option<Timestamp>) -> Read<Option<State>> {
    let mut members = Members::of("$", document)?;
    let named = members.take("at").map(|node| time("$.at", node)).transpose()?;
    let Some(at) = at.or(named) else { return Ok(None) };
    let mut snapshot = Snapshot::empty(policy, at);

    if let Some(facts) = members.take("facts") {
        let mut facts = Members::of("$.facts", facts)?;
        for (fact, series) in policy.facts.iter().zip(&mut snapshot.facts) {
            if let Some(node) = facts.take(&fact.name) {
                read_fact(&facts.path(&fact.name), node, &fact.ty, at, series)?;
            }
        }
        facts.done("fact")?;
    }
    if let Some(metrics) = members.take("metrics") {
        let mut metrics = Members::of("$.metrics", metrics)?;
        for (metric, series) in policy.metrics.iter().zip(&mut snapshot.metrics) {
            if let Some(node) = metrics.take(&metric.name) {
                read_metric(&metrics.path(&metric.name), node, metric.unit, metric.every_ms, at, series)?;
            }
        }
        metrics.done("metric")?;
    }
    let history = members
        .take("history")
        .map_or_else(|| Ok(History::written(at, Vec::new())), |node| read_history(policy, node, at))?;
    if let Some(safety) = members.take("safety") {
        snapshot.safety = read_safety(safety)?;
    }
    let actors = members.take("actor").map(|node| read_actors("$.actor", node)).transpose()?;
    members.done("member")?;
    Ok(Some(State { snapshot, history, actors }))
}

/// `"agent:atlas"`, `{ "id", "roles" }`, or a list of these.
fn read_actors(path: &str, node: &Node) -> Read<Vec<Principal>> {
    let Node::List(chain) = node else { return Ok(vec![read_actor(path, node)?]) };
    if chain.is_empty() {
        return Err(DocumentError::new(path, "expected at least one actor"));
    }
    chain.iter().enumerate().map(|(at, node)| read_actor(&format!("{path}[{at}]"), node)).collect()
}

fn read_actor(path: &str, node: &Node) -> Read<Principal> {
    if let Some(id) = node.text() {
        return principal(path, id);
    }
    let mut members = Members::of(path, node)?;
    let id = members.take_text("id")?.ok_or_else(|| DocumentError::new(path, "`id` is missing"))?;
    let mut actor = principal(&members.path("id"), &id)?;
    if let Some(roles) = members.take("roles") {
        let path = members.path("roles");
        let Node::List(roles) = roles else { return Err(wanted(&path, "a list of roles", roles)) };
        let text = |role: &Node| role.text().map(Arc::from).ok_or_else(|| wanted(&path, "a list of texts", role));
        actor.roles = roles.iter().map(text).collect::<Read<_>>()?;
    }
    members.done("member")?;
    Ok(actor)
}

fn principal(path: &str, id: &str) -> Read<Principal> {
    Principal::parse(id).map_err(|error| DocumentError::new(path, error.to_string()))
}

fn read_fact(path: &str, node: &Node, ty: &Type, at: Timestamp, series: &mut Series) -> Read<()> {
    let value = if is_missing(node) { Err(Gap::Missing) } else { Ok(value(path, node, ty)?) };
    series.push(Sample { at, value });
    Ok(())
}

/// `{ "value", "age"?, "held"? }`, `{ "series": [[offset, value], …] }` or `"missing"`.
fn read_metric(path: &str, node: &Node, unit: Unit, every_ms: u64, at: Timestamp, series: &mut Series) -> Read<()> {
    let ty = Type::Quantity(unit);
    if is_missing(node) {
        series.push(Sample { at, value: Err(Gap::Missing) });
        return Ok(());
    }
    let mut members = Members::of(path, node)?;
    if let Some(samples) = members.take("series") {
        let path = members.path("series");
        let Node::List(samples) = samples else { return Err(wanted(&path, "a list of `[offset, value]`", samples)) };
        for (index, sample) in samples.iter().enumerate() {
            let path = format!("{path}[{index}]");
            let Node::List(pair) = sample else { return Err(wanted(&path, "`[offset, value]`", sample)) };
            let [Node::Text(offset), node] = pair.as_slice() else {
                return Err(DocumentError::new(path, "expected `[offset, value]`, such as `[\"-60s\", \"80%\"]`"));
            };
            let (past, offset) = offset.strip_prefix('-').map_or((false, offset.as_str()), |offset| (true, offset));
            let ms = duration(&format!("{path}[0]"), offset)?;
            if !past && ms > 0 {
                return Err(DocumentError::new(format!("{path}[0]"), "a sample of the future; offsets begin with `-`"));
            }
            let taken = shifted(at, -ms);
            let path = format!("{path}[1]");
            let value = if is_missing(node) { Err(Gap::Missing) } else { Ok(value(&path, node, &ty)?) };
            series.push(Sample { at: taken, value });
        }
        return members.done("member");
    }
    let Some(node) = members.take("value") else {
        return Err(DocumentError::new(path, "expected `value` or `series`, or the text \"missing\""));
    };
    let value = value(&members.path("value"), node, &ty)?;
    let newest = shifted(at, -members.take_duration("age")?.unwrap_or(0));
    match members.take_duration("held")?.map(u64::try_from) {
        Some(Ok(held_ms)) => {
            let stale_ms = u64::try_from(series.stale_ms()).unwrap_or_default();
            *series = Series::held(stale_ms, value, at, newest, every_ms, held_ms);
        }
        Some(Err(_)) | None => series.push(Sample { at: newest, value: Ok(value) }),
    }
    members.done("member")
}

fn read_history(policy: &Policy, node: &Node, at: Timestamp) -> Read<History> {
    if is_missing(node) {
        return Ok(History::Unknown);
    }
    let path = "$.history";
    let Node::List(entries) = node else { return Err(wanted(path, "a list of operations, or \"missing\"", node)) };
    let mut operations = Vec::with_capacity(entries.len());
    for (index, entry) in entries.iter().enumerate() {
        let path = format!("{path}[{index}]");
        let mut members = Members::of(&path, entry)?;
        let text = members.take_text("action")?.ok_or_else(|| DocumentError::new(&path, "`action` is missing"))?;
        let action_path = members.path("action");
        let call = Call::parse(&text).map_err(|error| DocumentError::new(&action_path, error.to_string()))?;
        let (action, declared) = policy
            .action_named(&call.action)
            .ok_or_else(|| DocumentError::new(&action_path, format!("unknown action `{}`", call.action)))?;
        for (name, value) in &call.arguments {
            let parameter = declared.parameters.iter().find(|parameter| parameter.name == *name);
            if !parameter.is_some_and(|parameter| value.is_a(&parameter.ty)) {
                let message = format!("`{name}: {value}` does not fit `{}`", declared.signature());
                return Err(DocumentError::new(&action_path, message));
            }
        }
        let ago = members.take_duration("ago")?.ok_or_else(|| DocumentError::new(&path, "`ago` is missing"))?;
        let outcome_path = members.path("outcome");
        let ended = members.take_text("outcome")?.map(|outcome| ended(&outcome_path, &outcome)).transpose()?.flatten();
        let actor_path = members.path("actor");
        let actor = members.take("actor").map(|node| read_actors(&actor_path, node)).transpose()?;
        let before =
            members.take("before").map(|node| read_before(policy, &members.path("before"), node)).transpose()?;
        members.done("member")?;
        operations.push(PastOperation {
            operation: None,
            action,
            actors: actor.unwrap_or_default().iter().map(|actor| actor.id().clone()).collect(),
            began: shifted(at, -ago),
            before,
            ended,
        });
    }
    Ok(History::written(at, operations))
}

/// What facts were before an operation. One that is not named, or `"missing"`, is not known.
fn read_before(policy: &Policy, path: &str, node: &Node) -> Read<Facts> {
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

fn ended(path: &str, outcome: &str) -> Read<Option<Ended>> {
    let known: Result<Ended, _> = serde_json::from_value(outcome.into());
    match (known, outcome) {
        (Ok(ended), _) => Ok(Some(ended)),
        (Err(_), "verifying" | "executing") => Ok(None),
        (Err(_), _) => Err(DocumentError::new(
            path,
            format!(
                "unknown outcome `{outcome}`; expected `confirmed`, `partial`, `failed`, `rolled_back`, `rollback_failed` or `superseded`"
            ),
        )),
    }
}

/// A `safety` that is named names all four.
fn read_safety(node: &Node) -> Read<Safety> {
    let mut members = Members::of("$.safety", node)?;
    let breaker = members.required("breaker")?;
    let breaker_open = match breaker.text() {
        Some("open") => true,
        Some("closed") => false,
        Some(_) | None => return Err(wanted("$.safety.breaker", "\"open\" or \"closed\"", breaker)),
    };
    let mut flag = |name: &str| {
        let node = members.required(name)?;
        node.bool().ok_or_else(|| wanted(&format!("$.safety.{name}"), "true or false", node))
    };
    let (held, killed) = (flag("held")?, flag("killed")?);
    let node = members.required("owner")?;
    let owner: Option<Arc<str>> = node.text().map(Into::into);
    if owner.is_none() && *node != Node::Null {
        return Err(wanted("$.safety.owner", "a text or null", node));
    }
    members.done("member")?;
    Ok(Safety { breaker_open, held, killed, owner })
}

/// A value of `ty`: a literal in a text, or bare where the type is `count`, `number` or `bool`.
fn value(path: &str, node: &Node, ty: &Type) -> Read<Value> {
    let bare = |unit: Unit| matches!(unit, Unit::Count | Unit::Number);
    let read = match (node, ty) {
        (Node::Text(text), _) => {
            Value::parse_as(ty, text).map_err(|error| DocumentError::new(path, error.to_string()))?
        }
        (Node::Bool(value), Type::Bool) => Value::Bool(*value),
        (Node::Number(number), Type::Quantity(unit)) if bare(*unit) => {
            if *unit == Unit::Count && number.fract() != 0.0 {
                return Err(DocumentError::new(path, format!("expected a whole number, got {number}")));
            }
            let quantity = Quantity::new(*unit, *number);
            Value::Quantity(quantity.ok_or_else(|| DocumentError::new(path, "the number is not finite"))?)
        }
        (Node::Number(number), Type::Quantity(unit)) => {
            let message = format!(
                "expected a `{ty}` with its unit, such as \"{}\", got the bare number {number}",
                unit.example()
            );
            return Err(DocumentError::new(path, message));
        }
        (Node::List(elements), Type::Records(fields)) => return records(path, elements, fields),
        (other, _) => return Err(wanted(path, &format!("a `{ty}`"), other)),
    };
    Ok(read)
}

/// A collection: objects with some of these fields. A field that is not named, or `"missing"`, is not known.
fn records(path: &str, elements: &[Node], fields: &[Field]) -> Read<Value> {
    if elements.len() > RECORDS_MAX {
        return Err(DocumentError::new(path, format!("a collection of over {RECORDS_MAX} records")));
    }
    let record = |(at, node): (usize, &Node)| {
        let mut members = Members::of(&format!("{path}[{at}]"), node)?;
        let mut known = Vec::new();
        for field in fields {
            if let Some(node) = members.take(&field.name).filter(|node| !is_missing(node)) {
                known.push((field.name.clone(), value(&members.path(&field.name), node, &field.ty)?));
            }
        }
        members.done("field")?;
        Ok(Value::Record(Record::new(known)))
    };
    elements.iter().enumerate().map(record).collect::<Read<Vec<_>>>().map(|records| Value::List(records.into()))
}

fn is_missing(node: &Node) -> bool {
    matches!(node, Node::Text(word) if word == "missing")
}

fn time(path: &str, node: &Node) -> Read<Timestamp> {
    let text = node.text().ok_or_else(|| wanted(path, "a time such as \"2026-01-01T12:00:00Z\"", node))?;
    text.parse().map_err(|_| DocumentError::new(path, format!("`{text}` is no time such as 2026-01-01T12:00:00Z")))
}

/// A duration literal in milliseconds.
fn duration(path: &str, text: &str) -> Read<i64> {
    let wrong = || DocumentError::new(path, format!("`{text}` is no duration such as \"30s\""));
    let quantity = parse_literal(text).map_err(|_| wrong())?;
    #[expect(clippy::cast_possible_truncation, reason = "durations are bounded below")]
    let ms = quantity.base() as i64;
    let reaches = (0..=DURATION_MS_MAX).contains(&ms);
    if quantity.unit() == Unit::Duration && reaches { Ok(ms) } else { Err(wrong()) }
}

/// Ten years: farther back no decision looks.
const DURATION_MS_MAX: i64 = 10 * 366 * 86_400_000;

fn shifted(at: Timestamp, ms: i64) -> Timestamp {
    at.checked_add(SignedDuration::from_millis(ms)).unwrap_or(if ms < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

fn wanted(path: &str, what: &str, got: &Node) -> DocumentError {
    DocumentError::new(path, format!("expected {what}, got {}", got.what()))
}

/// The members of an object that are still to be read; what nobody takes is unknown.
struct Members<'a> {
    path: String,
    members: Vec<(&'a str, &'a Node)>,
    known: Vec<String>,
}

impl<'a> Members<'a> {
    fn of(path: &str, node: &'a Node) -> Read<Members<'a>> {
        let Node::Map(members) = node else { return Err(wanted(path, "an object", node)) };
        let members = members.iter().map(|(name, node)| (name.as_str(), node)).collect();
        Ok(Members { path: path.to_owned(), members, known: Vec::new() })
    }

    fn path(&self, name: &str) -> String {
        format!("{}.{name}", self.path)
    }

    fn take(&mut self, name: &str) -> Option<&'a Node> {
        self.known.push(format!("`{name}`"));
        let at = self.members.iter().position(|(known, _)| *known == name)?;
        Some(self.members.swap_remove(at).1)
    }

    fn required(&mut self, name: &str) -> Read<&'a Node> {
        self.take(name).ok_or_else(|| DocumentError::new(&self.path, format!("`{name}` is missing")))
    }

    fn take_text(&mut self, name: &str) -> Read<Option<String>> {
        let Some(node) = self.take(name) else { return Ok(None) };
        let text = node.text().ok_or_else(|| wanted(&self.path(name), "a text", node))?;
        Ok(Some(text.to_owned()))
    }

    fn take_duration(&mut self, name: &str) -> Read<Option<i64>> {
        let path = self.path(name);
        self.take_text(name)?.map(|text| duration(&path, &text)).transpose()
    }

    /// Nothing may be left over.
    fn done(self, what: &str) -> Read<()> {
        match self.members.first() {
            None => Ok(()),
            Some((name, _)) => Err(DocumentError::new(
                self.path(name),
                format!("unknown {what} `{name}`; known are {}", self.known.join(", ")),
            )),
        }
    }
}

#[cfg(test)]
mod tests;
