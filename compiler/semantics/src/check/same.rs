//! Whether two expressions say the same, wherever they stand.

use crate::hir::{Expr, ExprKind};

/// Whether `a` and `b` are written alike, names meaning the same. `steps` bounds the work; where it ends they count as different.
pub(super) fn same(a: &Expr, b: &Expr, steps: &mut usize) -> bool {
    let Some(left) = steps.checked_sub(1) else { return false };
    *steps = left;
    if !alike(a, b) {
        return false;
    }
    let (a, b) = (a.children(), b.children());
    a.len() == b.len() && a.into_iter().zip(b).all(|(a, b)| same(a, b, steps))
}

/// Whether two nodes are alike but for what stands inside them.
fn alike(a: &Expr, b: &Expr) -> bool {
    match (&a.kind, &b.kind) {
        (ExprKind::Constant(a), ExprKind::Constant(b)) => a == b,
        (ExprKind::Symbol(a, of), ExprKind::Symbol(b, other)) => a == b && of == other,
        (ExprKind::Name(_, a), ExprKind::Name(_, b)) => a == b,
        (ExprKind::Compare(_, a, _), ExprKind::Compare(_, b, _)) => a.node == b.node,
        (ExprKind::Arithmetic(_, a, _), ExprKind::Arithmetic(_, b, _)) => a.node == b.node,
        (ExprKind::TextTest(_, a, _), ExprKind::TextTest(_, b, _)) => a.node == b.node,
        (ExprKind::InRange { negated: a, .. }, ExprKind::InRange { negated: b, .. })
        | (ExprKind::InList { negated: a, .. }, ExprKind::InList { negated: b, .. }) => a == b,
        (
            ExprKind::Quantified { quantifier: a, fact: of, .. },
            ExprKind::Quantified { quantifier: b, fact: other, .. },
        ) => a.node == b.node && of == other,
        (ExprKind::Window(a, of, ..), ExprKind::Window(b, other, ..)) => a == b && of == other,
        (ExprKind::Quantile(_, a, ..), ExprKind::Quantile(_, b, ..)) => a == b,
        (ExprKind::Began(a, _), ExprKind::Began(b, _)) | (ExprKind::Since(a), ExprKind::Since(b)) => a == b,
        (ExprKind::Change(a, ..), ExprKind::Change(b, ..)) => a == b,
        (ExprKind::Budget(a), ExprKind::Budget(b)) => a == b,
        (ExprKind::Function(a, ..), ExprKind::Function(b, ..)) => a == b,
        // What was reported, or is not known, is like nothing.
        (ExprKind::Broken | ExprKind::Opaque(_), _) => false,
        (a, b) => std::mem::discriminant(a) == std::mem::discriminant(b),
    }
}
