//! The blueprint that the demo runs, member by member.

use leeway_driver::compile_text;
use leeway_ir::{Expr, LimitKind, OnFailure, Piece, ReadingKind, Source, StageKind, Undo};

use crate::{RATE_LIMITER, policy};

#[test]
fn it_compiles_without_a_finding() {
    assert_eq!(compile_text("blueprints/rate_limiter.leeway", RATE_LIMITER).diagnostics, []);
}

#[test]
fn its_clauses_have_stable_ids_and_their_text() {
    let policy = policy(RATE_LIMITER);
    let clauses: Vec<(&str, &str)> = policy
        .clauses
        .iter()
        .map(|clause| (clause.id.as_ref(), clause.when.as_ref().map_or("", |when| when.written.as_ref())))
        .collect();
    assert_eq!(
        clauses,
        [
            ("rate_limiter/allow/set_quota/1", "to within 10% of current.quota and p99 < 100ms"),
            ("rate_limiter/allow/set_quota/2", "actor.kind == human and to in floor..ceiling"),
            (
                "rate_limiter/approve/set_quota/1",
                "actor.kind != human and not (to within 10% of current.quota and p99 < 100ms)"
            ),
            ("rate_limiter/forbid/set_quota/1", "to not in floor..ceiling"),
            ("rate_limiter/forbid/set_enabled/1", "on == false"),
            ("rate_limiter/forbid/drain/1", ""),
            ("rate_limiter/approve/restart_workers/1", ""),
        ]
    );
    let names = |at: usize| -> Vec<String> {
        let when = policy.clauses.get(at).unwrap().when.as_ref().unwrap();
        when.names.iter().map(|named| named.name.to_string()).collect()
    };
    assert_eq!(names(0), ["to", "current.quota", "p99"]);
    assert_eq!(names(1), ["actor.kind", "to", "floor", "ceiling"]);
}

#[test]
fn its_target_metrics_and_limits_are_what_is_declared() {
    let policy = policy(RATE_LIMITER);
    assert_eq!((policy.target.kind.as_ref(), policy.target.name.as_ref()), ("ratelimiter.tenant", "acme"));
    assert_eq!((policy.version.as_deref(), policy.owner.as_deref()), (Some("1.0.0"), Some("team-gateway")));

    let signatures: Vec<String> = policy.actions.iter().map(leeway_ir::Action::signature).collect();
    assert_eq!(
        signatures,
        ["drain()", "restart_workers()", "set_burst(to: count)", "set_enabled(on: bool)", "set_quota(to: rate)"]
    );
    let (id, set_quota) = policy.action_named("set_quota").unwrap();
    let Undo::Call(undo) = &set_quota.undo else { panic!("{:?}", set_quota.undo) };
    let quota = set_quota.effects.first().unwrap().fact;
    assert_eq!((undo.action, undo.arguments.as_slice()), (id, [Expr::Fact(quota)].as_slice()));
    assert_eq!(policy.fact(quota).unwrap().stale_ms, 5_000);

    let refused = policy.metrics.iter().find(|metric| metric.name.as_ref() == "refused").unwrap();
    assert_eq!((refused.every_ms, refused.stale_ms), (1_000, 3_000));
    let Source::Scrape { reading, .. } = &refused.source else { panic!("{:?}", refused.source) };
    assert_eq!(
        (reading.series.as_ref(), &reading.kind),
        ("ratelimiter_requests_total", &ReadingKind::Rate { window_ms: 5_000 })
    );
    let labels: Vec<(&str, &str)> =
        reading.labels.iter().map(|(name, value)| (name.as_ref(), value.as_ref())).collect();
    assert_eq!(labels, [("result", "refused"), ("tenant", "acme")]);

    let [cooldown, breaker] = policy.limits.as_slice() else { panic!("{:?}", policy.limits) };
    let LimitKind::Cooldown { duration_ms, actions } = &cooldown.kind else { panic!("{cooldown:?}") };
    assert_eq!((*duration_ms, actions.len(), &breaker.kind), (2_000, 5, &LimitKind::Breaker { failures: 3 }));
    assert_eq!(
        (cooldown.id.as_ref(), breaker.id.as_ref()),
        ("rate_limiter/limit/cooldown/1", "rate_limiter/limit/breaker/1")
    );

    let verification = policy.verification(id).unwrap();
    assert_eq!(verification.on_failure, OnFailure::Rollback);
    let stages: Vec<(StageKind, u64, &str)> = verification
        .stages
        .iter()
        .map(|stage| (stage.kind, stage.duration_ms, stage.condition.written.as_ref()))
        .collect();
    assert_eq!(stages, [(StageKind::Within, 5_000, "current.quota == to"), (StageKind::Hold, 5_000, "p99 <= 100ms")]);
}

#[test]
fn its_reasons_are_split_into_texts_and_values() {
    let policy = policy(RATE_LIMITER);
    let because = policy.rules.first().unwrap().because.as_ref().unwrap();
    let pieces: Vec<String> = because
        .pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => text.to_string(),
            Piece::Value(named) => format!("<{}>", named.name),
        })
        .collect();
    assert_eq!(pieces, ["<refused>", " are refused while p99 is ", "<p99>"]);
}
