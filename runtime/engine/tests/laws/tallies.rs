//! The numbers of a simulation, computed by hand.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::SignedDuration;
use leeway_engine::{Assumed, Moment, People, Simulation, Summary, Tally};
use leeway_ir::{MetricId, Policy};
use leeway_units::{Type, Unit, Value};

use crate::replaying::{Comes, Step, lines, run};
use crate::world::{World, now};

/// A metric that is sampled seldom, and a rule that follows it.
const HEAD: &str = "
  metric load: ratio = scrape \"load\" every 5m stale 2h
  rule grow { when load > 80% and replicas < 9 propose scale(to: replicas + 1) }
  limit cooldown 2h after any";

/// A recorded moment.
struct Recorded {
    at_s: i64,
    load: &'static str,
    replicas: Option<&'static str>,
    is_evaluated: bool,
}

fn sample(at_s: i64, load: &'static str) -> Recorded {
    Recorded { at_s, load, replicas: None, is_evaluated: true }
}

fn simulated(head: &str, members: &str) -> Arc<Policy> {
    let policy = World::new(&format!("{head}\n{members}")).policy;
    let load = policy.metrics.iter().position(|metric| &*metric.name == "load").unwrap();
    let metrics = BTreeSet::from([MetricId(u16::try_from(load).unwrap())]);
    Arc::new(Assumed::of(&policy, &BTreeSet::new(), &metrics).policy)
}

fn count(text: &str) -> Value {
    Value::parse_as(&Type::Quantity(Unit::Count), text).unwrap()
}

/// What comes of it, with three replicas at first.
fn summed(members: &str, people: People, history: &[Recorded]) -> Summary {
    summed_by(&simulated(HEAD, members), people, history)
}

fn summed_by(policy: &Arc<Policy>, people: People, history: &[Recorded]) -> Summary {
    let replicas = policy.fact_named("replicas").unwrap();
    let mut simulation = Simulation::new(policy.clone(), now(), &[(replicas, count("3"))], people);
    let mut tally = Tally::new(policy.clone());
    for recorded in history {
        let mut moment = Moment::empty(policy, now() + SignedDuration::from_secs(recorded.at_s));
        let load = policy.metrics.iter().position(|metric| &*metric.name == "load").unwrap();
        moment.metrics[load] = Some(Ok(Value::parse_as(&Type::Quantity(Unit::Ratio), recorded.load).unwrap()));
        moment.facts[usize::from(replicas.0)] = recorded.replicas.map(|text| Ok(count(text)));
        simulation.record(&moment).unwrap();
        simulation.happened().iter().for_each(|happening| tally.happened(happening));
        tally.saw(&simulation, moment.at);
        if recorded.is_evaluated {
            simulation.evaluate(moment.at).unwrap();
            simulation.happened().iter().for_each(|happening| tally.happened(happening));
            tally.evaluated(&simulation);
        }
    }
    tally.summary()
}

/// The sum over time, in seconds.
fn replica_seconds(summary: &Summary) -> f64 {
    (summary.fact_hours["replicas"] * 3_600.0 * 1_000.0).round() / 1_000.0
}

#[test]
fn what_is_written_counts_from_the_act_on_and_over_a_gap() {
    // Asked at 0 s, agreed at 100 s: three until then, four for the other 3500 s of an hour in which nothing is recorded.
    let asked = summed(
        "allow scale  approve scale",
        People::AgreeAfter(100_000),
        &[sample(0, "90%"), sample(3_600, "20%"), sample(3_700, "20%")],
    );
    assert_eq!(replica_seconds(&asked), 3.0 * 100.0 + 4.0 * 3_600.0);
    // Done at the first sample, and the second act at the last one counts nothing any more.
    let at_once = summed("allow scale", People::Silent, &[sample(0, "90%"), sample(300, "20%"), sample(7_200, "90%")]);
    assert_eq!((at_once.done, replica_seconds(&at_once)), (2, 4.0 * 7_200.0));
}

#[test]
fn what_others_change_counts_from_when_it_was_recorded_also_between_evaluations() {
    let recorded =
        |at_s, replicas, is_evaluated| Recorded { at_s, load: "20%", replicas: Some(replicas), is_evaluated };
    let history =
        [recorded(0, "3", true), recorded(60, "5", false), recorded(90, "4", false), recorded(120, "4", true)];
    let summary = summed("allow scale", People::Silent, &history);
    assert_eq!(replica_seconds(&summary), 3.0 * 60.0 + 5.0 * 30.0 + 4.0 * 30.0);
}

#[test]
fn taking_an_act_back_moves_the_fact_and_is_a_turn() {
    let verified = |or| format!("allow scale  verify scale {{ within 5m load <= 80% }} else {or}");
    let history = [sample(0, "90%"), sample(210, "90%"), sample(420, "90%"), sample(600, "90%")];
    // Looked at every fifteen seconds, it has failed at 300 s, between two samples.
    let taken_back = summed(&verified("rollback"), People::Silent, &history);
    assert_eq!(taken_back.outcomes["rolled_back"], 1, "{taken_back:?}");
    assert_eq!(replica_seconds(&taken_back), 4.0 * 300.0 + 3.0 * 300.0);
    assert_eq!((taken_back.done, taken_back.oscillations), (1, 1));
    let left = summed(&verified("nothing"), People::Silent, &history);
    assert_eq!(left.outcomes["failed"], 1);
    assert_eq!((replica_seconds(&left), left.oscillations), (4.0 * 600.0, 0));
}

