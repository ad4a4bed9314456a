//! Looks at the target: what it saw is evidence, and what it cannot see is told.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use leeway_engine::{Gap, Observation, Record};
use leeway_units::Value;

use crate::enforcer::{EnforceError, Enforcer};

/// For so long a metric may be missing before that is told.
const MISSING_TOLD_AFTER: SignedDuration = SignedDuration::from_secs(10);

/// What cannot be seen.
#[derive(Debug, Default)]
pub(crate) struct Unknown {
    /// Facts and metrics, each with why.
    names: BTreeMap<Arc<str>, Gap>,
    /// Since when these.
    since: Timestamp,
    /// What was told last.
    told: Option<BTreeMap<Arc<str>, Gap>>,
}

impl Enforcer {
    /// One look.
    pub(crate) async fn observe(&mut self) -> Result<(), EnforceError> {
        let seen = self.enforcement.world().provider.observe().await;
        let at = self.enforcement.world_mut().turn();
        let seen = match seen {
            Ok(seen) => seen,
            Err(unreachable) => return self.enforcement.unreachable(unreachable.why).await,
        };
        let metrics = self.scrape.read(at, seen.page.as_ref().map_err(|gap| *gap));
        let policy = self.enforcement.policy().clone();
        let facts: Vec<Result<Value, Gap>> = policy
            .facts
            .iter()
            .map(|fact| match seen.facts.get(&fact.name) {
                Some(Ok(value)) if !value.is_a(&fact.ty) => Err(Gap::Invalid),
                Some(seen) => seen.clone(),
                None => Err(Gap::Missing),
            })
            .collect();
        let seen_facts = policy.facts.iter().map(|fact| &fact.name).zip(&facts);
        let seen_metrics = policy.metrics.iter().map(|metric| &metric.name).zip(&metrics);
        let gap =
            |(name, value): (&Arc<str>, &Result<Value, Gap>)| Some((name.clone(), value.as_ref().err().copied()?));
        let facts_unknown: BTreeMap<Arc<str>, Gap> = seen_facts.filter_map(gap).collect();
        let mut unknown: BTreeMap<Arc<str>, Gap> = seen_metrics.filter_map(gap).collect();
        // A metric has no value before its window is full, or while nobody asks for anything; what else is unknown is news.
        let at_once = !facts_unknown.is_empty() || unknown.values().any(|gap| *gap != Gap::Missing);
        unknown.extend(facts_unknown);
        let object_version = seen.object_version;
        self.enforcement.observed(Observation { at, facts, metrics, object_version }).await?;
        self.tell_unknown(unknown, at, at_once).await
    }

    /// Says what cannot be seen, once, and when all is seen again.
    async fn tell_unknown(
        &mut self,
        unknown: BTreeMap<Arc<str>, Gap>,
        at: Timestamp,
        at_once: bool,
    ) -> Result<(), EnforceError> {
        if self.unknown.names != unknown {
            self.unknown = Unknown { names: unknown.clone(), since: at, told: self.unknown.told.take() };
        }
        let settled = at_once || unknown.is_empty() || at.duration_since(self.unknown.since) >= MISSING_TOLD_AFTER;
        if settled && self.unknown.told.as_ref().unwrap_or(&BTreeMap::new()) != &unknown {
            self.unknown.told = Some(unknown.clone());
            self.enforcement.write(None, Record::Unseen { unknown }).await?;
        }
        Ok(())
    }
}
