//! Section 6 of the language, case by case.

use leeway_engine::{History, Tier::*, Truth, Verdict};

use crate::parts::rich;
use crate::world::World;

#[test]
fn the_strictest_voice_wins_and_order_never_matters() {
    for (members, call, tier) in [
        ("allow scale(to) when to <= 5", "scale(to: 5)", Allowed),
        ("allow scale(to) when to <= 5", "scale(to: 6)", Forbidden),
        ("allow scale(to) when to <= 5 else approve", "scale(to: 6)", ApprovalRequired),
        ("approve scale(to) when to <= 5", "scale(to: 5)", ApprovalRequired),
        ("approve scale(to) when to <= 5", "scale(to: 6)", Forbidden),
        ("allow scale(to) when to > 0 forbid scale(to) when to > 3", "scale(to: 4)", Forbidden),
        ("forbid scale(to) when to > 3 allow scale(to) when to > 0", "scale(to: 4)", Forbidden),
        ("allow scale(to) when to > 0 approve scale(to) when to > 3", "scale(to: 4)", ApprovalRequired),
        ("allow any", "restart()", Allowed),
        ("allow disruptive", "restart()", Allowed),
        ("allow disruptive", "scale(to: 1)", Forbidden),
        // `any` in an `allow` leaves out what cannot be undone.
        ("allow any", "delete()", Forbidden),
        ("approve delete", "delete()", ApprovalRequired),
    ] {
        assert_eq!(World::new(members).tier(call), tier, "{members} :: {call}");
    }
}

#[test]
fn unknown_is_never_permission() {
    for (members, tier) in [
        ("allow scale(to) when cpu > 80% and to > 0", Forbidden),
        ("allow scale(to) when to > 0 forbid scale(..) when cpu > 80%", Forbidden),
        ("allow scale(to) when to > 0 approve scale(..) when cpu > 80%", ApprovalRequired),
        ("approve scale(..) when cpu > 80%", Forbidden),
        ("allow scale(to) when to > 0 and (cpu > 80% or to < 9)", Allowed),
        ("approve scale(..) when not known(cpu)", ApprovalRequired),
        ("allow scale(to) when (cpu ?? 90%) > 80% and to > 0", Allowed),
    ] {
        let nothing_known = World::new(members);
        assert_eq!(nothing_known.tier("scale(to: 4)"), tier, "{members}");
        let stale = nothing_known.clone().at(crate::world::ago(31), "cpu", "10%");
        assert_eq!(stale.tier("scale(to: 4)"), tier, "stale: {members}");
        let failed = nothing_known.with("cpu", "-");
        assert_eq!(failed.tier("scale(to: 4)"), tier, "failed: {members}");
    }
}

#[test]
fn arguments_are_checked_before_anything_else() {
    let world = World::new("allow any");
    for (call, says) in [
        ("scael(to: 1)", "no action `scael`"),
        ("scale()", "argument `to` is missing"),
        ("scale(to: 1, from: 2)", "no parameter `from`"),
        ("scale(to: 50%)", "is no count"),
        ("scale(to: -1)", "is negative"),
    ] {
        let verdict = world.verdict(call);
        assert_eq!(verdict.tier, Forbidden, "{call}");
        assert_eq!(verdict.voices[0].kind.as_ref(), "arguments");
        assert!(verdict.voices[0].text.contains(says), "{call}: {}", verdict.voices[0].text);
    }
}

#[test]
fn guards_and_limits_speak_beside_the_clauses() {
    let allowed = World::new("allow any approve delete limit cooldown 60s after scale limit breaker 3 failures");
    assert_eq!(allowed.tier("scale(to: 1)"), Allowed);

    let mut open = allowed.clone();
    open.snapshot.safety.breaker_open = true;
    assert_eq!(open.tier("scale(to: 1)"), Forbidden);
    assert_eq!(open.verdict("scale(to: 1)").voices[0].by.as_ref(), "shop/limit/breaker/1");

    let mut held = allowed.clone();
    held.snapshot.safety.held = true;
    assert_eq!(held.tier("scale(to: 1)"), ApprovalRequired);

    let mut killed = allowed.clone();
    killed.snapshot.safety.killed = true;
    assert_eq!(killed.tier("scale(to: 1)"), Forbidden);

    let mut owned = allowed.clone();
    owned.snapshot.safety.owner = Some("hpa".into());
    assert_eq!(owned.tier("scale(to: 1)"), ApprovalRequired);

    let cooling = allowed.clone().did("scale", 20);
    let verdict = cooling.verdict("scale(to: 1)");
    assert_eq!((verdict.tier, verdict.retry_after_s), (Forbidden, Some(40.0)));
    assert_eq!(cooling.tier("restart()"), Allowed, "the cooldown names only `scale`");
    assert_eq!(allowed.clone().did("scale", 60).tier("scale(to: 1)"), Allowed, "it ends after its time");

    let mut unknown = allowed;
    unknown.history = History::Unknown;
    let verdict = unknown.verdict("scale(to: 1)");
    assert_eq!((verdict.tier, verdict.voices[0].truth), (Forbidden, Truth::Unknown));
}

