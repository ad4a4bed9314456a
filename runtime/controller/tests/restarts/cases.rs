//! The cases, each a moment at which the enforcer is killed or an answer is lost.

use std::time::Duration;

use jiff::Timestamp;
use leeway_engine::{Answer, Approval, Entry, Mode, Principal, Proposal, Purpose, Record, State, Tier};

use crate::world::{Calls, World, policy_for, proposal};

const GROW: &str = "rule grow { when p95 < 100ms propose scale(to: current.replicas + 1) }";

fn verdicts(world: &World) -> Vec<Tier> {
    let tier =
        |entry: &Entry| if let Record::Decided { verdict, .. } = &entry.record { Some(verdict.tier) } else { None };
    world.entries().iter().filter_map(tier).collect()
}

fn approval(entry: &Entry) -> Approval {
    let Record::ApprovalAsked { binding, .. } = &entry.record else { panic!("{entry:?}") };
    Approval { by: Principal::parse("human:bob").unwrap(), binding: binding.clone(), at: Timestamp::now() }
}

#[tokio::test]
async fn between_the_last_failure_and_the_open_breaker_nothing_more_is_done() {
    let world = World::new(&format!("{GROW}\nallow scale(to) when to > 0\nlimit breaker 3 failures"));
    world.set(|service| service.calls = Calls::Fail);
    world.run(1_500, &[]).await;
    assert_eq!(world.calls(), 3);
    let world = world.killed_before(|entry| matches!(entry.record, Record::BreakerOpened { .. }));
    world.run(1_000, &[]).await;
    assert_eq!(world.calls(), 3);
    assert!(world.entries().iter().any(|entry| matches!(entry.record, Record::BreakerOpened { failures: 3 })));
}

#[tokio::test]
async fn a_dry_run_touches_nothing_not_even_what_an_earlier_run_began() {
    let world = World::new("allow scale(to) when to > 0\nverify scale { hold 3s p95 <= 100ms } else rollback");
    world.run(800, &["scale(to: 5)"]).await;
    world.set(|service| service.p95 = 0.5);
    let (handle, _events, running) = world.start(800, Mode::DryRun).await;
    handle.propose(proposal("scale(to: 6)")).await.unwrap();
    running.await.unwrap();
    assert_eq!(world.calls(), 1);
    assert_eq!(world.states().last(), Some(&State::Recorded));
    // The next real run takes it up, and takes the harm back.
    world.run(1_500, &[]).await;
    assert_eq!(world.replicas(), Some(3.0));
}

#[tokio::test]
async fn what_was_approved_before_the_kill_is_done_after_it() {
    let world = World::new(&format!("{GROW}\napprove scale"));
    world.run(600, &[]).await;
    let asked = world.entries().into_iter().find(|entry| entry.record.kind() == "approval_asked").unwrap();
    let world = world.killed_before(|_| false);
    let record = Record::Approved { approval: approval(&asked), stand_in: false };
    world.append(&Entry { at: Timestamp::now(), record, ..asked });
    world.run(800, &[]).await;
    assert_eq!(world.calls(), 1);
}

#[tokio::test]
async fn what_people_were_asked_before_the_kill_they_are_asked_again() {
    let world = World::new(&format!("{GROW}\napprove scale"));
    world.run(600, &[]).await;
    let (handle, mut events, running) = world.start(1_500, Mode::Act).await;
    let again = loop {
        let event = events.recv().await.unwrap();
        if event.entry.record.kind() == "approval_asked" {
            break event.entry;
        }
    };
    let answer = Answer::Approve { approval: approval(&again), stand_in: false };
    handle.answer(again.operation.unwrap(), answer).await.unwrap();
    running.await.unwrap();
    assert_eq!(world.calls(), 1);
    let asks = |entry: &&Entry| entry.operation == again.operation && entry.record.kind() == "approval_asked";
    assert_eq!(world.entries().iter().filter(asks).count(), 1, "asked again, and not anew");
}

