//! Questions that are over before anybody answers, and what is done then.

use leeway_engine::{Record, State};

use crate::replaying::{Comes, Step, assert_replayed, run};
use crate::world::World;

const MEMBERS: &str = "
  rule grow { when cpu > 50% and replicas < 6 propose scale(to: replicas + 1) }
  allow scale
  approve scale when cpu > 90%
  forbid scale when cpu > 98%
  approval { by \"people\" quorum 2 timeout 10m }
  verify scale { within 20s current.replicas == to } else rollback";

/// Every fifteen seconds, with this CPU in percent.
fn look(cpu: u8) -> (i64, Comes, Step) {
    (15_000, Comes::Done, Step::Look { cpu: Some(cpu), ready: true, other: None })
}

fn say(step: Step) -> (i64, Comes, Step) {
    (1_000, Comes::Done, step)
}

/// What came of it: proposals, verdicts, acts, and ends with their reasons, each after its time in seconds and its operation.
fn told(members: &str, steps: &[(i64, Comes, Step)]) -> Vec<String> {
    let policy = World::new(members).policy;
    let ledger = run(&policy, steps);
    assert_replayed(&policy, &ledger);
    let first = ledger[0].1.at;
    let mut numbers = Vec::new();
    let told = ledger.iter().filter_map(|(_, entry)| {
        let operation = entry.operation?;
        if !numbers.contains(&operation) {
            numbers.push(operation);
        }
        let number = numbers.iter().position(|known| *known == operation)? + 1;
        #[expect(clippy::wildcard_enum_match_arm, reason = "of the others only that it was confirmed is told")]
        let what = match &entry.record {
            Record::Proposed { proposal } => format!("{} {}", proposal.actor(), proposal.call),
            Record::Decided { verdict, .. } => verdict.tier.to_string(),
            Record::Approved { .. } => "approved".to_owned(),
            Record::Intended { intent } => format!("done by leave of {}", intent.approved_by.len()),
            Record::Moved { state, why } => {
                why.as_ref().map_or_else(|| state.to_string(), |why| format!("{state}: {why}"))
            }
            record => record.state().filter(|state| *state == State::Confirmed)?.to_string(),
        };
        Some(format!("{} #{number} {what}", entry.at.duration_since(first).as_secs()))
    });
    told.collect()
}

#[test]
fn a_rule_that_still_wants_it_proposes_again_in_the_same_round_with_a_verdict_of_its_own() {
    assert_eq!(
        told(MEMBERS, &[look(95), look(95), look(60), look(40)]),
        [
            "15 #1 rule:grow scale(to: 4)",
            "15 #1 approval required",
            "45 #1 superseded: nobody needs to be asked any more",
            "45 #2 rule:grow scale(to: 4)",
            "45 #2 allowed",
            "45 #2 done by leave of 0",
            "60 #2 confirmed",
        ]
    );
}

#[test]
fn a_rule_that_wants_it_no_more_is_silent_until_it_does() {
    assert_eq!(
        told(MEMBERS, &[look(95), look(40), look(40), look(60)]),
        [
            "15 #1 rule:grow scale(to: 4)",
            "15 #1 approval required",
            "30 #1 superseded: nobody needs to be asked any more",
            "60 #2 rule:grow scale(to: 4)",
            "60 #2 allowed",
            "60 #2 done by leave of 0",
        ]
    );
}

#[test]
fn people_are_asked_again_when_they_are_needed_again() {
    let asked_again = told(&MEMBERS.replace("cpu > 50%", "cpu > 70%"), &[look(95), look(60), look(95)]);
    assert_eq!(
        asked_again,
        [
            "15 #1 rule:grow scale(to: 4)",
            "15 #1 approval required",
            "30 #1 superseded: nobody needs to be asked any more",
            "45 #2 rule:grow scale(to: 4)",
            "45 #2 approval required",
        ]
    );
}

#[test]
fn what_an_agent_wanted_is_the_agents_to_propose_again() {
    let idle = MEMBERS.replace("replicas < 6", "replicas < 3");
    assert_eq!(
        told(&idle, &[look(95), say(Step::Propose(5)), look(60), look(60), say(Step::Propose(5))]),
        [
            "16 #1 agent:atlas scale(to: 5)",
            "16 #1 approval required",
            "31 #1 superseded: nobody needs to be asked any more",
            "47 #2 agent:atlas scale(to: 5)",
            "47 #2 allowed",
            "47 #2 done by leave of 0",
        ]
    );
}

#[test]
fn an_answer_goes_on_with_what_was_asked() {
    // One of two has agreed when nobody is needed any more.
    assert_eq!(
        told(MEMBERS, &[look(95), say(Step::Answer { yes: true }), look(95), look(40)]),
        ["15 #1 rule:grow scale(to: 4)", "15 #1 approval required", "16 #1 approved", "46 #1 done by leave of 1",]
    );
    // The answer comes at a moment at which nobody is needed, before that was noticed.
    let at_once =
        MEMBERS.replace("approve scale when cpu > 90%", "limit at most 1 of scale per 1m").replace("quorum 2 ", "");
    let steps = [look(60), look(60), look(60), look(60), (16_000, Comes::Done, Step::Answer { yes: true })];
    assert_eq!(
        told(&at_once, &steps)[4..],
        ["30 #2 rule:grow scale(to: 5)", "30 #2 approval required", "76 #2 approved", "76 #2 done by leave of 1"]
    );
}

#[test]
fn an_answer_to_something_else_is_none() {
    let told = told(MEMBERS, &[look(95), say(Step::Mistake), look(40)]);
    assert_eq!(told[2..], ["16 #1 approved", "31 #1 superseded: nobody needs to be asked any more"]);
}

#[test]
fn what_is_forbidden_by_now_is_not_called_approved() {
    let forbidden = told(MEMBERS, &[look(95), look(99)]);
    assert_eq!(forbidden[2], "30 #1 superseded: forbidden by `shop/forbid/scale/1` when judged again");
    let approved = told(MEMBERS, &[look(95), say(Step::Answer { yes: true }), look(99)]);
    assert_eq!(approved[3], "31 #1 superseded: approved, but forbidden by `shop/forbid/scale/1` when judged again");
}

#[test]
fn of_two_questions_over_one_limit_the_first_is_done_and_the_other_asked_anew() {
    let two = "
      rule grow { when cpu > 50% and replicas < 5 propose scale(to: replicas + 1) }
      rule heal { when ready < replicas propose restart() }
      allow scale, restart
      limit at most 1 of any per 1m
      approval { by \"people\" timeout 10m }";
    let sick = (15_000, Comes::Done, Step::Look { cpu: Some(60), ready: false, other: None });
    let told = told(two, &vec![sick; 6]);
    let at = |seconds: &str| -> Vec<&str> { told.iter().filter_map(|line| line.strip_prefix(seconds)).collect() };
    // After what was done at 15 s there is room for one again at 75 s.
    assert_eq!(
        at("75 "),
        [
            "#2 superseded: nobody needs to be asked any more",
            "#3 superseded: nobody needs to be asked any more",
            "#4 rule:grow scale(to: 5)",
            "#4 allowed",
            "#4 done by leave of 0",
        ]
    );
    // Whoever reads how many there are waits until that was seen.
    assert_eq!(at("90 ")[1..3], ["#5 rule:heal restart()", "#5 approval required"]);
}

#[test]
fn a_restart_does_not_keep_the_rule_silent() {
    let restart = |dry_run| say(Step::Restart { dry_run });
    let anew = ["rule:grow scale(to: 4)", "allowed", "done by leave of 0"];
    for (steps, at) in [
        (vec![look(95), restart(false), look(60)], 31),
        // The rule was over its question before the restart, and no longer wanted it.
        (vec![look(95), look(40), restart(false), look(60)], 46),
        // A dry run leaves the question as it is.
        (vec![look(95), restart(true), look(60), restart(false), look(60)], 47),
    ] {
        let told = told(MEMBERS, &steps);
        let over: Vec<&String> = told.iter().filter(|line| line.contains("superseded")).collect();
        assert_eq!(over.len(), 1, "{told:#?}");
        let last: Vec<String> = anew.iter().map(|what| format!("{at} #2 {what}")).collect();
        assert_eq!(told[told.len() - 3..], last, "{told:#?}");
    }
}
