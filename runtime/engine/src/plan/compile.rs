//! Puts a policy's clauses into flat code, action by action.

use std::sync::Arc;

use jiff::Timestamp;
use leeway_ir::{Action, ActionId, Clause, ClauseKind, Expr, Policy, Undo};

use super::draft::{Draft, Operand};
use super::layout::Layout;
use super::ways::Dnf;
use super::{
    ActionPlan, Atom, Block, EQUAL, FIRST_INPUT, GREATER, Kind, LESS, Names, Outside, ParameterPlan, Plan, Slot, Span,
    Step, Term, Words,
};
use crate::snapshot::Snapshot;
use crate::tier::Tier;

/// Bits of a block: of its atoms, and of its clauses.
const BITS: usize = 64;

impl Plan {
    /// The plan of a policy.
    pub fn of(policy: &Policy) -> Plan {
        let layout = Layout::of(policy);
        let mut plan = Plan {
            actions: Vec::with_capacity(policy.actions.len()),
            steps: vec![],
            blocks: vec![],
            atoms: vec![],
            terms: vec![],
            clauses: vec![],
            clauses_total: length(&policy.clauses),
            parameters: vec![],
            reads: vec![],
            outside: vec![],
            kinds: layout.kinds.clone(),
            facts: length(&policy.facts),
            metrics: length(&policy.metrics),
            constants: vec![],
            first_constant: 0,
            names: names(policy, &layout),
            action_names: action_names(policy),
            words: Words::of(policy),
            symbols: layout.symbols.clone(),
        };
        let nothing = Snapshot::empty(policy, Timestamp::UNIX_EPOCH);
        let mut about: Vec<Vec<usize>> = vec![vec![]; policy.actions.len()];
        for (at, clause) in policy.clauses.iter().enumerate() {
            for action in &clause.actions {
                if let Some(list) = about.get_mut(usize::from(action.0)).filter(|list| list.last() != Some(&at)) {
                    list.push(at);
                }
            }
        }
        let mut drafts = Vec::with_capacity(policy.actions.len());
        for (action, clauses) in policy.actions.iter().zip(&about) {
            let mut draft = Draft::new(policy, action, &nothing, &layout, &plan.words, plan.constants);
            let drafted: Vec<(usize, ClauseKind, Dnf)> = clauses
                .iter()
                .filter_map(|at| {
                    policy.clauses.get(*at).map(|clause| (*at, clause.kind, condition(&mut draft, clause)))
                })
                .collect();
            plan.constants = std::mem::take(&mut draft.constants);
            drafts.push((action, drafted, draft.steps, draft.outside));
        }
        // Only now is it known how much is computed, and where constants begin: last, so that all before them is forgotten at once.
        let outside = FIRST_INPUT + length(&plan.kinds);
        let most_outside = drafts.iter().map(|(.., outside)| length(outside)).max().unwrap_or_default();
        let most_steps = drafts.iter().map(|(_, _, steps, _)| length(steps)).max().unwrap_or_default();
        plan.first_constant = outside + most_outside + most_steps;
        let constants = plan.first_constant;
        let slot = |operand: Operand| match operand {
            Operand::Unknown => super::UNKNOWN,
            Operand::Input(slot) => slot,
            Operand::Constant(at) => constants + at,
            Operand::Outside(at) => outside + at,
            Operand::Step(at) => outside + most_outside + at,
        };
        for (action, drafted, steps, expressions) in drafts {
            let used = reads(&drafted, &steps, plan.facts + plan.metrics);
            let planned = ActionPlan {
                parameters: append(&mut plan.parameters, parameters(action, &layout)),
                steps: append(
                    &mut plan.steps,
                    (0_u32..).zip(steps).map(|(at, (op, left, right))| Step {
                        op,
                        left: slot(left),
                        right: slot(right),
                        out: slot(Operand::Step(at)),
                    }),
                ),
                blocks: plan.append_blocks(drafted, slot),
                reads: append(&mut plan.reads, used),
                outside: append(
                    &mut plan.outside,
                    (0_u32..).zip(expressions).map(|(at, (expr, kind))| Outside {
                        expr,
                        kind,
                        slot: slot(Operand::Outside(at)),
                    }),
                ),
                least: if action.undo == Undo::Irreversible { Tier::ApprovalRequired } else { Tier::Allowed },
            };
            plan.actions.push(planned);
        }
        plan
    }