#[test]
fn a_verdict_says_who_spoke_and_what_would_have_been_allowed() {
    let members = r#"
      let ceiling = 5
      allow scale(to) when to in 2..ceiling else approve
      forbid scale(to) when to == 0 because "{to} replicas is an outage" suggest scale(to: 2) as zero"#;
    let world = World::new(members);
    let verdict = world.verdict("scale(to: 0)");
    let voice = &verdict.voices[0];
    assert_eq!(voice.by.as_ref(), "shop/forbid/zero");
    assert_eq!(voice.because.as_deref(), Some("0 replicas is an outage"));
    assert_eq!(voice.at.as_ref().unwrap().path.as_ref(), "shop.leeway");
    assert_eq!(verdict.suggest, ["scale(to: 2)"]);

    let verdict = world.verdict("scale(to: 6)");
    assert_eq!(verdict.voices[0].by.as_ref(), "shop/approve/scale/1");
    assert_eq!(verdict.voices[0].text, "not to in 2..ceiling");
    assert_eq!(verdict.voices[0].values["ceiling"], 5);
    assert_eq!(verdict.suggest, ["scale(to: 5)"], "the nearest argument that passes");
    assert_eq!(verdict.approval.len(), 1);

    let verdict = world.verdict("restart()");
    assert_eq!(verdict.voices[0].by.as_ref(), "default");
    assert_eq!(world.verdict("restart()").digest, verdict.digest, "the same input gives the same bytes");
}

#[test]
fn for_a_chain_of_principals_the_strictest_verdict_stands() {
    let world =
        World::new("allow scale(to) when actor.kind == human and to > 0 approve scale(..) when actor.kind == agent");
    assert_eq!(world.decide_as("human:ada", "scale(to: 1)").tier(), Allowed);
    assert_eq!(world.decide_as("agent:atlas", "scale(to: 1)").tier(), ApprovalRequired);
    let mut proposal = leeway_engine::Proposal::new(
        leeway_engine::Principal::parse("human:ada").unwrap(),
        leeway_units::Call::parse("scale(to: 1)").unwrap(),
        None,
    );
    proposal.actors.push(leeway_engine::Principal::parse("agent:atlas").unwrap());
    let decision = leeway_engine::evaluate(&world.policy, &world.snapshot, &world.history, &proposal);
    assert_eq!(decision.tier(), ApprovalRequired);
}

#[test]
fn for_a_chain_each_principals_approvers_must_agree() {
    let members = "approve scale(to) when actor.kind == human and to > 0 by \"team\"
         approve scale(to) when actor.kind == agent and to > 0 by \"security\"";
    let world = World::new(members);
    let mut proposal = leeway_engine::Proposal::new(
        leeway_engine::Principal::parse("human:ada").unwrap(),
        leeway_units::Call::parse("scale(to: 1)").unwrap(),
        None,
    );
    proposal.actors.push(leeway_engine::Principal::parse("agent:atlas").unwrap());
    let decision = leeway_engine::evaluate(&world.policy, &world.snapshot, &world.history, &proposal);
    let verdict = leeway_engine::explain(&world.policy, &world.snapshot, &world.history, &decision);
    let groups: Vec<&str> = verdict.approval.iter().map(|required| required.by[0].as_ref()).collect();
    assert_eq!(groups, ["team", "security"]);
}

#[test]
fn voices_stand_strictest_first_and_then_in_source_order() {
    let members = "limit cooldown 60s after any
         allow scale(to) when to > 0
         forbid scale(to) when to == 6";
    let verdict = World::new(members).did("scale", 10).verdict("scale(to: 6)");
    let by: Vec<&str> = verdict.voices.iter().map(|voice| voice.by.as_ref()).collect();
    assert_eq!(by, ["shop/limit/cooldown/1", "shop/forbid/scale/1", "shop/allow/scale/1"]);
}

