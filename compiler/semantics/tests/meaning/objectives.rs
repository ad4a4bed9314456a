//! Service level objectives and invariants.

use leeway_ir::{Burn, Severity};

use crate::tenant;

const SOURCES: &str = "good = scrape rate(\"good\", 1m) total = scrape rate(\"all\", 1m)";

fn burns(slo: &str) -> Vec<(f64, u64, u64, Severity)> {
    let policy = tenant(&format!("approve any slo served 99.9% over {slo}"));
    let burn = |burn: &Burn| (burn.factor, burn.long_ms, burn.short_ms, burn.severity);
    policy.slos.first().unwrap().burns.iter().map(burn).collect()
}

#[test]
fn the_pairs_of_windows_are_those_of_the_workbook_unless_said() {
    const MINUTE: u64 = 60_000;
    let expected = [
        (14.4, 60 * MINUTE, 5 * MINUTE, Severity::High),
        (6.0, 360 * MINUTE, 30 * MINUTE, Severity::High),
        (3.0, 1_440 * MINUTE, 120 * MINUTE, Severity::Medium),
        (1.0, 4_320 * MINUTE, 360 * MINUTE, Severity::Medium),
    ];
    assert_eq!(burns(&format!("30d {{ {SOURCES} }}")), expected);
    let week: Vec<f64> = burns(&format!("7d {{ {SOURCES} }}")).into_iter().map(|(factor, ..)| factor).collect();
    assert_eq!(week, [3.36, 1.4, 0.7, 0.7 / 3.0]);
    let own = burns(&format!("30d {{ {SOURCES} min events 100 burn 2.5 6h 30m medium }}"));
    assert_eq!(own, [(2.5, 360 * MINUTE, 30 * MINUTE, Severity::Medium)]);
}

#[test]
fn slots_of_objectives_and_their_metrics_follow_names() {
    let policy = tenant(&format!(
        "approve any
         slo served 99.9% over 30d {{ {SOURCES} min events 100 }}
         slo answered 99% over 7d {{ {SOURCES} }}
         metric b: ratio = scrape \"b\"
         forbid set_burst(..) when budget(served) <= 0%"
    ));
    let names: Vec<&str> = policy.slos.iter().map(|slo| slo.name.as_ref()).collect();
    assert_eq!(names, ["answered", "served"]);
    let served = policy.slos.last().unwrap();
    let name = |id| policy.metric(id).unwrap().name.to_string();
    assert_eq!((name(served.good), name(served.total)), ("served.good".to_owned(), "served.total".to_owned()));
    assert_eq!((served.min_events, served.window_ms), (100.0, 30 * 86_400_000));
    let inputs = policy.clauses.last().unwrap().when.as_ref().unwrap().expr.inputs();
    assert_eq!(inputs, [leeway_ir::Input::Budget(leeway_ir::SloId(1))]);
}

#[test]
fn what_an_objective_counts_is_sampled_as_it_says() {
    let policy = tenant(
        "approve any
         let rarely = 5m
         let twice = rarely * 2
         slo served 99% over 30d {
           good = scrape rate(\"good\", 10m) every rarely stale twice
           total = scrape rate(\"all\", 1m) stale 90s
         }
         slo usual 99% over 30d { good = scrape \"good\" total = scrape \"all\" every 20s }",
    );
    let times: Vec<(&str, u64, u64)> =
        policy.metrics.iter().map(|one| (one.name.as_ref(), one.every_ms / 1_000, one.stale_ms / 1_000)).collect();
    let [good, total] = [("served.good", 300, 600), ("served.total", 15, 90)];
    assert_eq!(times, [good, total, ("usual.good", 15, 60), ("usual.total", 20, 60)]);
}

#[test]
fn an_invariant_may_be_unknown_for_as_long_as_the_longest_of_its_inputs_may_be_old() {
    let policy = tenant(
        "approve any
         metric p99: duration = scrape \"p99\" stale 2m
         invariant quick: p99 < 1s and burst > 1 because \"it is {p99}\"
         invariant enough: workers > 0",
    );
    let unknown: Vec<(&str, u64)> =
        policy.invariants.iter().map(|one| (one.name.as_ref(), one.unknown_max_ms)).collect();
    assert_eq!(unknown, [("quick", 120_000), ("enough", 5_000)]);
}
