//! What was done, and what was the case, some time ago.

use leeway_engine::{History, Truth};

use crate::parts::{DAY_S, free};
use crate::world::{World, ago, now};

fn blind(world: &World) -> World {
    World { history: History::Unknown, ..world.clone() }
}

#[test]
fn what_began_is_counted_within_its_window() {
    let world = free("").did("scale", 600).did("scale", 60).did("restart", 30);
    assert!(world.is("count(scale, 61s)", "1"));
    assert!(world.is("count(scale, 60s)", "0"), "what is as old as the window has left it");
    assert!(world.is("count(scale, 601s)", "2"));
    assert!(blind(&world).is_unknown("count(scale, 61s)"));
}

#[test]
fn since_is_the_age_of_the_history_where_nothing_was_done() {
    let world = free("").did("restart", 30);
    assert!(world.is("since(scale)", "30d"));
    assert!(world.did("scale", 600).did("scale", 90).is("since(scale)", "90s"));

    let mut young = free("");
    young.history = History::since(ago(20));
    assert!(young.is("since(scale)", "20s"), "an enforcer that began 20 s ago knows of 20 s");
    assert!(blind(&young).is_unknown("since(scale)"));
}

#[test]
fn a_history_that_forgot_its_oldest_says_nothing_of_them() {
    let mut world = free("");
    for _ in 0..10_001 {
        world = world.did("restart", 60);
    }
    assert!(world.is("count(scale, 60s)", "0"));
    assert!(world.is_unknown("count(scale, 61s)"));
    assert!(world.is("since(scale)", "60s"));
}

#[test]
fn change_reads_samples_that_reach_back_and_else_what_operations_found() {
    let now_only = free("").with("replicas", "5");
    assert!(now_only.is("change(replicas, 1h)", "0"), "nobody touched it: it was what it is");
    assert!(now_only.is_unknown("change(replicas, 31d)"), "the history does not go back so far");

    let touched = now_only.clone().did_as("human:ada", "scale", 600, &[("replicas", "2")]);
    let touched = touched.did_as("human:ada", "scale", 60, &[("replicas", "4")]);
    assert!(touched.is("change(replicas, 1h)", "3"));
    assert!(touched.is("change(replicas, 100s)", "1"), "only the last was within 100 s");
    assert!(touched.is("change(replicas, 30s)", "0"));

    let restarted = now_only.clone().did_as("human:ada", "restart", 60, &[("ready", "5")]);
    assert!(restarted.is("change(replicas, 1h)", "0"), "a restart writes no replicas");
    assert!(now_only.clone().did("restart", 60).is_unknown("change(replicas, 1h)"), "nobody noted what anything was");
    let unsaid = now_only.did("scale", 60);
    assert!(unsaid.is_unknown("change(replicas, 1h)"), "it wrote them, and nobody knows what they were");

    // Samples win: somebody else scaled by hand.
    let sampled = free("").at(ago(70), "replicas", "1").at(ago(30), "replicas", "5").with("replicas", "5");
    assert!(sampled.is("change(replicas, 60s)", "4"));
    assert!(blind(&sampled).is("change(replicas, 60s)", "4"));
    assert!(blind(&sampled).is_unknown("change(replicas, 1h)"));
    let mut young = sampled;
    young.history = History::since(ago(300));
    assert!(young.is("change(replicas, 300s)", "4"), "the first that is known since then");
    assert!(young.is_unknown("change(replicas, 1h)"), "an hour ago nobody was looking");
}

