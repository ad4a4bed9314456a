//! A blueprint's own tests: what is given, what is expected, and what is said when something else comes.

use leeway_engine::{Compiled, Played, Truth, play};
use leeway_ir::{
    CallExpr, Claim, ClauseKind, Comparison, Expected, ExpectedKind, Expr, GivenActor, GivenFact, GivenMetric,
    GivenOperation, Policy, RuleId, Scenario,
};
use leeway_units::{Quantity, Value};

use crate::parts::{origin, q};
use crate::world::{World, now};

const MEMBERS: &str = r#"
  rule scale_out { when cpu > 80% for 2m and replicas < 5 propose scale(to: replicas + 1) }
  rule restore { when cpu > 80% propose scale(to: ready) }
  allow scale(to) when to in 2..5 else approve
  forbid scale(to) when to == 0 as zero
  allow restart when ready < 2"#;

fn count(text: &str) -> Expr {
    Expr::Constant(Value::Quantity(q(text)))
}

/// A test over these members, in which nothing is known yet.
struct Test {
    policy: Policy,
    scenario: Scenario,
}

impl Test {
    fn new() -> Test {
        Test::with("")
    }

    /// A test over these members and more.
    fn with(members: &str) -> Test {
        let policy = World::new(&format!("{MEMBERS}\n{members}")).policy.as_ref().clone();
        let scenario = Scenario {
            name: "a test".into(),
            at: now(),
            facts: vec![],
            metrics: vec![],
            series: vec![],
            history: Some(vec![]),
            actor: None,
            claims: vec![],
            breaker_open: false,
            held: false,
            killed: false,
            owner: None,
            propose: None,
            expect: vec![],
            origin: origin(),
        };
        Test { policy, scenario }
    }

    fn fact(mut self, name: &str, count: u32, held_ms: Option<u64>) -> Test {
        let fact = self.policy.fact_named(name).unwrap();
        self.scenario.facts.push(GivenFact { fact, value: Value::Quantity(Quantity::count(count)), held_ms });
        self
    }

    fn cpu(mut self, value: &str, held_ms: Option<u64>) -> Test {
        self.scenario.metrics.push(GivenMetric { metric: leeway_ir::MetricId(0), value: q(value), held_ms });
        self
    }

    fn given(mut self, action: &str, succeeded: bool, seconds_ago: u64) -> Test {
        let (action, _) = self.policy.action_named(action).unwrap();
        let given = GivenOperation { action, arguments: None, succeeded, ago_ms: seconds_ago * 1_000 };
        self.scenario.history.as_mut().unwrap().push(given);
        self
    }

    fn call(&self, action: &str, arguments: Vec<Expr>) -> CallExpr {
        CallExpr { action: self.policy.action_named(action).unwrap().0, arguments }
    }

    fn propose(mut self, to: &str) -> Test {
        self.scenario.propose = Some(self.call("scale", vec![count(to)]));
        self
    }

    fn expect(mut self, kind: ExpectedKind) -> Test {
        self.scenario.expect.push(Expected { when: None, kind, written: "as written".into(), origin: origin() });
        self
    }

    fn tier(self, tier: ClauseKind) -> Test {
        self.expect(ExpectedKind::Tier { tier, by: None })
    }

    fn tier_by(self, tier: ClauseKind, by: &str) -> Test {
        self.expect(ExpectedKind::Tier { tier, by: Some(by.into()) })
    }

    fn proposes(self, rule: u16, to: &str) -> Test {
        let call = self.call("scale", vec![count(to)]);
        self.expect(ExpectedKind::Proposes { rule: RuleId(rule), call })
    }

    fn silent(self, rule: u16) -> Test {
        self.expect(ExpectedKind::Silent { rule: RuleId(rule) })
    }

    fn play(&self) -> Played {
        play(&Compiled::new(std::sync::Arc::new(self.policy.clone())), &self.scenario)
    }

    fn passes(&self) -> bool {
        self.play().outcomes.iter().all(|outcome| outcome.met)
    }

    /// What came of the only expectation, which was not met.
    fn came(&self) -> String {
        let outcomes = self.play().outcomes;
        assert!(!outcomes[0].met);
        outcomes[0].came.clone()
    }
}

#[test]
fn an_expected_tier_judges_what_the_test_proposes() {
    assert!(Test::new().propose("3").tier(ClauseKind::Allow).passes());
    assert!(Test::new().propose("6").tier(ClauseKind::Approve).passes());
    assert!(Test::new().propose("6").tier_by(ClauseKind::Approve, "shop/approve/scale/1").passes());
    assert!(Test::new().propose("0").tier_by(ClauseKind::Forbid, "shop/forbid/zero").passes());
    assert_eq!(Test::new().propose("6").tier(ClauseKind::Allow).came(), "approve");
    let silent = Test::new().propose("0").tier_by(ClauseKind::Forbid, "shop/approve/scale/1");
    assert_eq!(silent.came(), "forbid, and the voice expected was silent", "it spoke, but to approve");
    let outcome = silent.play().outcomes.remove(0);
    assert_eq!(outcome.expected, "as written");
    assert_eq!(outcome.verdict.unwrap().voices[0].by.as_ref(), "shop/forbid/zero");
    assert_eq!(Test::new().tier(ClauseKind::Allow).came(), "nothing was proposed");
}

