//! How far rules and agents may go, what they claim, and who must agree.

use leeway_engine::Tier::{self, Allowed, ApprovalRequired, Forbidden};
use leeway_engine::{Principal, Proposal, Requirement, Truth, Verdict, evaluate, explain};
use leeway_ir::{ApprovalBlock, Autonomy, Ceiling, Claim, Comparison};
use leeway_units::Call;

use crate::parts::{free, origin, q};
use crate::world::{World, ago};

fn ceiling(levels: &[Autonomy]) -> World {
    World::new("allow any").edit(|policy| {
        let ceilings = levels.iter().enumerate().map(|(at, level)| Ceiling {
            id: format!("shop/autonomy/{at}").into(),
            named: false,
            level: *level,
            origin: origin(),
        });
        policy.ceilings = ceilings.collect();
    })
}

#[test]
fn the_strictest_ceiling_holds_for_rules_and_agents_and_not_for_people() {
    for (levels, tier) in [
        (&[Autonomy::Observe][..], Forbidden),
        (&[Autonomy::Suggest][..], Forbidden),
        (&[Autonomy::Approve][..], ApprovalRequired),
        (&[Autonomy::Act][..], Allowed),
        (&[][..], Allowed),
        (&[Autonomy::Act, Autonomy::Approve][..], ApprovalRequired),
        (&[Autonomy::Approve, Autonomy::Observe, Autonomy::Suggest][..], Forbidden),
    ] {
        let world = ceiling(levels);
        assert_eq!(world.decide_as("agent:atlas", "restart()").tier(), tier, "{levels:?}");
        assert_eq!(world.decide_as("rule:revive", "restart()").tier(), tier, "{levels:?}");
        assert_eq!(world.decide_as("human:ada", "restart()").tier(), Allowed, "{levels:?}");
    }
}

#[test]
fn a_ceiling_says_what_would_have_been() {
    let world = ceiling(&[Autonomy::Approve, Autonomy::Observe]);
    let decision = world.decide_as("agent:atlas", "restart()");
    let verdict = explain(&world.policy, &world.snapshot, &world.history, &decision);
    let voice = &verdict.voices[0];
    assert_eq!((voice.kind.as_ref(), voice.by.as_ref(), voice.tier), ("autonomy", "shop/autonomy/1", Forbidden));
    assert_eq!(voice.text, "autonomy observe: it would be allowed");
    assert_eq!(voice.at, Some(origin()));
    assert!(!verdict.voices.iter().any(|voice| voice.kind.as_ref() == "default"), "something grants it");
}

#[test]
fn people_are_asked_to_propose_only_what_they_may() {
    let world = World::new("allow scale(to) when to in 1..5 else approve  forbid delete  autonomy suggest");
    let text = |call: &str| {
        let decision = world.decide_as("agent:atlas", call);
        explain(&world.policy, &world.snapshot, &world.history, &decision)
            .voices
            .into_iter()
            .find(|voice| voice.kind.as_ref() == "autonomy")
            .map(|voice| voice.text)
    };
    let may = |tier: &str| Some(format!("autonomy suggest: a person may propose it; it would be {tier}"));
    assert_eq!(text("scale(to: 5)"), may("allowed"));
    assert_eq!(text("scale(to: 6)"), may("approval required"));
    assert_eq!(text("delete()").as_deref(), Some("autonomy suggest: it would be forbidden anyway"));
}

fn claim(metric: u16, comparison: Comparison, value: &str, window_ms: Option<u64>) -> Claim {
    Claim { metric: leeway_ir::MetricId(metric), comparison, value: q(value), window_ms }
}

fn claiming(world: &World, claims: Vec<Claim>) -> Verdict {
    let call = Call::parse("restart()").unwrap();
    let proposal = Proposal { claims, ..Proposal::new(Principal::parse("agent:atlas").unwrap(), call, None) };
    let decision = evaluate(&world.policy, &world.snapshot, &world.history, &proposal);
    explain(&world.policy, &world.snapshot, &world.history, &decision)
}

#[test]
fn a_claim_that_is_not_confirmed_needs_a_person() {
    let world = World::new("allow any").at(ago(20), "cpu", "90%").at(ago(10), "cpu", "90%").with("cpu", "90%");
    for (claim, tier, truth) in [
        (claim(0, Comparison::Greater, "80%", None), Allowed, None),
        (claim(0, Comparison::Greater, "95%", None), ApprovalRequired, Some(Truth::True)),
        (claim(0, Comparison::Greater, "80%", Some(20_000)), Allowed, None),
        (claim(0, Comparison::Greater, "80%", Some(120_000)), ApprovalRequired, Some(Truth::Unknown)),
        (claim(1, Comparison::Less, "50ms", None), ApprovalRequired, Some(Truth::Unknown)),
        (claim(0, Comparison::Less, "50ms", None), ApprovalRequired, Some(Truth::Unknown)),
        (claim(77, Comparison::Less, "50%", None), ApprovalRequired, Some(Truth::Unknown)),
    ] {
        let verdict = claiming(&world, vec![claim.clone()]);
        assert_eq!(verdict.tier, tier, "{claim:?}");
        let voice = verdict.voices.iter().find(|voice| voice.kind.as_ref() == "claim");
        assert_eq!(voice.map(|voice| voice.truth), truth, "{claim:?}");
    }
    let two = vec![claim(0, Comparison::Greater, "80%", None), claim(0, Comparison::Less, "10%", Some(20_000))];
    let verdict = claiming(&world, two);
    let voice = &verdict.voices[0];
    assert_eq!((voice.by.as_ref(), voice.text.as_str()), ("claim/2", "cpu < 10% for 20s"));
    assert_eq!(voice.values["cpu"], "90%", "the claim stands beside the truth");
    let verdict = claiming(&world, vec![claim(1, Comparison::Less, "50ms", None)]);
    assert_eq!((verdict.unknown[0].kind.as_ref(), verdict.unknown[0].name.as_ref()), ("claim", "claim/1"));
}

