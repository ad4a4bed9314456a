//! A series against a plain list of the same samples.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed unwrap is a failed test")]

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
    assert!((RUNS_KEPT..RUNS_KEPT + FORGOTTEN_AT_ONCE).contains(&series.runs.len()));
    let kept = u32::try_from(series.runs.len()).unwrap();
    assert_eq!(series.first(), Some(at(30_000 - kept)));
}

/// How long the windows of a series are, in milliseconds, and which extremes are asked for.
const WINDOWS: [(u64, Extremes); 5] = [
    (0, Extremes::BOTH),
    (3_000, Extremes::LOW),
    (7_000, Extremes::NONE),
    (11_000, Extremes::HIGH),
    (25_000, Extremes::BOTH),
];
const SORTED_MS: [u64; 3] = [0, 7_000, 25_000];
const STALE_MS: u64 = 4_000;

fn watched() -> Series {
    let (low_ms, high_ms) = (Some(25_000), Some(25_000));
    let lookback = Lookback { reach_ms: 25_000, summed: true, low_ms, high_ms, sorted_ms: SORTED_MS.to_vec() };
    Series::watched(STALE_MS, Some(Unit::Count), &lookback)
}

/// Whether every window that is watched says what the walk over the samples says. How many of them are.
fn agreeing(series: &Series, now: Timestamp) -> usize {
    let mut answered = 0;
    for (ms, asked) in WINDOWS {
        let walked = series.walked(Tick::of(now), ns(ms)).unwrap();
        let of_asked = |totals: Totals| Totals {
            low: if asked.low { totals.low } else { f64::INFINITY },
            high: if asked.high { totals.high } else { f64::NEG_INFINITY },
            ..totals
        };
        assert_eq!(
            series.totals(now, ms, asked).map(of_asked),
            Some(of_asked(walked)),
            "{ms} ms to {now} of {series:?}"
        );
        let Some(totals) = series.watched_totals(now, ms, asked) else { continue };
        assert_eq!(totals, of_asked(walked), "{ms} ms until {now} of {series:?}");
        answered += 1;
    }
    for ms in SORTED_MS {
        let Some(sorted) = series.sorted(now, ms) else { continue };
        let mut bases: Vec<f64> = series.bases(now, ms).map(|(_, base)| base).collect();
        bases.sort_by(f64::total_cmp);
        assert_eq!(sorted, bases, "{ms} ms until {now} of {series:?}");
    }
    answered
}

proptest! {
    #[test]
    fn windows_that_are_watched_say_what_a_walk_over_their_samples_says(
        steps in prop::collection::vec((prop_oneof![4 => 1i64..3, 1 => -6i64..12], 0u32..4, 0u32..9), 1..120),
    ) {
        let (mut series, mut seconds, mut newest) = (watched(), 50_i64, i64::MIN);
        for (step, n, later) in steps {
            seconds = (seconds + step).max(0);
            let taken = at(u32::try_from(seconds).unwrap());
            series.push(Sample { at: taken, value: value(n) });
            let ordered = seconds > newest;
            newest = newest.max(seconds);
            let newest_at = at(u32::try_from(newest).unwrap());
            if ordered {
                for ms in SORTED_MS {
                    let known = series.bases(newest_at, ms).count();
                    prop_assert_eq!(series.sorted(newest_at, ms).map_or(0, <[f64]>::len), known);
                }
            }
            let answered = agreeing(&series, at(u32::try_from(newest).unwrap() + later));
            prop_assert!(!ordered || answered == WINDOWS.len(), "after a sample in order all are watched");
            // Before the newest sample none is.
            if newest > 0 {
                prop_assert_eq!(agreeing(&series, at(u32::try_from(newest).unwrap() - 1)), 0);
            }
        }
    }

    #[test]
    fn gaps_are_found_with_and_without_looking_at_every_sample(
        steps in prop::collection::vec((prop_oneof![6 => 1u32..4, 1 => 4u32..9], 0u32..2), 1..40),
        (from, beyond) in (0u32..60, 0u32..9),
    ) {
        let (mut series, mut seconds, mut times) = (watched(), 0, Vec::new());
        for (step, n) in steps {
            seconds += step;
            times.push(seconds);
            series.push(Sample { at: at(seconds), value: value(n) });
        }
        let (from, to) = (from.min(seconds), seconds + beyond);
        let in_force = times.iter().rposition(|taken| *taken <= from).unwrap_or(0);
        let plain = times[in_force..].iter().chain([&to]).is_sorted_by(|one, next| **next - **one <= 4);
        prop_assert_eq!(series.has_gap(at(from), at(to)), !plain);
        series.disturbed = true;
        prop_assert_eq!(series.has_gap(at(from), at(to)), !plain);
    }
}

#[test]
fn a_series_keeps_what_the_policy_looks_back_at() {
    let reach_ms = 30_000 * 1_000;
    let (low_ms, high_ms) = (Some(reach_ms), Some(reach_ms));
    let lookback = Lookback { reach_ms, summed: true, low_ms, high_ms, sorted_ms: vec![reach_ms] };
    let mut series = Series::watched(STALE_MS, Some(Unit::Count), &lookback);
    for step in 0..50_000 {
        series.push(Sample { at: at(step), value: value(1 + step % 7) });
    }
    let first = Tick::of(series.first().unwrap());
    let beyond = Tick::of(at(49_999 - 30_000 - 4)).since(first);
    assert!((0..i64::try_from(FORGOTTEN_AT_ONCE).unwrap() * 1_000_000_000).contains(&beyond), "{beyond}");
    assert_eq!(series.sorted(at(49_999), reach_ms).map(<[f64]>::len), Some(30_001));
    let totals = series.watched_totals(at(49_999), reach_ms, Extremes::BOTH).unwrap();
    assert!(totals.cover());
    assert_eq!(Some(totals), series.walked(Tick::of(at(49_999)), ns(reach_ms)));
}

#[test]
fn a_quantity_of_another_unit_ends_the_watch() {
    let mut series = watched();
    series.push(Sample { at: at(1), value: value(1) });
    series.push(Sample { at: at(2), value: Ok(Value::Quantity(Quantity::milliseconds(1))) });
    assert_eq!(series.watched_totals(at(2), 3_000, Extremes::BOTH), None);
}
