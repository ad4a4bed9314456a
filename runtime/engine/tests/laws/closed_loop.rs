//! The closed loop: metrics follow what is done by the models that they declare, and no number is made up.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use leeway_engine::{Evidence, Gap, Happening, Loop, Moment, People, Record, Simulation};
use leeway_ir::{MetricId, Policy};
use leeway_units::{Quantity, Type, Unit, Value};
use proptest::prelude::*;

use crate::world::{now, policy};

const TARGET: &str = r#"
target shop.service(name: text) {
  fact replicas: count
  fact ready: count
  action scale(to: count) { effect replicas = to  undo scale(to: current.replicas)  risk low }
}
"#;

const METRICS: &str = r#"
  metric cpu: ratio    = scrape "cpu" responds shared(replicas)
  metric p95: duration = scrape "p95" responds queueing(cpu, replicas)
"#;

/// A sample of a metric or a fact, or `_` for a gap; nothing where nothing was recorded.
type Sample<'a> = (&'a str, &'a str);

struct Played {
    policy: Arc<Policy>,
    simulation: Simulation,
    happened: Vec<Happening>,
    at: Timestamp,
}

impl Played {
    fn start(members: &str, metrics: Loop, replicas: Option<u32>) -> Played {
        let policy = Arc::new(policy(TARGET, members));
        let fact = policy.fact_named("replicas").unwrap();
        let facts: Vec<_> = replicas.map(|count| (fact, Value::Quantity(Quantity::count(count)))).into_iter().collect();
        let simulation = Simulation::new(policy.clone(), now(), &facts, People::Agree).with_loop(metrics);
        Played { policy, simulation, happened: Vec::new(), at: now() }
    }

    fn closed(members: &str) -> Played {
        Played::start(members, Loop::Closed, Some(2))
    }

