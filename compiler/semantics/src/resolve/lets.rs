//! In which order lets can be looked through, and which of them depend on themselves.

use std::collections::BTreeSet;

use leeway_diagnostics::{Code, Diagnostic};

use crate::circle::{Way, follow, told};
use crate::hir::{ExprKind, Let, Meaning};

/// How far one let may be defined by way of others.
const LET_DEPTH_MAX: usize = 64;

/// The lets, each after those it reads, without those on a cycle or behind one; those are reported.
pub(super) fn order(lets: &[Let], diagnostics: &mut Vec<Diagnostic>) -> Vec<usize> {
    let reads: Vec<BTreeSet<usize>> = lets.iter().map(reads).collect();
    let mut order = Vec::new();
    let mut done = vec![false; lets.len()];
    // Each round takes the lets whose own lets are done: as many rounds as lets are deep.
    for _ in 0..LET_DEPTH_MAX {
        let ready = |at: &usize| {
            let open = |read: &usize| !done.get(*read).copied().unwrap_or(true);
            !done.get(*at).copied().unwrap_or(true) && !reads.get(*at).is_some_and(|reads| reads.iter().any(open))
        };
        let round: Vec<usize> = (0..lets.len()).filter(ready).collect();
        for at in &round {
            if let Some(done) = done.get_mut(*at) {
                *done = true;
            }
        }
        if round.is_empty() {
            break;
        }
        order.extend(round);
    }
    let left: Vec<usize> = (0..lets.len()).filter(|at| !done.get(*at).copied().unwrap_or(true)).collect();
    report(lets, &reads, &left, diagnostics);
    order
}

fn reads(one: &Let) -> BTreeSet<usize> {
    let mut reads = BTreeSet::new();
    one.value.walk(&mut |expr| {
        if let ExprKind::Name(_, Meaning::Let(at)) = &expr.kind {
            reads.insert(*at);
        }
    });
    reads
}

fn report(lets: &[Let], reads: &[BTreeSet<usize>], left: &[usize], diagnostics: &mut Vec<Diagnostic>) {
    let left: BTreeSet<usize> = left.iter().copied().collect();
    let name = |at: usize| lets.get(at).map_or(String::new(), |one| format!("`{}`", one.name.node));
    let mut walked: BTreeSet<usize> = BTreeSet::new();
    for start in &left {
        let (code, at, message) = match follow(*start, reads, &left, &mut walked) {
            Way::Round(circle) => {
                let Some(first) = circle.first().copied() else { continue };
                (Code::E0206, first, format!("{} depends on itself: {}", name(first), told(&circle, name)))
            }
            Way::Known => continue,
            // One that is on no circle is left because it lies too deep.
            Way::Out => {
                (Code::E0105, *start, format!("{} is defined by way of more than {LET_DEPTH_MAX} others", name(*start)))
            }
        };
        if let Some(first) = lets.get(at) {
            let finding = Diagnostic::new(code, first.name.span, message);
            diagnostics.push(finding.help("define one of them without the others"));
        }
    }
}
