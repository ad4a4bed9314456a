//! What one policy says of what happens under another.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::SignedDuration;
use leeway_engine::{Assumed, Gap, Moment, People, Record, SecondOpinion, Simulation, Tier};
use leeway_ir::{MetricId, Policy};
use leeway_units::{Type, Unit, Value};
use proptest::prelude::*;

use crate::world::{World, now};

const RULES: &str = "
  rule scale_out { when cpu > 80% and replicas < 10 propose scale(to: replicas + 1) }
  rule scale_in { when cpu < 30% and replicas > 1 propose scale(to: replicas - 1) }";

const RESTRAINTS: [&str; 6] = [
    "limit cooldown 1m after any",
    "limit at most 3 of any per 10m",
    "limit drift replicas 2 per 10m",
    "forbid scale(to) when to > 6",
    "approve scale(to) when max(cpu, 1m) > 85%",
    "forbid any when not known(cpu)",
];

fn policy(restraints: impl Iterator<Item = usize>) -> Arc<Policy> {
    let restraints: Vec<&str> = restraints.map(|one| RESTRAINTS[one]).collect();
    let policy =
        World::new(&format!("{RULES}\n allow scale(to) when to in 1..8 else approve\n{}", restraints.join("\n")))
            .policy;
    let cpu = policy.metrics.iter().position(|metric| metric.name.as_ref() == "cpu").unwrap();
    let cpu = MetricId(u16::try_from(cpu).unwrap());
    Arc::new(Assumed::of(&policy, &BTreeSet::new(), &BTreeSet::from([cpu])).policy)
}

fn simulation(policy: &Arc<Policy>) -> Simulation {
    let three = Value::parse_as(&Type::Quantity(Unit::Count), "3").unwrap();
    Simulation::new(policy.clone(), now(), &[(policy.fact_named("replicas").unwrap(), three)], People::Agree)
}

/// Plays the samples through both; each verdict under the first beside what the second says of it.
fn judged(first: &Arc<Policy>, second: &Arc<Policy>, cpu: &[Option<u8>]) -> Vec<(Tier, Tier, bool)> {
    let (mut ours, mut theirs) = (simulation(first), simulation(second));
    let opinion = SecondOpinion::new(second.clone(), first);
    let mut judged = Vec::new();
    let mut at = now();
    for percent in cpu {
        for (policy, simulation) in [(first, &mut ours), (second, &mut theirs)] {
            let mut moment = Moment::empty(policy, at);
            let place = policy.metrics.iter().position(|metric| metric.name.as_ref() == "cpu").unwrap();
            let value =
                percent.map(|percent| Value::parse_as(&Type::Quantity(Unit::Ratio), &format!("{percent}%")).unwrap());
            moment.metrics[place] = Some(value.ok_or(Gap::Missing));
            simulation.record(&moment).unwrap();
            simulation.evaluate(at).unwrap();
        }
        let mut proposed = None;
        for happening in ours.happened() {
            if let Record::Proposed { proposal } = happening.record {
                proposed = Some(proposal);
            } else if let Record::Decided { verdict, .. } = happening.record {
                let other = opinion.on(&ours, &theirs, happening.operation.unwrap(), proposed.as_ref().unwrap());
                judged.push((verdict.tier, other.tier, other == *verdict));
            }
        }
        at += SignedDuration::from_secs(15);
    }
    judged
}

fn cpu() -> impl Strategy<Value = Vec<Option<u8>>> {
    prop::collection::vec(
        prop_oneof![4 => Just(Some(90)), 2 => Just(Some(10)), 1 => Just(Some(60)), 1 => Just(None)],
        1..60,
    )
}

fn some() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(0..RESTRAINTS.len(), 0..4)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_policy_agrees_with_itself_word_for_word(restraints in some(), cpu in cpu()) {
        let one = policy(restraints.into_iter());
        for (tier, other, is_same) in judged(&one, &one, &cpu) {
            prop_assert!(is_same, "{tier} and {other}");
        }
    }

    #[test]
    fn one_restraint_more_never_loosens_a_verdict_wherever_either_is_followed(
        restraints in some(),
        more in 0..RESTRAINTS.len(),
        cpu in cpu(),
    ) {
        let wide = policy(restraints.iter().copied());
        let narrow = policy(restraints.into_iter().chain([more]));
        for (of_wide, of_narrow, _) in judged(&wide, &narrow, &cpu) {
            prop_assert!(of_narrow >= of_wide, "{of_narrow} under {of_wide}");
        }
        for (of_narrow, of_wide, _) in judged(&narrow, &wide, &cpu) {
            prop_assert!(of_narrow >= of_wide, "{of_narrow} over {of_wide}");
        }
    }
}

#[test]
fn the_law_is_about_histories_in_which_something_differs() {
    let (wide, narrow) = (policy([].into_iter()), policy([0].into_iter()));
    let tiers: BTreeSet<(Tier, Tier)> =
        judged(&wide, &narrow, &[Some(90); 8]).into_iter().map(|(one, other, _)| (one, other)).collect();
    // Above 8 replicas people are asked.
    let expected =
        [(Tier::Allowed, Tier::Allowed), (Tier::Allowed, Tier::Forbidden), (Tier::ApprovalRequired, Tier::Forbidden)];
    assert_eq!(tiers, BTreeSet::from(expected));
}