    /// The next moment, 15 s after the last, and an evaluation.
    fn then(mut self, samples: &[Sample<'_>]) -> Played {
        let mut moment = Moment::empty(&self.policy, self.at);
        for (name, text) in samples {
            let gap = |ty: &Type| if *text == "_" { Err(Gap::Failed) } else { Ok(Value::parse_as(ty, text).unwrap()) };
            match self.policy.fact_named(name) {
                Some(id) => {
                    let slot = usize::from(id.0);
                    moment.facts[slot] = Some(gap(&self.policy.facts[slot].ty));
                }
                None => {
                    let slot = usize::from(self.metric(name).0);
                    moment.metrics[slot] = Some(gap(&Type::Quantity(self.policy.metrics[slot].unit)));
                }
            }
        }
        self.simulation.record(&moment).unwrap();
        self.simulation.evaluate(self.at).unwrap();
        self.happened.extend(self.simulation.happened());
        self.at += SignedDuration::from_secs(15);
        self
    }

    fn metric(&self, name: &str) -> MetricId {
        let slot = self.policy.metrics.iter().position(|metric| metric.name.as_ref() == name).unwrap();
        MetricId(u16::try_from(slot).unwrap())
    }

    /// What the metric is in the loop.
    fn is(&self, name: &str) -> String {
        shown(self.simulation.snapshot().metric(self.metric(name), self.last()))
    }

    /// What it was as recorded.
    fn was(&self, name: &str) -> Option<String> {
        self.simulation.recorded(self.metric(name), self.last()).map(shown)
    }

    fn base(&self, name: &str) -> f64 {
        let evidence = self.simulation.snapshot().metric(self.metric(name), self.last());
        evidence.value().and_then(Value::quantity).unwrap().base()
    }

    fn last(&self) -> Timestamp {
        self.at - SignedDuration::from_secs(15)
    }

    /// What was proposed, with when in seconds.
    fn proposed(&self) -> Vec<(i64, String)> {
        let call = |happening: &Happening| {
            let Record::Proposed { proposal } = &happening.record else { return None };
            Some((happening.at.duration_since(now()).as_secs(), proposal.call.to_string()))
        };
        self.happened.iter().filter_map(call).collect()
    }
}

fn shown(evidence: Evidence<'_>) -> String {
    match evidence.why() {
        Some(why) => why.to_owned(),
        None => evidence.value().unwrap().to_string(),
    }
}

/// Doubles the replicas as soon as it can.
const DOUBLE: &str = "rule double { when replicas == 2 propose scale(to: 4) } allow scale";

#[test]
fn load_is_shared_by_the_replicas_that_there_are() {
    let played = Played::closed(&format!("{METRICS}{DOUBLE}")).then(&[("cpu", "80%")]);
    assert_eq!(played.is("cpu"), "80%", "nothing was done yet");
    let played = played.then(&[("cpu", "90%")]);
    assert_eq!(played.is("cpu"), "45%", "the load of two on four");
    assert_eq!(played.was("cpu").as_deref(), Some("90%"));
    let cpu = played.metric("cpu");
    assert_eq!(played.simulation.response(cpu).unwrap().written.as_ref(), "shared(replicas)");
}

#[test]
fn what_does_not_respond_is_replayed_as_recorded() {
    let members = format!("metric cpu: ratio = scrape \"cpu\"\n{DOUBLE}");
    let played = Played::closed(&members).then(&[("cpu", "80%")]).then(&[("cpu", "90%")]);
    assert_eq!((played.is("cpu"), played.was("cpu")), ("90%".to_owned(), None));
    assert!(played.simulation.response(played.metric("cpu")).is_none());
}

#[test]
fn in_an_open_loop_every_metric_is_replayed_as_recorded() {
    let members = format!("{METRICS}{DOUBLE}");
    let open = Played::start(&members, Loop::Open, Some(2)).then(&[("cpu", "80%")]).then(&[("cpu", "90%")]);
    assert_eq!((open.is("cpu"), open.was("cpu")), ("90%".to_owned(), None));
    assert!(open.simulation.response(open.metric("cpu")).is_none());
}

#[test]
fn latency_follows_the_utilisation_that_follows_the_replicas() {
    // One server at 75% takes 1 / (1 - 0.75) = 4 service times; two at 37.5% take 1 + 0.375^(√6 - 1) / (2 · 0.625).
    let members = format!("{METRICS} rule second {{ when replicas == 1 propose scale(to: 2) }} allow scale");
    let played = Played::start(&members, Loop::Closed, Some(1)).then(&[("cpu", "75%"), ("p95", "400ms")]);
    assert_eq!(played.is("p95"), "400ms");
    let played = played.then(&[("cpu", "75%"), ("p95", "400ms")]);
    assert_eq!(played.is("cpu"), "37.5%");
    let expected = 100.0 * (1.0 + 0.375_f64.powf(6_f64.sqrt() - 1.0) / 1.25);
    assert!((played.base("p95") - expected).abs() < 1e-9, "{} for {expected}", played.base("p95"));
}

#[test]
fn what_the_history_says_of_a_fact_is_what_was_recorded_of_it() {
    // Somebody scaled to three when that was recorded; four were asked for in the loop before.
    let played = Played::start(&format!("{METRICS}{DOUBLE}"), Loop::Closed, None)
        .then(&[("cpu", "60%"), ("replicas", "2")])
        .then(&[("cpu", "60%"), ("replicas", "2")]);
    assert_eq!(played.is("cpu"), "30%");
    let played = played.then(&[("cpu", "40%"), ("replicas", "3")]);
    assert_eq!(played.is("cpu"), "40%", "from here on the loop is as recorded again");
}

#[test]
fn a_response_reads_what_was_recorded_of_others_too() {
    let members = format!(
        "metric load: rate = scrape \"load\" responds load * 2
         metric cpu: ratio = scrape \"cpu\" responds cpu * (load / recorded(load))
         metric same: ratio = scrape \"same\" responds recorded(cpu) + recorded(same) - same
         {DOUBLE}"
    );
    let played = Played::closed(&members).then(&[("load", "10/s"), ("cpu", "20%"), ("same", "1%")]);
    assert_eq!((played.is("load").as_str(), played.is("cpu").as_str()), ("20/s", "40%"));
    assert_eq!(played.is("same"), "20%", "as recorded, not as in the loop");
    assert_eq!(played.was("same").as_deref(), Some("1%"));
}

#[test]
fn whole_things_stay_whole() {
    let members = format!("metric waiting: count = scrape \"w\" responds round(shared(replicas))\n{DOUBLE}");
    let played = Played::closed(&members).then(&[("waiting", "9")]).then(&[("waiting", "9")]);
    assert_eq!(played.is("waiting"), "5", "4.5 each");
}

#[test]
fn a_gap_stays_the_gap_that_it_is() {
    let played = Played::closed(&format!("{METRICS}{DOUBLE}")).then(&[("cpu", "80%"), ("p95", "100ms")]);
    let played = played.then(&[("cpu", "_"), ("p95", "100ms")]);
    assert_eq!(played.is("cpu"), "failed");
    assert_eq!(played.is("p95"), "missing", "nobody knows how busy the servers would be");
    let played = played.then(&[]);
    assert_eq!(played.is("cpu"), "failed", "what was not sampled is not modelled anew");
}

#[test]
fn a_metric_that_was_not_sampled_counts_until_it_is_stale() {
    let mut played = Played::closed(&format!("{METRICS}{DOUBLE}")).then(&[("cpu", "80%")]);
    for _ in 0..4 {
        played = played.then(&[("p95", "100ms")]);
        assert_ne!(played.is("p95"), "missing");
    }
    assert_eq!(played.then(&[("p95", "100ms")]).is("p95"), "missing", "`cpu` is 75 s old");
}

#[test]
fn what_nobody_knows_of_the_target_gives_no_number() {
    let unknown = Played::start(&format!("{METRICS}{DOUBLE}"), Loop::Closed, None);
    assert_eq!(unknown.then(&[("cpu", "80%")]).is("cpu"), "missing", "of how many replicas?");
    let none = format!("{METRICS} rule off {{ when replicas == 2 propose scale(to: 0) }} allow scale");
    let played = Played::closed(&none).then(&[("cpu", "80%"), ("p95", "1s")]).then(&[("cpu", "80%"), ("p95", "1s")]);
    assert_eq!(played.is("cpu"), "missing", "none of them has a share");
    assert_eq!(played.is("p95"), "missing", "nobody serves");
    // What none of them carried says nothing about what one would carry.
    let from_none = format!("{METRICS} rule on {{ when replicas == 0 propose scale(to: 1) }} allow scale");
    let played = Played::start(&from_none, Loop::Closed, Some(0)).then(&[("cpu", "0%")]).then(&[("cpu", "0%")]);
    assert_eq!(played.is("cpu"), "missing");
}

#[test]
fn servers_that_are_busy_all_the_time_count_as_nearly_that() {
    // Both are beyond what the formula knows: only the number of servers tells them apart.
    let played = Played::closed(&format!("{METRICS}{DOUBLE}")).then(&[("cpu", "500%"), ("p95", "2s")]);
    assert_eq!(played.is("p95"), "2s");
    let played = played.then(&[("cpu", "500%"), ("p95", "2s")]);
    assert_eq!(played.is("cpu"), "250%");
    let takes = |servers: f64| 1.0 + 0.99_f64.powf((2.0 * (servers + 1.0)).sqrt() - 1.0) / (servers * 0.01);
    let expected = 2_000.0 * takes(4.0) / takes(2.0);
    assert!((played.base("p95") - expected).abs() < 1e-6, "{} for {expected}", played.base("p95"));
}

#[test]
fn scaling_out_lowers_the_load_and_then_nothing_more_is_proposed() {
    const HOT: &str = "
      rule scale_out { when cpu > 80% for 30s and replicas < 10 propose scale(to: replicas + 1) }
      allow scale
      limit cooldown 1m after any";
    let play = |metrics: Loop| {
        let mut played = Played::start(&format!("{METRICS}{HOT}"), metrics, Some(2));
        for _ in 0..40 {
            played = played.then(&[("cpu", "90%")]);
        }
        played
    };
    // 90% of two is 60% of three.
    let closed = play(Loop::Closed);
    assert_eq!(closed.proposed(), [(30, "scale(to: 3)".to_owned())]);
    assert_eq!(closed.is("cpu"), "60%");
    // A recording does not cool down, whatever is done.
    let open: Vec<String> = play(Loop::Open).proposed().into_iter().map(|(_, call)| call).collect();
    assert_eq!(open.last().unwrap(), "scale(to: 10)");
}

/// Each rule that may scale to what the property says.
fn scaling(to: u32) -> String {
    format!("rule once {{ when replicas != {to} propose scale(to: {to}) }} allow scale")
}

fn percent(value: f64) -> String {
    Value::Quantity(Quantity::new(Unit::Ratio, value).unwrap()).to_string()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_is_shared_stays_the_same_in_all(cpu in 0.0..2_000.0_f64, from in 1..60_u32, to in 1..60_u32) {
        let sample = percent(cpu);
        let played = Played::start(&format!("{METRICS}{}", scaling(to)), Loop::Closed, Some(from));
        let played = played.then(&[("cpu", &sample)]).then(&[("cpu", &sample)]);
        let (before, after) = (cpu * f64::from(from), played.base("cpu") * f64::from(to));
        prop_assert!((before - after).abs() <= 1e-9 * before.max(1.0), "{before} became {after}");
    }

    #[test]
    fn where_nothing_was_done_everything_is_exactly_as_recorded(
        cpu in 0.0..2_000.0_f64,
        p95 in 0.0..1e7_f64,
        replicas in 1..1_000_u32,
    ) {
        let (cpu, p95) = (percent(cpu), Value::Quantity(Quantity::new(Unit::Duration, p95).unwrap()).to_string());
        let played = Played::start(&format!("{METRICS}{}", scaling(replicas)), Loop::Closed, Some(replicas));
        let played = played.then(&[("cpu", &cpu), ("p95", &p95)]).then(&[("cpu", &cpu), ("p95", &p95)]);
        prop_assert_eq!(Some(played.is("cpu")), played.was("cpu"));
        prop_assert_eq!(Some(played.is("p95")), played.was("p95"));
        let recorded = played.simulation.recorded(played.metric("p95"), played.last()).unwrap();
        prop_assert_eq!(played.base("p95").to_bits(), recorded.value().unwrap().quantity().unwrap().base().to_bits());
    }

    #[test]
    fn more_replicas_never_make_it_slower(cpu in 1.0..400.0_f64, from in 1..20_u32, more in 1..20_u32) {
        let sample = percent(cpu);
        let play = |to: u32| {
            let played = Played::start(&format!("{METRICS}{}", scaling(to)), Loop::Closed, Some(from));
            let samples = [("cpu", sample.as_str()), ("p95", "1s")];
            played.then(&samples).then(&samples).base("p95")
        };
        prop_assert!(play(from + more) <= 1_000.0 + 1e-9);
    }

    #[test]
    fn what_is_unknown_is_never_made_up(lost in prop::sample::subsequence(vec!["cpu", "p95", "load"], 1..=3)) {
        let members = format!(
            "{METRICS} metric load: rate = scrape \"load\"
             metric each: rate = scrape \"each\" responds each * (load / recorded(load)) * (p95 / recorded(p95))\n{DOUBLE}"
        );
        let full = [("cpu", "50%"), ("p95", "1s"), ("load", "9/s"), ("each", "3/s")];
        let broken = full.map(|(name, value)| (name, if lost.contains(&name) { "_" } else { value }));
        let played = Played::closed(&members).then(&full).then(&broken);
        prop_assert_eq!(played.is("each"), "missing");
        prop_assert_eq!(played.is("cpu") == "failed", lost.contains(&"cpu"));
        let slow = played.is("p95");
        prop_assert_eq!(slow == "failed" || slow == "missing", lost.contains(&"cpu") || lost.contains(&"p95"));
    }
}
