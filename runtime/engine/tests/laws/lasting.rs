//! What was seen lasts: stored and read back it decides the same, and at the ends of time, too, everything is answered.

use std::collections::BTreeMap;

use jiff::Timestamp;
use leeway_engine::{Entry, Gap, Record, Sample, Series, Snapshot, Tier, evaluate, explain, propose};
use leeway_units::Value;
use proptest::prelude::*;

use crate::whole;
use crate::world::World;

type Round = BTreeMap<std::sync::Arc<str>, Result<Value, Gap>>;

/// What a ledger would hold of the snapshot: an entry a moment, as text.
fn stored(world: &World) -> Vec<String> {
    let mut rounds: BTreeMap<Timestamp, (Round, Round)> = BTreeMap::new();
    let all = |series: &Series| -> Vec<(Timestamp, Result<Value, Gap>)> {
        series.between(Timestamp::MIN, Timestamp::MAX).map(|(at, value)| (at, value.clone())).collect()
    };
    for (fact, series) in world.policy.facts.iter().zip(&world.snapshot.facts) {
        for (at, value) in all(series) {
            rounds.entry(at).or_default().0.insert(fact.name.clone(), value);
        }
    }
    for (metric, series) in world.policy.metrics.iter().zip(&world.snapshot.metrics) {
        for (at, value) in all(series) {
            rounds.entry(at).or_default().1.insert(metric.name.clone(), value);
        }
    }
    let entry = |(at, (facts, metrics)): (Timestamp, (Round, Round))| {
        let record = Record::Observed { facts, metrics, object_version: None };
        let entry = Entry { at, blueprint: world.policy.blueprint.clone(), operation: None, record };
        serde_json::to_string(&entry).unwrap()
    };
    rounds.into_iter().map(entry).collect()
}

fn restored(world: &World, ledger: &[String]) -> Snapshot {
    let mut snapshot = Snapshot::empty(&world.policy, world.snapshot.at);
    snapshot.safety = world.snapshot.safety.clone();
    for line in ledger {
        let entry: Entry = serde_json::from_str(line).unwrap();
        let Record::Observed { facts, metrics, .. } = entry.record else { panic!("{line}") };
        for (fact, series) in world.policy.facts.iter().zip(&mut snapshot.facts) {
            facts
                .get(&fact.name)
                .into_iter()
                .for_each(|value| series.push(Sample { at: entry.at, value: value.clone() }));
        }
        for (metric, series) in world.policy.metrics.iter().zip(&mut snapshot.metrics) {
            let seen = metrics.get(&metric.name).into_iter();
            seen.for_each(|value| series.push(Sample { at: entry.at, value: value.clone() }));
        }
    }
    snapshot
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn what_was_stored_decides_as_what_was_seen(case in whole::case()) {
        let (world, proposal) = whole::build(&case);
        let snapshot = restored(&world, &stored(&world));
        let before = evaluate(&world.policy, &world.snapshot, &world.history, &proposal);
        let after = evaluate(&world.policy, &snapshot, &world.history, &proposal);
        prop_assert_eq!(&before, &after);
        let told = |snapshot, decision| explain(&world.policy, snapshot, &world.history, decision).digest;
        prop_assert_eq!(told(&world.snapshot, &before), told(&snapshot, &after));
        let proposed = |snapshot| propose(&world.policy, snapshot, &world.history);
        prop_assert_eq!(proposed(&world.snapshot), proposed(&snapshot));
    }

    #[test]
    fn at_the_ends_of_time_everything_is_answered(case in whole::case(), end in any::<bool>(), off in 0i64..200) {
        let (mut world, proposal) = whole::build(&case);
        let off = jiff::SignedDuration::from_secs(off);
        world.snapshot.at = if end { Timestamp::MAX - off } else { Timestamp::MIN + off };
        let decision = evaluate(&world.policy, &world.snapshot, &world.history, &proposal);
        let verdict = explain(&world.policy, &world.snapshot, &world.history, &decision);
        prop_assert_eq!(verdict.tier == Tier::Forbidden, decision.tier() == Tier::Forbidden);
        propose(&world.policy, &world.snapshot, &world.history);
    }
}
