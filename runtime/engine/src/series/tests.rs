//! A series against a plain list of the same samples.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::collections::BTreeMap;

use leeway_units::Quantity;
use proptest::prelude::*;

use super::*;

fn at(seconds: u32) -> Timestamp {
    Timestamp::from_second(i64::from(seconds)).unwrap()
}

fn value(n: u32) -> Result<Value, Gap> {
    if n == 0 { Err(Gap::Failed) } else { Ok(Value::Quantity(Quantity::count(n))) }
}

/// The same samples, each by itself.
#[derive(Default)]
struct Plain(BTreeMap<Timestamp, Result<Value, Gap>>);

impl Plain {
    fn push(&mut self, at: Timestamp, value: Result<Value, Gap>) {
        match self.0.get_mut(&at) {
            Some(known) if *known != value => *known = Err(Gap::Invalid),
            Some(_) => {}
            None => {
                self.0.insert(at, value);
            }
        }
    }
}

proptest! {
    #[test]
    fn a_series_keeps_what_was_pushed_in_whatever_order(
        pushed in prop::collection::vec((0u32..40, 0u32..3), 0..40),
        (from, to) in (0u32..40, 0u32..40),
    ) {
        let (mut series, mut plain) = (Series::new(5_000), Plain::default());
        for (seconds, n) in pushed {
            series.push(Sample { at: at(seconds), value: value(n) });
            plain.push(at(seconds), value(n));
        }
        let all: Vec<_> = series.between(at(0), at(100)).map(|(at, value)| (at, value.clone())).collect();
        let wanted: Vec<_> = plain.0.iter().map(|(at, value)| (*at, value.clone())).collect();
        prop_assert_eq!(all, wanted);
        let within: Vec<_> = series.between(at(from), at(to)).map(|(at, _)| at).collect();
        let wanted: Vec<_> = plain.0.keys().copied().filter(|taken| (at(from)..=at(to)).contains(taken)).collect();
        prop_assert_eq!(within, wanted);
        prop_assert_eq!(series.last_until(at(to)), plain.0.range(..=at(to)).next_back().map(|(at, _)| *at));
        prop_assert_eq!(series.first(), plain.0.keys().next().copied());
        let in_force = plain.0.range(..=at(to)).next_back();
        let fresh = in_force.filter(|(taken, _)| ms_between(**taken, at(to)) <= 5_000);
        prop_assert_eq!(series.at(at(to)).value().cloned(), fresh.and_then(|(_, value)| value.clone().ok()));
    }

    #[test]
    fn what_was_held_is_what_would_have_been_sampled(every in 1u32..7, held in 0u32..40, age in 0u32..5) {
        let now = at(100);
        let newest = at(100 - age);
        let ms = |seconds: u32| u64::from(seconds) * 1_000;
        let series = Series::held(5_000, value(1).unwrap(), now, newest, ms(every), ms(held));
        let mut plain = Plain::default();
        plain.push(newest, value(1));
        let mut back = age;
        while back <= held {
            plain.push(at(100 - back), value(1));
            back += every;
        }
        if held > age {
            plain.push(at(100 - held), value(1));
        }
        let times: Vec<_> = series.between(at(0), now).map(|(at, _)| at).collect();
        prop_assert_eq!(times, plain.0.keys().copied().collect::<Vec<_>>());
    }
}

#[test]
fn equal_samples_at_equal_steps_take_no_room() {
    let mut series = Series::new(60_000);
    for step in 0..200_000 {
        series.push(Sample { at: at(15 * step), value: value(7) });
    }
    assert_eq!(series.runs.len(), 1);
    assert_eq!(series.between(at(0), at(15 * 199_999)).count(), 200_000);
}

#[test]
fn the_oldest_runs_go_first() {
    let mut series = Series::new(60_000);
    for step in 0..30_000 {
        series.push(Sample { at: at(step), value: value(1 + step % 7) });
    }
    assert_eq!(series.runs.len(), RUNS_MAX);
    assert_eq!(series.first(), Some(at(20_000)));
}
