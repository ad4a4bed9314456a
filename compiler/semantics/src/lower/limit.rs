//! Limits, approval blocks and ceilings.

use leeway_ir as ir;
use leeway_syntax::ast::{Autonomy, ClauseKind};
use leeway_units::Quantity;

use super::Lowering;
use super::clause::action_ids;
use crate::hir::{ActionRef, Approval, Ceiling, Expr, Limit, LimitKind};
use crate::week::{week_end, week_minute};

impl Lowering<'_> {
    pub(super) fn limits(&self) -> Vec<ir::Limit> {
        let limit = |limit: &Limit| {
            Some(ir::Limit {
                id: limit.id.clone(),
                named: false,
                kind: self.limit_kind(&limit.kind)?,
                written: self.written(limit.span).trim_start_matches("limit ").into(),
                origin: self.origin(limit.span),
            })
        };
        self.blueprint.limits.iter().filter_map(limit).collect()
    }

    fn limit_kind(&self, kind: &LimitKind) -> Option<ir::LimitKind> {
        let actions = |refs: &[ActionRef]| action_ids(refs, ClauseKind::Forbid, self.target);
        Some(match kind {
            LimitKind::Cooldown { duration, after } => {
                ir::LimitKind::Cooldown { duration_ms: self.ms(duration), actions: actions(after) }
            }
            LimitKind::Breaker { failures } => ir::LimitKind::Breaker { failures: self.whole_count(failures) },
            LimitKind::AtMost { count, of, per } => {
                ir::LimitKind::AtMost { count: self.whole_count(count), actions: actions(of), window_ms: self.ms(per) }
            }
            LimitKind::Pace { count, of, per } => {
                ir::LimitKind::Pace { count: self.whole_count(count), actions: actions(of), window_ms: self.ms(per) }
            }
            LimitKind::Drift { fact, by, per, .. } => {
                ir::LimitKind::Drift { fact: *fact, by: self.quantity(by)?, window_ms: self.ms(per) }
            }
            LimitKind::Budget { metric, spend, percent, .. } => {
                ir::LimitKind::Budget { metric: *metric, most: self.quantity(spend)?.times(self.quantity(percent)?)? }
            }
            LimitKind::Freeze { from, until, zone, except } => ir::LimitKind::Freeze {
                weekly: ir::Weekly {
                    spans: vec![ir::WeekSpan {
                        from: week_minute(&self.text(from)?).ok()?,
                        until: week_end(&self.text(until)?).ok()?,
                    }],
                    zone: ir::Zone::named(&self.text(zone)?)?,
                },
                except: actions(except),
            },
        })
    }

    pub(super) fn approvals(&self) -> Vec<ir::ApprovalBlock> {
        let block = |approval: &Approval| ir::ApprovalBlock {
            by: self.texts(&approval.by),
            quorum: approval.quorum.as_ref().map(|quorum| self.whole_count(quorum)),
            timeout_ms: approval.timeout.as_ref().map(|timeout| self.ms(timeout)),
            escalation: approval
                .escalate
                .as_ref()
                .and_then(|(group, after)| Some(ir::Escalation { group: self.text(group)?, after_ms: self.ms(after) })),
            notify: approval.notify.clone(),
            origin: self.origin(approval.span),
        };
        self.blueprint.approvals.iter().map(block).collect()
    }

    pub(super) fn ceilings(&self) -> Vec<ir::Ceiling> {
        let ceiling = |one: &Ceiling| ir::Ceiling {
            id: one.id.clone(),
            named: false,
            level: match one.level {
                Autonomy::Observe => ir::Autonomy::Observe,
                Autonomy::Suggest => ir::Autonomy::Suggest,
                Autonomy::Approve => ir::Autonomy::Approve,
                Autonomy::Act => ir::Autonomy::Act,
            },
            origin: self.origin(one.span),
        };
        self.blueprint.ceilings.iter().map(ceiling).collect()
    }

    /// The longest time for which records are to be kept.
    pub(super) fn retention_ms(&self) -> Option<u64> {
        self.blueprint.retentions.iter().map(|retention| self.ms(retention)).max()
    }

    /// A number that is one to the checker; see there.
    fn whole_count(&self, expr: &Expr) -> u32 {
        let whole = self.quantity(expr).and_then(crate::check::whole);
        whole.and_then(|n| u32::try_from(n).ok()).unwrap_or(1)
    }

    pub(super) fn ms(&self, expr: &Expr) -> u64 {
        self.quantity(expr).and_then(crate::check::milliseconds).unwrap_or(1)
    }

    pub(super) fn quantity(&self, expr: &Expr) -> Option<Quantity> {
        self.constant(expr)?.quantity()
    }
}
