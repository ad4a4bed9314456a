//! The hot path: the tier of one action on one set of inputs. It allocates nothing and has no branch on what the inputs are.

use leeway_ir::ActionId;

use super::inputs::Inputs;
use super::{ActionPlan, EQUAL, GREATER, Kind, LESS, Op, Plan, Step};
use crate::tier::Tier;
use crate::truth::Truth;
use leeway_units::{Unit, settled};

/// Two truth bits for each clause that speaks about the action decided on; the others are false. Made once, used again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Truths {
    action: Option<ActionId>,
    blocks: Vec<Bits>,
}

/// Of up to 64 clauses: which are true, and which are true or unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Bits {
    pub(super) holds: u64,
    pub(super) may_hold: u64,
}

impl Truths {
    /// Room for the truths of any action of the plan.
    pub fn new(plan: &Plan) -> Truths {
        let most = plan.actions.iter().map(|action| action.blocks.of(&plan.blocks).len()).max();
        Truths { action: None, blocks: vec![Bits::default(); most.unwrap_or_default()] }
    }

    /// The truth of each clause of the policy, in source order, as the last decision found it; all false where it found that the
    /// arguments do not fit.
    pub fn all(&self, plan: &Plan) -> Vec<Truth> {
        self.found(plan).unwrap_or_else(|| vec![Truth::False; plan.clauses_total()])
    }

    /// The same; nothing where the arguments do not fit.
    pub(crate) fn found(&self, plan: &Plan) -> Option<Vec<Truth>> {
        let mut truths = vec![Truth::False; plan.clauses_total()];
        let blocks = plan.action(self.action?)?.blocks.of(&plan.blocks);
        for (block, bits) in blocks.iter().zip(&self.blocks) {
            for (bit, clause) in block.clauses.of(&plan.clauses).iter().enumerate() {
                if let Some(truth) = truths.get_mut(*clause as usize) {
                    *truth = match (bits.holds >> bit & 1, bits.may_hold >> bit & 1) {
                        (1, _) => Truth::True,
                        (_, 1) => Truth::Unknown,
                        _ => Truth::False,
                    };
                }
            }
        }
        Some(truths)
    }
}

/// The tier of `action` on these inputs, and the truth of each of its clauses.
pub fn decide(plan: &Plan, inputs: &mut Inputs, action: ActionId, truths: &mut Truths) -> Tier {
    truths.action = None;
    let Some(planned) = plan.action(action) else { return Tier::Forbidden };
    if !fits(plan, planned, inputs) {
        return Tier::Forbidden;
    }
    truths.action = Some(action);
    let slots = inputs.slots.as_mut_slice();
    for step in planned.steps.of(&plan.steps) {
        let value = step.run(at(slots, step.left), at(slots, step.right));
        if let Some(out) = slots.get_mut(step.out as usize) {
            *out = value;
        }
    }
    let mut found = Found { forbids: 0, asks: 0, grants: 0 };
    for (block, bits) in planned.blocks.of(&plan.blocks).iter().zip(&mut truths.blocks) {
        let (mut holds, mut may_hold) = (0_u64, 0_u64);
        for (bit, atom) in block.atoms.of(&plan.atoms).iter().enumerate() {
            let (left, right) = (at(slots, atom.left), at(slots, atom.right));
            // Of numbers exactly one of the three is so; with NaN, the unknown, none is.
            let order =
                u32::from(left < right) * LESS + u32::from(left == right) * EQUAL + u32::from(left > right) * GREATER;
            holds |= u64::from(order & atom.mask != 0) << bit;
            may_hold |= u64::from(order == 0) << bit;
        }
        may_hold |= holds;
        *bits = Bits::default();
        for term in block.terms.of(&plan.terms) {
            bits.holds |= u64::from(holds & term.needs == term.needs) << term.clause;
            bits.may_hold |= u64::from(may_hold & term.needs == term.needs) << term.clause;
        }
        found.forbids |= bits.may_hold & block.forbids;
        found.asks |= bits.may_hold & block.approves;
        found.grants |= bits.holds & block.grants;
    }
    found.tier(planned.least.max(inputs.least))
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

/// Which bits spoke.
pub(super) struct Found {
    pub(super) forbids: u64,
    pub(super) asks: u64,
    pub(super) grants: u64,
}

impl Found {
    /// Section 6 of the language, in its order; `least` is what restrains beside the clauses.
    pub(super) fn tier(&self, least: Tier) -> Tier {
        let forbidden = (self.forbids != 0) | (self.grants == 0) | (least == Tier::Forbidden);
        let asks = (self.asks != 0) | (least == Tier::ApprovalRequired);
        match (forbidden, asks) {
            (true, _) => Tier::Forbidden,
            (false, true) => Tier::ApprovalRequired,
            (false, false) => Tier::Allowed,
        }
    }
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
