//! The theorems of section 6 over the whole language: policies and evidence put together at random from pieces of every kind.

use std::sync::{Arc, OnceLock};

use leeway_engine::{Gap, History, PastOperation, Principal, Proposal, Sample, Series, Tier, evaluate};
use leeway_ir::{Autonomy, Ceiling, Claim, Clause, ClauseKind, Comparison, Limit, MetricId};
use leeway_units::{Call, Value};
use proptest::prelude::*;

use crate::parts::{origin, pod, q, rich};
use crate::world::{World, ago, now};

/// One condition of each kind that reads evidence, the history or the proposal.
const CONDITIONS: [&str; 21] = [
    "any pod in pods: pod.crashed",
    "not (any pod in pods: pod.crashed)",
    "all pod in pods: pod.restarts < 3",
    "(count pod in pods: pod.crashed) >= 1",
    "(sum pod in pods: pod.restarts) < 4",
    "(max pod in pods: pod.restarts) < 3",
    "count(scale, 2m) < 2",
    "since(scale) > 60s",
    "change(replicas, 1m) <= 1",
    "proposal.claims >= 1",
    "proposal.claims < 1",
    "budget(availability) > 0%",
    "forecast(cpu, 10s) < 90%",
    "quantile(0.5, cpu, 30s) < 60%",
    "image matches \"^shop/\"",
    "during(\"Mon-Thu 00:00-12:00\", \"UTC\")",
    "cpu > 80% or (any pod in pods: pod.crashed)",
    "cpu > 80% and not (any pod in pods: pod.crashed)",
    "cpu > 80% for 20s",
    "to < 4",
    "strategy == recreate or to > 2",
];

/// The place of `to < 4`.
const TO_IS_SMALL: usize = 19;

const LIMITS: [&str; 6] = [
    "limit cooldown 1m after scale",
    "limit at most 2 of scale per 2m",
    "limit pace 1 of scale per 2m per actor",
    "limit drift replicas 2 per 2m",
    "limit budget forecast of $2191.5/month at 100%",
    "limit freeze \"Wed 02:00\"..\"Wed 18:40\" in \"UTC\"",
];

/// Every condition and every limit, compiled once: a case takes copies of some.
fn base() -> &'static World {
    static BASE: OnceLock<World> = OnceLock::new();
    BASE.get_or_init(|| {
        let clause = |condition: &&str| {
            let reads = if condition.starts_with("to ") || condition.contains(" to ") { "to" } else { ".." };
            format!("approve scale({reads}) when {condition}")
        };
        let clauses: Vec<String> = CONDITIONS.iter().map(clause).collect();
        rich(&format!("{}\n{}", clauses.join("\n"), LIMITS.join("\n")))
            .edit(|policy| (policy.slos[0].window_ms, policy.slos[0].min_events) = (60_000, 0.0))
    })
}

#[derive(Clone, Debug)]
pub(crate) struct Case {
    clauses: Vec<(ClauseKind, usize)>,
    limits: Vec<usize>,
    levels: Vec<Autonomy>,
    pods: Option<Vec<(Option<bool>, Option<u32>)>>,
    cpu: Vec<Option<u32>>,
    rates: Option<(u32, u32)>,
    replicas: Option<u32>,
    forecast: Option<u32>,
    image: bool,
    /// Seconds ago (a restart, if a multiple of three), by whom, and the replicas before.
    operations: Vec<(i64, Option<bool>, Option<u32>)>,
    claims: Vec<(u16, u32)>,
    human: bool,
    to: u32,
}

pub(crate) fn kind() -> impl Strategy<Value = ClauseKind> {
    prop::sample::select(vec![ClauseKind::Allow, ClauseKind::Allow, ClauseKind::Approve, ClauseKind::Forbid])
}

prop_compose! {
    fn policy()(
        clauses in prop::collection::vec((kind(), 0usize..CONDITIONS.len()), 1..6),
        limits in prop::collection::vec(0usize..LIMITS.len(), 0..3),
        levels in prop::collection::vec(prop::sample::select(LEVELS.to_vec()), 0..2),
    ) -> (Vec<(ClauseKind, usize)>, Vec<usize>, Vec<Autonomy>) {
        (clauses, limits, levels)
    }
}

const LEVELS: [Autonomy; 4] = [Autonomy::Observe, Autonomy::Suggest, Autonomy::Approve, Autonomy::Act];

