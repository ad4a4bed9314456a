//! From decision to warrant to receipt, and how an act is judged and taken back.

use jiff::{SignedDuration, Timestamp};
use leeway_engine::{
    Approval, Breaker, Ended, Epoch, OperationId, Outcome, Principal, Purpose, Receipt, Refusal, UndoRefusal, admit,
    verify,
};
use leeway_ir::OnFailure;

use crate::world::{World, now};

const MEMBERS: &str = "
  objective p95 <= 200ms
  allow scale(to) when to <= 5 else approve
  allow restart
  verify scale { within 60s ready == to  hold 60s p95 <= 100ms } else rollback";

fn after(seconds: i64) -> Timestamp {
    now() + SignedDuration::from_secs(seconds)
}

fn approval(world: &World, call: &str, by: &str) -> Approval {
    Approval {
        by: Principal::parse(by).unwrap(),
        binding: world.decide(call).binding(&world.policy, &world.snapshot),
        at: now(),
    }
}

fn admitted(world: &World, call: &str, approvals: &[Approval]) -> Result<leeway_engine::Warrant, Refusal> {
    admit(&world.policy, &world.snapshot, &world.decide(call), OperationId(7), approvals, Epoch::default())
}

/// The world after the act: `scale(to: 5)` from 3 replicas.
fn acted() -> (World, Receipt) {
    let world = World::new(MEMBERS).with("replicas", "3").with("ready", "3");
    let receipt = admitted(&world, "scale(to: 5)", &[]).unwrap().done(now(), now());
    (world, receipt)
}

/// The world some seconds later.
fn at(mut world: World, seconds: i64) -> World {
    world.snapshot.at = after(seconds);
    world
}

#[test]
fn nothing_is_done_without_a_decision_that_admits_it() {
    let world = World::new(MEMBERS).with("replicas", "3");
    assert!(matches!(admitted(&world, "delete()", &[]), Err(Refusal::Forbidden)));
    assert!(matches!(admitted(&world, "scale(to: 6)", &[]), Err(Refusal::Unapproved(_))));
    let warrant = admitted(&world, "scale(to: 5)", &[]).unwrap();
    assert!(warrant.is_valid(after(30), Epoch(0)) && !warrant.is_valid(after(31), Epoch(0)), "it expires");
    assert!(!warrant.is_valid(now(), Epoch(1)), "the kill switch kills it");
    assert_eq!(warrant.intent().nonce(), "7/act");
}

#[test]
fn an_approval_is_bound_to_the_exact_action_and_state() {
    let world = World::new(MEMBERS).with("replicas", "3");
    let yes = approval(&world, "scale(to: 6)", "human:bob");
    assert!(admitted(&world, "scale(to: 6)", std::slice::from_ref(&yes)).is_ok());
    assert!(admitted(&world, "scale(to: 7)", std::slice::from_ref(&yes)).is_err(), "another action");
    let moved = world.clone().with("ready", "1");
    assert!(admitted(&moved, "scale(to: 6)", std::slice::from_ref(&yes)).is_ok(), "a fact that scale does not touch");
    let other = World::new(MEMBERS).with("replicas", "4");
    assert!(admitted(&other, "scale(to: 6)", &[yes]).is_err(), "another state");
    let own = approval(&world, "scale(to: 6)", "human:ada");
    assert!(admitted(&world, "scale(to: 6)", &[own]).is_err(), "who asks does not count");
}

#[test]
fn what_cannot_be_foreseen_is_not_done() {
    let blind = World::new(MEMBERS);
    assert!(matches!(admitted(&blind, "scale(to: 5)", &[]), Err(Refusal::Unforeseeable)), "its undo reads `replicas`");
}

#[test]
fn an_act_is_confirmed_by_evidence_taken_after_it() {
    let (world, receipt) = acted();
    // Evidence of before the act says nothing.
    assert_eq!(verify(&world.policy, &receipt, &world.snapshot, &world.history).outcome, None);

    let mut world = world.at(after(10), "ready", "5").at(after(10), "replicas", "5");
    for second in (10..=70).step_by(10) {
        world = world.at(after(second), "p95", "80ms");
    }
    assert_eq!(
        verify(&world.policy, &receipt, &at(world.clone(), 69).snapshot, &world.history).outcome,
        None,
        "the hold is not over"
    );
    let world = at(world, 70);
    assert_eq!(verify(&world.policy, &receipt, &world.snapshot, &world.history).outcome, Some(Outcome::Confirmed));
}

#[test]
fn harm_fails_at_once_and_is_taken_back_once() {
    let (world, mut receipt) = acted();
    let world = at(world.at(after(10), "ready", "5").at(after(12), "replicas", "5").at(after(12), "p95", "300ms"), 12);
    let progress = verify(&world.policy, &receipt, &world.snapshot, &world.history);
    assert_eq!((progress.outcome, progress.on_failure), (Some(Outcome::Failed), OnFailure::Rollback));

    let undo = receipt.undo(&world.policy, &world.snapshot, Epoch::default()).unwrap();
    assert_eq!((undo.intent().purpose, undo.intent().call.to_string().as_str()), (Purpose::Undo, "scale(to: 3)"));
    let again = receipt.undo(&world.policy, &world.snapshot, Epoch::default());
    assert_eq!(again.unwrap_err(), UndoRefusal::AlreadyUndone);

    // Taking back is judged by its effect alone.
    let undone = undo.done(after(13), after(13));
    assert_eq!(verify(&world.policy, &undone, &at(world.clone(), 14).snapshot, &world.history).outcome, None);
    let world = at(world.at(after(15), "replicas", "3"), 15);
    assert_eq!(
        verify(&world.policy, &undone, &world.snapshot, &world.history).outcome,
        Some(Outcome::Partial),
        "p95 is still over 200ms"
    );
}