    /// As many clauses to a block as have room for their bits and for those of their atoms.
    fn append_blocks(&mut self, drafted: Vec<(usize, ClauseKind, Dnf)>, slot: impl Fn(Operand) -> u32) -> Span {
        let first = length(&self.blocks);
        let mut room = Room::default();
        for (clause, kind, ways) in drafted {
            let atom = |(left, right, mask)| (Atom { left: slot(left), right: slot(right) }, mask);
            let ways: Vec<Vec<Masked>> = ways.into_iter().map(|way| way.into_iter().map(atom).collect()).collect();
            if !room.takes(&ways) {
                self.close(std::mem::take(&mut room));
            }
            room.add(u32::try_from(clause).unwrap_or(u32::MAX), kind, &ways);
        }
        if !room.clauses.is_empty() {
            self.close(room);
        }
        Span { from: first, until: length(&self.blocks) }
    }

    fn close(&mut self, room: Room) {
        let of = |kinds: &[ClauseKind]| {
            let speaks = |(bit, (_, kind)): (usize, &(u32, ClauseKind))| u64::from(kinds.contains(kind)) << bit;
            room.clauses.iter().enumerate().map(speaks).fold(0, |all, one| all | one)
        };
        let block = Block {
            forbids: of(&[ClauseKind::Forbid]),
            approves: of(&[ClauseKind::Approve]),
            grants: of(&[ClauseKind::Allow, ClauseKind::Approve]),
            less: room.holding(LESS),
            equal: room.holding(EQUAL),
            greater: room.holding(GREATER),
            atoms: append(&mut self.atoms, room.atoms.into_iter().map(|(atom, _)| atom)),
            terms: append(&mut self.terms, room.terms),
            clauses: append(&mut self.clauses, room.clauses.iter().map(|(clause, _)| *clause)),
        };
        self.blocks.push(block);
    }
}

/// A block that is being filled.
#[derive(Default)]
struct Room {
    atoms: Vec<Masked>,
    terms: Vec<Term>,
    clauses: Vec<(u32, ClauseKind)>,
}

/// An atom and the cases in which it holds.
type Masked = (Atom, u32);

impl Room {
    /// Bits of the atoms that hold in that case.
    fn holding(&self, case: u32) -> u64 {
        let bit = |(at, (_, mask)): (usize, &Masked)| u64::from(mask & case != 0) << at;
        self.atoms.iter().enumerate().map(bit).fold(0, |all, one| all | one)
    }

    fn takes(&self, ways: &[Vec<Masked>]) -> bool {
        let mut atoms = self.atoms.clone();
        ways.iter().flatten().for_each(|atom| {
            if !atoms.contains(atom) {
                atoms.push(*atom);
            }
        });
        self.clauses.len() < BITS && atoms.len() <= BITS
    }

    fn add(&mut self, clause: u32, kind: ClauseKind, ways: &[Vec<Masked>]) {
        let bit = length(&self.clauses);
        for way in ways {
            let mut needs = 0;
            for atom in way {
                let at = self.atoms.iter().position(|known| known == atom).unwrap_or_else(|| {
                    self.atoms.push(*atom);
                    self.atoms.len() - 1
                });
                needs |= 1_u64 << at;
            }
            self.terms.push(Term { needs, clause: bit });
        }
        self.clauses.push((clause, kind));
    }
}

/// When the clause speaks, as ways of being true; without a condition there is one that needs nothing.
fn condition(draft: &mut Draft<'_>, clause: &Clause) -> Dnf {
    clause.when.as_ref().map_or_else(|| vec![vec![]], |when| draft.condition(&when.expr))
}

