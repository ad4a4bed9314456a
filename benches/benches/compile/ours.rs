//! Leeway: parsed, resolved, checked with all its warnings, lowered.

use std::sync::Arc;

use leeway_driver::{Compilation, NoModules, Request, compile, compile_text};
use leeway_engine::{Compiled, History, Principal, Proposal, Sample, Snapshot, evaluate};
use leeway_ir::Policy;
use leeway_units::{Call, Quantity, Unit, Value};

use crate::Ready;
use crate::texts::{Case, NAMES, Texts};

fn policy(texts: &Texts) -> Policy {
    let compilation = compile_text("tiers.leeway", &texts.leeway);
    compilation.policies.into_iter().next().unwrap_or_else(|| panic!("{:#?}", compilation.diagnostics))
}

/// The policy as its expressions stand.
pub(crate) fn ready(texts: &Texts) -> Ready {
    let policy = policy(texts);
    Box::new(move |case| {
        let (snapshot, history, proposal) = asked(&policy, case);
        evaluate(&policy, &snapshot, &history, &proposal).tier()
    })
}

/// The policy, and the plan that live decisions are made by.
pub(crate) fn planned(texts: &Texts) -> Ready {
    let compiled = Compiled::new(Arc::new(policy(texts)));
    Box::new(move |case| {
        let (snapshot, history, proposal) = asked(compiled.policy(), case);
        compiled.evaluate(&snapshot, &history, &proposal).tier()
    })
}

/// Compiles a workspace.
pub(crate) fn checked(workspace: &[(String, String)]) -> Compilation {
    let compilation = compile(&Request { roots: workspace.to_vec(), loader: &NoModules });
    assert_eq!(compilation.policies.len(), workspace.len());
    compilation
}

fn asked(policy: &Policy, case: &Case) -> (Snapshot, History, Proposal) {
    let at = "2026-01-07T12:00:00Z".parse().unwrap();
    let count = |number: i32| Value::Quantity(Quantity::new(Unit::Count, number.into()).unwrap());
    let mut snapshot = Snapshot::empty(policy, at);
    for (name, number) in NAMES.iter().zip(case.numbers) {
        if let Some(id) = policy.fact_named(name) {
            snapshot.facts[usize::from(id.0)].push(Sample { at, value: Ok(count(number)) });
        }
    }
    let target = case.action.starts_with("scale").then(|| ("target".into(), count(case.numbers[10])));
    let call = Call { action: case.action.into(), arguments: target.into_iter().collect() };
    let actors = vec![Principal::parse("agent:atlas").unwrap()];
    let proposal = Proposal { call, actors, claims: vec![], because: None, conflicts_with: None };
    (snapshot, History::written(at, vec![]), proposal)
}
