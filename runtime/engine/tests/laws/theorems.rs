//! The theorems of section 6 as properties, over policies put together from clauses of every kind.

use leeway_engine::{Gap, Sample, Snapshot, Tier};
use proptest::prelude::*;

use crate::world::{World, ago, now};

const CONDITIONS: [&str; 8] = [
    "to > 3",
    "to in 2..5",
    "cpu > 80%",
    "cpu > 80% for 30s",
    "p95 < 100ms or cpu < 50%",
    "to within 20% of current.replicas",
    "not (max(cpu, 20s) > 60%)",
    "if p95 > 50ms then to < 4 else to > 2",
];

fn clause() -> impl Strategy<Value = String> {
    let kinds = prop::sample::select(vec!["allow", "approve", "forbid"]);
    (kinds, prop::sample::select(CONDITIONS.to_vec())).prop_map(|(kind, when)| {
        let reads = if when.contains("to ") { "to" } else { ".." };
        format!("{kind} scale({reads}) when {when}")
    })
}

fn percent() -> impl Strategy<Value = Option<u32>> {
    prop::option::weighted(0.9, 0u32..120)
}

prop_compose! {
    pub(crate) fn world(extra: usize)(
        clauses in prop::collection::vec(clause(), 1..6),
        added in prop::collection::vec(clause(), extra),
        cpu in prop::collection::vec(percent(), 5),
        p95 in percent(),
        replicas in prop::option::weighted(0.9, 0u32..8),
        to in 0u32..8,
    ) -> (Vec<String>, Vec<String>, Evidence, String) {
        (clauses, added, Evidence { cpu, p95, replicas }, format!("scale(to: {to})"))
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Evidence {
    cpu: Vec<Option<u32>>,
    p95: Option<u32>,
    replicas: Option<u32>,
}

pub(crate) fn build(clauses: &[String], evidence: &Evidence) -> World {
    let mut world = World::new(&clauses.join("\n"));
    for (step, cpu) in evidence.cpu.iter().enumerate() {
        let text = cpu.map_or_else(|| "-".to_owned(), |cpu| format!("{cpu}%"));
        world = world.at(ago(40 - 10 * i64::try_from(step).unwrap()), "cpu", &text);
    }
    if let Some(p95) = evidence.p95 {
        world = world.with("p95", &format!("{p95}ms"));
    }
    if let Some(replicas) = evidence.replicas {
        world = world.with("replicas", &replicas.to_string());
    }
    world
}

/// The same snapshot with every sample of one input unknown.
fn blinded(snapshot: &Snapshot, input: usize) -> Snapshot {
    let mut snapshot = snapshot.clone();
    let facts = snapshot.facts.len();
    let series = if input < facts { &mut snapshot.facts[input] } else { &mut snapshot.metrics[input - facts] };
    let mut blind = leeway_engine::Series::new(u64::try_from(series.stale_ms()).unwrap());
    for (at, _) in series.between(ago(1_000), now()) {
        blind.push(Sample { at, value: Err(Gap::Failed) });
    }
    *series = blind;
    snapshot
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn adding_a_forbid_never_loosens((clauses, added, evidence, call) in world(1)) {
        let before = build(&clauses, &evidence).tier(&call);
        let forbid = added[0].replacen("allow", "forbid", 1).replacen("approve", "forbid", 1);
        let after = build(&[clauses, vec![forbid]].concat(), &evidence).tier(&call);
        prop_assert!(after >= before);
    }

    #[test]
    fn adding_a_cooldown_never_loosens((clauses, _, evidence, call) in world(0), began in 0i64..120) {
        let before = build(&clauses, &evidence).did("scale", began).tier(&call);
        let limit = "limit cooldown 60s after any".to_owned();
        let after = build(&[clauses, vec![limit]].concat(), &evidence).did("scale", began).tier(&call);
        prop_assert!(after >= before);
    }

    #[test]
    fn adding_an_approve_never_allows_and_loosens_only_a_default((clauses, added, evidence, call) in world(1)) {
        let before = build(&clauses, &evidence).verdict(&call);
        let approve = added[0].replacen("allow", "approve", 1).replacen("forbid", "approve", 1);
        let after = build(&[clauses, vec![approve]].concat(), &evidence).verdict(&call);
        prop_assert!(after.tier != Tier::Allowed || before.tier == Tier::Allowed);
        let by_default = before.voices.iter().any(|voice| voice.kind.as_ref() == "default");
        prop_assert!(after.tier >= before.tier || by_default);
    }

    #[test]
    fn unknown_never_loosens((clauses, _, evidence, call) in world(0), input in 0usize..4) {
        let world = build(&clauses, &evidence);
        let before = world.tier(&call);
        let blind = World { snapshot: blinded(&world.snapshot, input), ..world };
        prop_assert!(blind.tier(&call) >= before);
    }

    #[test]
    fn the_order_of_clauses_never_matters((clauses, _, evidence, call) in world(0)) {
        let forwards = build(&clauses, &evidence).verdict(&call);
        let backwards = build(&clauses.iter().rev().cloned().collect::<Vec<_>>(), &evidence).verdict(&call);
        let said = |verdict: &leeway_engine::Verdict| {
            let mut said: Vec<String> =
                verdict.voices.iter().map(|voice| format!("{} {} {:?}", voice.tier, voice.text, voice.truth)).collect();
            said.sort();
            said
        };
        prop_assert_eq!(forwards.tier, backwards.tier);
        prop_assert_eq!(said(&forwards), said(&backwards));
        prop_assert_eq!(forwards.fingerprint, backwards.fingerprint);
    }

    #[test]
    fn what_is_suggested_fares_better((clauses, _, evidence, call) in world(0)) {
        let world = build(&clauses, &evidence);
        let verdict = world.verdict(&call);
        for suggested in &verdict.suggest {
            prop_assert!(world.tier(suggested) < verdict.tier, "{} instead of {}", suggested, call);
        }
    }
}
