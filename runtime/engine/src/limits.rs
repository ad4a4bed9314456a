//! Limits: restraints that look at what was done before, at the clock and at the bill. Each speaks when true or unknown.

use std::sync::Arc;

use leeway_ir::{Action, ActionId, Expr, FactId, Limit, LimitKind, MetricId};
use leeway_units::{Quantity, Unit, Value};

use crate::decision::LimitVoice;
use crate::expression::Scope;
use crate::history::{PastOperation, left_ms};
use crate::past;
use crate::proposal::Principal;
use crate::series::ms_before;
use crate::tier::Tier;
use crate::truth::Truth;

/// What one limit says of a proposal: nothing, or a voice.
type Said = Option<Finding>;

/// What a limit found.
struct Finding {
    truth: Truth,
    retry_after_ms: Option<u64>,
    values: Vec<(Arc<str>, Option<Value>)>,
}

/// The limits of the policy that speak when `actor` proposes what the scope holds.
pub(crate) fn speaking(scope: Scope<'_>, id: ActionId, action: &Action, actor: &Principal) -> Vec<LimitVoice> {
    let proposed = Proposed { scope, id, action, actor };
    let voice = |(limit, declared): (usize, &Limit)| {
        let Finding { truth, retry_after_ms, values } = proposed.finding(&declared.kind)?;
        Some(LimitVoice { limit, tier: tier(&declared.kind), truth, retry_after_ms, values })
    };
    scope.policy.limits.iter().enumerate().filter_map(voice).collect()
}

/// What a limit of that kind demands.
fn tier(kind: &LimitKind) -> Tier {
    match kind {
        LimitKind::Cooldown { .. } | LimitKind::Breaker { .. } => Tier::Forbidden,
        LimitKind::AtMost { .. }
        | LimitKind::Pace { .. }
        | LimitKind::Drift { .. }
        | LimitKind::Budget { .. }
        | LimitKind::Freeze { .. } => Tier::ApprovalRequired,
    }
}

struct Proposed<'a> {
    scope: Scope<'a>,
    id: ActionId,
    action: &'a Action,
    actor: &'a Principal,
}

impl Proposed<'_> {
    fn finding(&self, kind: &LimitKind) -> Said {
        match kind {
            LimitKind::Cooldown { duration_ms, actions } => self.cooldown(*duration_ms, actions),
            // Whether it is open is kept in the snapshot's safety: it outlives the history that opened it.
            LimitKind::Breaker { .. } => None,
            LimitKind::AtMost { count, actions, window_ms } => {
                self.counted(*count, actions, *window_ms, |_| Truth::True)
            }
            LimitKind::Pace { count, actions, window_ms } => {
                let by_actor = |past: &PastOperation| {
                    if past.actors.is_empty() { Truth::Unknown } else { past.actors.contains(self.actor.id()).into() }
                };
                self.counted(*count, actions, *window_ms, by_actor)
            }
            LimitKind::Drift { fact, by, window_ms } => self.drift(*fact, *by, *window_ms),
            LimitKind::Budget { metric, most } => self.budget(*metric, *most),
            LimitKind::Freeze { weekly, except } => {
                (!except.contains(&self.id) && weekly.contains(self.scope.at)).then(|| found(Truth::True))
            }
        }
    }

    fn cooldown(&self, duration_ms: u64, actions: &[ActionId]) -> Said {
        if !actions.contains(&self.id) {
            return None;
        }
        let Some(began) = self.began(actions, duration_ms) else { return Some(found(Truth::Unknown)) };
        let left = left_ms(began.last()?.began, duration_ms, self.scope.at)?;
        Some(Finding { retry_after_ms: Some(left), ..found(Truth::True) })
    }

    /// Speaks when `most` of these actions began in the window, of those that count; unknown, when so many may.
    fn counted(
        &self,
        most: u32,
        actions: &[ActionId],
        window_ms: u64,
        counts: impl Fn(&PastOperation) -> Truth,
    ) -> Said {
        if !actions.contains(&self.id) {
            return None;
        }
        let Some(began) = self.began(actions, window_ms) else { return Some(found(Truth::Unknown)) };
        let may: Vec<&PastOperation> = began.into_iter().filter(|past| counts(past).restrains()).collect();
        let certain = may.iter().filter(|past| counts(past).is_true()).count();
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        if may.len() < most {
            return None;
        }
        // It is silent again when fewer than `most` are left: when the one that makes them so leaves the window.
        let leaving = may.get(may.len() - most).map(|past| past.began);
        let count = u32::try_from(may.len()).unwrap_or(u32::MAX);
        Some(Finding {
            truth: if certain >= most { Truth::True } else { Truth::Unknown },
            retry_after_ms: leaving.and_then(|began| left_ms(began, window_ms, self.scope.at)),
            values: vec![("began".into(), Some(Value::Quantity(Quantity::count(count))))],
        })
    }

    /// The operations of these actions of the last `window_ms`. One that a clock set back has moved into the future counts too.
    fn began(&self, actions: &[ActionId], window_ms: u64) -> Option<Vec<&PastOperation>> {
        self.scope.history?.began_after(ms_before(self.scope.at, window_ms), actions)
    }

    fn drift(&self, fact: FactId, by: Quantity, window_ms: u64) -> Said {
        let effect = self.action.effects.iter().find(|effect| effect.fact == fact)?;
        let would_be = self.scope.value(&effect.value).and_then(|value| value.quantity());
        let was = past::ago(self.scope, fact, window_ms);
        let truth = match would_be.zip(was).and_then(|(would_be, was)| would_be.minus(was)) {
            Some(drift) => (drift.base().abs() > by.base()).into(),
            None => Truth::Unknown,
        };
        let values = vec![("was".into(), was.map(Value::Quantity)), ("would_be".into(), would_be.map(Value::Quantity))];
        truth.restrains().then(|| Finding { values, ..found(truth) })
    }

    fn budget(&self, metric: MetricId, most: Quantity) -> Said {
        if self.saves() {
            return None;
        }
        let value = self.scope.value(&Expr::Metric(metric));
        let exceeds = value.as_ref().and_then(Value::quantity).and_then(|forecast| forecast.compare(most));
        let truth = exceeds.map_or(Truth::Unknown, |order| order.is_gt().into());
        let name = self.scope.policy.metric(metric).map(|metric| metric.name.clone()).unwrap_or_default();
        let values = vec![(name, value), ("most".into(), Some(Value::Quantity(most)))];
        truth.restrains().then(|| Finding { values, ..found(truth) })
    }

    /// Whether it certainly lowers a count or a request, and raises nothing.
    fn saves(&self) -> bool {
        let orders = self.action.effects.iter().map(|effect| {
            let before = self.scope.value(&Expr::Fact(effect.fact))?;
            let after = self.scope.value(&effect.value)?;
            match (before.quantity(), after.quantity()) {
                (Some(before), Some(after)) => Some((before.unit(), after.compare(before)?)),
                // What has no order is neither raised nor lowered.
                (None, None) => Some((Unit::Number, std::cmp::Ordering::Equal)),
                (Some(_), None) | (None, Some(_)) => None,
            }
        });
        let Some(orders) = orders.collect::<Option<Vec<_>>>() else { return false };
        let lowers = |(unit, order): &(Unit, std::cmp::Ordering)| {
            order.is_lt() && matches!(unit, Unit::Count | Unit::Cpu | Unit::Bytes)
        };
        orders.iter().any(lowers) && !orders.iter().any(|(_, order)| order.is_gt())
    }
}

fn found(truth: Truth) -> Finding {
    Finding { truth, retry_after_ms: None, values: Vec::new() }
}
