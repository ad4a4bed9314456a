//! The buckets of keys that are no configured tenant: one each, in a map that does not grow without end.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::time::Instant;

use crate::bucket::{Bucket, Take};
use crate::limit::Limit;
use crate::tenant::TenantName;

/// The most unknown keys remembered at once.
pub(crate) const OTHERS_MAX: usize = 10_000;

/// A bucket for each unknown key, all with the same limit.
#[derive(Debug)]
pub(crate) struct Others {
    limit: Limit,
    buckets: HashMap<TenantName, Bucket>,
}

impl Others {
    pub(crate) fn new(limit: Limit) -> Self {
        Self { limit, buckets: HashMap::new() }
    }

    pub(crate) fn take(&mut self, name: &TenantName, tokens: NonZeroU32, now: Instant) -> Take {
        if let Some(bucket) = self.buckets.get_mut(name) {
            return bucket.take(tokens, now);
        }
        if self.buckets.len() >= OTHERS_MAX {
            self.make_room(now);
        }
        let mut bucket = Bucket::full(self.limit, now);
        let answer = bucket.take(tokens, now);
        self.buckets.insert(name.clone(), bucket);
        answer
    }

    /// Forgets every full bucket, for a new one would do as well. When all are in use the fullest goes: its key gains
    /// least from starting anew.
    fn make_room(&mut self, now: Instant) {
        self.buckets.retain(|_, bucket| !bucket.is_full_at(now));
        if self.buckets.len() < OTHERS_MAX {
            return;
        }
        let fullest = self
            .buckets
            .iter()
            .max_by(|(_, one), (_, another)| one.tokens_at(now).total_cmp(&another.tokens_at(now)))
            .map(|(name, _)| name.clone());
        if let Some(name) = fullest {
            self.buckets.remove(&name);
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

    use std::time::Duration;

    use super::*;
    use crate::limit::Burst;
    use crate::rate::Rate;

    fn others() -> Others {
        Others::new(Limit { quota: Rate::per_second(1.0).unwrap(), burst: Burst::of(2).unwrap() })
    }

    fn key(number: usize) -> TenantName {
        TenantName::parse(&format!("key-{number}")).unwrap()
    }

    #[test]
    fn every_unknown_key_has_its_own_bucket() {
        let (mut others, now) = (others(), Instant::now());
        for number in 0..2 {
            assert!(matches!(others.take(&key(number), NonZeroU32::MIN, now), Take::Granted { .. }));
            assert!(matches!(others.take(&key(number), NonZeroU32::MIN, now), Take::Granted { .. }));
            assert!(matches!(others.take(&key(number), NonZeroU32::MIN, now), Take::Refused { .. }));
        }
    }

    #[test]
    fn a_full_map_forgets_the_full_buckets_first_and_then_the_fullest() {
        let (mut others, start) = (others(), Instant::now());
        for number in 0..OTHERS_MAX {
            others.take(&key(number), NonZeroU32::MIN, start);
        }
        // A drained bucket must not be the one that is forgotten.
        others.take(&key(7), NonZeroU32::MIN, start);
        others.take(&key(OTHERS_MAX), NonZeroU32::MIN, start);
        assert_eq!(others.buckets.len(), OTHERS_MAX);
        assert!(matches!(others.take(&key(7), NonZeroU32::MIN, start), Take::Refused { .. }));
        // A second later all but the drained one are full again.
        let later = start + Duration::from_secs(1);
        others.take(&key(OTHERS_MAX + 1), NonZeroU32::MIN, later);
        assert_eq!(others.buckets.len(), 2);
    }
}
