//! What was seen becomes evidence.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use leeway_units::Value;

use crate::enforcement::{Enforcement, World};
use crate::evidence::Gap;
use crate::record::{Record, RecordId};
use crate::snapshot::{Snapshot, keep};

/// Windows reach at most this many `observed` records back; a decision names the ones it may rest on.
const OBSERVED_NAMED_MAX: u64 = 600;

/// One look at the target, by the slots of the policy.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
    /// When.
    pub at: Timestamp,
    /// Each fact.
    pub facts: Vec<Result<Value, Gap>>,
    /// Each metric.
    pub metrics: Vec<Result<Value, Gap>>,
    /// The provider's version of the target.
    pub object_version: Option<Arc<str>>,
}

impl<W: World> Enforcement<W> {
    /// The target answered: every sample is kept and recorded.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn observed(&mut self, seen: Observation) -> Result<(), W::Error> {
        if let Some(blind) = self.blind.take() {
            self.write(None, Record::Reachable { blind: Some(blind) }).await?;
        }
        let Observation { at, facts, metrics, object_version } = seen;
        keep(&mut self.snapshot.facts, at, facts.iter().map(Some));
        keep(&mut self.snapshot.metrics, at, metrics.iter().map(Some));
        self.snapshot.object_version.clone_from(&object_version);
        self.target_was_seen();
        let policy = self.policy().clone();
        let record = Record::Observed {
            facts: named(policy.facts.iter().map(|fact| &fact.name), facts),
            metrics: named(policy.metrics.iter().map(|metric| &metric.name), metrics),
            object_version,
        };
        let id = self.write(None, record).await?;
        let first = self.observed.map_or(id, |(first, _)| first.max(RecordId(id.0.saturating_sub(OBSERVED_NAMED_MAX))));
        self.observed = Some((first, id));
        Ok(())
    }

    /// What a simulation knows of the world; only its history writes there.
    pub(crate) fn seen_mut(&mut self) -> &mut Snapshot {
        &mut self.snapshot
    }

    /// The target gave no answer, and so no sample: what was known before ages until it is stale.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn unreachable(&mut self, why: String) -> Result<(), W::Error> {
        // Said once, not every round.
        if self.blind.replace(self.world.now()).is_none() {
            self.write(None, Record::Unreachable { why }).await?;
        }
        Ok(())
    }
}

fn named<'a>(
    names: impl Iterator<Item = &'a Arc<str>>,
    values: Vec<Result<Value, Gap>>,
) -> BTreeMap<Arc<str>, Result<Value, Gap>> {
    names.cloned().zip(values).collect()
}
