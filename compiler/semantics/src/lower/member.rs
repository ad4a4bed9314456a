//! Rules, objectives and verifications.

use leeway_ir as ir;
use leeway_syntax::ast::{ClauseKind, Failure, StageKind};

use super::Lowering;
use super::clause::action_ids;
use crate::hir::{Objective, Rule, Stage, Verification};

impl Lowering<'_> {
    pub(super) fn rules(&self) -> Vec<ir::Rule> {
        let rule = |rule: &Rule| {
            Some(ir::Rule {
                name: rule.name.clone(),
                when: self.condition(&rule.when),
                propose: self.call(rule.propose.as_ref()?),
                because: rule.because.as_ref().map(|reason| self.because(reason)),
                origin: self.origin(rule.span),
            })
        };
        self.blueprint.rules.iter().filter_map(rule).collect()
    }

    pub(super) fn objectives(&self) -> Vec<ir::Objective> {
        let objective = |one: &Objective| ir::Objective {
            condition: self.condition(&one.condition),
            origin: self.origin(one.span),
        };
        self.blueprint.objectives.iter().map(objective).collect()
    }

    pub(super) fn verifications(&self) -> Vec<ir::Verification> {
        let verification = |one: &Verification| ir::Verification {
            actions: action_ids(&one.actions, ClauseKind::Forbid, self.target),
            stages: self.stages(&one.stages),
            on_failure: match one.otherwise {
                Failure::Rollback => ir::OnFailure::Rollback,
                Failure::Escalate => ir::OnFailure::Escalate,
                Failure::Nothing => ir::OnFailure::Nothing,
            },
            origin: self.origin(one.span),
        };
        self.blueprint.verifications.iter().map(verification).collect()
    }

    pub(super) fn stages(&self, stages: &[Stage]) -> Vec<ir::Stage> {
        let stage = |stage: &Stage| ir::Stage {
            kind: match stage.kind {
                StageKind::At => ir::StageKind::At,
                StageKind::Within => ir::StageKind::Within,
                StageKind::Hold => ir::StageKind::Hold,
            },
            duration_ms: self.ms(&stage.duration),
            condition: self.condition(&stage.condition),
        };
        stages.iter().map(stage).collect()
    }
}
