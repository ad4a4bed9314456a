//! Looks at the target and adds what it saw to the evidence.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use leeway_engine::{Gap, Record, RecordId, Sample};
use leeway_units::Value;

use crate::enforcer::{EnforceError, Enforcer};

/// Windows reach at most this many `observed` records back; a decision names the ones it may rest on.
const OBSERVED_NAMED_MAX: u64 = 600;

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
    /// One look. An unreachable target gives no sample: what was known before ages until it is stale.
    pub(crate) async fn observe(&mut self) -> Result<(), EnforceError> {
        let seen = match self.provider.observe().await {
            Ok(seen) => seen,
            Err(unreachable) => {
                // Said once, not every round.
                if std::mem::replace(&mut self.reachable, false) {
                    self.write(None, Record::Unreachable { why: unreachable.why }).await?;
                }
                return Ok(());
            }
        };
        if !std::mem::replace(&mut self.reachable, true) {
            self.write(None, Record::Reachable).await?;
        }
        let at = Timestamp::now();
        let readings = self.scrape.read(at, seen.page.as_ref().map_err(|gap| *gap));
        let facts: Vec<Result<Value, Gap>> = self
            .policy()
            .facts
            .iter()
            .map(|fact| match seen.facts.get(&fact.name) {
                Some(Ok(value)) if !value.is_a(&fact.ty) => Err(Gap::Invalid),
                Some(seen) => seen.clone(),
                None => Err(Gap::Missing),
            })
            .collect();
        for (series, value) in self.snapshot.facts.iter_mut().zip(&facts) {
            series.push(Sample { at, value: value.clone() });
        }
        for (series, value) in self.snapshot.metrics.iter_mut().zip(&readings) {
            series.push(Sample { at, value: value.clone() });
        }
        self.snapshot.object_version.clone_from(&seen.object_version);
        let policy = Arc::clone(self.policy());
        let seen_facts = policy.facts.iter().map(|fact| &fact.name).zip(&facts);
        let seen_metrics = policy.metrics.iter().map(|metric| &metric.name).zip(&readings);
        let gap =
            |(name, value): (&Arc<str>, &Result<Value, Gap>)| Some((name.clone(), value.as_ref().err().copied()?));
        let facts_unknown: BTreeMap<Arc<str>, Gap> = seen_facts.filter_map(gap).collect();
        let mut unknown: BTreeMap<Arc<str>, Gap> = seen_metrics.filter_map(gap).collect();
        // A metric has no value before its window is full, or while nobody asks for anything; what else is unknown is news.
        let at_once = !facts_unknown.is_empty() || unknown.values().any(|gap| *gap != Gap::Missing);
        unknown.extend(facts_unknown);
        let named =
            |names: Vec<&Arc<str>>, values: Vec<Result<Value, Gap>>| -> BTreeMap<Arc<str>, Result<Value, Gap>> {
                names.into_iter().cloned().zip(values).collect()
            };
        let record = Record::Observed {
            facts: named(policy.facts.iter().map(|fact| &fact.name).collect(), facts),
            metrics: named(policy.metrics.iter().map(|metric| &metric.name).collect(), readings),
            object_version: seen.object_version,
        };
        let id = self.write(None, record).await?;
        let first = self.observed.map_or(id, |(first, _)| first.max(RecordId(id.0.saturating_sub(OBSERVED_NAMED_MAX))));
        self.observed = Some((first, id));
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
            self.write(None, Record::Unseen { unknown }).await?;
        }
        Ok(())
    }
}
