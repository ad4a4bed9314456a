//! What follows from conditions, as far as that is certain: that one can never be true, or that one is whenever another is.

use leeway_units::Value;

use super::infer::Checker;
use super::same::same;
use super::spread::Spread;
use super::ways::{Parts, parts};
use crate::hir::{Expr, ExprKind};

/// Of more comparisons that hold together the rest is not looked at.
const TOGETHER_MAX: usize = 64;

impl Checker<'_> {
    /// Whether `expr` can never be `truth`. What is said of one thing in several comparisons is held against each other.
    pub(super) fn never(&self, expr: &Expr, truth: bool, steps: &mut usize) -> bool {
        let Some(left) = steps.checked_sub(1) else { return false };
        *steps = left;
        match parts(expr, truth) {
            Parts::Together(all) => {
                all.iter().any(|(part, truth)| self.never(part, *truth, steps))
                    || self.contradiction(expr, truth, steps)
            }
            Parts::Either(all) => all.iter().all(|(part, truth)| self.never(part, *truth, steps)),
            Parts::Choice(condition, a, b) => {
                (self.never(condition, true, steps) || self.never(a, truth, steps))
                    && (self.never(condition, false, steps) || self.never(b, truth, steps))
            }
            Parts::Default(a, b) => self.never(a, truth, steps) && self.never(b, truth, steps),
            Parts::Elements(body, some) => some && self.never(body, truth, steps),
            Parts::Constant(value) => value != truth,
            Parts::Atom => match self.environment.constant(expr) {
                Some(value) => value == Value::Bool(!truth),
                None => self.spread(expr, truth).is_some_and(|(_, spread)| spread.is_empty()),
            },
        }
    }

    /// Whether what holds together in `expr` leaves nothing for something.
    fn contradiction(&self, expr: &Expr, truth: bool, steps: &mut usize) -> bool {
        let mut known: Vec<(&Expr, Spread)> = Vec::new();
        for (of, spread) in self.together(expr, truth) {
            match known.iter_mut().find(|(other, _)| same(of, other, steps)) {
                Some((_, all)) => {
                    *all = std::mem::take(all).and(spread);
                    if all.is_empty() {
                        return true;
                    }
                }
                None => known.push((of, spread)),
            }
        }
        false
    }

    /// What `expr` leaves of what it compares, if it is `truth`; of alternatives nothing is said.
    fn together<'e>(&self, expr: &'e Expr, truth: bool) -> Vec<(&'e Expr, Spread)> {
        let mut found = Vec::new();
        let mut open = vec![(expr, truth)];
        while let Some((expr, truth)) = open.pop() {
            match decomposed(expr, truth) {
                Parts::Together(all) => open.extend(all.into_iter().take(TOGETHER_MAX)),
                Parts::Either(all) if all.len() == 1 => open.extend(all),
                Parts::Atom => found.extend(self.spread(expr, truth)),
                Parts::Either(_)
                | Parts::Choice(..)
                | Parts::Default(..)
                | Parts::Elements(..)
                | Parts::Constant(_) => {}
            }
            if found.len() >= TOGETHER_MAX || open.len() > 4 * TOGETHER_MAX {
                break;
            }
        }
        found
    }

    /// Whether `b` is `other` whenever `a` is `truth`, as far as that is certain.
    pub(super) fn implies(&self, (a, truth): (&Expr, bool), (b, other): (&Expr, bool), steps: &mut usize) -> bool {
        let Some(left) = steps.checked_sub(1) else { return false };
        *steps = left;
        if truth == other && same(a, b, steps) {
            return true;
        }
        let (first, second) = (decomposed(a, truth), decomposed(b, other));
        // Each part costs a step, so that long conditions do not cost more than deep ones.
        *steps = steps.saturating_sub(first.len() + second.len());
        if let Parts::Together(all) = second {
            return all.into_iter().all(|part| self.implies((a, truth), part, steps));
        }
        if let Parts::Either(all) = first {
            return all.into_iter().all(|part| self.implies(part, (b, other), steps));
        }
        if let Parts::Either(all) = second {
            return all.into_iter().any(|part| self.implies((a, truth), part, steps));
        }
        if self.environment.constant(b) == Some(Value::Bool(other)) {
            return true;
        }
        if let Parts::Together(all) = first
            && all.into_iter().any(|part| self.implies(part, (b, other), steps))
        {
            return true;
        }
        let Some((of, wanted)) = self.spread(b, other) else { return false };
        let about = self.together(a, truth).into_iter().filter(|(one, _)| same(one, of, steps));
        let left = about.map(|(_, spread)| spread).reduce(Spread::and);
        left.is_some_and(|left| wanted.includes(&left))
    }
}

/// The parts of a condition; but what holds for some time says less than what holds, and stays whole.
fn decomposed(expr: &Expr, truth: bool) -> Parts<'_> {
    if matches!(expr.kind, ExprKind::For(..)) { Parts::Atom } else { parts(expr, truth) }
}
