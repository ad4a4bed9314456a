//! What was measured, as documents write it: a value with its age, how long it held, or a series.

use jiff::Timestamp;
use leeway_engine::{Gap, Sample, Series};
use leeway_units::Type;

use crate::decide::document::{DocumentError, Node};
use crate::decide::literal::{duration, is_missing, shifted, value};
use crate::decide::members::{Members, Read, wanted};

/// A fact: its value now, or `"missing"`.
pub(crate) fn read_fact(path: &str, node: &Node, ty: &Type, at: Timestamp, series: &mut Series) -> Read<()> {
    let value = if is_missing(node) { Err(Gap::Missing) } else { Ok(value(path, node, ty)?) };
    series.push(Sample { at, value });
    Ok(())
}

/// `{ "value", "age"?, "held"? }`, `{ "series": [[offset, value], …] }` or `"missing"`.
pub(crate) fn read_series(
    path: &str,
    node: &Node,
    ty: &Type,
    every_ms: u64,
    at: Timestamp,
    series: &mut Series,
) -> Read<()> {
    if is_missing(node) {
        series.push(Sample { at, value: Err(Gap::Missing) });
        return Ok(());
    }
    if !matches!(node, Node::Map(_)) {
        return Err(wanted(path, "`{ \"value\": … }`, `{ \"series\": … }` or \"missing\"", node));
    }
    let mut members = Members::of(path, node)?;
    if let Some(samples) = members.take("series") {
        read_samples(&members.path("series"), samples, ty, at, series)?;
        return members.done("member beside `series`");
    }
    let Some(node) = members.take("value") else {
        members.take("age");
        members.take("held");
        members.done("member")?;
        return Err(DocumentError::new(path, "expected `value` or `series`, or the text \"missing\""));
    };
    let value = value(&members.path("value"), node, ty)?;
    let newest = shifted(at, -members.take_duration("age")?.unwrap_or(0));
    match members.take_duration("held")?.map(u64::try_from) {
        Some(Ok(held_ms)) => {
            let stale_ms = u64::try_from(series.stale_ms()).unwrap_or_default();
            *series = Series::held(stale_ms, value, at, newest, every_ms, held_ms);
        }
        Some(Err(_)) | None => series.push(Sample { at: newest, value: Ok(value) }),
    }
    members.done("member")
}

/// Samples in any order. Two of one moment that differ make it invalid; one of the future is refused.
fn read_samples(path: &str, node: &Node, ty: &Type, at: Timestamp, series: &mut Series) -> Read<()> {
    let Node::List(samples) = node else { return Err(wanted(path, "a list of `[offset, value]`", node)) };
    for (index, sample) in samples.iter().enumerate() {
        let path = format!("{path}[{index}]");
        let Node::List(pair) = sample else { return Err(wanted(&path, "`[offset, value]`", sample)) };
        let [Node::Text(offset), node] = pair.as_slice() else {
            return Err(DocumentError::new(path, "expected `[offset, value]`, such as `[\"-60s\", \"80%\"]`"));
        };
        let (past, offset) = offset.strip_prefix('-').map_or((false, offset.as_str()), |offset| (true, offset));
        let ms = duration(&format!("{path}[0]"), offset)?;
        if !past && ms > 0 {
            return Err(DocumentError::new(format!("{path}[0]"), "a sample of the future; offsets begin with `-`"));
        }
        let value = if is_missing(node) { Err(Gap::Missing) } else { Ok(value(&format!("{path}[1]"), node, ty)?) };
        series.push(Sample { at: shifted(at, -ms), value });
    }
    Ok(())
}
