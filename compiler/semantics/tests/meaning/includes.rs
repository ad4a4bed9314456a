//! Policies that are included: their parameters, what they need, and what their members are called.

use leeway_driver::{ModuleLoader, Request, compile};
use leeway_ir::{Expr, LimitKind, Policy};

use crate::{findings, policy};

const SHARED: &str = "
policy careful(failures: count = 3, least: rate, why: text = \"ops\") for ratelimiter.tenant {
  needs metric p99: duration
  version \"9.9.9\"
  owner   \"others\"
  let slow = p99 > 100ms
  metric errors: ratio = scrape \"errors\"
  rule calm { when slow and errors > 1% propose set_quota(to: least) }
  forbid set_quota(to) when to < least
  forbid set_burst(..) when slow as slow
  approve restart_workers by why
  limit breaker failures failures
  limit cooldown 1m after any
  slo served 99% over 30d {
    good  = scrape rate(\"good\", 1m)
    total = scrape rate(\"all\", 1m)
  }
  invariant quick: p99 < 1s because \"{p99}\"
  autonomy approve
}
policy both(least: rate = 5/s) for ratelimiter.tenant {
  needs metric latency: duration
  include careful(least: least, p99: latency) as strict
  forbid drain
}";

fn with(members: &str) -> String {
    format!(
        "use std.ratelimiter\n{SHARED}\nblueprint acme for ratelimiter.tenant(\"acme\") {{\n\
         metric p99: duration = scrape \"p99\"\nmetric other: duration = scrape \"other\"\nlet floor = 10/s\n\
         approve any\n{members}\n}}"
    )
}

fn ids(policy: &Policy) -> Vec<String> {
    policy.clauses.iter().map(|clause| clause.id.to_string()).collect()
}

#[test]
fn an_included_clause_has_the_policy_in_its_id() {
    let policy = policy(&with("include careful(least: floor)"));
    assert_eq!(
        ids(&policy),
        [
            "acme/approve/any/1",
            "acme/careful/forbid/set_quota/1",
            "acme/careful/forbid/slow",
            "acme/careful/approve/restart_workers/1",
        ]
    );
    let limits: Vec<&str> = policy.limits.iter().map(|limit| limit.id.as_ref()).collect();
    assert_eq!(limits, ["acme/careful/limit/breaker/1", "acme/careful/limit/cooldown/1"]);
    let ceilings: Vec<&str> = policy.ceilings.iter().map(|ceiling| ceiling.id.as_ref()).collect();
    assert_eq!(ceilings, ["acme/careful/autonomy"]);
    assert_eq!((policy.version.as_deref(), policy.owner.as_deref()), (None, None));
}

#[test]
fn what_an_included_policy_declares_has_its_name_before_it() {
    let policy = policy(&with("include careful(least: floor)"));
    let metrics: Vec<&str> = policy.metrics.iter().map(|metric| metric.name.as_ref()).collect();
    assert_eq!(metrics, ["careful.errors", "careful.served.good", "careful.served.total", "other", "p99"]);
    assert_eq!(policy.rules.first().unwrap().name.as_ref(), "careful.calm");
    assert_eq!(policy.invariants.first().unwrap().name.as_ref(), "careful.quick");
    let slo = policy.slos.first().unwrap();
    assert_eq!((slo.name.as_ref(), slo.good.0, slo.total.0), ("careful.served", 1, 2));
}

#[test]
fn arguments_are_constants_of_the_includer_and_defaults_stand_for_the_others() {
    let policy = policy(&with("include careful(least: floor, failures: 5)"));
    let forbid = policy.clauses.get(1).unwrap().when.as_ref().unwrap();
    let Expr::Compare(_, _, least) = &forbid.expr else { panic!("{forbid:?}") };
    assert_eq!(format!("{least:?}"), format!("{:?}", Expr::Constant("10/s".parse_quantity())));
    assert_eq!(forbid.written.as_ref(), "to < least");
    assert_eq!(policy.limits.first().unwrap().kind, LimitKind::Breaker { failures: 5 });
    let by: Vec<&str> = policy.clauses.last().unwrap().by.iter().map(AsRef::as_ref).collect();
    assert_eq!(by, ["ops"]);
}

trait ParseQuantity {
    fn parse_quantity(&self) -> leeway_units::Value;
}

impl ParseQuantity for str {
    fn parse_quantity(&self) -> leeway_units::Value {
        leeway_units::Value::Quantity(leeway_units::parse_literal(self).unwrap())
    }
}

#[test]
fn a_needed_metric_is_the_includers_by_name_or_as_it_says() {
    let read = |members: &str| {
        let policy = policy(&with(members));
        let when = policy.invariants.first().unwrap().condition.expr.inputs();
        let leeway_ir::Input::Metric(id) = when.first().unwrap() else { panic!("{when:?}") };
        policy.metric(*id).unwrap().name.to_string()
    };
    assert_eq!(read("include careful(least: 1/s)"), "p99");
    assert_eq!(read("include careful(least: 1/s, p99: other)"), "other");
    assert_eq!(read("include both(latency: other)"), "other");
}

#[test]
fn policies_include_policies() {
    let policy = policy(&with("include both(latency: p99, least: 7/s) as team"));
    assert_eq!(
        ids(&policy),
        [
            "acme/approve/any/1",
            "acme/team/forbid/drain/1",
            "acme/team/strict/forbid/set_quota/1",
            "acme/team/strict/forbid/slow",
            "acme/team/strict/approve/restart_workers/1",
        ]
    );
    assert_eq!(policy.rules.first().unwrap().name.as_ref(), "team.strict.calm");
}

#[test]
fn a_policy_for_any_target_means_all_actions_of_the_one_at_hand() {
    let policy = policy(
        "use std.ratelimiter
         policy slowly(most: count = 2) for any {
           forbid any when count(any, 1h) > most
           approve disruptive
         }
         blueprint acme for ratelimiter.tenant(\"acme\") { approve any include slowly() }",
    );
    let [_, forbid, approve] = policy.clauses.as_slice() else { panic!("{:?}", policy.clauses) };
    assert_eq!((forbid.actions.len(), approve.actions.len()), (5, 2));
    let Expr::Compare(count, ..) = &forbid.when.as_ref().unwrap().expr else { panic!() };
    assert!(matches!(count.as_ref(), Expr::Began { actions, .. } if actions.len() == 5));
}

#[test]
fn a_mistake_in_a_policy_is_told_once_and_one_that_an_include_makes_with_the_include() {
    let text = "use std.ratelimiter
         policy wrong(most: count) for ratelimiter.tenant {
           forbid set_burst(to) when to > moost
           limit breaker most failures
         }
         blueprint a for ratelimiter.tenant(\"a\") { approve any include wrong(most: 3) }
         blueprint b for ratelimiter.tenant(\"b\") { approve any include wrong(most: 0) }";
    assert_eq!(
        findings(text),
        [
            ("E0201".to_owned(), "moost".to_owned(), vec![]),
            ("E0501".to_owned(), "most".to_owned(), vec!["include wrong(most: 0)".to_owned()]),
        ]
    );
}

#[test]
fn a_parameter_without_a_default_is_checked_by_its_type_alone() {
    let text = "use std.ratelimiter
         policy right(most: count, by: text, at: duration) for ratelimiter.tenant {
           forbid set_burst(to) when to > most for at or to in most..5
           approve any by by
           limit at most most of any per at
         }
         policy wrong(most: count) for ratelimiter.tenant { limit cooldown most after any }";
    let text = text.replace(" for at or", " or");
    assert_eq!(findings(&text), [("E0302".to_owned(), "most".to_owned(), vec![])]);
}

/// Sources by path.
struct Sources;

impl ModuleLoader for Sources {
    fn load(&self, path: &str) -> Option<(String, String)> {
        let text = match path {
            "b/policies/ours.leeway" => "policy ours() for any { limit breaker 3 failures }",
            "b/policies/baseline.leeway" => "policy irreversible() for any { allow any }",
            _ => return None,
        };
        Some((path.to_owned(), text.to_owned()))
    }
}

#[test]
fn embedded_policies_are_never_replaced_and_a_workspace_has_its_own_beside_them() {
    let text = "use std.ratelimiter\nuse policies.baseline\nuse policies.ours as own\n\
                blueprint acme for ratelimiter.tenant(\"acme\") { approve any include baseline.reversible_only() include own.ours() }";
    let compilation = compile(&Request { roots: vec![("b/acme.leeway".into(), text.into())], loader: &Sources });
    assert_eq!(compilation.diagnostics, []);
    let paths: Vec<&str> = compilation.sources.files().map(|(_, file)| file.path.as_ref()).take(4).collect();
    assert_eq!(
        paths,
        ["b/acme.leeway", "<std>/ratelimiter.leeway", "<policies>/baseline.leeway", "b/policies/ours.leeway"]
    );
    let limits: Vec<&str> =
        compilation.policies.first().unwrap().limits.iter().map(|limit| limit.id.as_ref()).collect();
    assert_eq!(limits, ["acme/own.ours/limit/breaker/1"]);
}
