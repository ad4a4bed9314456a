//! Claims: what a proposer says that a metric shows, judged on live data.

use leeway_ir::{Claim, Expr};
use leeway_units::Value;

use crate::expression::Scope;
use crate::truth::Truth;

/// The truth of each claim. One about a metric that the policy does not have is unknown.
pub(crate) fn judge(scope: Scope<'_>, claims: &[Claim], truths: &mut Vec<Truth>) {
    truths.clear();
    truths.extend(claims.iter().map(|claim| match claim.window_ms {
        Some(window_ms) => scope.truth(&Expr::Held(Box::new(condition(claim)), window_ms)),
        None => scope.metric_is(claim.metric, claim.comparison, claim.value),
    }));
}

/// How many were confirmed; nothing if one is unknown.
pub(crate) fn confirmed(truths: &[Truth]) -> Option<u32> {
    if truths.contains(&Truth::Unknown) {
        return None;
    }
    u32::try_from(truths.iter().filter(|truth| truth.is_true()).count()).ok()
}

/// What the claim says of one moment, as a blueprint would: `cpu > 80%`.
fn condition(claim: &Claim) -> Expr {
    let metric = Box::new(Expr::Metric(claim.metric));
    Expr::Compare(metric, claim.comparison, Box::new(Expr::Constant(Value::Quantity(claim.value))))
}
