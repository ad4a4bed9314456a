//! All buckets: a fixed number of keys in shards that are locked one by one. Where two threads want one key, a lock that
//! spins a little before it sleeps (`parking_lot`) takes a third of the time of the standard library's.
//!
//! A key is known by a 64-bit keyed hash, not by its text, so that a key takes the same memory whatever its length.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use parking_lot::{Mutex, MutexGuard};

use crate::bucket::{Bucket, FixedLimit, Take, UNITS_BITS};
use crate::evictor::{Candidate, Evictor, Oldest, Scope};
use crate::key::Subject;
use crate::slots::{Mark, Packed, SLOT_BYTES, Slots};
use crate::tick::{Clock, Tick};

/// The most keys that a limiter can be told to hold.
pub const KEYS_MAX: usize = 1 << 26;

/// The most tenants that have buckets: as many as their number in a bucket's state can name.
pub(crate) const RULES_MAX: usize = 1 << (u64::BITS - UNITS_BITS);

/// The most shards. A scan for idle buckets holds one of them at a time.
const SHARDS_MAX: usize = 64;

/// A shard is worth a lock of its own from about so many keys on.
const SHARD_KEYS_MIN: usize = 1024;

/// How often a new key looks for room: others may take what it made.
const ROOM_TRIES_MAX: usize = 4;

/// Stands in a hash for no tenant's number.
const TALKER: u64 = u32::MAX as u64;

/// Eight bytes of which one is in no UTF-8 text.
const NO_TEXT: u64 = 0xFF << 56;

/// 2⁶⁴ divided by the golden ratio (Knuth, 1973): it spreads small numbers over all bits.
const NUMBER_FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;

/// The buckets of all tenants.
#[derive(Debug)]
pub struct Buckets {
    clock: Clock,
    hasher: RandomState,
    shards: Box<[Mutex<Slots>]>,
    shard_mask: u64,
    keys_max: usize,
    keys: AtomicUsize,
    keys_by_rule: Box<[AtomicUsize]>,
    evictor: Mutex<Evictor>,
    evicted: AtomicU64,
    /// The latest moment at which a bucket was found full and forgotten.
    forgotten_at: AtomicU64,
}

/// What the keys of one tenant are held to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rule {
    /// The limit of each bucket.
    pub limit: FixedLimit,
    /// The most keys of this tenant.
    pub keys_max: usize,
}

/// Stands for a tenant: its place in the list of rules. The default is the first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(pub(crate) u16);

/// What the buckets answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Answer {
    /// The key's bucket answered.
    Bucket(Take),
    /// The key is new, and neither a free place nor an idle bucket was found for it.
    OverCapacity,
}

/// One bucket as the table holds it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    pub(crate) bucket: Bucket,
    pub(crate) rule: RuleId,
}

impl Buckets {
    /// An empty table for at most `keys_max` keys, from 1 to [`KEYS_MAX`], whose time begins now.
    #[must_use]
    pub fn with_room_for(keys_max: usize) -> Self {
        let keys_max = keys_max.clamp(1, KEYS_MAX);
        let shards = shards_for(keys_max);
        let shard_keys = shard_keys(keys_max, shards);
        Self {
            clock: Clock::starting_now(),
            hasher: RandomState::new(),
            shards: (0..shards).map(|_| Mutex::new(Slots::with_room_for(shard_keys))).collect(),
            shard_mask: u64::try_from(shards - 1).unwrap_or(0),
            keys_max,
            keys: AtomicUsize::new(0),
            keys_by_rule: (0..RULES_MAX).map(|_| AtomicUsize::new(0)).collect(),
            evictor: Mutex::new(Evictor::default()),
            evicted: AtomicU64::new(0),
            forgotten_at: AtomicU64::new(0),
        }
    }

    /// The mark of `key`, or of `tenant` and `key` where the caller names both.
    #[must_use]
    pub fn mark(&self, rule: RuleId, tenant: Option<&str>, key: &str) -> Mark {
        self.hash(u64::from(rule.0), tenant, key)
    }

    /// The moment it is, by the clock of the buckets.
    #[must_use]
    pub fn now(&self) -> Tick {
        self.clock.now()
    }

    /// Keeps the clock of the buckets at the system's; see [`Clock::catch_up`].
    pub fn keep_time(&self) {
        self.clock.catch_up();
    }

    /// What tells a caller apart, whatever bucket it has.
    pub(crate) fn talker(&self, subject: &Subject<'_>) -> Mark {
        self.hash(TALKER, subject.tenant(), subject.key())
    }