#[tokio::test]
async fn an_action_that_leaves_no_trace_is_not_claimed_to_be_done() {
    let world = World::new("allow restart");
    world.run(600, &["restart()"]).await;
    let world = world.killed_before(|entry| matches!(entry.record, Record::Done { .. }));
    world.run(1_000, &[]).await;
    assert_eq!(world.states().last(), Some(&State::Failed));
    assert_eq!(world.calls(), 1, "and it is not repeated");
}

#[tokio::test]
async fn what_cannot_be_foreseen_is_refused_once_and_not_every_round() {
    let world = World::new("rule grow { when p95 < 100ms propose scale(to: 5) }\nallow scale(to) when to > 0");
    world.set(|service| service.replicas = None);
    let (_handle, _events, running) = world.start(2_500, Mode::Act).await;
    tokio::time::sleep(Duration::from_millis(1_000)).await;
    assert_eq!(world.states(), [State::Proposed, State::Decided, State::Refused]);
    // Once it can be foreseen it is proposed again, and done.
    world.set(|service| service.replicas = Some(3.0));
    running.await.unwrap();
    assert_eq!(world.replicas(), Some(5.0));
}

#[tokio::test]
async fn an_operation_overtaken_before_the_kill_is_superseded_and_not_failed() {
    let members = "allow scale(to) when to > 0\nlimit breaker 1 failures
        verify scale { within 1s current.replicas == to  hold 1s p95 <= 100ms } else rollback";
    let world = World::new(members);
    world.run(1_100, &["scale(to: 5)", "scale(to: 6)"]).await;
    let superseded = |entry: &Entry| entry.record.state() == Some(State::Superseded);
    assert!(world.entries().iter().any(superseded));
    let world = world.killed_before(superseded);
    world.run(3_000, &[]).await;
    let states = world.states();
    assert!(states.contains(&State::Superseded) && states.contains(&State::Confirmed), "{states:?}");
    assert!(!states.contains(&State::Failed), "{states:?}");
}

#[tokio::test]
async fn what_was_seen_of_another_target_is_no_evidence() {
    let mut world = World::new("approve scale");
    world.run(2_500, &[]).await;
    world.policy = policy_for("other", "allow scale(to) when p95 < 100ms for 2s and to > 0");
    world.run(700, &["scale(to: 5)"]).await;
    assert_eq!(verdicts(&world).last(), Some(&Tier::Forbidden), "2 s of samples are needed, and there is a quarter");
}

#[tokio::test]
async fn what_another_policy_measured_under_the_same_name_is_no_evidence() {
    let mut world = World::new("approve scale");
    world.run(2_500, &[]).await;
    world.policy = policy_for("web", "allow scale(to) when p95 < 100ms for 2s and to > 0");
    world.run(700, &["scale(to: 5)"]).await;
    assert_eq!(verdicts(&world).last(), Some(&Tier::Forbidden));
}

#[tokio::test]
async fn a_lost_call_does_not_take_the_place_of_a_later_one() {
    let world = World::new("allow scale(to) when to > 0\nverify scale { hold 1s p95 <= 100ms } else rollback");
    let (handle, mut events, running) = world.start(4_000, Mode::Act).await;
    world.set(|service| service.calls = Calls::AreLost);
    handle.propose(proposal("scale(to: 4)")).await.unwrap();
    world.set(|service| service.calls = Calls::Work);
    // Nobody knows what became of the first: the target is held, and the second needs a person.
    let second = handle.propose(proposal("scale(to: 9)")).await.unwrap();
    let asked = loop {
        let event = events.recv().await.unwrap();
        if event.entry.record.kind() == "approval_asked" {
            break event.entry;
        }
    };
    let answer = Answer::Approve { approval: approval(&asked), stand_in: false };
    handle.answer(second, answer).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    world.set(|service| service.p95 = 0.5);
    running.await.unwrap();
    assert_eq!(world.replicas(), Some(3.0), "the harm of the second is taken back");
    let found = world.entries().iter().any(|entry| matches!(entry.record, Record::Done { found: true, .. }));
    assert!(!found, "and nobody claims that the first was done");
}

