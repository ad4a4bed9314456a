//! Histories played through policies, with every step computed by hand.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use leeway_engine::{Assumed, Gap, Happening, Moment, People, Record, Simulation, State, Ticket};
use leeway_ir::{FactId, MetricId, Policy};
use leeway_units::{Type, Value};

use crate::world::{World, now};

const RULES: &str = "
  rule scale_out { when cpu > 80% for 1m and replicas < 10 propose scale(to: replicas + 1) }
  rule scale_in { when max(cpu, 1m) < 30% and replicas > 1 propose scale(to: replicas - 1) }
  limit cooldown 2m after any
  allow scale(to) when to in 1..4 else approve";

/// A history of `cpu`, a sample every so many seconds, and what came of it.
struct Played {
    simulation: Simulation,
    happened: Vec<Happening>,
    tickets: Vec<Ticket>,
    start: Timestamp,
}

fn cpu_of(policy: &Policy) -> usize {
    policy.metrics.iter().position(|metric| metric.name.as_ref() == "cpu").unwrap()
}

fn play(members: &str, people: People, every_s: i64, cpu: &[&str]) -> Played {
    play_with(members, people, every_s, cpu, |_, _, _| {})
}

/// `more` adds to a moment, which it knows by its place and the policy.
fn play_with(
    members: &str,
    people: People,
    every_s: i64,
    cpu: &[&str],
    more: impl Fn(&Policy, usize, &mut Moment),
) -> Played {
    let policy = World::new(members).policy;
    let metric = MetricId(u16::try_from(cpu_of(&policy)).unwrap());
    let policy = Arc::new(Assumed::of(&policy, &BTreeSet::new(), &BTreeSet::from([metric])).policy);
    let replicas: FactId = policy.fact_named("replicas").unwrap();
    let start = now();
    let three = Value::parse_as(&Type::Quantity(leeway_units::Unit::Count), "3").unwrap();
    let mut simulation = Simulation::new(policy.clone(), start, &[(replicas, three)], people);
    let mut happened = Vec::new();
    let mut tickets = Vec::new();
    let mut at = start;
    for (place, text) in cpu.iter().enumerate() {
        let mut moment = Moment::empty(&policy, at);
        moment.metrics[cpu_of(&policy)] = Some(match *text {
            "_" => Err(Gap::Missing),
            text => Ok(Value::parse_as(&Type::Quantity(leeway_units::Unit::Ratio), text).unwrap()),
        });
        more(&policy, place, &mut moment);
        simulation.record(&moment).unwrap();
        simulation.evaluate(at).unwrap();
        happened.extend(simulation.happened());
        tickets.extend(simulation.tickets());
        at += SignedDuration::from_secs(every_s);
    }
    Played { simulation, happened, tickets, start }
}

impl Played {
    /// What was proposed, with when in seconds.
    fn proposed(&self) -> Vec<(i64, String)> {
        self.told(|record| {
            let Record::Proposed { proposal } = record else { return None };
            Some(proposal.call.to_string())
        })
    }

    /// The states that operations came to, with when in seconds.
    fn states(&self) -> Vec<(i64, State)> {
        self.told(|record| record.state().filter(|state| !state.is_open()))
    }

    fn told<T>(&self, what: impl Fn(&Record) -> Option<T>) -> Vec<(i64, T)> {
        let seconds = |at: Timestamp| at.duration_since(self.start).as_secs();
        self.happened.iter().filter_map(|happening| Some((seconds(happening.at), what(&happening.record)?))).collect()
    }

    fn fact(&self, name: &str) -> String {
        let policy = World::new(RULES).policy;
        let slot = usize::from(policy.fact_named(name).unwrap().0);
        match &self.simulation.facts()[slot] {
            Some(Ok(value)) => value.to_string(),
            other => format!("{other:?}"),
        }
    }
}

fn calls(expected: &[(i64, &str)]) -> Vec<(i64, String)> {
    expected.iter().map(|(at, call)| (*at, (*call).to_owned())).collect()
}

#[test]
fn rules_propose_when_their_time_has_come_and_facts_follow_what_was_done() {
    // Above 80% from the start: held for a minute at 60 s; every two minutes again, until people would have to agree.
    let hot = ["90%"; 33];
    let played = play(RULES, People::Silent, 15, &hot);
    // At 60 s three become four. At 180 s the cooldown has passed: to five asks, nobody answers.
    assert_eq!(played.proposed(), calls(&[(60, "scale(to: 4)"), (180, "scale(to: 5)")]));
    assert_eq!(played.fact("replicas"), "4");
    // The effect is seen at the next sample; what waits for people is still open.
    assert_eq!(played.states(), vec![(75, State::Confirmed)]);
}

#[test]
fn people_answer_at_once_after_a_while_or_never() {
    let hot = ["90%"; 33];
    let at_once = play(RULES, People::Agree, 15, &hot);
    assert_eq!(
        at_once.proposed(),
        calls(&[(60, "scale(to: 4)"), (180, "scale(to: 5)"), (300, "scale(to: 6)"), (420, "scale(to: 7)")])
    );
    let later = play(RULES, People::AgreeAfter(100_000), 15, &hot);
    // Asked at 180 s, agreed at 280 s, done then: the cooldown ends at 400 s, which is before the sample of 405 s.
    assert_eq!(later.proposed(), calls(&[(60, "scale(to: 4)"), (180, "scale(to: 5)"), (405, "scale(to: 6)")]),);
    assert_eq!(later.fact("replicas"), "5");
}

