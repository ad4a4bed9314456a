//! What a metric is held against: the bands of objectives, and the values at which rules and clauses speak.

use leeway_ir::{Comparison, Condition, Expr, MetricId, Policy};
use leeway_units::Quantity;

use crate::report::{Objective, Threshold};

/// What is wanted of a metric: objectives that hold it, or its course over a window, against constants.
pub(crate) fn objectives(policy: &Policy, metric: MetricId) -> Vec<Objective> {
    let mut found = Vec::new();
    for objective in &policy.objectives {
        let condition = &objective.condition;
        let bands = levels(&condition.expr, metric);
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
        for value in levels(&condition.expr, metric).into_iter().flat_map(Level::values) {
            if !found.iter().any(|known| known.by == by && known.value.to_bits() == value.to_bits()) {
                found.push(Threshold { text: written(condition), value, by: by.clone() });
            }
        }
    }
    found
}

fn written(condition: &Condition) -> String {
    condition.written.to_string()
}

/// What a condition holds a value against, in base units.
#[derive(Clone, Copy, Debug)]
enum Level {
    Between(f64, f64),
    AtMost(f64),
    AtLeast(f64),
    Exactly(f64),
}

impl Level {
    fn values(self) -> Vec<f64> {
        match self {
            Level::Between(low, high) => vec![low, high],
            Level::AtMost(value) | Level::AtLeast(value) | Level::Exactly(value) => vec![value],
        }
    }
}

fn levels(expr: &Expr, metric: MetricId) -> Vec<Level> {
    let is_it = |expr: &Expr| matches!(expr, Expr::Metric(id) | Expr::Window { metric: id, .. } if *id == metric);
    #[expect(clippy::wildcard_enum_match_arm, reason = "whatever else there is holds nothing against a value itself")]
    match expr {
        Expr::Compare(left, comparison, right) if is_it(left) => {
            constant(right).map(|value| level(*comparison, value)).into_iter().collect()
        }
        Expr::Compare(left, comparison, right) if is_it(right) => {
            constant(left).map(|value| level(turned(*comparison), value)).into_iter().collect()
        }
        Expr::InRange(value, low, high) if is_it(value) => {
            constant(low).zip(constant(high)).map(|(low, high)| Level::Between(low, high)).into_iter().collect()
        }
        other => other.children().flat_map(|child| levels(child, metric)).collect(),
    }
}

fn level(comparison: Comparison, value: f64) -> Level {
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

fn constant(expr: &Expr) -> Option<f64> {
    let Expr::Constant(value) = expr else { return None };
    value.quantity().map(Quantity::base)
}