#[test]
fn during_follows_the_clock_of_its_place() {
    for (at, inside) in [
        ("2026-01-04T01:00:00Z", true),
        ("2026-01-04T01:59:59Z", true),
        ("2026-01-04T02:00:00Z", false),
        ("2026-07-05T00:30:00Z", true),
        // Daylight saving begins: two is three, and the hour never comes.
        ("2026-03-29T00:59:59Z", false),
        ("2026-03-29T01:00:00Z", false),
        // It ends: the hour comes twice.
        ("2026-10-25T00:30:00Z", true),
        ("2026-10-25T01:30:00Z", true),
        ("2026-10-25T02:30:00Z", false),
    ] {
        let mut world = free("");
        world.snapshot.at = at.parse().unwrap();
        let asked = world.truth("during(\"Sun 02:00-03:00\", \"Europe/Berlin\")");
        assert_eq!(asked, Truth::from(inside), "{at}");
    }
}

/// A world with samples of `cpu`, given as (seconds ago, value).
fn samples(samples: &[(i64, &str)]) -> World {
    samples.iter().fold(free(""), |world, (seconds, value)| world.at(ago(*seconds), "cpu", value))
}

#[test]
fn a_forecast_is_the_line_through_the_last_four_windows() {
    // 10% at -40 s, then 4% more every 10 s: at +10 s that is 10 + 4*5.
    let world = samples(&[(40, "10%"), (30, "14%"), (20, "18%"), (10, "22%"), (0, "26%")]);
    assert!(world.is("forecast(cpu, 10s)", "30%"));
    assert!(world.is_unknown("forecast(cpu, 20s)"), "the samples do not cover 80 s");
    assert!(samples(&[(0, "20%")]).is_unknown("forecast(cpu, 5s)"), "one sample makes no line");
    // Off the line: (0,0) (1,0) (2,3) in steps of 10 s has the mean 1 and the slope 1.5; half a step on that is 1 + 1.5 * 1.5.
    assert!(samples(&[(20, "0%"), (10, "0%"), (0, "3%")]).is("forecast(cpu, 5s)", "3.25%"));
}

#[test]
fn a_quantile_lies_between_its_neighbours() {
    let world = samples(&[(30, "40%"), (20, "10%"), (10, "30%"), (0, "20%")]);
    for (q, value) in [("0.0", "10%"), ("0.5", "25%"), ("0.75", "32.5%"), ("1.0", "40%")] {
        assert!(world.is(&format!("quantile({q}, cpu, 30s)"), value), "{q}");
    }
}

#[test]
fn an_error_budget_is_what_is_left_of_what_may_fail() {
    let held =
        |good: &str, total: &str| free("").held("availability.good", good, 30).held("availability.total", total, 30);
    for (good, total, value) in
        [("100/s", "100/s", "100%"), ("99.5/s", "100/s", "50%"), ("99/s", "100/s", "0%"), ("101/s", "100/s", "100%")]
    {
        assert!(held(good, total).is("budget(availability)", value), "{good} of {total}");
    }
    assert_eq!(held("98/s", "100/s").truth("budget(availability) < 0%"), Truth::True, "overspent");
    assert!(held("0/s", "0/s").is_unknown("budget(availability)"), "nothing happened");
    assert!(held("0.1/h", "0.1/h").is_unknown("budget(availability)"), "72 events in 30 days are no evidence");
    let short = free("").held("availability.good", "1/s", 29).held("availability.total", "1/s", 30);
    assert!(short.is_unknown("budget(availability)"));
}

#[test]
fn thirty_days_of_one_value_are_one_run() {
    let world = free("").held("availability.good", "99/s", 30);
    let good = &world.snapshot.metrics[usize::from(world.metric("availability.good").0)];
    assert_eq!(good.between(ago(30 * DAY_S), now()).count(), 172_801);
    let world = free("").held("forecast", "$3/h", 30);
    for (expr, value) in [("avg(forecast, 30d)", "$3/h"), ("quantile(0.5, forecast, 30d)", "$3/h")] {
        assert!(world.is(expr, value), "{expr}");
    }
    assert_eq!(world.truth("forecast > $2/h for 1d"), Truth::True);
    assert_eq!(world.truth("forecast > $2/h for 31d"), Truth::Unknown);
}