#[test]
fn an_expected_rule_proposes_exactly_that_and_is_judged_next() {
    let hot = || Test::new().fact("replicas", 2, None).cpu("85%", Some(180_000));
    assert!(hot().proposes(0, "3").tier(ClauseKind::Allow).passes());
    assert_eq!(hot().proposes(0, "4").came(), "scale(to: 3)");
    assert_eq!(hot().silent(0).came(), "scale(to: 3)");
    assert_eq!(hot().proposes(1, "3").came(), "nothing, its arguments are unknown");
    assert!(hot().silent(1).passes());
    let judged = hot().proposes(0, "3").tier(ClauseKind::Allow).play().outcomes.remove(1).verdict.unwrap();
    assert_eq!(judged.actor.as_ref(), "rule:scale_out", "a rule proposes in its own name");

    let short = Test::new().fact("replicas", 2, None).cpu("85%", Some(60_000));
    assert_eq!(short.proposes(0, "3").came(), "nothing, its condition is unknown");
    let cool = Test::new().fact("replicas", 2, None).cpu("20%", Some(180_000));
    assert_eq!(cool.proposes(0, "3").came(), "nothing, its condition is false");
    let nothing = Test::new().silent(0).tier(ClauseKind::Allow);
    assert!(!nothing.passes(), "a silent rule leaves nothing to judge");
}

#[test]
fn who_proposes_is_a_person_unless_the_test_says() {
    let mut agent = Test::new().propose("3").tier(ClauseKind::Allow);
    agent.scenario.actor = Some(GivenActor { id: "agent:atlas".into(), roles: vec!["r".into()] });
    assert_eq!(agent.play().outcomes[0].verdict.as_ref().unwrap().actor.as_ref(), "agent:atlas");
    let person = Test::new().propose("3").tier(ClauseKind::Allow);
    assert_eq!(person.play().outcomes[0].verdict.as_ref().unwrap().actor.as_ref(), "human:test");
}

#[test]
fn what_stands_in_the_way_is_as_given() {
    let plain = || Test::new().propose("3");
    let mut killed = plain().tier_by(ClauseKind::Forbid, "kill");
    killed.scenario.killed = true;
    assert!(killed.passes());
    let mut held = plain().tier_by(ClauseKind::Approve, "held");
    held.scenario.held = true;
    assert!(held.passes());
    let mut owned = plain().tier_by(ClauseKind::Approve, "owner");
    owned.scenario.owner = Some("hpa".into());
    assert!(owned.passes());
    let mut claimed = plain().tier_by(ClauseKind::Approve, "claim/1");
    let metric = leeway_ir::MetricId(0);
    let comparison = Comparison::Greater;
    claimed.scenario.claims = vec![Claim { metric, comparison, value: q("80%"), window_ms: None }];
    assert!(claimed.passes());
}

#[test]
fn failures_in_a_row_open_the_breaker() {
    let plain = || Test::with("limit breaker 2 failures").propose("3");
    assert!(plain().given("scale", false, 30).tier(ClauseKind::Allow).passes());
    let twice = plain().given("scale", false, 30).given("restart", false, 90);
    assert!(twice.tier_by(ClauseKind::Forbid, "shop/limit/breaker/1").passes());
    let between = plain().given("scale", false, 30).given("restart", true, 60).given("restart", false, 90);
    assert!(between.tier(ClauseKind::Allow).passes(), "a success between them counts anew");
    let since = plain().given("scale", true, 10).given("scale", false, 30).given("restart", false, 90);
    assert!(since.tier(ClauseKind::Forbid).passes(), "nobody closed it since");
}

#[test]
fn a_fact_held_for_some_time_reaches_back() {
    let drift = |held_ms| {
        let test = Test::with("limit drift replicas 2 per 1h");
        test.fact("replicas", 3, held_ms).given("scale", true, 600).propose("5")
    };
    assert!(drift(Some(3_600_000)).tier(ClauseKind::Allow).passes());
    assert!(drift(None).tier_by(ClauseKind::Approve, "shop/limit/drift/1").passes(), "who knows what it was");
}

#[test]
fn coverage_is_what_clauses_said_of_what_was_proposed() {
    let seen = |truths: &[Truth]| truths.iter().copied().collect();
    let played = Test::new().propose("3").tier(ClauseKind::Allow).play();
    let none = seen(&[]);
    assert_eq!(played.coverage, [seen(&[Truth::True]), seen(&[Truth::False]), seen(&[Truth::False]), none]);
    let mut restart = Test::new().tier(ClauseKind::Forbid);
    restart.scenario.propose = Some(restart.call("restart", vec![]));
    assert!(restart.passes());
    assert_eq!(restart.play().coverage[3], seen(&[Truth::Unknown]));
    assert!(restart.play().coverage[0].is_empty());
}