#[test]
fn a_sample_counts_from_when_it_was_taken_however_often_it_is_looked_at() {
    let policy = simulated(&HEAD.replace("every 5m stale 2h", "every 15s stale 1m"), "objective load <= 80%");
    let mut simulation = Simulation::new(policy.clone(), now(), &[], People::Silent);
    let mut tally = Tally::new(policy.clone());
    let load = policy.metrics.iter().position(|metric| &*metric.name == "load").unwrap();
    // Measured once in ten minutes, and looked at after 50 seconds as well: it counts for a minute.
    for (seconds, is_measured) in [(0, true), (50, false), (600, true)] {
        let at = now() + SignedDuration::from_secs(seconds);
        if is_measured {
            let mut moment = Moment::empty(&policy, at);
            moment.metrics[load] = Some(Ok(Value::parse_as(&Type::Quantity(Unit::Ratio), "90%").unwrap()));
            simulation.record(&moment).unwrap();
        }
        simulation.evaluate(at).unwrap();
        tally.evaluated(&simulation);
    }
    let summary = tally.summary();
    assert_eq!((summary.outside_objectives_s, summary.unknown_objectives_s), (60.0, 540.0));
}

#[test]
fn of_two_answers_at_once_the_second_waits_until_the_first_is_seen() {
    // The two rules differ, so that people are asked about both, and they agree to both: from three to four, and from three to two.
    let members = "allow scale  rule shrink { when load > 80% propose scale(to: replicas - 1) }";
    let head = HEAD.replace("limit cooldown 2h after any", "limit at most 9 of any per 1h");
    let history = [sample(0, "90%"), sample(300, "50%")];
    let summary = summed_by(&simulated(&head, members), People::Agree, &history);
    assert_eq!((summary.proposals, summary.done, summary.outcomes["superseded"]), (2, 1, 1), "{summary:?}");
    assert_eq!(replica_seconds(&summary), 4.0 * 300.0);
}

#[test]
fn no_rule_speaks_on_what_was_before_a_rollback() {
    // At 300 s the act of 0 s is taken back: there are three again. Who counts from four would ask for three, and take that back to four.
    let members = "allow scale  verify scale { within 5m load <= 80% } else rollback
        rule shrink { when replicas > 3 and load > 94% propose scale(to: replicas - 1) }";
    let head = HEAD.replace("limit cooldown 2h after any", "limit at most 9 of any per 1h");
    let summary = summed_by(
        &simulated(&head, members),
        People::Silent,
        &[sample(0, "90%"), sample(300, "95%"), sample(600, "50%")],
    );
    assert_eq!((summary.proposals, summary.done, summary.outcomes["rolled_back"]), (1, 1, 1), "{summary:?}");
}

#[test]
fn an_act_that_writes_what_was_there_is_no_turn() {
    let members = "
      rule keep { when load < 30% propose scale(to: replicas) }
      allow scale";
    let history = [sample(0, "90%"), sample(300, "20%")];
    let summary = summed(&format!("{members}\nlimit cooldown 1m after restart"), People::Silent, &history);
    assert_eq!((summary.done, summary.oscillations), (1, 0), "{summary:?}");
}

#[test]
fn what_nobody_knows_is_not_counted() {
    let policy = simulated(HEAD, "allow scale");
    let mut simulation = Simulation::new(policy.clone(), now(), &[], People::Silent);
    let mut tally = Tally::new(policy.clone());
    for at in [now(), now() + SignedDuration::from_secs(60)] {
        simulation.record(&Moment::empty(&policy, at)).unwrap();
        tally.saw(&simulation, at);
    }
    assert!(tally.summary().fact_hours.is_empty());
}

#[test]
fn of_a_recorded_run_only_what_was_done_counts() {
    let policy = World::new(
        "rule grow { when cpu > 80% propose scale(to: replicas + 1) }  allow scale  limit cooldown 25s after any",
    )
    .policy;
    let look = |comes| (10_000, comes, Step::Look { cpu: Some(90), ready: true, other: None });
    // Refused at 0 s, which takes 70 ms; done from 30.07 s to 30.11 s, and looked at ten seconds later for the last time.
    let steps = [look(Comes::Refused), look(Comes::Done), look(Comes::Done), look(Comes::Done), look(Comes::Done)];
    let mut simulation: Option<Simulation> = None;
    let mut tally = Tally::new(policy.clone());
    for line in lines(&run(&policy, &steps)) {
        let simulation =
            simulation.get_or_insert_with(|| Simulation::new(policy.clone(), line.at, &[], People::Silent));
        let facts = policy.facts.iter().map(|fact| line.facts.get(&fact.name).cloned()).collect();
        let metrics = policy.metrics.iter().map(|metric| line.metrics.get(&metric.name).cloned()).collect();
        let moment = Moment { at: line.at, facts, metrics, turn: line.turn.clone() };
        simulation.replay(&moment, &line.turn.unwrap()).unwrap();
        tally.saw(simulation, moment.at);
        simulation.happened().iter().for_each(|happening| tally.happened(happening));
    }
    let summary = tally.summary();
    assert_eq!((summary.outcomes["failed"], summary.done), (1, 1));
    assert_eq!(replica_seconds(&summary), 130.33, "3 for 30.11 s, and 4 for 10 s");
}
