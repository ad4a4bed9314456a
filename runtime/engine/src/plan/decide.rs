//! The hot path: the tier of one action on one set of inputs. It allocates nothing and has no branch on what the inputs are.

use leeway_ir::ActionId;
use leeway_units::{Unit, settled};

use super::inputs::Inputs;
use super::{ActionPlan, Kind, Op, Plan, Step};
use crate::ruling::Heard;
use crate::tier::Tier;
use crate::truths::Bits;

/// The tier of `action` on these inputs; the truth of each of its clauses is left in them.
pub fn decide(plan: &Plan, inputs: &mut Inputs, action: ActionId) -> Tier {
    let least = inputs.least;
    heard(plan, inputs, action).map_or(Tier::Forbidden, |(heard, planned)| heard.tier(planned.least.max(least)))
}

/// What the clauses about `action` say; nothing where the arguments do not fit.
#[inline]
pub(super) fn heard<'a>(plan: &'a Plan, inputs: &mut Inputs, action: ActionId) -> Option<(Heard, &'a ActionPlan)> {
    inputs.decided = None;
    let planned = plan.action(action)?;
    if !fits(plan, planned, inputs) {
        return None;
    }
    inputs.decided = Some(action);
    let slots = inputs.slots.as_mut_slice();
    for step in planned.steps.of(&plan.steps) {
        let value = step.run(at(slots, step.left), at(slots, step.right));
        if let Some(out) = slots.get_mut(step.out as usize) {
            *out = value;
        }
    }
    let (mut forbids, mut asks, mut grants) = (0_u64, 0_u64, 0_u64);
    for (block, bits) in planned.blocks.of(&plan.blocks).iter().zip(&mut inputs.blocks) {
        let (mut less, mut greater, mut known) = (0_u64, 0_u64, 0_u64);
        for atom in block.atoms.of(&plan.atoms).iter().rev() {
            let (left, right) = (at(slots, atom.left), at(slots, atom.right));
            less = less << 1 | u64::from(left < right);
            greater = greater << 1 | u64::from(left > right);
            // Not so of NaN, the unknown: of that nothing is so.
            known = known << 1 | u64::from(left < right || left >= right);
        }
        let equal = known & !less & !greater;
        let holds = less & block.less | equal & block.equal | greater & block.greater;
        // Bits beyond the atoms are set too; no term needs them.
        let may_hold = holds | !known;
        let mut found = Bits::default();
        for term in block.terms.of(&plan.terms) {
            found.holds |= u64::from(holds & term.needs == term.needs) << term.clause;
            found.may_hold |= u64::from(may_hold & term.needs == term.needs) << term.clause;
        }
        *bits = found;
        forbids |= bits.may_hold & block.forbids;
        asks |= bits.may_hold & block.approves;
        grants |= bits.holds & block.grants;
    }
    Some((Heard { forbids: forbids != 0, asks: asks != 0, grants: grants != 0 }, planned))
}

/// Whether all arguments are there and none is negative; they are settled, as arguments always are.
fn fits(plan: &Plan, planned: &ActionPlan, inputs: &mut Inputs) -> bool {
    let mut fits = true;
    for parameter in planned.parameters.of(&plan.parameters) {
        let Some(slot) = inputs.slots.get_mut(parameter.slot.0 as usize) else { return false };
        let whole = slot.fract() == 0.0;
        if !whole {
            *slot = settled(*slot);
        }
        let counts = parameter.kind == Kind::Quantity(Unit::Count);
        fits &= *slot >= 0.0 && (whole || !counts);
    }
    fits
}

pub(super) fn at(slots: &[f64], slot: u32) -> f64 {
    slots.get(slot as usize).copied().unwrap_or(f64::NAN)
}

impl Step {
    /// What it computes; NaN where one operand is unknown or the result is no finite number.
    pub(super) fn run(self, left: f64, right: f64) -> f64 {
        let finite = |value: f64| if value.is_finite() { value } else { f64::NAN };
        // Rounded to 9 digits first, so that 0.1 + 0.2 does not round up.
        let nearly = |value: f64| (value * 1e9).round() / 1e9;
        match self.op {
            Op::Add => finite(left + right),
            Op::Subtract => finite(left - right),
            Op::Multiply => finite(left * right),
            Op::Divide => finite(left / right),
            Op::MultiplyToCompare => left * right,
            Op::Abs => left.abs(),
            Op::Least if right < left => right,
            Op::Greatest if right > left => right,
            Op::Least | Op::Greatest if right.is_nan() => right,
            Op::Least | Op::Greatest => left,
            Op::Round => finite(nearly(left).round()),
            Op::Ceil => finite(nearly(left).ceil()),
            Op::Floor => finite(nearly(left).floor()),
            Op::Known => f64::from(u8::from(!left.is_nan())),
            Op::Coalesce if left.is_nan() => right,
            Op::Coalesce => left,
        }
    }
}
