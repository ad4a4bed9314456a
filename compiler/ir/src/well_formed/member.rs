//! Limits, approvals, rules, verifications and objectives of a policy.

use leeway_units::Unit;

use super::expression::Typing;
use super::{Checked, Parts, at, each, ensure, fact, identifier, measured, positive, printable, time, weekly};
use crate::approval::ApprovalBlock;
use crate::limit::LimitKind;
use crate::slo::{Burn, Slo};

impl Parts<'_> {
    pub(super) fn members(&self) -> Checked {
        let policy = self.policy;
        let bare = Typing::new(policy, &[]);
        each("limits", &policy.limits, |limit| {
            printable(&limit.id)?;
            self.limit(&limit.kind)
        })?;
        each("approvals", &policy.approvals, approval)?;
        each("ceilings", &policy.ceilings, |ceiling| printable(&ceiling.id))?;
        each("rules", &policy.rules, |rule| {
            self.condition(&bare, &rule.when).map_err(at("when", None))?;
            self.call(&bare, &rule.propose).map_err(at("propose", None))?;
            self.because(&bare, rule.because.as_ref())
        })?;
        each("objectives", &policy.objectives, |objective| self.condition(&bare, &objective.condition))?;
        each("verifications", &policy.verifications, |verification| {
            let actions = self.actions(&verification.actions)?;
            self.stages(&Typing::new(policy, &actions), &verification.stages)
        })?;
        each("slos", &policy.slos, |slo| self.slo(slo))?;
        each("invariants", &policy.invariants, |invariant| {
            identifier(&invariant.name)?;
            time(invariant.unknown_max_ms)?;
            self.condition(&bare, &invariant.condition)?;
            self.because(&bare, invariant.because.as_ref())
        })?;
        policy.audit_retention_ms.map_or(Ok(()), time).map_err(at("audit_retention_ms", None))
    }

    fn limit(&self, kind: &LimitKind) -> Checked {
        match kind {
            LimitKind::Cooldown { duration_ms, actions } => {
                self.actions(actions)?;
                time(*duration_ms)
            }
            LimitKind::Breaker { failures } => at_least_one(Some(*failures)),
            LimitKind::AtMost { count, actions, window_ms } | LimitKind::Pace { count, actions, window_ms } => {
                at_least_one(Some(*count))?;
                self.actions(actions)?;
                time(*window_ms)
            }
            LimitKind::Drift { fact: id, by, window_ms } => {
                time(*window_ms)?;
                match fact(self.policy, *id)?.ty.unit() {
                    Some(unit) => positive(*by, unit),
                    None => ensure(false, "only quantities drift"),
                }
            }
            LimitKind::Budget { metric, most } => {
                let unit = measured(self.policy, *metric)?.unit;
                ensure(unit == Unit::Spend, "a budget is kept by a `spend`")?;
                positive(*most, unit)
            }
            LimitKind::Freeze { weekly: when, except } => {
                self.actions(except)?;
                weekly(when)
            }
        }
    }

    fn slo(&self, slo: &Slo) -> Checked {
        positive(slo.objective, Unit::Ratio)?;
        ensure(slo.objective.base() < 100.0, "an objective is less than all of the events")?;
        time(slo.window_ms)?;
        for id in [slo.good, slo.total] {
            ensure(measured(self.policy, id)?.unit == Unit::Rate, "events are counted by a `rate`")?;
        }
        ensure(slo.min_events.is_finite() && slo.min_events >= 0.0, "there are no fewer than no events")?;
        each("burns", &slo.burns, |burn: &Burn| {
            ensure(burn.factor.is_finite() && burn.factor > 0.0, "the factor of a burn is more than none")?;
            time(burn.long_ms)?;
            time(burn.short_ms)?;
            ensure(burn.short_ms < burn.long_ms, "the short window is shorter than the long one")
        })
    }
}

fn approval(block: &ApprovalBlock) -> Checked {
    at_least_one(block.quorum).map_err(at("quorum", None))?;
    block.timeout_ms.map_or(Ok(()), time).map_err(at("timeout_ms", None))?;
    block.escalation.as_ref().map_or(Ok(()), |escalation| time(escalation.after_ms)).map_err(at("escalation", None))
}

fn at_least_one(number: Option<u32>) -> Checked {
    ensure(number != Some(0), "expected at least one")
}
