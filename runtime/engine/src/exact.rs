//! Sums that are the same in whatever order their terms come and go: what slides over samples agrees with what walks over them.

/// Terms below this are kept in units of 2^-63.
const FINE_BELOW: f64 = 1_099_511_627_776.0; // 2^40
const FINE_BITS: i32 = 63;
const FINE_UNITS: f64 = 9_223_372_036_854_775_808.0; // 2^63

/// Larger ones in units of 2^-12, which lose nothing of them. One that is not below this has no sum.
const COARSE_BELOW: f64 = 4_951_760_157_141_521_099_596_496_896.0; // 2^92
const COARSE_UNITS: f64 = 4_096.0; // 2^12

/// A sum of doubles in fixed point: exact but for what terms below 2^-11 have beyond 2^-63. 4 million of the largest fit; of more
/// it is right again when enough of them have gone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Exact {
    fine: i128,
    coarse: i128,
    /// How many terms are too large to be summed.
    beyond: i64,
}

impl Exact {
    /// Adds a term so many times; takes it away, if that is negative.
    pub(crate) fn add(&mut self, term: f64, times: i64) {
        if term.abs() < FINE_BELOW {
            self.fine = self.fine.wrapping_add(fine(term).wrapping_mul(times.into()));
        } else if term.abs() < COARSE_BELOW {
            self.coarse = self.coarse.wrapping_add(coarse(term).wrapping_mul(times.into()));
        } else {
            self.beyond += times;
        }
    }

    /// What was added since it was `earlier`.
    pub(crate) fn since(self, earlier: Exact) -> Exact {
        Exact {
            fine: self.fine.wrapping_sub(earlier.fine),
            coarse: self.coarse.wrapping_sub(earlier.coarse),
            beyond: self.beyond - earlier.beyond,
        }
    }

    /// The mean of so many terms: `first`, which is one of them, and the mean difference from it. What was always the same is its
    /// own mean, to the last bit.
    pub(crate) fn mean(mut self, first: f64, count: i64) -> Option<f64> {
        if self.beyond != 0 || count == 0 {
            return None;
        }
        self.add(first, -count);
        #[expect(clippy::cast_precision_loss, reason = "here the sum is rounded, once")]
        let (fine, coarse, count) =
            (self.fine as f64, if self.coarse == 0 { 0.0 } else { self.coarse as f64 }, count as f64);
        Some(first + (fine / FINE_UNITS + coarse / COARSE_UNITS) / count)
    }
}

/// A term below 2^40 in units of 2^-63, cut off below them: its whole part and the rest of it, both of which a double holds.
#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "as told")]
fn fine(term: f64) -> i128 {
    let whole = term as i64;
    let rest = ((term - whole as f64) * FINE_UNITS) as i64;
    (i128::from(whole) << FINE_BITS) + i128::from(rest)
}

/// A term from 2^40 to 2^92 in units of 2^-12: a whole number of them.
#[expect(clippy::cast_possible_truncation, reason = "as told")]
fn coarse(term: f64) -> i128 {
    (term * COARSE_UNITS) as i128
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sum(terms: &[f64]) -> Exact {
        let mut sum = Exact::default();
        terms.iter().for_each(|term| sum.add(*term, 1));
        sum
    }

    fn term() -> impl Strategy<Value = f64> {
        prop_oneof![-1e3..1e3_f64, -1e20..1e20_f64, -1e-3..1e-3_f64, Just(0.0), Just(1e300), Just(5e-324)]
    }

    proptest! {
        #[test]
        fn order_does_not_matter_and_what_went_leaves_nothing(
            kept in prop::collection::vec(term(), 0..20),
            gone in prop::collection::vec(term(), 0..20),
        ) {
            let mut slid = sum(&gone);
            kept.iter().rev().for_each(|term| slid.add(*term, 1));
            gone.iter().rev().for_each(|term| slid.add(*term, -1));
            prop_assert_eq!(slid, sum(&kept));
        }

        #[test]
        fn a_mean_is_as_good_as_doubles_are(terms in prop::collection::vec(-1e3..1e3_f64, 1..50)) {
            let count = i64::try_from(terms.len()).unwrap_or_default();
            #[expect(clippy::cast_precision_loss, reason = "a small count")]
            let plain = terms.iter().sum::<f64>() / count as f64;
            let mean = sum(&terms).mean(terms.first().copied().unwrap_or_default(), count);
            prop_assert!(mean.is_some_and(|mean| (mean - plain).abs() < 1e-9), "{mean:?} {plain}");
        }

        #[test]
        fn what_was_always_the_same_is_its_own_mean(term in term(), times in 1..4_000_000_i64) {
            let mut sum = Exact::default();
            sum.add(term, times);
            prop_assert_eq!(sum.mean(term, times), (term < 1e28).then_some(term));
        }
    }

    #[test]
    fn the_large_do_not_swallow_the_small() {
        assert_eq!(sum(&[1e20, 1.0, -1e20, 3.0]).mean(1.0, 4), Some(1.0));
        assert_eq!(sum(&[2e15, 0.5, 0.5, -2e15]).mean(0.5, 4), Some(0.25));
    }

    #[test]
    fn a_term_is_cut_off_beyond_its_unit() {
        let unit = FINE_UNITS.recip();
        assert_eq!([fine(unit), fine(-unit), fine(unit / 2.0), fine(5e-324)], [1, -1, 0, 0]);
        assert_eq!([fine(1.5), fine(-1.5)], [3 << 62, -3 << 62]);
        assert_eq!(fine(-0.1) + fine(0.1), 0);
        assert_eq!([coarse(FINE_BELOW), coarse(-FINE_BELOW)], [1 << 52, -1 << 52]);
    }

    #[test]
    fn four_million_of_the_largest_fit() {
        assert!(fine(FINE_BELOW.next_down()).checked_mul(4_000_000).is_some());
        assert!(coarse(COARSE_BELOW.next_down()).checked_mul(4_000_000).is_some());
    }
}