#[test]
fn a_question_that_nobody_answers_expires_even_where_the_history_is_coarse() {
    let members = "
      metric load: ratio = scrape \"load\" every 5m stale 10m
      rule scale_out { when load > 80% for 20m propose scale(to: replicas + 3) }
      allow scale(to) when to in 1..4 else approve
      approval { by \"people\" timeout 12m }";
    let played = play_with(members, People::Silent, 300, &["0%"; 9], |policy, _, moment| {
        let load = policy.metrics.iter().position(|metric| metric.name.as_ref() == "load").unwrap();
        moment.metrics[load] = Some(Ok(Value::parse_as(&Type::Quantity(leeway_units::Unit::Ratio), "90%").unwrap()));
    });
    assert_eq!(played.proposed(), calls(&[(1200, "scale(to: 6)")]));
    // Twelve minutes and a moment after it was asked, and not at the next sample.
    assert_eq!(played.states(), vec![(1920, State::Expired)]);
}

#[test]
fn gaps_are_unknown_and_nothing_is_proposed_on_them() {
    let mut cpu = vec!["90%"; 4];
    cpu.extend(["_"; 4]);
    cpu.extend(["90%"; 5]);
    let played = play(RULES, People::Silent, 15, &cpu);
    // Known until 45 s, unknown until 105 s; a minute without an unknown sample is full at 180 s.
    assert_eq!(played.proposed(), calls(&[(180, "scale(to: 4)")]));
}

#[test]
fn what_is_judged_by_the_record_is_taken_back_when_the_record_says_so() {
    let members = format!("{RULES}\n verify scale {{ within 60s replicas == to  hold 60s cpu <= 95% }} else rollback");
    let mut cpu = vec!["90%"; 6];
    cpu.extend(["99%"; 4]);
    let played = play(&members, People::Silent, 15, &cpu);
    // Done at 60 s, seen at 75 s; at 90 s `cpu` breaks the hold, the act is taken back, and that is seen at 105 s.
    assert_eq!(played.proposed(), calls(&[(60, "scale(to: 4)")]));
    assert_eq!(played.states(), vec![(105, State::RolledBack)]);
    assert_eq!(played.fact("replicas"), "3");
}

#[test]
fn what_others_change_is_as_recorded() {
    let hot = ["90%"; 20];
    let count = |text: &str| Some(Ok(Value::parse_as(&Type::Quantity(leeway_units::Unit::Count), text).unwrap()));
    let played = play_with(RULES, People::Silent, 15, &hot, |policy, place, moment| {
        let replicas = usize::from(policy.fact_named("replicas").unwrap().0);
        // Recorded are two until somebody makes it one at 135 s.
        moment.facts[replicas] = if place < 9 { count("2") } else { count("1") };
    });
    assert_eq!(played.proposed(), calls(&[(60, "scale(to: 3)"), (180, "scale(to: 2)")]));
}

#[test]
fn stages_that_nothing_can_be_said_about_are_assumed_and_said_so() {
    let policy = World::new(
        "rule grow { when cpu > 80% propose scale(to: 4) }  allow scale(to) when to < 5
         verify scale { within 60s ready == to  within 5m cpu <= 90% } else rollback",
    )
    .policy;
    let cpu = MetricId(u16::try_from(cpu_of(&policy)).unwrap());
    let assumed = Assumed::of(&policy, &BTreeSet::new(), &BTreeSet::from([cpu]));
    let told: Vec<(&str, &str)> =
        assumed.stages.iter().map(|(stage, names)| (stage.as_str(), names[0].as_ref())).collect();
    // That of `restart`, which no rule proposes, is left out and not told.
    assert_eq!(told, vec![("within 1m ready == to", "ready")]);
    assert_eq!(assumed.policy.verifications[0].stages.len(), 1);
    assert!(
        assumed.policy.actions.iter().all(|action| action.stages.iter().all(|stage| !stage.text().contains("ready")))
    );
}

#[test]
fn invariants_open_tickets_and_close_them() {
    let members = format!("{RULES}\n invariant cool: cpu < 95%");
    let mut cpu = vec!["50%"; 2];
    cpu.extend(["99%"; 2]);
    cpu.extend(["50%"; 1]);
    cpu.extend(["_"; 5]);
    let played = play(&members, People::Silent, 15, &cpu);
    let seconds = |at: Timestamp| at.duration_since(played.start).as_secs();
    let told: Vec<(i64, Option<i64>)> =
        played.tickets.iter().map(|ticket| (seconds(ticket.opened), ticket.closed.map(seconds))).collect();
    // Broken at 30 s, whole at 60 s; unknown from 75 s on, and that for longer than 30 s at 120 s.
    assert_eq!(told, vec![(30, None), (30, Some(60)), (120, None)]);
}
