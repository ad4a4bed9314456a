//! Many decisions on one action at once: inputs as columns, sixty-four rows at a time.

use leeway_ir::ActionId;
use leeway_units::{Unit, settled};

use super::decide::decide;
use super::inputs::{Inputs, finite};
use super::{ActionPlan, Block, FIRST_INPUT, Kind, Plan, Slot};
use crate::ruling::Heard;
use crate::tier::Tier;
use crate::truths::Bits;

/// How many rows are decided together: as many as a word has bits.
const LANES: usize = 64;

/// Fewer rows than this are faster one by one: together they take as long as 64.
const TOGETHER_MIN: usize = 16;

/// One slot of so many rows.
type Lane = [f64; LANES];

/// A lane of which nothing is known.
const NOTHING: Lane = [f64::NAN; LANES];

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

    /// The input in each row, in base units, as in [`Inputs::set`]. A column that is too short is unknown where it ends.
    pub fn set(&mut self, slot: Slot, column: &'a [f64]) {
        let at = slot.0.checked_sub(FIRST_INPUT);
        if let Some(known) = at.and_then(|at| self.columns.get_mut(at as usize)) {
            *known = Some(column);
        }
    }

    /// The slot's column from that row on.
    fn from(&self, slot: u32, row: usize) -> &'a [f64] {
        let at = slot.checked_sub(FIRST_INPUT);
        let column = at.and_then(|at| self.columns.get(at as usize).copied().flatten()).unwrap_or_default();
        column.get(row..).unwrap_or_default()
    }
}

/// Room for sixty-four rows, and for one. Made once and used again for every action of the plan.
#[derive(Clone, Debug)]
pub struct Lanes {
    slots: Vec<Lane>,
    one: Inputs,
}

impl Lanes {
    /// Room for the rows of that plan.
    pub fn new(plan: &Plan) -> Lanes {
        let one = Inputs::new(plan);
        Lanes { slots: one.slots.iter().map(|slot| [*slot; LANES]).collect(), one }
    }
}

/// The tier of `action` in every row, each what [`super::decide`] says of it. Rows that `out` has no room for are left out, and
/// what it has room for beyond the rows is forbidden.
pub fn decide_columns(plan: &Plan, action: ActionId, columns: &Columns<'_>, lanes: &mut Lanes, out: &mut [Tier]) {
    let Some(planned) = plan.action(action) else { return out.fill(Tier::Forbidden) };
    let (out, beyond) = out.split_at_mut(columns.rows.min(out.len()));
    beyond.fill(Tier::Forbidden);
    for (chunk, out) in out.chunks_mut(LANES).enumerate() {
        let first = chunk * LANES;
        if out.len() < TOGETHER_MIN {
            for (row, tier) in out.iter_mut().enumerate() {
                *tier = decide_row(plan, action, columns, first + row, &mut lanes.one);
            }
        } else {
            load(plan, planned, columns, first, &mut lanes.slots);
            let fitting = fitting(plan, planned, &mut lanes.slots);
            decide_lanes(plan, planned, &mut lanes.slots, fitting, out);
        }
    }
}

/// The slots that decisions on the action read from columns.
fn read<'a>(plan: &'a Plan, planned: &ActionPlan) -> impl Iterator<Item = u32> + use<'a> {
    let parameters = planned.parameters.of(&plan.parameters).iter().map(|parameter| parameter.slot.0);
    planned.reads.of(&plan.reads).iter().copied().chain(parameters)
}

fn decide_row(plan: &Plan, action: ActionId, columns: &Columns<'_>, row: usize, one: &mut Inputs) -> Tier {
    for slot in plan.action(action).into_iter().flat_map(|planned| read(plan, planned)) {
        one.set(Slot(slot), columns.from(slot, row).first().copied().unwrap_or(f64::NAN));
    }
    decide(plan, one, action)
}

fn load(plan: &Plan, planned: &ActionPlan, columns: &Columns<'_>, first: usize, slots: &mut [Lane]) {
    for slot in read(plan, planned) {
        let rest = columns.from(slot, first);
        if let Some(lane) = slots.get_mut(slot as usize) {
            if rest.len() < LANES {
                *lane = NOTHING;
            }
            lane.iter_mut().zip(rest).for_each(|(lane, base)| *lane = finite(*base));
        }
    }
}

/// In which rows all arguments are there and none is negative.
fn fitting(plan: &Plan, planned: &ActionPlan, slots: &mut [Lane]) -> u64 {
    let mut fitting = u64::MAX;
    for parameter in planned.parameters.of(&plan.parameters) {
        let Some(lane) = slots.get_mut(parameter.slot.0 as usize) else { return 0 };
        let counts = parameter.kind == Kind::Quantity(Unit::Count);
        let mut fits = 0;
        for (row, base) in lane.iter_mut().enumerate() {
            let whole = base.fract() == 0.0;
            if !whole {
                *base = settled(*base);
            }
            fits |= u64::from(*base >= 0.0 && (whole || !counts)) << row;
        }
        fitting &= fits;
    }
    fitting
}

fn decide_lanes(plan: &Plan, planned: &ActionPlan, slots: &mut [Lane], fitting: u64, out: &mut [Tier]) {
    for step in planned.steps.of(&plan.steps) {
        let of = |slot: u32| slots.get(slot as usize).copied().unwrap_or(NOTHING);
        let (mut left, right) = (of(step.left), of(step.right));
        left.iter_mut().zip(&right).for_each(|(left, right)| *left = step.run(*left, *right));
        if let Some(lane) = slots.get_mut(step.out as usize) {
            *lane = left;
        }
    }
    // Here a bit is a row: of the rows in which a forbid speaks, in which an approve does, and in which something grants.
    let (mut forbids, mut asks, mut grants) = (0_u64, 0_u64, 0_u64);
    let mut atoms = [Bits::default(); LANES];
    for block in planned.blocks.of(&plan.blocks) {
        for (at, (bits, atom)) in atoms.iter_mut().zip(block.atoms.of(&plan.atoms)).enumerate() {
            let of = |slot: u32| slots.get(slot as usize).unwrap_or(&NOTHING);
            *bits = compare(block, at, of(atom.left), of(atom.right));
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

/// In which rows the block's atom is true, and in which it is true or unknown.
fn compare(block: &Block, atom: usize, left: &Lane, right: &Lane) -> Bits {
    let (mut less, mut equal, mut greater) = (0_u64, 0_u64, 0_u64);
    for (row, (left, right)) in left.iter().zip(right).enumerate() {
        less |= u64::from(left < right) << row;
        equal |= u64::from(left == right) << row;
        greater |= u64::from(left > right) << row;
    }
    let when = |cases: u64, rows: u64| if cases >> atom & 1 == 1 { rows } else { 0 };
    let holds = when(block.less, less) | when(block.equal, equal) | when(block.greater, greater);
    Bits { holds, may_hold: holds | !(less | equal | greater) }
}
