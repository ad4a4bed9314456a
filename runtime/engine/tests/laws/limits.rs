//! Each kind of limit: what it demands, of what, and until when.

use leeway_engine::Tier::{self, Allowed, ApprovalRequired, Forbidden};
use leeway_engine::{History, Proposal, Truth, Verdict, Voice};

use crate::parts::free;
use crate::world::World;

/// The one limit that speaks.
fn limit(verdict: &Verdict) -> &Voice {
    let mut limits = verdict.voices.iter().filter(|voice| voice.kind.as_ref() == "limit");
    let voice = limits.next().unwrap();
    assert!(limits.next().is_none());
    voice
}

fn blind(mut world: World) -> World {
    world.history = History::Unknown;
    world
}

#[test]
fn at_most_so_many_begin_in_a_window() {
    let world = free("limit at most 2 of scale, restart per 10m");
    assert_eq!(world.clone().did("scale", 100).tier("scale(to: 1)"), Allowed);
    let full = world.clone().did("scale", 400).did("restart", 100);
    assert_eq!(full.tier("scale(to: 1)"), ApprovalRequired);
    assert_eq!(
        world.clone().did("scale", 600).did("restart", 100).tier("scale(to: 1)"),
        Allowed,
        "the oldest has left"
    );
    let verdict = full.verdict("restart()");
    assert_eq!(verdict.retry_after_s, Some(200.0), "when the first of the two leaves the window");
    let voice = limit(&verdict);
    assert_eq!(
        (voice.tier, voice.truth, voice.text.as_str()),
        (ApprovalRequired, Truth::True, "at most 2 of scale, restart per 10m")
    );
    assert_eq!(voice.values["began"], 2);
    assert_eq!(
        full.clone().did("restart", 50).verdict("restart()").retry_after_s,
        Some(500.0),
        "two of three must leave"
    );

    let verdict = blind(world).verdict("scale(to: 1)");
    assert_eq!((verdict.tier, limit(&verdict).truth), (ApprovalRequired, Truth::Unknown));
    assert_eq!(verdict.unknown[0].kind.as_ref(), "history");

    // It names only two actions; a third one neither counts nor is counted.
    let scale_only = free("limit at most 1 of scale per 10m");
    assert_eq!(scale_only.clone().did("scale", 10).tier("restart()"), Allowed);
    assert_eq!(scale_only.did("restart", 10).tier("scale(to: 1)"), Allowed);
}

#[test]
fn pace_counts_each_actor_by_itself() {
    let world = free("limit pace 1 of scale per 10m per actor");
    let by_atlas = world.clone().did_as("agent:atlas", "scale", 100, &[]);
    assert_eq!(by_atlas.decide_as("agent:atlas", "scale(to: 1)").tier(), ApprovalRequired);
    assert_eq!(by_atlas.decide_as("agent:atlas", "scale(to: 1)").retry_after_ms(), Some(500_000));
    assert_eq!(by_atlas.decide_as("human:ada", "scale(to: 1)").tier(), Allowed);
    let by_nobody_known = world.did("scale", 100);
    let decision = by_nobody_known.decide_as("human:ada", "scale(to: 1)");
    assert_eq!((decision.tier(), decision.limits()[0].truth), (ApprovalRequired, Truth::Unknown));

    // Of a chain each principal keeps its own pace.
    let mut proposal = Proposal::new(
        leeway_engine::Principal::parse("human:ada").unwrap(),
        leeway_units::Call::parse("scale(to: 1)").unwrap(),
        None,
    );
    proposal.actors.push(leeway_engine::Principal::parse("agent:atlas").unwrap());
    let decision = leeway_engine::evaluate(&by_atlas.policy, &by_atlas.snapshot, &by_atlas.history, &proposal);
    assert_eq!(decision.tier(), ApprovalRequired);
}

#[test]
fn drift_is_how_far_a_fact_would_be_from_what_it_was() {
    let world = free("limit drift replicas 4 per 1h");
    let known = world.clone().with("replicas", "5");
    assert_eq!(known.tier("scale(to: 9)"), Allowed);
    assert_eq!(known.tier("scale(to: 10)"), ApprovalRequired);
    assert_eq!(known.tier("scale(to: 1)"), Allowed);
    assert_eq!(known.tier("scale(to: 0)"), ApprovalRequired);
    assert_eq!(known.tier("restart()"), Allowed, "it writes no replicas");

    // In however many steps: 5 to 8 was three of the four.
    let stepped = world.clone().with("replicas", "8").did_as("rule:up", "scale", 600, &[("replicas", "5")]);
    assert_eq!(stepped.tier("scale(to: 9)"), Allowed);
    let verdict = stepped.verdict("scale(to: 10)");
    assert_eq!(verdict.tier, ApprovalRequired);
    assert_eq!((&limit(&verdict).values["was"], &limit(&verdict).values["would_be"]), (&5.into(), &10.into()));
    let long_ago = world.clone().with("replicas", "8").did_as("rule:up", "scale", 3_600, &[("replicas", "5")]);
    assert_eq!(long_ago.tier("scale(to: 10)"), Allowed, "an hour ago it was done already");

    let verdict = world.verdict("scale(to: 5)");
    assert_eq!((verdict.tier, limit(&verdict).truth), (ApprovalRequired, Truth::Unknown));
    assert_eq!(verdict.unknown[0].name.as_ref(), "replicas");
    let verdict = blind(world.with("replicas", "5")).verdict("scale(to: 5)");
    assert_eq!((verdict.tier, verdict.unknown[0].name.as_ref()), (ApprovalRequired, "history"));
}