#[test]
fn confirmed_claims_can_be_asked_for() {
    let world = World::new("allow restart when proposal.claims >= 1").with("cpu", "90%");
    let high = claim(0, Comparison::Greater, "80%", None);
    assert_eq!(claiming(&world, vec![high.clone()]).tier, Allowed);
    assert_eq!(claiming(&world, vec![]).tier, Forbidden, "nothing is claimed: it is 0");
    let unknown = claim(1, Comparison::Greater, "80ms", None);
    assert_eq!(claiming(&world, vec![high, unknown]).tier, Forbidden, "an unknown claim makes the number unknown");
}

fn block(by: &[&str], quorum: Option<u32>, timeout_ms: Option<u64>) -> ApprovalBlock {
    let by = by.iter().map(|group| (*group).into()).collect();
    ApprovalBlock { by, quorum, timeout_ms, escalation: None, notify: vec![], origin: origin() }
}

fn required(world: &World, call: &str) -> Vec<Requirement> {
    world.verdict(call).approval
}

fn requirement(by: &[&str], quorum: u32, timeout_s: u64) -> Requirement {
    Requirement { by: by.iter().map(|group| (*group).into()).collect(), timeout_s, quorum }
}

#[test]
fn each_group_that_is_named_must_agree_and_the_block_is_asked_for_the_rest() {
    let members = "approve scale(to) when to > 0 by \"dba\"  approve scale(to) when to > 1  approve delete";
    let plain = World::new(members);
    assert_eq!(required(&plain, "scale(to: 1)"), [requirement(&["dba"], 1, 3_600)]);
    assert_eq!(required(&plain, "scale(to: 2)"), [requirement(&["dba"], 1, 3_600), requirement(&[], 1, 3_600)]);

    let with = |blocks: Vec<ApprovalBlock>| World::new(members).edit(|policy| policy.approvals = blocks);
    let one = with(vec![block(&["sre"], Some(2), Some(600_000))]);
    assert_eq!(required(&one, "scale(to: 1)"), [requirement(&["dba"], 2, 600)]);
    assert_eq!(required(&one, "scale(to: 2)"), [requirement(&["dba"], 2, 600), requirement(&["sre"], 2, 600)]);
    assert_eq!(required(&one, "delete()"), [requirement(&["sre"], 2, 600)], "what cannot be undone asks the block");

    let several = with(vec![
        block(&["sre"], Some(2), Some(600_000)),
        block(&[], Some(3), None),
        block(&["security"], None, Some(900_000)),
    ]);
    assert_eq!(required(&several, "delete()"), [requirement(&["sre"], 3, 600), requirement(&["security"], 3, 600)]);
    let same_group = with(vec![block(&["dba"], None, None)]);
    assert_eq!(required(&same_group, "scale(to: 2)"), [requirement(&["dba"], 1, 3_600)], "asked once");
}

#[test]
fn a_limit_that_demands_people_asks_the_block() {
    let world = free("limit at most 1 of scale per 10m  approval { by \"sre\" }").did("scale", 10);
    assert_eq!(required(&world, "scale(to: 1)"), [requirement(&["sre"], 1, 3_600)]);
    assert_eq!(required(&world, "restart()"), []);
    assert_eq!(world.tier("restart()"), Tier::Allowed);
}

#[test]
fn of_a_chain_whoever_is_held_back_asks_for_people() {
    let members = "allow scale(to) when to > 0  approve scale(..) when actor.kind == human by \"team\"
        limit pace 1 of scale per 10m per actor  approval { by \"sre\" }";
    let world = World::new(members).did_as("agent:atlas", "scale", 60, &[]);
    let principal = |id| Principal::parse(id).unwrap();
    let mut proposal = Proposal::new(principal("human:ada"), Call::parse("scale(to: 2)").unwrap(), None);
    proposal.actors.push(principal("agent:atlas"));
    let decision = evaluate(&world.policy, &world.snapshot, &world.history, &proposal);
    let verdict = explain(&world.policy, &world.snapshot, &world.history, &decision);
    assert_eq!(verdict.approval, [requirement(&["team"], 1, 3_600), requirement(&["sre"], 1, 3_600)]);
    assert_eq!(verdict.retry_after_s, Some(540.0), "the agent's pace");
}