#[test]
fn missing_evidence_is_inconclusive_and_never_a_reason_to_roll_back() {
    let (world, receipt) = acted();
    let world = at(world.at(after(10), "ready", "5"), 71);
    assert_eq!(verify(&world.policy, &receipt, &world.snapshot, &world.history).outcome, Some(Outcome::Inconclusive));
    // The hold is still watched: harm would show in it.
    let never_seen = at(acted().0, 121);
    assert_eq!(
        verify(&never_seen.policy, &receipt, &never_seen.snapshot, &never_seen.history).outcome,
        Some(Outcome::Inconclusive)
    );
}

#[test]
fn an_effect_that_does_not_show_in_time_has_failed() {
    let (world, receipt) = acted();
    let world = at(world.at(after(30), "ready", "4").at(after(60), "ready", "4"), 60);
    assert_eq!(verify(&world.policy, &receipt, &world.snapshot, &world.history).outcome, Some(Outcome::Failed));
}

#[test]
fn nothing_is_taken_back_that_somebody_else_has_changed() {
    let (world, mut receipt) = acted();
    let drifted = at(world.clone().at(after(5), "replicas", "9"), 5);
    let refusal = receipt.undo(&drifted.policy, &drifted.snapshot, Epoch::default()).unwrap_err();
    assert_eq!(refusal, UndoRefusal::Drifted("replicas".into()));
    let unseen = at(world, 5);
    let refusal = receipt.undo(&unseen.policy, &unseen.snapshot, Epoch::default()).unwrap_err();
    assert_eq!(refusal, UndoRefusal::Unseen("replicas".into()), "evidence of before the act says nothing");
}

#[test]
fn an_action_without_stages_in_the_blueprint_is_judged_by_its_declaration() {
    let world = World::new(MEMBERS).with("replicas", "3").with("ready", "3");
    let receipt = admitted(&world, "restart()", &[]).unwrap().done(now(), now());
    let world = at(world.at(after(5), "ready", "3").at(after(5), "replicas", "3").at(after(5), "p95", "80ms"), 6);
    assert_eq!(verify(&world.policy, &receipt, &world.snapshot, &world.history).outcome, Some(Outcome::Confirmed));
}

#[test]
fn the_breaker_counts_failures_in_a_row() {
    let count =
        |ended: &[Ended]| ended.iter().fold(Breaker::default(), |breaker, ended| breaker.after(*ended)).failures;
    assert_eq!(count(&[Ended::Failed, Ended::RolledBack, Ended::RollbackFailed]), 3);
    assert_eq!(count(&[Ended::Failed, Ended::Confirmed, Ended::Failed]), 1);
    assert_eq!(count(&[Ended::Failed, Ended::Superseded, Ended::Failed]), 2);
    assert_eq!(count(&[Ended::Failed, Ended::Partial]), 0);
}

#[test]
fn silence_after_an_act_is_no_sign_of_health() {
    let members = "allow scale(to) when to > 0 verify scale { hold 20s p95 <= 100ms } else rollback";
    let world = World::new(members).with("replicas", "3").with("ready", "3").with("p95", "80ms");
    let receipt = admitted(&world, "scale(to: 5)", &[]).unwrap().done(now(), now());
    let world = at(world, 20);
    assert_eq!(verify(&world.policy, &receipt, &world.snapshot, &world.history).outcome, Some(Outcome::Inconclusive));
}

#[test]
fn a_window_that_reaches_back_before_the_act_says_nothing_about_it() {
    let members = "allow scale(to) when to > 0 verify scale { within 10m max(p95, 60s) <= 100ms } else rollback";
    let before = World::new(members).with("replicas", "3").with("ready", "3");
    let world = (-60..=70).step_by(10).fold(before, |world, second| world.at(after(second), "p95", "80ms"));
    let receipt = admitted(&world, "scale(to: 5)", &[]).unwrap().done(now(), now());
    assert_eq!(verify(&world.policy, &receipt, &at(world.clone(), 1).snapshot, &world.history).outcome, None);
    assert_eq!(
        verify(&world.policy, &receipt, &at(world.clone(), 70).snapshot, &world.history).outcome,
        Some(Outcome::Confirmed)
    );
}

#[test]
fn only_people_approve() {
    let world = World::new(MEMBERS).with("replicas", "3");
    for signer in ["agent:atlas", "rule:grow"] {
        let signed = approval(&world, "scale(to: 6)", signer);
        assert!(admitted(&world, "scale(to: 6)", &[signed]).is_err(), "{signer}");
    }
}