#[test]
fn over_budget_only_what_saves_passes() {
    let world = free("limit budget forecast of $450/month at 90%");
    let over = world.clone().with("forecast", "$406/month").with("replicas", "5");
    for (call, tier) in [
        ("scale(to: 4)", Allowed),
        ("scale(to: 5)", ApprovalRequired),
        ("scale(to: 6)", ApprovalRequired),
        // A restart has no effect that would lower anything.
        ("restart()", ApprovalRequired),
    ] {
        assert_eq!(over.tier(call), tier, "{call}");
    }
    assert_eq!(world.clone().with("forecast", "$405/month").tier("scale(to: 6)"), Allowed, "at the limit");
    assert_eq!(world.clone().with("replicas", "5").tier("scale(to: 4)"), Allowed, "it saves, whatever the forecast is");
    assert_eq!(world.clone().with("replicas", "5").tier("scale(to: 6)"), ApprovalRequired, "the forecast is unknown");
    assert_eq!(world.tier("scale(to: 4)"), ApprovalRequired, "nobody knows whether four are fewer");
}

#[test]
fn what_lowers_one_thing_and_raises_another_does_not_save() {
    let world = free("limit budget forecast of $1/month at 100%");
    let over = world.with("forecast", "$2/month").with("replicas", "5");
    assert_eq!(over.tier("trade(to: 4, memory: 2Gi)"), ApprovalRequired, "nobody knows how much memory there is");
    let over = over.with("memory", "2Gi");
    assert_eq!(over.tier("trade(to: 4, memory: 2Gi)"), Allowed);
    assert_eq!(over.tier("trade(to: 4, memory: 3Gi)"), ApprovalRequired);
    assert_eq!(over.tier("trade(to: 5, memory: 1Gi)"), Allowed, "less memory for as many");
}

#[test]
fn a_freeze_follows_the_clock_of_its_place_over_daylight_saving() {
    let world = free("limit freeze \"Fri 16:00\"..\"Mon 08:00\" in \"Europe/Berlin\" except restart");
    for (at, tier) in [
        ("2026-03-27T14:59:59Z", Allowed),
        ("2026-03-27T15:00:00Z", ApprovalRequired),
        ("2026-03-29T01:00:00Z", ApprovalRequired),
        // On the Sunday between, the clock went forward: eight o'clock comes an hour earlier.
        ("2026-03-30T05:59:59Z", ApprovalRequired),
        ("2026-03-30T06:00:00Z", Allowed),
        ("2026-10-23T13:59:59Z", Allowed),
        ("2026-10-23T14:00:00Z", ApprovalRequired),
        ("2026-10-26T06:59:59Z", ApprovalRequired),
        ("2026-10-26T07:00:00Z", Allowed),
    ] {
        let mut world = world.clone();
        world.snapshot.at = at.parse().unwrap();
        assert_eq!(world.tier("scale(to: 1)"), tier, "{at}");
        assert_eq!(world.tier("restart()"), Allowed, "it is not frozen: {at}");
    }
}

#[test]
fn a_cooldown_counts_what_a_clock_set_back_has_moved_into_the_future() {
    let world = free("limit cooldown 60s after scale");
    assert_eq!(world.did("scale", -30).tier("scale(to: 1)"), Forbidden);
}

#[test]
fn what_passes_by_itself_is_told_of_the_limits_that_demand_the_verdict() {
    let world = free("limit cooldown 60s after scale  limit at most 1 of scale per 10m");
    let retry = |seconds| {
        let verdict = world.clone().did("scale", seconds).verdict("scale(to: 1)");
        (verdict.tier, verdict.retry_after_s)
    };
    assert_eq!(retry(20), (Forbidden, Some(40.0)), "then people may agree");
    assert_eq!(retry(60), (ApprovalRequired, Some(540.0)));
    assert_eq!(retry(600), (Tier::Allowed, None));
}
