//! The table of one shard: buckets by mark, in one block of memory of a size that never changes.
//!
//! Marks are kept in ascending order with gaps between them (linear probing in an ordered table: Amble and Knuth, 1974).
//! A mark's home is proportional to it, so a search reads a few neighbours and ends at the first larger mark, found or
//! not. At four fifths full that is under three neighbours on average, in the same line of cache.

/// What tells keys apart; never zero, which marks an empty slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mark(u64);

/// The state of a bucket, packed.
pub(crate) type Packed = [u64; 2];

/// A mark and its state side by side: in a large table each is in memory that no cache holds, and one wait is enough.
type Slot = (u64, Packed);

/// What one slot takes, in bytes.
pub(crate) const SLOT_BYTES: usize = size_of::<Slot>();

/// Behind the last home there is room for the run that ends there.
const SLOTS_BEHIND: usize = 256;

/// Buckets by mark.
#[derive(Debug)]
pub(crate) struct Slots {
    homes: u64,
    slots: Vec<Slot>,
}

impl Mark {
    /// The mark of a key's hash.
    #[must_use]
    pub fn of_hash(hash: u64) -> Self {
        Self(hash.max(1))
    }

    pub(crate) fn bits(self) -> u64 {
        self.0
    }
}

impl Slots {
    /// How many slots hold `keys` with a fifth of them empty.
    pub(crate) fn slots_for(keys: usize) -> usize {
        keys.saturating_mul(5).div_ceil(4).saturating_add(SLOTS_BEHIND)
    }

    /// A table with room for `keys`. Its memory is zeroed by the system, page by page, when it is first used.
    pub(crate) fn with_room_for(keys: usize) -> Self {
        let slots = Self::slots_for(keys);
        let homes = u64::try_from(slots.saturating_sub(SLOTS_BEHIND)).unwrap_or(u64::MAX).max(1);
        Self { homes, slots: vec![(0, [0; 2]); slots] }
    }

    pub(crate) fn get_mut(&mut self, mark: Mark) -> Option<&mut Packed> {
        let at = self.seek(mark.0);
        let (held, state) = self.slots.get_mut(at)?;
        if *held == mark.0 { Some(state) } else { None }
    }

    /// Puts in a mark that is not there yet. `false`: there is no room for it.
    pub(crate) fn insert(&mut self, mark: Mark, state: Packed) -> bool {
        let at = self.seek(mark.0);
        let Some(run) = self.slots.get(at..).and_then(|rest| rest.iter().position(|(held, _)| *held == 0)) else {
            return false;
        };
        self.slots.copy_within(at..at + run, at + 1);
        let Some(slot) = self.slots.get_mut(at) else { return false };
        *slot = (mark.0, state);
        true
    }

    /// Takes a mark out. `false`: it was not there.
    pub(crate) fn remove(&mut self, mark: Mark) -> bool {
        let at = self.seek(mark.0);
        if self.slots.get(at).is_none_or(|(held, _)| *held != mark.0) {
            return false;
        }
        // Those that were pushed out of their home move one back, so that no search ends at the new gap too early.
        let homes = self.homes;
        let pushed = |held: u64, at: usize| held != 0 && home(held, homes) < at;
        let followers = self.slots.get(at + 1..).unwrap_or_default();
        let run = followers.iter().zip(at + 1..).take_while(|((held, _), at)| pushed(*held, *at)).count();
        self.slots.copy_within(at + 1..at + 1 + run, at);
        if let Some(last) = self.slots.get_mut(at + run) {
            *last = (0, [0; 2]);
        }
        true
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (Mark, Packed)> {
        self.slots.iter().filter(|(mark, _)| *mark != 0).map(|(mark, state)| (Mark(*mark), *state))
    }

    pub(crate) fn states_mut(&mut self) -> impl Iterator<Item = &mut Packed> {
        self.slots.iter_mut().filter(|(mark, _)| *mark != 0).map(|(_, state)| state)
    }

    /// Where the mark is, or where it would have to be.
    fn seek(&self, mark: u64) -> usize {
        let home = home(mark, self.homes);
        let smaller = |(held, _): &&Slot| *held != 0 && *held < mark;
        home + self.slots.get(home..).unwrap_or_default().iter().take_while(smaller).count()
    }
}

fn home(mark: u64, homes: u64) -> usize {
    usize::try_from((u128::from(mark) * u128::from(homes)) >> 64).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Marks from few values, some of them next to each other and some at the very end, so that runs are long.
        #[test]
        fn it_holds_what_a_map_holds(
            steps in prop::collection::vec((0_u64..40, any::<bool>(), any::<bool>()), 1..400),
        ) {
            let mut slots = Slots::with_room_for(40);
            let mut map = BTreeMap::new();
            for (step, (number, high, removes)) in steps.into_iter().enumerate() {
                let mark = Mark::of_hash(if high { u64::MAX - number } else { number << 55 });
                if removes {
                    prop_assert_eq!(slots.remove(mark), map.remove(&mark).is_some());
                } else if let Some(state) = slots.get_mut(mark) {
                    prop_assert_eq!(Some(&*state), map.get(&mark));
                } else {
                    let state = [u64::try_from(step).unwrap(), number];
                    prop_assert!(slots.insert(mark, state));
                    prop_assert_eq!(map.insert(mark, state), None);
                }
                prop_assert!(slots.iter().eq(map.iter().map(|(mark, state)| (*mark, *state))));
                for (mark, state) in &map {
                    prop_assert_eq!(slots.get_mut(*mark), Some(&mut state.clone()));
                }
            }
        }
    }

    #[test]
    fn a_table_without_room_says_so_and_loses_nothing() {
        let mut slots = Slots::with_room_for(1);
        let taken = (1..1000).take_while(|number| slots.insert(Mark::of_hash(u64::MAX - number), [*number, 0])).count();
        assert!((1..1000).contains(&taken));
        assert_eq!(slots.iter().count(), taken);
    }
}
