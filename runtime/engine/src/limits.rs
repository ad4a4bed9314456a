//! Limits: restraints that look at what was done before, at the clock and at the bill. Each speaks when true or unknown.

use std::cmp::Ordering;

use leeway_ir::{Action, ActionId, Effect, Expr, FactId, Limit, LimitKind, MetricId};
use leeway_units::{Quantity, Unit, Value};

use crate::decision::{Finding, LimitVoice};
use crate::expression::Scope;
use crate::history::{PastOperation, left_ms};
use crate::past;
use crate::proposal::Principal;
use crate::series::ms_before;
use crate::tier::Tier;
use crate::truth::Truth;

/// What one limit says of a proposal, if it speaks: its truth, when it is silent again, and what it found.
type Said = Option<(Truth, Option<u64>, Finding)>;

/// Adds the limits of the policy that speak when `actor` proposes what the scope holds.
pub(crate) fn speaking(
    scope: Scope<'_>,
    id: ActionId,
    action: &Action,
    actor: &Principal,
    voices: &mut Vec<LimitVoice>,
) {
    let proposed = Proposed { scope, id, action, actor };
    let voice = |(limit, declared): (usize, &Limit)| {
        let (truth, retry_after_ms, finding) = proposed.said(&declared.kind)?;
        Some(LimitVoice { limit, tier: tier(&declared.kind), truth, retry_after_ms, finding })
    };
    voices.extend(scope.policy.limits.iter().enumerate().filter_map(voice));
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
    fn said(&self, kind: &LimitKind) -> Said {
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
                (!except.contains(&self.id) && weekly.contains(self.scope.at)).then_some(HOLDS)
            }
        }
    }

    fn cooldown(&self, duration_ms: u64, actions: &[ActionId]) -> Said {
        if !actions.contains(&self.id) {
            return None;
        }
        let Some(mut began) = self.began(actions, duration_ms) else { return Some(UNKNOWN) };
        let left = left_ms(began.next_back()?.began, duration_ms, self.scope.at)?;
        Some((Truth::True, Some(left), Finding::Moment))
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
        let Some(began) = self.began(actions, window_ms) else { return Some(UNKNOWN) };
        let may = began.filter(|past| counts(past).restrains());
        let certain = may.clone().filter(|past| counts(past).is_true()).count();
        let (count, most) = (may.clone().count(), usize::try_from(most).unwrap_or(usize::MAX));
        // It is silent again when fewer than `most` are left: when the one that makes them so leaves the window.
        let leaving = may.clone().nth(count.checked_sub(most)?);
        Some((
            if certain >= most { Truth::True } else { Truth::Unknown },
            leaving.and_then(|past| left_ms(past.began, window_ms, self.scope.at)),
            Finding::Began(u32::try_from(count).unwrap_or(u32::MAX)),
        ))
    }

    /// The operations of these actions of the last `window_ms`, oldest first. One that a clock set back has moved into the future
    /// counts too.
    fn began(
        &self,
        actions: &[ActionId],
        window_ms: u64,
    ) -> Option<impl DoubleEndedIterator<Item = &PastOperation> + Clone> {
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
        truth.restrains().then_some((truth, None, Finding::Drift { was, would_be }))
    }

    fn budget(&self, metric: MetricId, most: Quantity) -> Said {
        if self.saves() {
            return None;
        }
        let forecast = self.scope.value(&Expr::Metric(metric)).as_ref().and_then(Value::quantity);
        let exceeds = forecast.and_then(|forecast| forecast.compare(most));
        let truth = exceeds.map_or(Truth::Unknown, |order| order.is_gt().into());
        truth.restrains().then_some((truth, None, Finding::Forecast(forecast)))
    }

    /// Whether it certainly lowers a count or a request, and raises nothing.
    fn saves(&self) -> bool {
        let order = |effect: &Effect| {
            let before = self.scope.value(&Expr::Fact(effect.fact))?;
            let after = self.scope.value(&effect.value)?;
            match (before.quantity(), after.quantity()) {
                (Some(before), Some(after)) => Some((before.unit(), after.compare(before)?)),
                // What has no order is neither raised nor lowered.
                (None, None) => Some((Unit::Number, Ordering::Equal)),
                (Some(_), None) | (None, Some(_)) => None,
            }
        };
        let mut lowers = false;
        for effect in &self.action.effects {
            match order(effect) {
                None | Some((_, Ordering::Greater)) => return false,
                Some((unit, Ordering::Less)) => lowers |= matches!(unit, Unit::Count | Unit::Cpu | Unit::Bytes),
                Some((_, Ordering::Equal)) => {}
            }
        }
        lowers
    }
}

/// That it speaks, and no more.
const HOLDS: (Truth, Option<u64>, Finding) = (Truth::True, None, Finding::Moment);
const UNKNOWN: (Truth, Option<u64>, Finding) = (Truth::Unknown, None, Finding::Moment);
