//! What a decision looks at: one number a slot. Made once and filled again for every decision.

use leeway_ir::{ActionId, Expr, FactId, MetricId};
use leeway_units::{Unit, Value};

use super::{FIRST_INPUT, Kind, Plan, Slot};
use crate::expression::Scope;
use crate::tier::Tier;
use crate::truth::Truth;
use crate::truths::{Bits, Truths};

/// The inputs of a decision, and room for what follows from them.
#[derive(Clone, Debug)]
pub struct Inputs {
    pub(super) slots: Vec<f64>,
    /// The action decided on last, where its arguments fitted, and two bits for each of its clauses.
    pub(super) decided: Option<ActionId>,
    pub(super) blocks: Vec<Bits>,
    /// What restrains beside the clauses: limits, guards, ceilings.
    pub(super) least: Tier,
    /// Slots that were given already, one bit each; only reading a document asks.
    pub(super) given: Vec<u64>,
}

impl Inputs {
    /// Inputs of which nothing is known.
    pub fn new(plan: &Plan) -> Inputs {
        let mut slots = vec![f64::NAN; plan.first_constant as usize];
        slots.extend(&plan.constants);
        let given = vec![0; plan.kinds.len().div_ceil(64)];
        let most = plan.actions.iter().map(|action| action.blocks.of(&plan.blocks).len()).max();
        let blocks = vec![Bits::default(); most.unwrap_or_default()];
        Inputs { slots, decided: None, blocks, least: Tier::Allowed, given }
    }

    /// The truth of each clause of the policy, as the last decision found it; all false where the arguments did not fit.
    pub fn truths(&self, plan: &Plan, truths: &mut Truths) {
        truths.clear(plan.clauses_total());
        let planned = self.decided.and_then(|action| plan.action(action));
        let blocks = planned.map(|planned| planned.blocks.of(&plan.blocks)).unwrap_or_default();
        for (block, bits) in blocks.iter().zip(&self.blocks) {
            for (bit, clause) in block.clauses.of(&plan.clauses).iter().enumerate() {
                truths.set(*clause as usize, bits.truth(bit));
            }
        }
    }

    /// Forgets every input; nothing is known, and nothing restrains beside the clauses.
    pub fn clear(&mut self, plan: &Plan) {
        if let Some(known) = self.slots.get_mut(..plan.first_constant as usize) {
            known.fill(f64::NAN);
        }
        self.least = Tier::Allowed;
    }

    /// The input is so many base units of what it measures; NaN and infinities are unknown. What cannot be measured, such as half a
    /// count or fewer than none, is for the caller to leave out, as a series and a document do.
    pub fn set(&mut self, slot: Slot, base: f64) {
        if let Some(slot) = self.slots.get_mut(slot.0 as usize) {
            *slot = finite(base);
        }
    }

    /// The inputs are these, in the order of the slots: facts, metrics, parameters; each as in [`Inputs::set`]. A row of
    /// another length says nothing: all inputs are unknown then.
    pub fn fill(&mut self, plan: &Plan, row: &[f64]) {
        let inputs = self.slots.get_mut(FIRST_INPUT as usize..FIRST_INPUT as usize + plan.kinds.len());
        match inputs {
            Some(inputs) if inputs.len() == row.len() => {
                inputs.iter_mut().zip(row).for_each(|(slot, base)| *slot = finite(*base));
            }
            Some(_) | None => self.clear(plan),
        }
    }

    /// Something beside the clauses demands at least this.
    pub fn restrain(&mut self, tier: Tier) {
        self.least = self.least.max(tier);
    }

    /// Reads what the clauses of `action` ask from a scope. Whether all of it could be put into slots: what has another type than
    /// the policy declares cannot, and then the reference evaluator has to be asked.
    pub(crate) fn read(&mut self, plan: &Plan, action: ActionId, scope: Scope<'_>) -> bool {
        let Some(planned) = plan.action(action) else { return false };
        self.clear(plan);
        for slot in planned.reads.of(&plan.reads) {
            let at = slot - FIRST_INPUT;
            let id = |at: u32| u16::try_from(at).unwrap_or(u16::MAX);
            let expr = match at.checked_sub(plan.facts) {
                None => Expr::Fact(FactId(id(at))),
                Some(at) => Expr::Metric(MetricId(id(at))),
            };
            if !self.put(plan, *slot, plan.kind(Slot(*slot)), scope.value(&expr)) {
                return false;
            }
        }
        let parameters = planned.parameters.of(&plan.parameters);
        for (parameter, argument) in parameters.iter().zip(scope.arguments) {
            if !self.put(plan, parameter.slot.0, parameter.kind, Some(argument.clone())) {
                return false;
            }
        }
        planned.outside.of(&plan.outside).iter().all(|outside| {
            let value = match outside.kind {
                Kind::Bool => scope.truth(&outside.expr).value(),
                Kind::Quantity(_) | Kind::Text | Kind::Symbol | Kind::Other => scope.value(&outside.expr),
            };
            self.put(plan, outside.slot, outside.kind, value)
        })
    }

    fn put(&mut self, plan: &Plan, slot: u32, kind: Kind, value: Option<Value>) -> bool {
        let number = match value {
            None => Some(f64::NAN),
            Some(value) => encode(plan, kind, &value),
        };
        match (self.slots.get_mut(slot as usize), number) {
            (Some(slot), Some(number)) => {
                *slot = number;
                true
            }
            _ => false,
        }
    }
}

/// The number if it is finite, else NaN: nothing times what is finite is 0, and times what is not it is NaN.
pub(super) fn finite(base: f64) -> f64 {
    base + base * 0.0
}

/// The value as a number, if it is of that kind.
fn encode(plan: &Plan, kind: Kind, value: &Value) -> Option<f64> {
    match (kind, value) {
        (Kind::Quantity(unit), Value::Quantity(quantity)) => like(unit, quantity.unit()).then(|| quantity.base()),
        (Kind::Bool, Value::Bool(_)) => Some(f64::from(u8::from(Truth::of(Some(value)).is_true()))),
        (Kind::Text, Value::Text(word)) | (Kind::Symbol, Value::Symbol(word)) => Some(plan.words.number(word)),
        // What is no scalar is compared by outside expressions alone.
        (Kind::Other, _) => Some(f64::NAN),
        _ => None,
    }
}

/// Whether quantities of these units are compared by their base units alone.
pub(super) fn like(one: Unit, other: Unit) -> bool {
    let number = |unit| matches!(unit, Unit::Count | Unit::Number);
    one == other || (number(one) && number(other))
}