prop_compose! {
    pub(crate) fn case()(
        (clauses, limits, levels) in policy(),
        pods in prop::option::weighted(0.9, prop::collection::vec(
            (prop::option::weighted(0.9, any::<bool>()), prop::option::weighted(0.9, 0u32..5)), 0..4)),
        cpu in prop::collection::vec(prop::option::weighted(0.95, 0u32..120), 5),
        rates in prop::option::weighted(0.9, (0u32..3, 0u32..3)),
        (replicas, forecast) in (prop::option::weighted(0.9, 0u32..8), prop::option::weighted(0.9, 0u32..6)),
        image in any::<bool>(),
        operations in prop::collection::vec(
            (0i64..200, prop::option::of(any::<bool>()), prop::option::weighted(0.8, 0u32..8)), 0..4),
        claims in prop::collection::vec((0u16..2, 0u32..100), 0..3),
        (human, to) in (any::<bool>(), 0u32..8),
    ) -> Case {
        Case { clauses, limits, levels, pods, cpu, rates, replicas, forecast, image, operations, claims, human, to }
    }
}

fn clause((kind, condition): (ClauseKind, usize)) -> Clause {
    Clause { kind, ..base().policy.clauses[condition].clone() }
}

fn limit(limit: usize) -> Limit {
    base().policy.limits[limit].clone()
}

fn ceiling(level: Autonomy) -> Ceiling {
    Ceiling { id: "shop/autonomy".into(), named: false, level, origin: origin() }
}

pub(crate) fn build(case: &Case) -> (World, Proposal) {
    let mut world = base().clone();
    let policy = Arc::make_mut(&mut world.policy);
    policy.clauses = case.clauses.iter().map(|of| clause(*of)).collect();
    policy.limits = case.limits.iter().map(|of| limit(*of)).collect();
    policy.ceilings = case.levels.iter().map(|level| ceiling(*level)).collect();
    if let Some(pods) = &case.pods {
        world = world.pods(pods.iter().map(|(crashed, restarts)| pod(*crashed, *restarts)).collect());
    }
    for (step, cpu) in case.cpu.iter().enumerate() {
        let text = cpu.map_or_else(|| "-".to_owned(), |cpu| format!("{cpu}%"));
        world = world.at(ago(40 - 10 * i64::try_from(step).unwrap()), "cpu", &text);
    }
    if let Some((good, total)) = case.rates {
        for seconds in [60, 30, 0] {
            world = world.at(ago(seconds), "availability.good", &format!("{good}/s"));
            world = world.at(ago(seconds), "availability.total", &format!("{total}/s"));
        }
    }
    if let Some(replicas) = case.replicas {
        world = world.with("replicas", &replicas.to_string());
    }
    if let Some(forecast) = case.forecast {
        world = world.with("forecast", &format!("${forecast}/h"));
    }
    if case.image {
        world = world.with("image", "shop/web").with("strategy", "recreate");
    }
    for (seconds, by, before) in &case.operations {
        let actor = |human: bool| if human { "human:ada".into() } else { "agent:atlas".into() };
        let before =
            before.map(|before| vec![("replicas".into(), Value::Quantity(leeway_units::Quantity::count(before)))]);
        world.history.begin(PastOperation {
            operation: None,
            action: world.action(if seconds % 3 == 0 { "restart" } else { "scale" }),
            actors: by.map(actor).into_iter().collect(),
            began: ago(*seconds),
            before,
            ended: None,
        });
    }
    // A claim about what is no ratio can never be confirmed.
    let claimed = [world.metric("cpu"), world.metric("forecast")];
    let claims = case.claims.iter().map(|(metric, percent)| Claim {
        metric: claimed[usize::from(*metric)],
        comparison: Comparison::Greater,
        value: q(&format!("{percent}%")),
        window_ms: (percent % 2 == 0).then_some(20_000),
    });
    let actor = Principal::parse(if case.human { "human:ada" } else { "agent:atlas" }).unwrap();
    let call = Call::parse(&format!("scale(to: {})", case.to)).unwrap();
    let proposal = Proposal { claims: claims.collect(), ..Proposal::new(actor, call, None) };
    (world, proposal)
}

fn tier(world: &World, proposal: &Proposal) -> Tier {
    evaluate(&world.policy, &world.snapshot, &world.history, proposal).tier()
}

