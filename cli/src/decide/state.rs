//! A state document becomes evidence: facts, metrics, history and safety of one moment.

use std::sync::Arc;

use jiff::Timestamp;
use leeway_engine::{History, Principal, Safety, Snapshot};
use leeway_ir::Policy;
use leeway_units::Type;

use crate::decide::actors::read_actors;
use crate::decide::document::{Node, member};
use crate::decide::literal::time;
use crate::decide::members::{Members, Read, wanted};
use crate::decide::past::read_history;
use crate::decide::samples::{read_fact, read_series};

/// How often facts are looked at, in milliseconds, unless that is too seldom for them: a fact that held was seen as often.
const LOOK_EVERY_MS: u64 = 15_000;

/// What a decision needs beside the policy.
pub(crate) struct State {
    pub(crate) snapshot: Snapshot,
    pub(crate) history: History,
    /// Who proposes, if the document says so: one principal, or a chain with the person first.
    pub(crate) actors: Option<Vec<Principal>>,
}

/// How a state writes its facts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum FactsAre {
    /// The value now.
    Values,
    /// The value now, or whatever a metric may be: evidence after an act comes over time.
    ValuesOrSeries,
}

/// How to read a state.
pub(crate) struct Reader<'a> {
    pub(crate) policy: &'a Policy,
    /// The moment, before the one that the document names.
    pub(crate) at: Option<Timestamp>,
    /// The path of the document: `$`, or `$.state` inside a line.
    pub(crate) path: &'a str,
    pub(crate) facts_are: FactsAre,
}

impl Reader<'_> {
    /// Reads a state. `None` when nothing says the moment.
    pub(crate) fn read(&self, document: &Node) -> Read<Option<State>> {
        let mut members = Members::of(self.path, document)?;
        let named = members.take("at").map(|node| time(&members.path("at"), node)).transpose()?;
        let Some(at) = self.at.or(named) else { return Ok(None) };
        let mut snapshot = Snapshot::empty(self.policy, at);

        if let Some(node) = members.take("facts") {
            self.facts(&members.path("facts"), node, &mut snapshot)?;
        }
        if let Some(node) = members.take("metrics") {
            self.metrics(&members.path("metrics"), node, &mut snapshot)?;
        }
        let history = match members.take("history") {
            Some(node) => read_history(self.policy, &members.path("history"), node, at)?,
            None => History::written(at, Vec::new()),
        };
        if let Some(node) = members.take("safety") {
            snapshot.safety = read_safety(&members.path("safety"), node)?;
        }
        let actors = members.take("actor").map(|node| read_actors(&member(self.path, "actor"), node)).transpose()?;
        members.done("member")?;
        Ok(Some(State { snapshot, history, actors }))
    }

    fn facts(&self, path: &str, node: &Node, snapshot: &mut Snapshot) -> Read<()> {
        let at = snapshot.at;
        let mut facts = Members::of(path, node)?;
        for (fact, series) in self.policy.facts.iter().zip(&mut snapshot.facts) {
            let Some(node) = facts.take(&fact.name) else { continue };
            let path = facts.path(&fact.name);
            match (node, self.facts_are) {
                (Node::Map(_), FactsAre::ValuesOrSeries) => {
                    read_series(&path, node, &fact.ty, LOOK_EVERY_MS.min(fact.stale_ms), at, series)?;
                }
                (_, FactsAre::Values | FactsAre::ValuesOrSeries) => read_fact(&path, node, &fact.ty, at, series)?,
            }
        }
        facts.done("fact")
    }

    fn metrics(&self, path: &str, node: &Node, snapshot: &mut Snapshot) -> Read<()> {
        let at = snapshot.at;
        let mut metrics = Members::of(path, node)?;
        for (metric, series) in self.policy.metrics.iter().zip(&mut snapshot.metrics) {
            let Some(node) = metrics.take(&metric.name) else { continue };
            read_series(&metrics.path(&metric.name), node, &Type::Quantity(metric.unit), metric.every_ms, at, series)?;
        }
        metrics.done("metric")
    }
}

/// A `safety` that is named names all four.
fn read_safety(path: &str, node: &Node) -> Read<Safety> {
    let mut members = Members::of(path, node)?;
    let breaker = members.required("breaker")?;
    let breaker_open = match breaker.text() {
        Some("open") => true,
        Some("closed") => false,
        Some(_) | None => return Err(wanted(&members.path("breaker"), "\"open\" or \"closed\"", breaker)),
    };
    let mut flag = |name: &str| {
        let node = members.required(name)?;
        node.bool().ok_or_else(|| wanted(&members.path(name), "true or false", node))
    };
    let (held, killed) = (flag("held")?, flag("killed")?);
    let node = members.required("owner")?;
    let owner: Option<Arc<str>> = node.text().map(Into::into);
    if owner.is_none() && *node != Node::Null {
        return Err(wanted(&members.path("owner"), "a text or null", node));
    }
    members.done("member")?;
    Ok(Safety { breaker_open, held, killed, owner })
}

#[cfg(test)]
mod tests;
