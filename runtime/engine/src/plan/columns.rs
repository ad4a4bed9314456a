//! Many decisions on one action at once: inputs as columns, sixty-four rows at a time.

use leeway_ir::ActionId;
use leeway_units::{Unit, settled};

use super::{ActionPlan, Atom, EQUAL, FIRST_INPUT, GREATER, Kind, LESS, Plan, Slot};
use crate::ruling::Heard;
use crate::tier::Tier;
use crate::truths::Bits;

/// How many rows are decided together: as many as a word has bits.
const LANES: usize = 64;

/// One slot of so many rows.
type Lanes = [f64; LANES];

/// The inputs of many decisions, a column a slot. What has no column is unknown.
#[derive(Clone, Debug)]
pub struct Columns<'a> {
    columns: Vec<Option<&'a [f64]>>,
    rows: usize,
}

impl<'a> Columns<'a> {
    /// Columns of so many rows, of which nothing is known yet.
    pub fn new(plan: &Plan, rows: usize) -> Columns<'a> {
        Columns { columns: vec![None; plan.kinds.len()], rows }
    }

    /// The input in each row, in base units; NaN and infinities are unknown. A column that is too short is unknown where it ends.
    pub fn set(&mut self, slot: Slot, column: &'a [f64]) {
        let at = slot.0.checked_sub(FIRST_INPUT);
        if let Some(known) = at.and_then(|at| self.columns.get_mut(at as usize)) {
            *known = Some(column);
        }
    }
}

/// The tier of `action` in every row, each what [`super::decide`] says of it. Rows that `out` has no room for are left out, and
/// what it has room for beyond the rows is forbidden.
pub fn decide_columns(plan: &Plan, action: ActionId, columns: &Columns<'_>, out: &mut [Tier]) {
    let Some(planned) = plan.action(action) else { return out.fill(Tier::Forbidden) };
    let mut slots: Vec<Lanes> = vec![[f64::NAN; LANES]; plan.slots_total as usize];
    let constants = slots.iter_mut().skip(FIRST_INPUT as usize + plan.kinds.len());
    constants.zip(&plan.constants).for_each(|(lanes, constant)| *lanes = [*constant; LANES]);
    let mut first = 0;
    for out in out.chunks_mut(LANES) {
        load(plan, planned, columns, first, &mut slots);
        let fitting = fitting(plan, planned, &mut slots);
        let rows = columns.rows.saturating_sub(first).min(LANES);
        let there = if rows == LANES { u64::MAX } else { (1_u64 << rows) - 1 };
        decide_lanes(plan, planned, &mut slots, fitting & there, out);
        first += LANES;
    }
}

fn load(plan: &Plan, planned: &ActionPlan, columns: &Columns<'_>, first: usize, slots: &mut [Lanes]) {
    let parameters = planned.parameters.of(&plan.parameters).iter().map(|parameter| parameter.slot.0);
    for slot in planned.reads.of(&plan.reads).iter().copied().chain(parameters) {
        let Some(at) = slot.checked_sub(FIRST_INPUT) else { continue };
        let column = columns.columns.get(at as usize).copied().flatten().unwrap_or_default();
        let rest = column.get(first..).unwrap_or_default();
        if let Some(lanes) = slots.get_mut(slot as usize) {
            if rest.len() < LANES {
                *lanes = [f64::NAN; LANES];
            }
            // Nothing times what is finite is 0, and times what is not it is NaN.
            lanes.iter_mut().zip(rest).for_each(|(lane, base)| *lane = base + base * 0.0);
        }
    }
}

/// In which rows all arguments are there and none is negative.
fn fitting(plan: &Plan, planned: &ActionPlan, slots: &mut [Lanes]) -> u64 {
    let mut fitting = u64::MAX;
    for parameter in planned.parameters.of(&plan.parameters) {
        let Some(lanes) = slots.get_mut(parameter.slot.0 as usize) else { return 0 };
        let counts = parameter.kind == Kind::Quantity(Unit::Count);
        let mut fits = 0;
        for (row, lane) in lanes.iter_mut().enumerate() {
            let whole = lane.fract() == 0.0;
            if !whole {
                *lane = settled(*lane);
            }
            fits |= u64::from(*lane >= 0.0 && (whole || !counts)) << row;
        }
        fitting &= fits;
    }
    fitting
}

fn decide_lanes(plan: &Plan, planned: &ActionPlan, slots: &mut [Lanes], fitting: u64, out: &mut [Tier]) {
    const NOTHING: Lanes = [f64::NAN; LANES];
    for step in planned.steps.of(&plan.steps) {
        let of = |slot: u32| slots.get(slot as usize).copied().unwrap_or(NOTHING);
        let (mut left, right) = (of(step.left), of(step.right));
        left.iter_mut().zip(&right).for_each(|(left, right)| *left = step.run(*left, *right));
        if let Some(lanes) = slots.get_mut(step.out as usize) {
            *lanes = left;
        }
    }
    // Here a bit is a row: of the rows in which a forbid speaks, in which an approve does, and in which something grants.
    let (mut forbids, mut asks, mut grants) = (0_u64, 0_u64, 0_u64);
    let mut atoms = [Bits::default(); LANES];
    for block in planned.blocks.of(&plan.blocks) {
        for (bits, atom) in atoms.iter_mut().zip(block.atoms.of(&plan.atoms)) {
            let of = |slot: u32| slots.get(slot as usize).unwrap_or(&NOTHING);
            *bits = compare(atom, of(atom.left), of(atom.right));
        }
        for term in block.terms.of(&plan.terms) {
            let (mut holds, mut may_hold) = (u64::MAX, u64::MAX);
            let mut needs = term.needs;
            while needs != 0 {
                let bits = atoms.get(needs.trailing_zeros() as usize).copied().unwrap_or_default();
                holds &= bits.holds;
                may_hold &= bits.may_hold;
                needs &= needs - 1;
            }
            let clause = 1_u64 << term.clause;
            forbids |= if block.forbids & clause == 0 { 0 } else { may_hold };
            asks |= if block.approves & clause == 0 { 0 } else { may_hold };
            grants |= if block.grants & clause == 0 { 0 } else { holds };
        }
    }
    grants &= fitting;
    for (row, tier) in out.iter_mut().enumerate() {
        let bit = |rows: u64| rows >> row & 1 == 1;
        let heard = Heard { forbids: bit(forbids), asks: bit(asks), grants: bit(grants) };
        *tier = heard.tier(planned.least);
    }
}

/// In which rows the comparison is true, and in which it is true or unknown.
fn compare(atom: &Atom, left: &Lanes, right: &Lanes) -> Bits {
    let mut bits = Bits::default();
    for (row, (left, right)) in left.iter().zip(right).enumerate() {
        let order =
            u32::from(left < right) * LESS + u32::from(left == right) * EQUAL + u32::from(left > right) * GREATER;
        bits.holds |= u64::from(order & atom.mask != 0) << row;
        bits.may_hold |= u64::from(order & atom.mask != 0 || order == 0) << row;
    }
    bits
}
