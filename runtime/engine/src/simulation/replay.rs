//! A recorded run again: each turn of an enforcer on what reached it then, at the time that it was.

use std::sync::Arc;

use crate::approval::Approval;
use crate::enforcement::{Answer, Mode, Observation};
use crate::evidence::Gap;
use crate::moment::Moment;
use crate::operation::IllegalMove;
use crate::record::Record;
use crate::recording::{Turn, TurnKind, is_of_rule};
use crate::simulation::playback::Happening;
use crate::simulation::{Simulation, now};

impl Simulation {
    /// One turn of a recorded run of this policy. Facts are as they were seen, calls come to what they came to, and people and
    /// agents say what they said; what is decided is decided anew.
    ///
    /// # Errors
    /// When an operation would move where the state machine does not go.
    pub fn replay(&mut self, moment: &Moment, turn: &Turn) -> Result<(), IllegalMove> {
        self.enforcement.world_mut().replay(&turn.run);
        self.enforcement.world_mut().turn_to(moment.at);
        if turn.run.iter().any(|happening| matches!(happening.record, Record::BreakerReset { .. })) {
            self.enforcement.breaker_was_reset();
        }
        if let Some(dry_run) = turn.run.iter().find_map(began) {
            self.enforcement.restart(if dry_run { Mode::DryRun } else { Mode::Act });
        }
        match turn.kind {
            TurnKind::Told => turn.run.iter().try_for_each(|happening| self.told(happening)),
            TurnKind::Seen => {
                self.facts.clone_from(&moment.facts);
                self.recorded.clone_from(&moment.facts);
                let of = |seen: &[Option<Result<_, Gap>>]| {
                    seen.iter().map(|seen| seen.clone().unwrap_or(Err(Gap::Missing))).collect()
                };
                now(self.enforcement.observed(Observation {
                    at: moment.at,
                    facts: of(&moment.facts),
                    metrics: of(&moment.metrics),
                    object_version: turn.object_version.clone(),
                }))?;
                self.round()
            }
            TurnKind::Blind => {
                now(self.enforcement.unreachable("as recorded".to_owned()))?;
                self.round()
            }
        }
    }

    /// The recording ends to be one of this policy: from here on it is a history like any other.
    pub fn stop_replaying(&mut self) {
        self.enforcement.world_mut().stop_replaying();
        self.enforcement.restart(Mode::Act);
    }

    fn round(&mut self) -> Result<(), IllegalMove> {
        self.evaluations += 1;
        now(self.enforcement.round())?;
        self.look_at_tickets();
        Ok(())
    }

    /// Somebody said something.
    fn told(&mut self, happening: &Happening) -> Result<(), IllegalMove> {
        match (&happening.record, happening.operation) {
            (Record::Proposed { proposal }, _) if !is_of_rule(proposal) => {
                now(self.enforcement.consider(Arc::new(proposal.clone()))).map(drop)
            }
            (Record::Approved { approval, stand_in }, Some(operation)) => {
                let (approval, stand_in) = (Approval::clone(approval), *stand_in);
                now(self.enforcement.answered(operation, Answer::Approve { approval, stand_in }))
            }
            (Record::Rejected { by, stand_in }, Some(operation)) => {
                now(self.enforcement.answered(operation, Answer::Reject { by: by.clone(), stand_in: *stand_in }))
            }
            _ => Ok(()),
        }
    }
}

/// Whether an enforcer began, and then whether to do nothing.
fn began(happening: &Happening) -> Option<bool> {
    if let Record::Started { dry_run, .. } = happening.record { Some(dry_run) } else { None }
}
