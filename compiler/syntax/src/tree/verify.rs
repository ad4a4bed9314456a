//! How it is seen that an action worked.

use leeway_diagnostics::Spanned;

use super::{Builder, Pair, child, children};
use crate::ast::{self, Failure, StageKind};
use crate::grammar::Rule;

impl Builder {
    pub(super) fn verify(self, pair: &Pair<'_>) -> Option<ast::Verify> {
        let last = pair.clone().into_inner().last()?;
        let failure = match last.as_rule() {
            Rule::k_rollback => Failure::Rollback,
            Rule::k_escalate => Failure::Escalate,
            Rule::k_nothing => Failure::Nothing,
            _ => return None,
        };
        Some(ast::Verify {
            actions: self.actions(pair)?,
            stages: self.stages(&child(pair, Rule::stages)?)?,
            otherwise: Spanned::new(failure, self.span(&last)),
        })
    }

    pub(super) fn stages(self, pair: &Pair<'_>) -> Option<Vec<ast::Stage>> {
        children(pair, Rule::stage).map(|stage| self.stage(&stage)).collect()
    }

    fn stage(self, pair: &Pair<'_>) -> Option<ast::Stage> {
        let kind = match pair.clone().into_inner().next()?.as_rule() {
            Rule::k_at => StageKind::At,
            Rule::k_within => StageKind::Within,
            Rule::k_hold => StageKind::Hold,
            _ => return None,
        };
        Some(ast::Stage {
            kind,
            duration: self.amount_of(pair, Rule::time)?,
            condition: self.expr(&child(pair, Rule::expr)?)?,
        })
    }
}