    /// Takes `tokens` from the bucket of `mark`, which belongs to `rule`. `rules` are those of all tenants, by number.
    pub fn take(&self, rules: &[Rule], rule: RuleId, mark: Mark, tokens: NonZeroU32, now: Tick) -> Answer {
        let Some(Rule { limit, keys_max }) = rules.get(usize::from(rule.0)) else { return Answer::OverCapacity };
        for _ in 0..ROOM_TRIES_MAX {
            let mut slots = self.shard(mark);
            if let Some(packed) = slots.get_mut(mark) {
                let mut entry = Entry::unpack(*packed);
                let answer = entry.bucket.take(limit, tokens, now);
                if let Take::Granted { .. } = answer {
                    *packed = Entry { bucket: entry.bucket, rule }.pack();
                }
                return Answer::Bucket(answer);
            }
            if let Some(answer) = limit.never_grants(tokens) {
                return Answer::Bucket(answer);
            }
            match self.reserve(rule, *keys_max) {
                Ok(()) => {
                    // Perhaps this key's bucket was forgotten, full at a moment that this caller's clock had not seen.
                    let full_at = now.max(Tick(self.forgotten_at.load(Ordering::Relaxed)));
                    let mut bucket = Bucket::full(full_at);
                    let answer = bucket.take(limit, tokens, now);
                    if slots.insert(mark, Entry { bucket, rule }.pack()) {
                        return Answer::Bucket(answer);
                    }
                    self.give_back(rule);
                    return Answer::OverCapacity;
                }
                Err(scope) => {
                    drop(slots);
                    if !self.make_room(scope, rules, now) {
                        return Answer::OverCapacity;
                    }
                }
            }
        }
        Answer::OverCapacity
    }

    /// What [`Buckets::take`] would answer; nothing is taken, and no key is remembered.
    #[must_use]
    pub fn check(&self, rules: &[Rule], rule: RuleId, mark: Mark, tokens: NonZeroU32, now: Tick) -> Answer {
        let Some(Rule { limit, .. }) = rules.get(usize::from(rule.0)) else { return Answer::OverCapacity };
        let held = self.shard(mark).get_mut(mark).map(|packed| Entry::unpack(*packed).bucket);
        Answer::Bucket(held.unwrap_or_else(|| Bucket::full(now)).take(limit, tokens, now))
    }

    /// Changes the limit of every bucket of `rule`; each keeps its tokens, up to the new burst.
    pub fn change_limit(&self, rule: RuleId, from: &FixedLimit, to: &FixedLimit, now: Tick) {
        for shard in &self.shards {
            for packed in shard.lock().states_mut() {
                let mut entry = Entry::unpack(*packed);
                if entry.rule == rule {
                    entry.bucket.change_limit(from, to, now);
                    *packed = entry.pack();
                }
            }
        }
    }

    /// Forgets every bucket of `rule`.
    pub fn forget(&self, rule: RuleId) {
        for shard in &self.shards {
            let mut slots = shard.lock();
            let gone: Vec<Mark> =
                slots.iter().filter(|(_, packed)| Entry::unpack(*packed).rule == rule).map(|(mark, _)| mark).collect();
            for mark in gone {
                if slots.remove(mark) {
                    self.give_back(rule);
                }
            }
        }
    }

    /// How many keys are held.
    #[must_use]
    pub fn keys(&self) -> usize {
        self.keys.load(Ordering::Relaxed)
    }

    /// How many keys of `rule` are held.
    #[must_use]
    pub fn keys_of(&self, rule: RuleId) -> usize {
        self.keys_by_rule.get(usize::from(rule.0)).map_or(0, |keys| keys.load(Ordering::Relaxed))
    }

    /// How many keys are held at most.
    #[must_use]
    pub fn keys_max(&self) -> usize {
        self.keys_max
    }

    /// How many idle buckets made room for a new key.
    #[must_use]
    pub fn evicted(&self) -> u64 {
        self.evicted.load(Ordering::Relaxed)
    }

    /// What the table takes when it is full, in bytes, with all that finds room in it; it never takes more.
    #[must_use]
    pub fn table_bytes(&self) -> usize {
        let shards = self.shards.len();
        let slots = Slots::slots_for(shard_keys(self.keys_max, shards));
        let of_shards = shards * (slots * SLOT_BYTES + size_of::<Mutex<Slots>>());
        of_shards + RULES_MAX * size_of::<AtomicUsize>() + Evictor::bytes_max(self.keys_max)
    }

    /// Counts a new key, unless that would be too many: of its rule, or of all.
    fn reserve(&self, rule: RuleId, rule_keys_max: usize) -> Result<(), Scope> {
        let one_more = |keys: &AtomicUsize, keys_max: usize| {
            let more = |keys: usize| (keys < keys_max).then_some(keys + 1);
            keys.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok()
        };
        let of_rule = self.keys_by_rule.get(usize::from(rule.0)).ok_or(Scope::All)?;
        if !one_more(of_rule, rule_keys_max) {
            return Err(Scope::Rule(rule));
        }
        if !one_more(&self.keys, self.keys_max) {
            of_rule.fetch_sub(1, Ordering::Relaxed);
            return Err(Scope::All);
        }
        Ok(())
    }

