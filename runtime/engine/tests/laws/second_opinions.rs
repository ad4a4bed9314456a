//! What one policy says of what happens under another.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::SignedDuration;
use leeway_engine::{Assumed, Ended, Gap, Moment, People, Record, SecondOpinion, Simulation, Tier, Verdict};
use leeway_ir::{MetricId, Policy};
use leeway_units::{Type, Unit, Value};
use proptest::prelude::*;

use crate::world::{World, now};

const RULES: &str = "
  rule scale_out { when cpu > 80% and replicas < 10 propose scale(to: replicas + 1) }
  rule scale_in { when cpu < 30% and replicas > 1 propose scale(to: replicas - 1) }
  verify scale { within 15s cpu <= 80% } else rollback";

const RESTRAINTS: [&str; 9] = [
    "limit cooldown 1m after any",
    "limit at most 3 of any per 10m",
    "limit drift replicas 2 per 10m",
    "forbid scale(to) when to > 6",
    "approve scale(to) when max(cpu, 1m) > 85%",
    "forbid any when not known(cpu)",
    "limit breaker 2 failures",
    "approval { by \"people\" quorum 2 timeout 30m }",
    "approve scale(to) when to > 2 by \"leads\"",
];

/// Whether a verdict permits what another does not.
fn is_looser(one: &Verdict, other: &Verdict) -> bool {
    one.tier < other.tier || (one.tier == other.tier && one.is_content_with_less_than(other))
}

/// A proposal that was judged under the first policy.
struct Judged {
    verdict: Verdict,
    /// What the second policy says.
    other: Verdict,
    /// The most operations that had failed in a row by then.
    failures: u32,
}

fn policy(restraints: impl Iterator<Item = usize>) -> Arc<Policy> {
    let restraints: BTreeSet<&str> = restraints.map(|one| RESTRAINTS[one]).collect();
    policy_with(&Vec::from_iter(restraints).join("\n"))
}

fn policy_with(restraints: &str) -> Arc<Policy> {
    let policy = World::new(&format!("{RULES}\n allow scale(to) when to in 1..8 else approve\n{restraints}")).policy;
    let cpu = policy.metrics.iter().position(|metric| metric.name.as_ref() == "cpu").unwrap();
    let cpu = MetricId(u16::try_from(cpu).unwrap());
    Arc::new(Assumed::of(&policy, &BTreeSet::new(), &BTreeSet::from([cpu])).policy)
}

fn simulation(policy: &Arc<Policy>) -> Simulation {
    let three = Value::parse_as(&Type::Quantity(Unit::Count), "3").unwrap();
    Simulation::new(policy.clone(), now(), &[(policy.fact_named("replicas").unwrap(), three)], People::Agree)
}

