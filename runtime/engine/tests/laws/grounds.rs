//! The parts that decided, in words: what was compared, by how much it was missed, and what could not be seen.

use leeway_engine::{grounds, rule_grounds};

use crate::world::{World, ago, now};

/// The parts of the first clause, for a call.
#[track_caller]
fn parts(world: &World, call: &str) -> Vec<String> {
    let decision = world.decide(call);
    let mut grounds = grounds(&world.policy, &world.snapshot, &world.history, &decision);
    grounds.remove(0).parts
}

fn clause(condition: &str) -> World {
    World::new(&format!("allow scale(to) when {condition}")).with("replicas", "5").with("ready", "4")
}

#[test]
fn comparisons_say_by_how_much() {
    for (condition, part) in [
        ("to in 2..5", "to = 6 > 5, by 1"),
        ("to in 7..9", "to = 6 < 7, by 1"),
        ("to in 2..9", "to = 6 is in 2..9"),
        ("to > replicas", "to = 6 > replicas = 5, by 1"),
        ("to <= replicas", "to = 6 > replicas = 5, by 1"),
        ("to >= 6", "to = 6 >= 6, exactly"),
        ("to == 6", "to = 6"),
        ("to == replicas", "to = 6 != replicas = 5, by 1"),
        ("to <= replicas * 2", "to = 6 <= replicas * 2 = 10, by 4"),
        ("to within 10% of replicas", "to = 6 is 20% off replicas = 5, 10 points more than 10%"),
        ("to within 50% of replicas", "to = 6 is 20% off replicas = 5, within 50%"),
        ("to in [1, 2]", "to = 6 is not in [1, 2]"),
        ("\"ops\" in actor.roles", "\"ops\" is not in actor.roles = []"),
        ("cpu > 80%", "cpu = 75.5% <= 80%, by 4.5 points"),
        ("cpu < 76.5%", "cpu = 75.5% < 76.5%, by 1 point"),
        ("p95 < 200ms", "p95 = 1.2s >= 200ms, by 1s"),
        ("actor.kind == agent", "actor.kind = human != agent"),
        ("known(cpu)", "`cpu` is known"),
        ("ready == to and replicas > 9", "ready = 4 != to = 6, by 2"),
    ] {
        let world = clause(condition).with("cpu", "75.5%").with("p95", "1.2s");
        assert_eq!(parts(&world, "scale(to: 6)")[0], part, "{condition}");
    }
}

#[test]
fn only_the_parts_that_decided_are_told() {
    let world = clause("(to > 5 and replicas > 9) or ready > 9 or to == 6");
    assert_eq!(parts(&world, "scale(to: 6)"), ["to = 6"]);
    assert_eq!(parts(&world, "scale(to: 7)").len(), 3);
    let blind = clause("cpu < 50% and p95 < 50ms and to > 5").with("p95", "10ms");
    assert_eq!(parts(&blind, "scale(to: 6)"), ["`cpu` is missing"]);
    // One that is false decides, whatever is unknown beside it.
    assert_eq!(parts(&blind, "scale(to: 5)"), ["to = 5 <= 5, exactly"]);
}

#[test]
fn what_must_hold_says_since_when_or_when_it_did_not() {
    let world = clause("cpu > 80% for 20s");
    let hot = (0..=9).fold(world.clone(), |world, step| world.at(ago(90 - 10 * step), "cpu", "95%"));
    let since = ago(90);
    assert_eq!(parts(&hot, "scale(to: 6)"), [format!("cpu = 95% > 80%, by 15 points (for 20s, since {since})")]);
    let dipped = hot.at(ago(15), "cpu", "70%");
    let told = "cpu = 70% <= 80%, by 10 points (15s ago; it must hold for 20s)";
    assert_eq!(parts(&dipped, "scale(to: 6)"), [told]);
    let short = world.at(ago(10), "cpu", "95%").at(now(), "cpu", "95%");
    assert_eq!(parts(&short, "scale(to: 6)"), ["`cpu` is not known for all of the last 20s: the first is of 10s ago"]);
}

#[test]
fn what_cannot_be_seen_says_why() {
    let world = clause("max(cpu, 2m) < 50%");
    assert_eq!(parts(&world, "scale(to: 6)"), ["the samples of `cpu` do not cover the last 2m: there is none"]);
    let gap = world.at(ago(120), "cpu", "10%").at(now(), "cpu", "10%");
    let told = "the samples of `cpu` do not cover the last 2m: none between 2m and 0s ago";
    assert_eq!(parts(&gap, "scale(to: 6)"), [told]);
    let old = clause("cpu < 50%").at(ago(75), "cpu", "10%");
    assert_eq!(parts(&old, "scale(to: 6)"), ["`cpu` is stale: its last sample is 75s old and counts for 30s"]);
    let failed = clause("cpu < 50%").at(ago(5), "cpu", "-");
    assert_eq!(parts(&failed, "scale(to: 6)"), ["`cpu` failed: its source answered with an error 5s ago"]);
    let divided = clause("to / (replicas - 5) > 1");
    assert_eq!(parts(&divided, "scale(to: 6)"), ["`to / (replicas - 5) > 1` cannot be computed"]);
}

#[test]
fn limits_and_rules_say_what_they_found() {
    let members = "allow scale(to) when to < 9\nlimit cooldown 60s after any\nlimit at most 1 of scale per 10m\n\
                   limit drift replicas 2 per 1h\nrule grow { when cpu > 80% propose scale(to: 6) }";
    let world = World::new(members).with("replicas", "5").with("cpu", "70%").did("scale", 20);
    let decision = world.decide("scale(to: 8)");
    let grounds = grounds(&world.policy, &world.snapshot, &world.history, &decision);
    let told: Vec<&str> = grounds.iter().skip(1).flat_map(|one| one.parts.iter().map(String::as_str)).collect();
    assert_eq!(told[..2], ["something began 20s ago, less than 1m", "silent again in 40s"]);
    assert_eq!(told[2], "1 of scale began in the last 10m, and 1 may");
    let rules = rule_grounds(&world.policy, &world.snapshot, &world.history);
    assert_eq!(rules[0].parts, ["cpu = 70% <= 80%, by 10 points"]);
}
