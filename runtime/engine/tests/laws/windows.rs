//! `E for D` and functions over windows: what the samples must cover.

use leeway_engine::Tier::{Allowed, Forbidden};
use proptest::prelude::*;

use crate::world::{World, ago};

/// The world with samples of `cpu`, given as (seconds ago, value).
fn samples(members: &str, samples: &[(i64, &str)]) -> World {
    samples.iter().fold(World::new(members), |world, (seconds, value)| world.at(ago(*seconds), "cpu", value))
}

#[test]
fn for_asks_for_every_sample_and_for_samples_all_the_way_back() {
    let members = "allow restart when cpu > 80% for 60s";
    for (given, tier, why) in [
        (&[(60, "90%"), (30, "90%"), (0, "90%")][..], Allowed, "covered, all true"),
        (&[(65, "90%"), (35, "90%"), (5, "90%")][..], Allowed, "jitter: the sample before the window was in force"),
        (&[(60, "90%"), (30, "70%"), (0, "90%")][..], Forbidden, "one sample is false"),
        (&[(60, "90%"), (30, "-"), (0, "90%")][..], Forbidden, "one sample is unknown"),
        (&[(60, "90%"), (20, "90%"), (0, "90%")][..], Forbidden, "a gap of 40 s over a stale of 30 s"),
        (&[(91, "70%"), (60, "90%"), (30, "90%"), (0, "90%")][..], Allowed, "what came before the window is past"),
        (&[(45, "90%"), (20, "90%"), (0, "90%")][..], Forbidden, "does not reach back"),
        (&[(65, "70%"), (35, "90%"), (5, "90%")][..], Forbidden, "what was in force at the start was false"),
        (&[(60, "90%"), (35, "90%")][..], Forbidden, "the last sample is stale"),
        (&[][..], Forbidden, "nothing measured"),
    ] {
        assert_eq!(samples(members, given).tier("restart()"), tier, "{why}");
    }
}

#[test]
fn a_false_sample_makes_for_false_and_lifts_a_forbid() {
    let members = "allow restart forbid restart when cpu < 20% for 60s";
    assert_eq!(samples(members, &[(60, "10%"), (30, "90%"), (0, "10%")]).tier("restart()"), Allowed);
    assert_eq!(samples(members, &[(30, "10%"), (0, "10%")]).tier("restart()"), Forbidden, "unknown forbids");
}

#[test]
fn functions_over_windows_need_cover() {
    for (condition, given, tier) in [
        ("avg(cpu, 60s) == 50%", &[(60, "40%"), (30, "50%"), (0, "60%")][..], Allowed),
        ("max(cpu, 60s) == 60%", &[(60, "40%"), (30, "50%"), (0, "60%")][..], Allowed),
        ("min(cpu, 60s) == 40%", &[(60, "40%"), (30, "50%"), (0, "60%")][..], Allowed),
        ("delta(cpu, 60s) == 20%", &[(60, "40%"), (30, "50%"), (0, "60%")][..], Allowed),
        // The first sample may come as late as the window's start plus `stale`.
        ("max(cpu, 60s) == 60%", &[(30, "50%"), (0, "60%")][..], Allowed),
        ("max(cpu, 60s) == 60%", &[(29, "50%"), (0, "60%")][..], Forbidden),
        ("max(cpu, 60s) == 60%", &[(60, "50%"), (31, "60%")][..], Forbidden),
        ("max(cpu, 60s) == 60%", &[(60, "50%"), (30, "-"), (0, "60%")][..], Forbidden),
    ] {
        assert_eq!(
            samples(&format!("allow restart when {condition}"), given).tier("restart()"),
            tier,
            "{condition} {given:?}"
        );
    }
}

#[test]
fn two_samples_of_one_moment_that_differ_are_no_evidence() {
    let world = samples("allow restart when cpu > 80%", &[(0, "90%"), (0, "95%")]);
    assert_eq!(world.tier("restart()"), Forbidden);
    let agreeing = samples("allow restart when cpu > 80%", &[(0, "90%"), (0, "90%")]);
    assert_eq!(agreeing.tier("restart()"), Allowed);
}

#[test]
fn samples_count_in_the_order_of_their_times() {
    let world = samples("allow restart when cpu > 80%", &[(0, "90%"), (10, "10%")]);
    assert_eq!(world.tier("restart()"), Allowed, "a late sample of the past does not hide the present");
}

#[test]
fn what_cannot_be_measured_is_no_evidence() {
    let world = World::new("allow restart when replicas < 3 or p95 < 100ms or cpu < 10%");
    for (name, value, tier) in [
        ("replicas", "-1", Forbidden),
        ("p95", "-1ms", Forbidden),
        ("replicas", "0", Allowed),
        ("p95", "0ms", Allowed),
        // A ratio may be below nothing: one that is computed from differences is.
        ("cpu", "-1%", Allowed),
    ] {
        let measured = world.clone().with(name, value);
        assert_eq!(measured.tier("restart()"), tier, "{name} = {value}");
    }
    let held = World::new("allow restart when max(p95, 60s) < 100ms").held("p95", "-1ms", 1);
    assert_eq!(held.tier("restart()"), Forbidden);
}

#[test]
fn a_sample_of_the_future_counts_when_its_time_has_come() {
    let world = samples("allow restart when cpu > 80%", &[(10, "10%"), (-10, "90%")]);
    assert_eq!(world.tier("restart()"), Forbidden);
    let windows = samples("allow restart when max(cpu, 30s) > 80%", &[(20, "10%"), (10, "10%"), (-10, "90%")]);
    assert_eq!(windows.tier("restart()"), Forbidden);
    let mut later = world;
    later.snapshot.at = ago(-10);
    assert_eq!(later.tier("restart()"), Allowed);
}

proptest! {
    /// Of a metric within bounds the smallest and the largest sample are asked; of its negation each sample is.
    #[test]
    fn what_is_told_by_the_smallest_and_the_largest_is_told_by_each_sample(
        given in prop::collection::vec((0i64..140, prop_oneof![4 => Just("90%"), 1 => Just("80%"), 1 => Just("-")]), 0..12),
        every in prop_oneof![Just(20), Just(31)],
        regular in prop::bool::ANY,
    ) {
        let at = |(place, (seconds, value)): (i64, &(i64, &'static str))| {
            (if regular { 140 - place * every } else { *seconds }, *value)
        };
        let given: Vec<(i64, &str)> = (0..).zip(&given).map(at).collect();
        for (within, each) in [
            ("cpu > 80%", "not (cpu <= 80%)"),
            ("cpu >= 85%", "not (cpu < 85%)"),
            ("cpu == 90%", "not (cpu != 90%)"),
            ("cpu in 85%..95%", "not (cpu not in 85%..95%)"),
            ("cpu < 85%", "not (cpu >= 85%)"),
        ] {
            for members in ["allow restart when (E) for 60s", "allow restart forbid restart when (E) for 60s"] {
                let tier = |condition| samples(&members.replace('E', condition), &given).tier("restart()");
                prop_assert_eq!(tier(within), tier(each), "{} {:?}", within, &given);
            }
        }
    }
}
