//! Looks at the target and adds what it saw to the evidence.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use leeway_engine::{Gap, Record, RecordId, Sample};
use leeway_units::Value;

use crate::enforcer::{EnforceError, Enforcer};

/// Windows reach at most this many `observed` records back; a decision names the ones it may rest on.
const OBSERVED_NAMED_MAX: u64 = 600;

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
        self.reachable = true;
        let at = Timestamp::now();
        let readings = match &seen.page {
            Ok(page) => self.scrape.read(at, page),
            Err(gap) => self.policy.metrics.iter().map(|_| Err(*gap)).collect(),
        };
        let facts: Vec<Result<Value, Gap>> = self
            .policy
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
        let policy = self.policy.clone();
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
        Ok(())
    }
}