#[tokio::test]
async fn a_rollback_that_never_arrived_leaves_the_target_in_peoples_hands() {
    let world = World::new("allow scale(to) when to > 0\nverify scale { hold 1s p95 <= 100ms } else rollback");
    world.set(|service| service.p95 = 0.5);
    world.run(900, &["scale(to: 5)"]).await;
    let world = world.killed_before(|entry| matches!(entry.record, Record::Done { purpose: Purpose::Undo, .. }));
    world.set(|service| (service.replicas, service.version) = (Some(5.0), 2));
    let (handle, _events, running) = world.start(9_500, Mode::Act).await;
    tokio::time::sleep(Duration::from_millis(8_500)).await;
    assert_eq!(world.states().last(), Some(&State::RollbackFailed));
    handle.propose(proposal("scale(to: 4)")).await.unwrap();
    running.await.unwrap();
    assert_eq!(verdicts(&world).last(), Some(&Tier::ApprovalRequired), "until something is confirmed again");
    assert_eq!(world.calls(), 2, "nothing is tried a second time");
}

#[tokio::test]
async fn who_did_what_and_how_often_is_known_after_a_restart() {
    let world = World::new("allow scale(to) when to > 0\nlimit pace 1 of scale per 10m per actor");
    world.run(600, &["scale(to: 4)"]).await;
    let world = world.killed_before(|_| false);
    let (handle, _events, running) = world.start(600, Mode::Act).await;
    let proposal = |actor| {
        let call = leeway_units::Call::parse("scale(to: 5)").unwrap();
        Proposal::new(Principal::parse(actor).unwrap(), call, None)
    };
    handle.propose(proposal("human:ada")).await.unwrap();
    handle.propose(proposal("human:eve")).await.unwrap();
    running.await.unwrap();
    assert_eq!(verdicts(&world), [Tier::Allowed, Tier::ApprovalRequired, Tier::Allowed]);
}

#[tokio::test]
async fn a_rule_asks_people_for_what_a_limit_demands_of_them_and_does_not_wait() {
    let world = World::new(&format!("{GROW}\nallow scale(to) when to > 0\nlimit at most 1 of scale per 10m"));
    world.run(1_500, &[]).await;
    assert_eq!(world.calls(), 1);
    assert_eq!(verdicts(&world), [Tier::Allowed, Tier::ApprovalRequired]);
    assert_eq!(world.states().last(), Some(&State::AwaitingApproval));
}

#[tokio::test]
async fn a_question_that_nobody_needs_to_answer_any_more_is_over_wherever_the_kill_came() {
    let world = World::new(
        "rule grow { when current.replicas < 4 propose scale(to: 4) }
         allow scale(to) when to > 0
         approve scale when p95 > 100ms",
    );
    world.set(|service| service.p95 = 0.5);
    world.run(600, &[]).await;
    assert_eq!((world.states().last(), world.calls()), (Some(&State::AwaitingApproval), 0));
    world.set(|service| service.p95 = 0.05);
    let anew = [State::Superseded, State::Proposed, State::Decided, State::Executing, State::Verifying];
    let world = world.killed_before(|_| false);
    world.run(800, &[]).await;
    assert_eq!((world.states().get(3..8), world.calls()), (Some(anew.as_slice()), 1));
    assert_eq!(verdicts(&world), [Tier::ApprovalRequired, Tier::Allowed]);

    // Killed when the question was over, and before it was proposed anew.
    let mut proposed = 0;
    let second = |entry: &Entry| {
        proposed += u32::from(matches!(entry.record, Record::Proposed { .. }));
        proposed == 2
    };
    let world = world.killed_before(second);
    world.set(|service| (service.replicas, service.version) = (Some(3.0), 1));
    assert_eq!(world.states().last(), Some(&State::Superseded));
    world.run(800, &[]).await;
    assert_eq!((world.states().get(3..8), world.calls()), (Some(anew.as_slice()), 2));
}

#[tokio::test]
async fn under_a_ceiling_a_rule_is_recorded_and_does_nothing() {
    let world = World::new(&format!("{GROW}\nallow scale(to) when to > 0\nautonomy observe"));
    world.run(1_000, &[]).await;
    assert_eq!(world.calls(), 0);
    assert_eq!(verdicts(&world), [Tier::Forbidden], "once, while nothing changes");
    assert_eq!(world.states().last(), Some(&State::Recorded));
}