/// The same series with every sample unknown.
fn blinded(series: &Series) -> Series {
    let mut blind = Series::new(u64::try_from(series.stale_ms()).unwrap());
    for (at, _) in series.between(ago(1_000), now()) {
        blind.push(Sample { at, value: Err(Gap::Failed) });
    }
    blind
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn adding_a_forbid_never_loosens(case in case(), condition in 0usize..CONDITIONS.len()) {
        let (world, proposal) = build(&case);
        let mut more = world.clone();
        let added = clause((ClauseKind::Forbid, condition));
        Arc::make_mut(&mut more.policy).clauses.push(added);
        prop_assert!(tier(&more, &proposal) >= tier(&world, &proposal));
    }

    #[test]
    fn adding_an_approve_never_allows_and_loosens_only_a_default(case in case(), condition in 0usize..CONDITIONS.len()) {
        let (world, proposal) = build(&case);
        let mut more = world.clone();
        let added = clause((ClauseKind::Approve, condition));
        Arc::make_mut(&mut more.policy).clauses.push(added);
        let before = evaluate(&world.policy, &world.snapshot, &world.history, &proposal);
        let verdict = leeway_engine::explain(&world.policy, &world.snapshot, &world.history, &before);
        let after = tier(&more, &proposal);
        prop_assert!(after != Tier::Allowed || before.tier() == Tier::Allowed);
        let by_default = verdict.voices.iter().any(|voice| voice.kind.as_ref() == "default");
        prop_assert!(after >= before.tier() || by_default);
    }

    #[test]
    fn adding_a_limit_never_loosens(case in case(), added in 0usize..LIMITS.len()) {
        let (world, proposal) = build(&case);
        let mut more = world.clone();
        Arc::make_mut(&mut more.policy).limits.push(limit(added));
        prop_assert!(tier(&more, &proposal) >= tier(&world, &proposal));
    }

    #[test]
    fn lowering_autonomy_never_loosens(case in case(), level in 0usize..4) {
        let (world, proposal) = build(&case);
        let mut lower = world.clone();
        Arc::make_mut(&mut lower.policy).ceilings.push(ceiling(LEVELS[level]));
        prop_assert!(tier(&lower, &proposal) >= tier(&world, &proposal));
    }

    #[test]
    fn an_unknown_fact_or_metric_never_loosens(case in case(), input in 0usize..11) {
        let (world, proposal) = build(&case);
        let mut blind = world.clone();
        let facts = blind.snapshot.facts.len();
        let all = blind.snapshot.facts.iter_mut().chain(&mut blind.snapshot.metrics);
        if let Some(series) = all.into_iter().nth(input) {
            *series = blinded(series);
        }
        prop_assert!(tier(&blind, &proposal) >= tier(&world, &proposal), "input {} of {} facts", input, facts);
    }

    #[test]
    fn an_unknown_field_never_loosens(case in case(), at in 0usize..4, crashed in any::<bool>()) {
        let (world, proposal) = build(&case);
        let mut blind = case.clone();
        if let Some(one) = blind.pods.as_mut().and_then(|pods| pods.get_mut(at)) {
            *one = if crashed { (None, one.1) } else { (one.0, None) };
        }
        prop_assert!(tier(&build(&blind).0, &proposal) >= tier(&world, &proposal));
    }

    #[test]
    fn an_unknown_history_never_loosens(case in case()) {
        let (world, proposal) = build(&case);
        let blind = World { history: History::Unknown, ..world.clone() };
        prop_assert!(tier(&blind, &proposal) >= tier(&world, &proposal));
    }

    #[test]
    fn an_operation_of_which_less_is_known_never_loosens(case in case(), at in 0usize..4, actor in any::<bool>()) {
        let (world, proposal) = build(&case);
        let mut blind = case.clone();
        if let Some(one) = blind.operations.get_mut(at) {
            *one = if actor { (one.0, None, one.2) } else { (one.0, one.1, None) };
        }
        prop_assert!(tier(&build(&blind).0, &proposal) >= tier(&world, &proposal));
    }

    #[test]
    fn an_unknown_claim_never_loosens(case in case(), at in 0usize..2) {
        // Nothing else in the way, so that claims decide.
        let granted = [case.clauses, vec![(ClauseKind::Allow, TO_IS_SMALL)]].concat();
        let case = Case { clauses: granted, limits: vec![], levels: vec![], to: case.to % 4, ..case };
        let (world, proposal) = build(&case);
        let mut blind = proposal.clone();
        if let Some(claim) = blind.claims.get_mut(at) {
            claim.metric = MetricId(u16::MAX);
        }
        prop_assert!(tier(&world, &blind) >= tier(&world, &proposal));
    }

    #[test]
    fn what_is_suggested_fares_better(case in case()) {
        let (world, proposal) = build(&case);
        let decision = evaluate(&world.policy, &world.snapshot, &world.history, &proposal);
        let verdict = leeway_engine::explain(&world.policy, &world.snapshot, &world.history, &decision);
        for suggested in &verdict.suggest {
            let instead = Proposal { call: Call::parse(suggested).unwrap(), ..proposal.clone() };
            prop_assert!(tier(&world, &instead) < verdict.tier, "{} instead of {}", suggested, verdict.proposal);
        }
    }
}
