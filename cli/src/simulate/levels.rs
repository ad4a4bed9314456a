//! What a metric is held against: the bands of objectives, and the values at which rules and clauses speak.

use leeway_ir::{Comparison, Expr, MetricId, Policy};

use crate::report::{Bound, Objective, Threshold, Trace};

/// Thresholds of a metric that move and are followed: nobody tells more lines apart, and each takes memory.
const MOVING_MAX: usize = 8;

/// What is wanted of a metric: objectives that hold it, or its course over a window, against something.
pub(crate) fn objectives(policy: &Policy, metric: MetricId) -> Vec<Objective> {
    let mut found = Vec::new();
    for objective in &policy.objectives {
        let condition = &objective.condition;
        let bands = levels(policy, &condition.expr, metric);
        found.extend(bands.into_iter().filter_map(|level| {
            let (low, high) = match level {
                Level::Between(low, high) => (Some(low), Some(high)),
                Level::AtMost(high) => (None, Some(high)),
                Level::AtLeast(low) => (Some(low), None),
                Level::Exactly(_) => return None,
            };
            Some(Objective { text: condition.written.to_string(), low, high })
        }));
    }
    found
}

/// The values at which rules and clauses look at a metric.
pub(crate) fn thresholds(policy: &Policy, metric: MetricId) -> Vec<Threshold> {
    let rules = policy.rules.iter().map(|rule| (format!("rule {}", rule.name), Some(&rule.when)));
    let clauses = policy.clauses.iter().map(|clause| (clause.id.to_string(), clause.when.as_ref()));
    let conditions = rules.chain(clauses).filter_map(|(by, when)| Some((by, when?)));
    let mut found: Vec<Threshold> = Vec::new();
    for (by, condition) in conditions {
        for value in levels(policy, &condition.expr, metric).into_iter().flat_map(Level::values) {
            let is_known = found.iter().any(|known| known.by == by && is_same(&known.value, &value));
            let moving = found.iter().filter(|known| known.value.fixed().is_none()).count();
            if !is_known && (value.fixed().is_some() || moving < MOVING_MAX) {
                found.push(Threshold { text: condition.written.to_string(), value, by: by.clone() });
            }
        }
    }
    found
}

fn is_same(one: &Bound, other: &Bound) -> bool {
    match (one, other) {
        (Bound::Fixed(one), Bound::Fixed(other)) => one.to_bits() == other.to_bits(),
        (Bound::Moving { of: one, .. }, Bound::Moving { of: other, .. }) => one == other,
        (Bound::Fixed(_), Bound::Moving { .. }) | (Bound::Moving { .. }, Bound::Fixed(_)) => false,
    }
}

/// What a condition holds a value against.
#[derive(Debug)]
enum Level {
    Between(Bound, Bound),
    AtMost(Bound),
    AtLeast(Bound),
    Exactly(Bound),
}

impl Level {
    fn values(self) -> Vec<Bound> {
        match self {
            Level::Between(low, high) => vec![low, high],
            Level::AtMost(value) | Level::AtLeast(value) | Level::Exactly(value) => vec![value],
        }
    }
}

fn levels(policy: &Policy, expr: &Expr, metric: MetricId) -> Vec<Level> {
    let is_it = |expr: &Expr| matches!(expr, Expr::Metric(id) | Expr::Window { metric: id, .. } if *id == metric);
    let bound = |expr: &Expr| bound(policy, expr);
    #[expect(clippy::wildcard_enum_match_arm, reason = "whatever else there is holds nothing against a value itself")]
    match expr {
        Expr::Compare(left, comparison, right) if is_it(left) => {
            bound(right).map(|value| level(*comparison, value)).into_iter().collect()
        }
        Expr::Compare(left, comparison, right) if is_it(right) => {
            bound(left).map(|value| level(turned(*comparison), value)).into_iter().collect()
        }
        Expr::InRange(value, low, high) if is_it(value) => {
            bound(low).zip(bound(high)).map(|(low, high)| Level::Between(low, high)).into_iter().collect()
        }
        other => other.children().flat_map(|child| levels(policy, child, metric)).collect(),
    }
}

fn level(comparison: Comparison, value: Bound) -> Level {
    match comparison {
        Comparison::Less | Comparison::LessOrEqual => Level::AtMost(value),
        Comparison::Greater | Comparison::GreaterOrEqual => Level::AtLeast(value),
        Comparison::Equal | Comparison::NotEqual => Level::Exactly(value),
    }
}

/// The comparison with its sides exchanged.
fn turned(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Less => Comparison::Greater,
        Comparison::LessOrEqual => Comparison::GreaterOrEqual,
        Comparison::Greater => Comparison::Less,
        Comparison::GreaterOrEqual => Comparison::LessOrEqual,
        Comparison::Equal => Comparison::Equal,
        Comparison::NotEqual => Comparison::NotEqual,
    }
}

/// A constant, or what can be followed over time: a computation with facts and metrics, whatever is proposed.
fn bound(policy: &Policy, expr: &Expr) -> Option<Bound> {
    if let Expr::Constant(value) = expr {
        return value.quantity().map(|quantity| Bound::Fixed(quantity.base()));
    }
    let mut is_followed = true;
    expr.walk(&mut |part| {
        is_followed &= matches!(
            part,
            Expr::Constant(_)
                | Expr::Fact(_)
                | Expr::Metric(_)
                | Expr::Window { .. }
                | Expr::Arithmetic(..)
                | Expr::Negate(_)
                | Expr::AsRatio(_)
                | Expr::Function(..)
        );
    });
    let stale = expr.inputs().into_iter().filter_map(|input| policy.metric(input.metric()?));
    let gap_ms = stale.map(|metric| metric.stale_ms).min().unwrap_or(u64::MAX);
    is_followed.then(|| Bound::Moving { of: expr.clone(), trace: Trace::new(gap_ms) })
}
