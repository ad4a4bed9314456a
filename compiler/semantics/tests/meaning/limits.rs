//! Limits, approval blocks and what else is said of a blueprint as a whole.

use leeway_ir::{Autonomy, LimitKind, MetricId, WeekSpan};
use leeway_units::{Quantity, Unit};

use crate::tenant;

#[test]
fn every_limit_is_lowered_with_its_amounts() {
    let policy = tenant(
        "let few = 3
         let hour = 1h
         let berlin = \"Europe/Berlin\"
         metric spent: spend = scrape \"spent\"
         approve any
         limit cooldown hour * 2 / 2 after any
         limit breaker few failures
         limit at most few of disruptive per 10m
         limit pace 2 of set_quota, set_burst per 1m per actor
         limit drift quota 10/s per hour
         limit budget spent of $450/month at 80%
         limit freeze \"Fri 16:00\"..\"Mon 08:00\" in berlin except drain
         limit freeze \"Sat 00:00\"..\"Sun 24:00\" in \"UTC\""
            .replace("hour * 2 / 2", "hour")
            .as_str(),
    );
    let ids: Vec<&str> = policy.limits.iter().map(|limit| limit.id.as_ref()).collect();
    assert_eq!(
        ids,
        [
            "acme/limit/cooldown/1",
            "acme/limit/breaker/1",
            "acme/limit/at_most/1",
            "acme/limit/pace/1",
            "acme/limit/drift/1",
            "acme/limit/budget/1",
            "acme/limit/freeze/1",
            "acme/limit/freeze/2",
        ]
    );
    let action = |name: &str| policy.action_named(name).unwrap().0;
    let kinds: Vec<&LimitKind> = policy.limits.iter().map(|limit| &limit.kind).collect();
    let [cooldown, breaker, at_most, pace, drift, budget, freeze, weekend] = kinds.as_slice() else {
        panic!("{kinds:?}")
    };
    assert!(
        matches!(cooldown, LimitKind::Cooldown { duration_ms: 3_600_000, actions } if actions.len() == 5),
        "{cooldown:?}"
    );
    assert_eq!(**breaker, LimitKind::Breaker { failures: 3 });
    let disruptive = vec![action("drain"), action("restart_workers")];
    assert_eq!(**at_most, LimitKind::AtMost { count: 3, actions: disruptive, window_ms: 600_000 });
    let settings = vec![action("set_burst"), action("set_quota")];
    assert_eq!(**pace, LimitKind::Pace { count: 2, actions: settings, window_ms: 60_000 });
    let by = leeway_units::parse_literal("10/s").unwrap();
    let fact = policy.fact_named("quota").unwrap();
    assert_eq!(**drift, LimitKind::Drift { fact, by, window_ms: 3_600_000 });
    let most = leeway_units::parse_literal("$360/month").unwrap();
    assert_eq!(most.unit(), Unit::Spend);
    assert_eq!(**budget, LimitKind::Budget { metric: MetricId(0), most });
    let LimitKind::Freeze { weekly, except } = freeze else { panic!("{freeze:?}") };
    assert_eq!((weekly.zone.name(), except.as_slice()), ("Europe/Berlin", [action("drain")].as_slice()));
    assert_eq!(weekly.spans, [WeekSpan { from: 4 * 1_440 + 960, until: 480 }]);
    let LimitKind::Freeze { weekly, .. } = weekend else { panic!("{weekend:?}") };
    assert_eq!(weekly.spans, [WeekSpan { from: 5 * 1_440, until: 0 }]);
    let written = policy.limits.get(2).unwrap().written.as_ref();
    assert_eq!(written, "at most few of disruptive per 10m");
}

#[test]
fn who_agrees_how_far_and_for_how_long() {
    let policy = tenant(
        "let team = \"sre-oncall\"
         let due = 20m
         approve any by team, \"leads\"
         approval { by team quorum 2 timeout 30m escalate \"leads\" after due notify \"slack:#x\" }
         autonomy suggest
         audit { retention 400d }
         label \"origin\" = \"here\"
         label \"cost-center\" = \"12\"",
    );
    let block = policy.approvals.first().unwrap();
    let texts = |all: &[std::sync::Arc<str>]| all.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(
        (texts(&block.by), block.quorum, block.timeout_ms),
        (vec!["sre-oncall".into()], Some(2), Some(1_800_000))
    );
    let escalation = block.escalation.as_ref().unwrap();
    assert_eq!((escalation.group.as_ref(), escalation.after_ms), ("leads", 1_200_000));
    assert_eq!(texts(&block.notify), ["slack:#x"]);
    assert_eq!(texts(&policy.clauses.first().unwrap().by), ["sre-oncall", "leads"]);
    let ceiling = policy.ceilings.first().unwrap();
    assert_eq!((ceiling.id.as_ref(), ceiling.level), ("acme/autonomy", Autonomy::Suggest));
    assert_eq!(policy.audit_retention_ms, Some(400 * 86_400_000));
    let labels: Vec<(&str, &str)> = policy.labels.iter().map(|(key, value)| (key.as_ref(), value.as_ref())).collect();
    assert_eq!(labels, [("cost-center", "12"), ("origin", "here")]);
}

#[test]
fn amounts_of_metrics_and_stages_are_constants_too() {
    let policy = tenant(
        "let often = 5s
         let window = 1m
         metric p99: duration = scrape quantile(0.99, \"d\", window) every often stale window untrusted
         metric depth: count = http_json \"/stats\" at \"/depth\"
         metric fixed: count = constant 7
         approve any
         verify set_burst { within often p99 < 1s } else rollback",
    );
    let [depth, fixed, p99] = policy.metrics.as_slice() else { panic!("{:?}", policy.metrics) };
    assert_eq!((p99.every_ms, p99.stale_ms, p99.untrusted), (5_000, 60_000, true));
    assert!(
        matches!(&p99.source, leeway_ir::Source::Scrape { reading, .. }
            if reading.kind == leeway_ir::ReadingKind::Quantile { q: 0.99, window_ms: 60_000 }),
        "{p99:?}"
    );
    assert_eq!(depth.source, leeway_ir::Source::HttpJson { path: "/stats".into(), pointer: "/depth".into() });
    assert_eq!(fixed.source, leeway_ir::Source::Constant(Quantity::count(7)));
    let stage = policy.verifications.first().unwrap().stages.first().unwrap();
    assert_eq!(stage.duration_ms, 5_000);
}
