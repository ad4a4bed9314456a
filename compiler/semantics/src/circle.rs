//! Declarations that read each other in a circle.

use std::collections::BTreeSet;

/// Where following declarations leads.
pub(crate) enum Way {
    /// Round: the declarations on the circle, in the order in which each reads the next and the last the first.
    Round(Vec<usize>),
    /// To one that was followed before.
    Known,
    /// To one that reads none of those left.
    Out,
}

/// Follows from `start` the first of those `left` that each one reads, and notes in `walked` where it has been.
pub(crate) fn follow(
    start: usize,
    reads: &[BTreeSet<usize>],
    left: &BTreeSet<usize>,
    walked: &mut BTreeSet<usize>,
) -> Way {
    let mut path: Vec<usize> = Vec::new();
    let mut next = Some(start);
    while let Some(at) = next.filter(|at| walked.insert(*at)) {
        path.push(at);
        next = reads.get(at).and_then(|reads| reads.intersection(left).next().copied());
    }
    let Some(end) = next else { return Way::Out };
    match path.iter().position(|at| *at == end) {
        Some(from) => Way::Round(path.split_off(from)),
        None => Way::Known,
    }
}

/// How a circle is told: `a → b → a`.
pub(crate) fn told(circle: &[usize], name: impl Fn(usize) -> String) -> String {
    let way: Vec<String> = circle.iter().chain(circle.first()).map(|at| name(*at)).collect();
    way.join(" → ")
}
