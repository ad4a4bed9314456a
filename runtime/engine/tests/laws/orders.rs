//! In which order things are written, in one file or in several, decides nothing.

use std::sync::Arc;

use leeway_driver::{ModuleLoader, Request, compile};
use leeway_engine::{Proposal, Verdict, evaluate, explain};
use leeway_ir::Policy;
use proptest::prelude::*;

use crate::theorems;
use crate::whole;
use crate::world::World;

fn verdict(world: &World, proposal: &Proposal) -> Verdict {
    let decision = evaluate(&world.policy, &world.snapshot, &world.history, proposal);
    explain(&world.policy, &world.snapshot, &world.history, &decision)
}

/// What every voice says, in an order of its own, without the ordinals and positions of clauses.
fn said(verdict: &Verdict) -> Vec<String> {
    let voice = |voice: &leeway_engine::Voice| {
        format!("{} {} {} {:?} {:?}", voice.tier, voice.kind, voice.text, voice.truth, voice.values)
    };
    let mut said: Vec<String> = verdict.voices.iter().map(voice).collect();
    said.sort();
    said
}

/// Policies of a library, in files of their own.
struct Library(Vec<(String, String)>);

impl ModuleLoader for Library {
    fn load(&self, path: &str) -> Option<(String, String)> {
        self.0.iter().find(|(known, _)| known == path).cloned()
    }
}

const TARGET: &str = r#"target shop.service(name: text) {
  fact replicas: count
  fact ready: count
  action scale(to: count) { effect replicas = to  undo scale(to: current.replicas)  risk low }
}
"#;

/// The clauses, each in a policy of its own: the first files hold these, and the blueprint includes them in the order of `places`.
fn in_files(clauses: &[String], places: &[usize]) -> Policy {
    let metrics = "needs metric cpu: ratio\nneeds metric p95: duration";
    let module = |(at, clause): (usize, &String)| {
        let text = format!("use service\npolicy one() for shop.service {{\n{metrics}\n{clause}\n}}\n");
        (format!("part{at}.leeway"), text)
    };
    let mut files: Vec<(String, String)> = clauses.iter().enumerate().map(module).collect();
    files.push(("service.leeway".into(), TARGET.into()));
    let uses: String = places.iter().map(|at| format!("use part{at}\n")).collect();
    let includes: String =
        places.iter().map(|at| format!("include part{at}.one(cpu: cpu, p95: p95) as p{at}\n")).collect();
    let text = format!(
        "use service\n{uses}\nblueprint shop for shop.service(\"web\") {{\n\
         metric cpu: ratio = scrape \"cpu\" every 10s stale 30s\nmetric p95: duration = scrape \"p95\" every 10s stale 30s\n{includes}}}\n"
    );
    let compilation = compile(&Request { roots: vec![("shop.leeway".into(), text.clone())], loader: &Library(files) });
    compilation.policies.into_iter().next().unwrap_or_else(|| panic!("{text}\n{:#?}", compilation.diagnostics))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn of_clauses_limits_and_ceilings(case in whole::case(), turn in 0usize..6) {
        let (world, proposal) = whole::build(&case);
        let mut turned = world.clone();
        let policy = Arc::make_mut(&mut turned.policy);
        let clauses = policy.clauses.len();
        policy.clauses.rotate_left(turn % clauses);
        policy.clauses.reverse();
        policy.limits.reverse();
        policy.ceilings.reverse();
        let (one, other) = (verdict(&world, &proposal), verdict(&turned, &proposal));
        prop_assert_eq!(one.tier, other.tier);
        prop_assert_eq!(said(&one), said(&other));
        prop_assert_eq!(one.approval.len(), other.approval.len());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn of_files_and_includes((clauses, _, evidence, call) in theorems::world(0)) {
        let forwards: Vec<usize> = (0..clauses.len()).collect();
        let backwards: Vec<usize> = forwards.iter().rev().copied().collect();
        // Facts and metrics come in one order from all of them.
        let in_one = theorems::build(&clauses, &evidence);
        let spread = |places: &[usize]| World { policy: Arc::new(in_files(&clauses, places)), ..in_one.clone() };
        let (one, other, alone) = (spread(&forwards).verdict(&call), spread(&backwards).verdict(&call), in_one.verdict(&call));
        prop_assert_eq!(one.tier, other.tier);
        prop_assert_eq!(one.tier, alone.tier);
        prop_assert_eq!(said(&one), said(&other));
        prop_assert_eq!(said(&one), said(&alone));
    }
}
