//! What a course keeps of any series.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed unwrap is a failed test")]

use proptest::prelude::*;

use super::{Point, Trace};

type Sample = (i64, Option<f64>);

/// Samples in order of time, some of them unknown, some far apart.
fn series() -> impl Strategy<Value = Vec<Sample>> {
    let step = prop_oneof![8 => 1_i64..20, 1 => 1_000_i64..100_000];
    let value = prop_oneof![6 => (-1e6..1e6).prop_map(Some), 1 => Just(None), 1 => Just(Some(f64::NAN))];
    prop::collection::vec((step, value), 1..600).prop_map(|samples| {
        let mut at = 1_700_000_000_000;
        samples
            .into_iter()
            .map(|(step, value)| {
                at += step;
                (at, value)
            })
            .collect()
    })
}

fn traced(samples: &[Sample], gap_ms: u64, buckets_max: usize) -> Trace {
    let mut trace = Trace::bounded(gap_ms, buckets_max);
    for (at, value) in samples {
        trace.add(*at, *value);
    }
    trace
}

fn known(samples: &[Sample]) -> Vec<Point> {
    samples.iter().filter_map(|(at, value)| Some((*at, value.filter(|value| value.is_finite())?))).collect()
}

proptest! {
    #[test]
    fn few_samples_are_all_kept(samples in series()) {
        let settled: Vec<Sample> = samples.iter().map(|(at, v)| (*at, v.filter(|v| v.is_finite()))).collect();
        prop_assert_eq!(traced(&samples, u64::MAX, samples.len()).points(), settled);
    }

    #[test]
    fn it_is_bounded_and_in_order_and_invents_nothing(samples in series(), buckets_max in 1_usize..40) {
        let points = traced(&samples, u64::MAX, buckets_max).points();
        prop_assert!(points.len() <= buckets_max * 6);
        prop_assert!(points.is_sorted_by_key(|(at, _)| *at));
        let originals = known(&samples);
        for (at, value) in &points {
            let was = samples.iter().any(|(then, v)| then == at && v.is_none_or(|v| !v.is_finite()));
            prop_assert!(value.map_or(was, |value| originals.contains(&(*at, value))));
        }
    }

    #[test]
    fn what_is_drawn_goes_through_all_points(samples in series(), buckets_max in 1_usize..40) {
        let few = samples.iter().map(|(at, value)| (*at, value.map(f64::signum))).collect::<Vec<_>>();
        let trace = traced(&few, u64::MAX, buckets_max);
        let (points, corners) = (trace.points(), trace.corners());
        prop_assert_eq!((points.first(), points.last()), (corners.first(), corners.last()));
        prop_assert!(!corners.windows(3).any(|three| three.iter().all(|(_, value)| *value == three[0].1)));
        for pair in corners.windows(2) {
            let between = points.iter().filter(|point| !corners.contains(point));
            let mut between = between.filter(|(at, _)| pair[0].0 < *at && *at < pair[1].0);
            prop_assert!(between.all(|(_, value)| *value == pair[0].1 && *value == pair[1].1));
        }
    }

    #[test]
    fn no_extreme_is_lost_in_any_stretch(samples in series(), buckets_max in 1_usize..40) {
        let trace = traced(&samples, u64::MAX, buckets_max);
        let points = known(&trace.points());
        let stretch = |at: i64| (at - trace.start) / trace.width_ms;
        for (at, value) in known(&samples) {
            let near = || points.iter().filter(|(then, _)| stretch(*then) == stretch(at)).map(|(_, value)| *value);
            prop_assert!(near().any(|low| low <= value) && near().any(|high| high >= value));
        }
        let all = known(&samples);
        prop_assert_eq!((points.first(), points.last()), (all.first(), all.last()));
    }

    #[test]
    fn no_gap_is_lost(samples in series(), buckets_max in 1_usize..40, gap_ms in 20_u64..5_000) {
        let trace = traced(&samples, gap_ms, buckets_max);
        let points = trace.points();
        let stretch = |at: i64| (at - trace.start) / trace.width_ms;
        let is_broken = |at: i64| points.iter().any(|(then, value)| value.is_none() && stretch(*then) == stretch(at));
        for (at, _) in samples.iter().filter(|(_, value)| value.is_none_or(|value| !value.is_finite())) {
            prop_assert!(is_broken(*at));
        }
        for pair in samples.windows(2) {
            let (earlier, later) = (pair[0].0, pair[1].0);
            let gap_ms = i64::try_from(gap_ms).unwrap();
            let is_whole = later - earlier <= gap_ms;
            prop_assert!(is_whole || (is_broken(earlier + gap_ms) && is_broken(later - 1)));
        }
    }
}

#[test]
fn a_year_of_samples_every_15_seconds_is_bounded_and_keeps_its_one_spike_and_its_one_gap() {
    let mut trace = Trace::new(60_000);
    for step in 0..2_102_400_i64 {
        let value = match step {
            1_234_567 => Some(99.0),
            765_432 => None,
            _ => Some(f64::from(u8::try_from(step % 50).unwrap())),
        };
        trace.add(step * 15_000, value);
    }
    let points = trace.points();
    assert!(points.len() <= super::BUCKETS_MAX * 6, "{}", points.len());
    assert!(points.len() > super::BUCKETS_MAX, "{} is coarser than need be", points.len());
    assert!(points.contains(&(1_234_567 * 15_000, Some(99.0))));
    assert_eq!(points.iter().filter(|(_, value)| value.is_none()).collect::<Vec<_>>(), [&(765_432 * 15_000, None)]);
    assert_eq!(trace.range(), Some((0.0, 99.0)));
}
