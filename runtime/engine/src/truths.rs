//! Two truth bits for every clause of a policy.

use crate::truth::Truth;

/// The truth of each clause, in source order: one bit says that it holds, one that it may.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Truths {
    words: Vec<Bits>,
    total: usize,
}

/// Of up to 64 clauses: which are true, and which are true or unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bits {
    pub(crate) holds: u64,
    pub(crate) may_hold: u64,
}

impl Bits {
    /// What the two bits of one place say.
    pub(crate) fn truth(self, bit: usize) -> Truth {
        match (self.holds >> bit & 1, self.may_hold >> bit & 1) {
            (1, _) => Truth::True,
            (_, 1) => Truth::Unknown,
            _ => Truth::False,
        }
    }
}

impl Truths {
    /// The truth of the clause in that place; beyond the last one false.
    pub fn get(&self, clause: usize) -> Truth {
        self.words.get(clause / 64).map_or(Truth::False, |bits| bits.truth(clause % 64))
    }

    /// The truth of each.
    pub fn iter(&self) -> impl Iterator<Item = Truth> {
        (0..self.total).map(|clause| self.get(clause))
    }

    /// So many, all false.
    pub(crate) fn clear(&mut self, total: usize) {
        self.words.clear();
        self.words.resize(total.div_ceil(64), Bits::default());
        self.total = total;
    }

    pub(crate) fn set(&mut self, clause: usize, truth: Truth) {
        let Some(bits) = self.words.get_mut(clause / 64).filter(|_| clause < self.total) else { return };
        let bit = 1 << (clause % 64);
        bits.holds = if truth.is_true() { bits.holds | bit } else { bits.holds & !bit };
        bits.may_hold = if truth.restrains() { bits.may_hold | bit } else { bits.may_hold & !bit };
    }
}

#[cfg(test)]
mod tests {
    use super::{Truth, Truths};

    #[test]
    fn what_was_set_is_read_and_nothing_beside_it() {
        let mut truths = Truths::default();
        truths.clear(130);
        for (clause, truth) in [(0, Truth::True), (63, Truth::Unknown), (64, Truth::True), (129, Truth::Unknown)] {
            truths.set(clause, truth);
        }
        truths.set(64, Truth::False);
        truths.set(130, Truth::True);
        let spoke: Vec<(usize, Truth)> = truths.iter().enumerate().filter(|(_, truth)| truth.restrains()).collect();
        assert_eq!(spoke, [(0, Truth::True), (63, Truth::Unknown), (129, Truth::Unknown)]);
        assert_eq!((truths.iter().count(), truths.get(130), truths.get(1_000)), (130, Truth::False, Truth::False));
    }
}