/// The facts and metrics that are read, as slots; these lie before `parameters`.
fn reads(drafted: &[(usize, ClauseKind, Dnf)], steps: &[(super::Op, Operand, Operand)], parameters: u32) -> Vec<u32> {
    let in_steps = steps.iter().flat_map(|(_, left, right)| [*left, *right]);
    let in_atoms = drafted.iter().flat_map(|(.., ways)| ways.iter().flatten()).flat_map(|(l, r, _)| [*l, *r]);
    let slots = in_steps.chain(in_atoms).filter_map(|operand| match operand {
        Operand::Input(slot) if slot < FIRST_INPUT + parameters => Some(slot),
        Operand::Input(_) | Operand::Unknown | Operand::Constant(_) | Operand::Outside(_) | Operand::Step(_) => None,
    });
    let mut slots: Vec<u32> = slots.collect();
    slots.sort_unstable();
    slots.dedup();
    slots
}

fn parameters(action: &Action, layout: &Layout) -> Vec<ParameterPlan> {
    let slot = |name: &Arc<str>| Slot(layout.parameter(name).unwrap_or(super::UNKNOWN));
    let parameters = action.parameters.iter();
    parameters.map(|parameter| ParameterPlan { slot: slot(&parameter.name), kind: Kind::of(&parameter.ty) }).collect()
}

fn names(policy: &Policy, layout: &Layout) -> Names<Slot> {
    let facts = policy.facts.iter().map(|fact| fact.name.clone());
    let measured = facts.chain(policy.metrics.iter().map(|metric| metric.name.clone()));
    let measured = (FIRST_INPUT..).zip(measured).map(|(slot, name)| match layout.parameter(&name) {
        Some(_) => (Arc::from(format!("current.{name}")), Slot(slot)),
        None => (name, Slot(slot)),
    });
    let parameters = layout.parameters.iter().map(|(name, slot)| (name.clone(), Slot(*slot)));
    measured.chain(parameters).collect()
}

fn action_names(policy: &Policy) -> Names<ActionId> {
    (0_u16..).zip(&policy.actions).map(|(at, action)| (action.name.clone(), ActionId(at))).collect()
}

/// Adds to one of the plan's vectors, and says where it stands.
fn append<T>(all: &mut Vec<T>, more: impl IntoIterator<Item = T>) -> Span {
    let from = length(all);
    all.extend(more);
    Span { from, until: length(all) }
}

pub(super) fn length<T>(all: &[T]) -> u32 {
    u32::try_from(all.len()).unwrap_or(u32::MAX)
}

/// Whether the value of `expr` is the same whatever is measured, proposed or done.
pub(super) fn is_constant(expr: &Expr) -> bool {
    let mut constant = true;
    expr.walk(&mut |inner| {
        constant &= match inner {
            Expr::Fact(_)
            | Expr::Metric(_)
            | Expr::Parameter(_)
            | Expr::Actor(_)
            | Expr::Quantified { .. }
            | Expr::Element { .. }
            | Expr::Began { .. }
            | Expr::Since { .. }
            | Expr::Change { .. }
            | Expr::During(_)
            | Expr::Claims
            | Expr::BudgetLeft(_)
            | Expr::Held(..)
            | Expr::Window { .. } => false,
            // The action is known when its clauses are compiled for it.
            Expr::ActionRisk | Expr::ActionReversible => true,
            Expr::Constant(_)
            | Expr::Not(_)
            | Expr::And(_)
            | Expr::Or(_)
            | Expr::Compare(..)
            | Expr::InRange(..)
            | Expr::InList(..)
            | Expr::StartsWith(..)
            | Expr::EndsWith(..)
            | Expr::Matches(..)
            | Expr::Within(..)
            | Expr::Coalesce(..)
            | Expr::Known(_)
            | Expr::Negate(_)
            | Expr::Arithmetic(..)
            | Expr::AsRatio(_)
            | Expr::Function(..)
            | Expr::If(..) => true,
        };
    });
    constant
}
