//! Tests of blueprints and of policies, compiled.

use leeway_driver::{Compilation, compile_text};
use leeway_ir::{ClauseKind, Comparison, ExpectedKind, Expr, RuleId, Scenario};
use leeway_units::Value;

fn compiled(text: &str) -> Compilation {
    let compilation = compile_text("blueprints/test.leeway", text);
    assert!(!compilation.diagnostics.iter().any(|one| one.is_error()), "{:#?}", compilation.diagnostics);
    compilation
}

fn scenario(test: &str) -> (leeway_ir::Policy, Scenario) {
    let text = format!(
        "use std.kubernetes
         policy calm() for kubernetes.deployment {{
           metric cpu: ratio = prometheus `avg(rate(container_cpu_usage_seconds_total[1m]))`
           rule shrink {{ when cpu < 10% propose scale(to: replicas - 1) }}
         }}
         blueprint web for kubernetes.deployment(\"shop/web\") {{
           let two = 2
           let held = 3m
           include calm()
           approve scale
           limit breaker 3 failures
           slo served 99.9% over 30d {{ good = scrape rate(\"good\", 1m) total = scrape rate(\"all\", 1m) }}
           test \"this\" {{ {test} }}
         }}"
    );
    let mut suites = compiled(&text).suites;
    let suite = suites.pop().unwrap();
    (suite.policy, suite.scenarios.into_iter().next().unwrap())
}

#[test]
fn what_is_given_becomes_slots_and_values() {
    let (policy, scenario) = scenario(
        "given replicas = two, ready = 5 for held, strategy = recreate, calm.cpu = 85% for 3m, served.good = 10/s,
           pods = [{ name: \"a\", restarts: 4, crashed: true }], paused missing
         propose scale(to: replicas + 1)
         expect approve",
    );
    let fact = |name: &str| {
        let id = policy.fact_named(name).unwrap();
        scenario.facts.iter().find(|given| given.fact == id).map(|given| (given.value.to_string(), given.held_ms))
    };
    assert_eq!(fact("replicas"), Some(("2".to_owned(), None)));
    assert_eq!(fact("ready"), Some(("5".to_owned(), Some(180_000))));
    assert_eq!(fact("strategy"), Some(("recreate".to_owned(), None)));
    assert_eq!(fact("pods"), Some(("[{ crashed: true, name: \"a\", restarts: 4 }]".to_owned(), None)));
    assert_eq!(fact("paused"), None);
    let metrics: Vec<(String, String, Option<u64>)> = scenario
        .metrics
        .iter()
        .map(|given| (policy.metric(given.metric).unwrap().name.to_string(), given.value.to_string(), given.held_ms))
        .collect();
    let expected = [("calm.cpu", "85%", Some(180_000)), ("served.good", "10/s", None)];
    assert_eq!(metrics, expected.map(|(name, value, held)| (name.to_owned(), value.to_owned(), held)));
    let propose = scenario.propose.unwrap();
    assert!(matches!(propose.arguments.as_slice(), [Expr::Arithmetic(..)]));
    // Nothing else is the case.
    assert_eq!(scenario.at.to_string(), "2026-01-07T12:00:00Z");
    assert_eq!(scenario.history.as_deref(), Some([].as_slice()));
    assert!(scenario.actor.is_none() && scenario.claims.is_empty() && scenario.owner.is_none());
    assert!(!scenario.breaker_open && !scenario.held && !scenario.killed);
}

#[test]
fn what_was_before_who_asks_and_what_is_wrong_today() {
    let (policy, scenario) = scenario(
        "given scale(to: 4) succeeded 5m ago, restart failed 2h ago, actor agent \"atlas\" roles [\"b\", \"a\"],
           at \"2026-03-02T03:04:05+02:00\", claim calm.cpu > 80% for 2m, claim calm.cpu <= 95%,
           breaker open, target held, target killed, owner \"hpa\"
         propose restart()
         expect forbid",
    );
    let history = scenario.history.unwrap();
    let [scaled, restarted] = history.as_slice() else { panic!("{history:?}") };
    let four = vec![Value::Quantity(leeway_units::Quantity::count(4))];
    assert_eq!((scaled.action, &scaled.arguments), (policy.action_named("scale").unwrap().0, &Some(four)));
    assert_eq!((scaled.succeeded, scaled.ago_ms), (true, 300_000));
    assert_eq!((restarted.succeeded, restarted.ago_ms, &restarted.arguments), (false, 7_200_000, &None));
    let actor = scenario.actor.unwrap();
    assert_eq!((actor.id.as_ref(), actor.roles.len()), ("agent:atlas", 2));
    assert_eq!(scenario.at.to_string(), "2026-03-02T01:04:05Z");
    let claims: Vec<(Comparison, String, Option<u64>)> =
        scenario.claims.iter().map(|claim| (claim.comparison, claim.value.to_string(), claim.window_ms)).collect();
    let second = (Comparison::LessOrEqual, "95%".to_owned(), None);
    assert_eq!(claims, [(Comparison::Greater, "80%".to_owned(), Some(120_000)), second]);
    assert!(scenario.breaker_open && scenario.held && scenario.killed);
    assert_eq!(scenario.owner.as_deref(), Some("hpa"));
}

#[test]
fn expectations_name_voices_and_rules() {
    let (policy, scenario) = scenario(
        "given replicas = 3, history missing
         expect rule calm.shrink proposes scale(to: 2)
         expect approve by \"web/approve/scale/1\"
         expect forbid by \"default\"
         expect forbid by \"web/limit/breaker/1\"
         expect rule calm.shrink silent",
    );
    assert_eq!((policy.rules.first().unwrap().name.as_ref(), scenario.history), ("calm.shrink", None));
    let written: Vec<&str> = scenario.expect.iter().map(|expected| expected.written.as_ref()).collect();
    assert_eq!(written.first(), Some(&"expect rule calm.shrink proposes scale(to: 2)"));
    assert_eq!(written.get(1), Some(&"expect approve by \"web/approve/scale/1\""));
    let kinds: Vec<&ExpectedKind> = scenario.expect.iter().map(|expected| &expected.kind).collect();
    let [proposes, tier, .., silent] = kinds.as_slice() else { panic!("{kinds:?}") };
    assert!(matches!(proposes, ExpectedKind::Proposes { rule: RuleId(0), .. }));
    assert!(
        matches!(tier, ExpectedKind::Tier { tier: ClauseKind::Approve, by: Some(by) } if by.as_ref() == "web/approve/scale/1")
    );
    assert_eq!(**silent, ExpectedKind::Silent { rule: RuleId(0) });
    assert_eq!(scenario.expect.first().unwrap().origin.line, 14);
}

#[test]
fn blueprints_and_policies_with_tests_are_suites() {
    let text = "use std.ratelimiter
        policy capped(most: count = 10) for ratelimiter.tenant {
          needs metric p99: duration
          forbid  set_burst(to) when to > most or p99 > 1s
          approve any
          test \"one\" { given p99 = 2s propose set_burst(to: 3) expect forbid by \"capped/forbid/set_burst/1\" }
          test \"two\" { given p99 = 20ms propose set_burst(to: 3) expect approve }
        }
        policy untested() for ratelimiter.tenant { approve any }
        blueprint quiet for ratelimiter.tenant(\"a\") { approve any }
        blueprint acme for ratelimiter.tenant(\"acme\") {
          metric p99: duration = scrape \"p99\"
          approve any
          include capped(most: 3)
          test \"three\" { given p99 = 20ms propose set_burst(to: 4) expect forbid by \"acme/capped/forbid/set_burst/1\" }
        }";
    let compilation = compiled(text);
    assert_eq!(compilation.policies.len(), 2);
    let suites: Vec<(&str, &str, &str, usize)> = compilation
        .suites
        .iter()
        .map(|suite| {
            let target = &suite.policy.target;
            (suite.policy.blueprint.as_ref(), target.kind.as_ref(), target.name.as_ref(), suite.scenarios.len())
        })
        .collect();
    assert_eq!(suites, [("acme", "ratelimiter.tenant", "acme", 1), ("capped", "ratelimiter.tenant", "capped", 2)]);
}