    fn give_back(&self, rule: RuleId) {
        self.keys.fetch_sub(1, Ordering::Relaxed);
        if let Some(keys) = self.keys_by_rule.get(usize::from(rule.0)) {
            keys.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Forgets the least recently used idle bucket in `scope`. `false`: none is idle.
    fn make_room(&self, scope: Scope, rules: &[Rule], now: Tick) -> bool {
        let mut evictor = self.evictor.lock();
        let mut scanned = false;
        loop {
            while let Some(candidate) = evictor.next(scope) {
                if self.evict(candidate, rules, now) {
                    return true;
                }
            }
            if scanned || !evictor.may_scan(scope, now) {
                return false;
            }
            scanned = true;
            let is_idle = |entry: &Entry| scope.has(entry.rule) && is_full(entry, rules, now);
            let mut found = Oldest::default();
            for shard in &self.shards {
                for (mark, packed) in shard.lock().iter() {
                    let entry = Entry::unpack(packed);
                    if is_idle(&entry) {
                        found.offer(Candidate { used_at: entry.bucket.used_at(), mark });
                    }
                }
            }
            evictor.found(scope, found, self.keys(), now);
        }
    }

    fn evict(&self, candidate: Candidate, rules: &[Rule], now: Tick) -> bool {
        let mut slots = self.shard(candidate.mark);
        let Some(entry) = slots.get_mut(candidate.mark).map(|packed| Entry::unpack(*packed)) else { return false };
        // Who was used since is no longer the one that was found.
        if entry.bucket.used_at() != candidate.used_at || !is_full(&entry, rules, now) {
            return false;
        }
        // Under the shard's lock, under which the key would come again.
        self.forgotten_at.fetch_max(now.0, Ordering::Relaxed);
        slots.remove(candidate.mark);
        self.give_back(entry.rule);
        self.evicted.fetch_add(1, Ordering::Relaxed);
        true
    }

    /// SipHash under a key of this process, so that nobody outside can find two keys of one mark.
    fn hash(&self, number: u64, tenant: Option<&str>, key: &str) -> Mark {
        let mut hasher = self.hasher.build_hasher();
        if let Some(tenant) = tenant {
            // No text begins with this, and it says where the tenant ends and the key begins.
            hasher.write_u64(NO_TEXT | tenant.len() as u64);
            hasher.write(tenant.as_bytes());
        }
        hasher.write(key.as_bytes());
        // An odd factor gives each number another mask.
        Mark::of_hash(hasher.finish() ^ number.wrapping_mul(NUMBER_FACTOR))
    }

    fn shard(&self, mark: Mark) -> MutexGuard<'_, Slots> {
        // The low bits choose the shard; the place in it follows from the high ones.
        let number = usize::try_from(mark.bits() & self.shard_mask).unwrap_or(0);
        #[expect(clippy::indexing_slicing, reason = "the mask is one less than the number of shards")]
        self.shards[number].lock()
    }
}

impl Entry {
    /// The tenant's number stands in the bits that no burst needs.
    pub(crate) fn unpack([rule_and_units, used_at]: Packed) -> Self {
        let rule = u16::try_from(rule_and_units >> UNITS_BITS).unwrap_or(u16::MAX);
        let missing_units = rule_and_units & ((1 << UNITS_BITS) - 1);
        Self { bucket: Bucket::from_parts(missing_units, Tick(used_at)), rule: RuleId(rule) }
    }

    fn pack(self) -> Packed {
        [u64::from(self.rule.0) << UNITS_BITS | self.bucket.missing_units(), self.bucket.used_at().0]
    }
}

fn is_full(entry: &Entry, rules: &[Rule], now: Tick) -> bool {
    rules.get(usize::from(entry.rule.0)).is_none_or(|rule| entry.bucket.is_full_at(&rule.limit, now))
}

fn shards_for(keys_max: usize) -> usize {
    (keys_max / SHARD_KEYS_MIN).clamp(1, SHARDS_MAX).next_power_of_two().min(SHARDS_MAX)
}

/// The room of one shard. Keys fall on shards by chance: six standard deviations above the mean is never met in practice.
fn shard_keys(keys_max: usize, shards: usize) -> usize {
    let mean = keys_max.div_ceil(shards);
    if shards == 1 { mean } else { mean + 6 * mean.isqrt() }
}

#[cfg(test)]
mod tests;
