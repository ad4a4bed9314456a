//! Claims as documents write them: `[{ "metric": "cpu", "op": ">", "value": "80%", "window": "2m" }]`.

use leeway_ir::{Claim, Comparison, MetricId, Policy};
use leeway_units::Type;

use crate::decide::document::{DocumentError, Node, cut};
use crate::decide::literal::value;
use crate::decide::members::{Members, Read, wanted};

/// How many claims a proposal may make.
const CLAIMS_MAX: usize = 100;

/// How far back a claim may look: every sample since then is looked at. 30 days.
const WINDOW_MS_MAX: i64 = 30 * 86_400_000;

/// Reads a list of claims. `window` is optional.
pub(crate) fn read_claims(policy: &Policy, path: &str, node: &Node) -> Read<Vec<Claim>> {
    let Node::List(claims) = node else { return Err(wanted(path, "a list of claims", node)) };
    if claims.len() > CLAIMS_MAX {
        return Err(DocumentError::new(path, format!("over {CLAIMS_MAX} claims")));
    }
    claims.iter().enumerate().map(|(at, node)| read_claim(policy, &format!("{path}[{at}]"), node)).collect()
}

fn read_claim(policy: &Policy, path: &str, node: &Node) -> Read<Claim> {
    let mut members = Members::of(path, node)?;
    let name = members.required_text("metric")?;
    let slot = policy.metrics.iter().position(|metric| *metric.name == *name);
    let unknown = || {
        let names = policy.metrics.iter().map(|metric| metric.name.as_ref());
        let meant = leeway_driver::closest(&cut(&name), names).map(|meant| format!("; did you mean `{meant}`?"));
        let message = format!("unknown metric `{}`{}", cut(&name), meant.unwrap_or_default());
        DocumentError::new(members.path("metric"), message)
    };
    let slot = slot.and_then(|slot| u16::try_from(slot).ok()).map(MetricId);
    let metric = slot.and_then(|slot| Some((slot, policy.metric(slot)?)));
    let (slot, metric) = metric.ok_or_else(unknown)?;
    let op_path = members.path("op");
    let comparison = comparison(&op_path, &members.required_text("op")?)?;
    let node = members.required("value")?;
    let path = members.path("value");
    let quantity = value(&path, node, &Type::Quantity(metric.unit))?.quantity();
    let value = quantity.ok_or_else(|| DocumentError::new(path, "expected a quantity"))?;
    let window_ms = members.take_duration("window")?;
    if window_ms.is_some_and(|ms| ms > WINDOW_MS_MAX) {
        return Err(DocumentError::new(members.path("window"), "a claim looks back 30d at the most"));
    }
    let window_ms = window_ms.and_then(|ms| u64::try_from(ms).ok());
    members.done("member")?;
    Ok(Claim { metric: slot, comparison, value, window_ms })
}

fn comparison(path: &str, op: &str) -> Read<Comparison> {
    match op {
        "==" => Ok(Comparison::Equal),
        "!=" => Ok(Comparison::NotEqual),
        "<" => Ok(Comparison::Less),
        "<=" => Ok(Comparison::LessOrEqual),
        ">" => Ok(Comparison::Greater),
        ">=" => Ok(Comparison::GreaterOrEqual),
        _ => Err(DocumentError::new(
            path,
            format!("`{}` is no comparison; expected `==`, `!=`, `<`, `<=`, `>` or `>=`", cut(op)),
        )),
    }
}