/// Plays the samples through both; each verdict under the first beside what the second says of it.
fn judged(first: &Arc<Policy>, second: &Arc<Policy>, cpu: &[Option<u8>]) -> Vec<Judged> {
    let (mut ours, mut theirs) = (simulation(first), simulation(second));
    let opinion = SecondOpinion::new(second.clone(), first);
    let mut judged = Vec::new();
    let (mut in_a_row, mut failures) = (0, 0);
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
            in_a_row = match happening.record.state().and_then(Ended::of) {
                Some(Ended::Failed | Ended::RolledBack | Ended::RollbackFailed) => in_a_row + 1,
                Some(Ended::Confirmed | Ended::Partial) => 0,
                Some(Ended::Superseded) | None => in_a_row,
            };
            failures = failures.max(in_a_row);
            if let Record::Proposed { proposal } = happening.record {
                proposed = Some(proposal);
            } else if let Record::Decided { verdict, .. } = happening.record {
                let other = opinion.on(&ours, &theirs, happening.operation.unwrap(), proposed.as_ref().unwrap());
                judged.push(Judged { verdict: *verdict, other, failures });
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
        for Judged { verdict, other, .. } in judged(&one, &one, &cpu) {
            prop_assert_eq!(other, verdict);
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
        for Judged { verdict: of_wide, other: of_narrow, .. } in judged(&wide, &narrow, &cpu) {
            prop_assert!(!is_looser(&of_narrow, &of_wide), "{of_narrow:?} under {of_wide:?}");
        }
        for Judged { verdict: of_narrow, other: of_wide, .. } in judged(&narrow, &wide, &cpu) {
            prop_assert!(!is_looser(&of_narrow, &of_wide), "{of_narrow:?} over {of_wide:?}");
        }
    }

    #[test]
    fn a_breaker_is_open_to_whom_it_belongs_wherever_operations_failed(
        breakers in prop::array::uniform2(prop::option::of(1..4_u32)),
        cpu in cpu(),
    ) {
        let policies = breakers.map(|failures| {
            let breaker = failures.map(|failures| format!("limit breaker {failures} failures"));
            policy_with(breaker.as_deref().unwrap_or_default())
        });
        for Judged { verdict, other, failures } in judged(&policies[0], &policies[1], &cpu) {
            for (breaker, verdict) in breakers.into_iter().zip([verdict, other]) {
                let is_open = verdict.voices.iter().any(|voice| &*voice.kind == "breaker");
                prop_assert_eq!(is_open, breaker.is_some_and(|breaker| failures >= breaker), "{:?}", verdict);
            }
        }
    }
}

#[test]
fn the_law_is_about_histories_in_which_something_differs() {
    let (wide, narrow) = (policy([].into_iter()), policy([0].into_iter()));
    let tiers = |cpu: &[Option<u8>]| -> BTreeSet<(Tier, Tier)> {
        judged(&wide, &narrow, cpu).into_iter().map(|one| (one.verdict.tier, one.other.tier)).collect()
    };
    // What is done at 90% is taken back at the next sample, unless that is cooler.
    let alike = (Tier::Allowed, Tier::Allowed);
    assert_eq!(tiers(&[Some(90), Some(60), Some(60), Some(60), Some(60)]), BTreeSet::from([alike]));
    assert_eq!(tiers(&[Some(90); 8]), BTreeSet::from([alike, (Tier::Allowed, Tier::Forbidden)]));
}

#[test]
fn what_failed_under_one_policy_opens_the_breaker_of_the_other() {
    let (without, with) = (policy([].into_iter()), policy([6].into_iter()));
    let tiers = |judged: Vec<Judged>| -> Vec<(Tier, Tier)> {
        judged.into_iter().map(|one| (one.verdict.tier, one.other.tier)).collect()
    };
    // Each is taken back 15 s after it was done, which is seen 15 s later; then the next one is proposed.
    let cpu = [Some(90); 9];
    let (alike, stopped) = ((Tier::Allowed, Tier::Allowed), (Tier::Allowed, Tier::Forbidden));
    assert_eq!(tiers(judged(&without, &with, &cpu)), [alike, alike, stopped, stopped, stopped]);
    let released = (Tier::Forbidden, Tier::Allowed);
    assert_eq!(tiers(judged(&with, &without, &cpu)), [alike, alike, released]);
}

#[test]
fn of_two_verdicts_that_ask_people_the_looser_one_is_content_with_less() {
    let asks = |approval: &str| {
        let world = World::new(&format!("approve scale  {approval}"));
        world.verdict("scale(to: 3)")
    };
    let is_less = |new: &str, old: &str| asks(new).is_content_with_less_than(&asks(old));
    let two = "approval { by \"a\" quorum 2 timeout 30m }";
    for less in ["", "approval { by \"a\" timeout 30m }", "approval { by \"a\" quorum 2 timeout 1h }"] {
        assert!(is_less(less, two), "{less}");
        assert!(!is_less(two, less), "{less}");
    }
    // Other people may agree to either.
    for other in ["approval { by \"b\" quorum 2 timeout 30m }", "approval { by \"b\" quorum 3 timeout 1m }"] {
        assert!(is_less(other, two) && is_less(two, other), "{other}");
    }
    // One of two groups is enough, in whatever order they are named.
    let either = "approval { by \"a\", \"b\" quorum 2 timeout 30m }";
    assert!(is_less(either, two) && !is_less(two, either));
    for same in [either, "approval { by \"b\", \"a\" quorum 2 timeout 30m }"] {
        assert!(!is_less(same, either) && !is_less(either, same), "{same}");
    }
    assert!(!is_less("forbid scale", two), "nobody is asked");
    assert!(!is_less(two, "forbid scale"), "that it is permitted at all is told by the tier");
}