#[test]
fn rules_that_want_different_values_for_one_fact_both_need_approval() {
    let world = World::new(
        "allow scale(to) when to > 0
         rule up { when cpu > 80% propose scale(to: replicas + 1) }
         rule down { when p95 < 10ms propose scale(to: replicas - 1) }",
    )
    .with("replicas", "3")
    .with("cpu", "90%");
    let tiers = |world: &World| proposed(world).iter().map(|verdict| verdict.tier).collect::<Vec<_>>();
    assert_eq!(tiers(&world), [Allowed]);
    assert_eq!(tiers(&world.with("p95", "5ms")), [ApprovalRequired, ApprovalRequired]);
}

#[test]
fn beyond_a_bound_that_is_left_out_the_next_is_suggested() {
    for (condition, call, suggested) in [
        ("to < 5 and memory < 512Mi", "trade(to: 3, memory: 1Gi)", "trade(to: 3, memory: 511Mi)"),
        ("to < 5 and memory > 512Mi", "trade(to: 3, memory: 1Mi)", "trade(to: 3, memory: 513Mi)"),
        ("to < 5 and memory <= 512Mi", "trade(to: 3, memory: 1Gi)", "trade(to: 3, memory: 512Mi)"),
        ("to < 5 and memory > 0B", "trade(to: 7, memory: 1Mi)", "trade(to: 4, memory: 1Mi)"),
    ] {
        let world = rich(&format!("allow trade(to, memory) when {condition}"));
        assert_eq!(world.verdict(call).suggest, [suggested], "{condition}");
    }
    let target = "target shop.service(name: text) {
        fact quota: rate
        fact pause: duration
        action grant(to: rate) { effect quota = to  undo grant(to: current.quota)  risk low }
        action wait(to: duration) { effect pause = to  undo wait(to: current.pause)  risk low }
      }";
    for (condition, call, suggested) in [
        ("grant(to) when to < 100/s", "grant(to: 200/s)", "grant(to: 99/s)"),
        ("grant(to) when to < 50/s", "grant(to: 200/s)", "grant(to: 49/s)"),
        ("grant(to) when to > 30/min", "grant(to: 3/min)", "grant(to: 31/min)"),
        ("grant(to) when to within 10% of current.quota", "grant(to: 90/s)", "grant(to: 66.6/s)"),
        ("wait(to) when to < 1h", "wait(to: 2h)", "wait(to: 3599s)"),
    ] {
        let world = World::of(crate::world::policy(target, &format!("allow {condition}"))).with("quota", "60.55/s");
        assert_eq!(world.verdict(call).suggest, [suggested], "{condition}");
    }
}

/// A verdict on what each rule proposes, in source order.
fn proposed(world: &World) -> Vec<Verdict> {
    let World { policy, snapshot, history } = world;
    let proposals = leeway_engine::propose(policy, snapshot, history).into_iter().filter_map(|said| said.proposal);
    let decided = proposals.map(|proposal| leeway_engine::evaluate(policy, snapshot, history, &proposal));
    decided.map(|decision| leeway_engine::explain(policy, snapshot, history, &decision)).collect()
}

#[test]
fn rules_that_may_want_different_values_need_approval_too() {
    let target = "target shop.service(name: text) {
        fact replicas: count
        action scale(to: count) { effect replicas = to  undo scale(to: current.replicas)  risk low }
        action grow() { effect replicas = current.replicas + 1  undo scale(to: current.replicas)  risk low }
      }";
    let members = "metric cpu: ratio = scrape \"cpu\" every 10s stale 30s
        rule up { when cpu > 80% propose grow() }
        rule also_up { when cpu > 70% propose grow() }
        rule five { when cpu > 90% propose scale(to: 5) }
        allow grow
        allow scale(to) when to in 1..9";
    let tiers = |replicas: &str, cpu: &str| -> Vec<_> {
        let world = World::of(crate::world::policy(target, members)).with("replicas", replicas).with("cpu", cpu);
        proposed(&world).iter().map(|verdict| verdict.tier).collect()
    };
    assert_eq!(tiers("4", "95%"), [Allowed; 3], "all want five");
    assert_eq!(tiers("3", "95%"), [ApprovalRequired; 3]);
    assert_eq!(tiers("-", "95%"), [ApprovalRequired; 3], "nobody knows what one more would be");
    assert_eq!(tiers("-", "85%"), [Allowed; 2], "the same call wants the same, whatever that is");
}

#[test]
fn nothing_is_suggested_that_a_rival_rule_stands_in_the_way_of() {
    let world = World::new(
        "allow scale(to) when to in 1..9
         rule up { when replicas > 0 propose scale(to: 7) }
         rule down { when replicas > 1 propose scale(to: 2) }",
    );
    for verdict in proposed(&world.with("replicas", "3")) {
        assert_eq!((verdict.tier, verdict.suggest.as_slice()), (ApprovalRequired, [].as_slice()));
    }
}
