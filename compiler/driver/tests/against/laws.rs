//! For every shipped blueprint: the same, in any order, says nothing; one grant more, or one restraint less, is found.

use std::sync::{Arc, LazyLock};

use leeway_driver::compile_text;
use leeway_ir::{Clause, ClauseKind, Condition, Expr, Policy, Widening, WideningKind, widenings};
use proptest::prelude::*;

const BLUEPRINTS: [(&str, &str); 3] = [
    ("frontend", include_str!("../../../../blueprints/frontend.leeway")),
    ("backend", include_str!("../../../../blueprints/backend.leeway")),
    ("rate_limiter", include_str!("../../../../blueprints/rate_limiter.leeway")),
];

fn shipped() -> &'static [Policy] {
    static SHIPPED: LazyLock<Vec<Policy>> = LazyLock::new(|| {
        let all: Vec<Policy> = BLUEPRINTS.iter().flat_map(|(name, text)| compile_text(name, text).policies).collect();
        assert_eq!(all.len(), BLUEPRINTS.len());
        all
    });
    &SHIPPED
}

/// Every policy that can be made by taking away one member that restrains.
fn freer(policy: &Policy) -> Vec<(String, Policy)> {
    let mut all = Vec::new();
    let mut without = |what: String, change: &dyn Fn(&mut Policy)| {
        let mut freer = policy.clone();
        change(&mut freer);
        all.push((what, freer));
    };
    let allowed = |clause: &Clause| {
        let allows = policy.clauses.iter().filter(|other| other.kind == ClauseKind::Allow);
        allows.flat_map(|other| &other.actions).any(|action| clause.actions.contains(action))
    };
    let twice = |clause: &Clause| {
        let others = policy.clauses.iter().filter(|other| other.kind == ClauseKind::Forbid && other.id != clause.id);
        let never: Vec<_> = others.filter(|other| other.when.is_none()).flat_map(|other| &other.actions).collect();
        clause.actions.iter().all(|action| never.contains(&action))
    };
    for (at, clause) in policy.clauses.iter().enumerate() {
        // Without an `allow`, an `approve` is a grant; what is forbidden twice is still forbidden.
        if (clause.kind == ClauseKind::Forbid && !twice(clause))
            || (clause.kind == ClauseKind::Approve && allowed(clause))
        {
            without(clause.id.to_string(), &|policy| drop(policy.clauses.remove(at)));
        }
    }
    for (at, limit) in policy.limits.iter().enumerate() {
        without(limit.id.to_string(), &|policy| drop(policy.limits.remove(at)));
    }
    for at in 0..policy.ceilings.len() {
        without(format!("ceiling {at}"), &|policy| drop(policy.ceilings.remove(at)));
    }
    for at in 0..policy.approvals.len() {
        without(format!("approval {at}"), &|policy| drop(policy.approvals.remove(at)));
    }
    for at in 0..policy.verifications.len() {
        without(format!("verification {at}"), &|policy| drop(policy.verifications.remove(at)));
    }
    for at in 0..policy.invariants.len() {
        without(format!("invariant {at}"), &|policy| drop(policy.invariants.remove(at)));
    }
    all
}

#[test]
fn each_restraint_that_is_taken_away_is_found() {
    let mut taken = 0;
    for policy in shipped() {
        for (what, freer) in freer(policy) {
            let found = widenings(policy, &freer);
            assert!(!found.is_empty(), "{what}");
            assert!(found.iter().all(|one: &Widening| one.kind == WideningKind::Loosened), "{what}: {found:#?}");
            // An `approve` grants, too: what nobody else would let pass.
            let back = widenings(&freer, policy);
            assert!(back.is_empty() || what.contains("/approve/"), "{what}: {back:#?}");
            taken += 1;
        }
    }
    assert!(taken > 30, "only {taken} were taken away");
}

/// A condition that no clause has.
fn condition(n: u32) -> Condition {
    let text = Expr::Constant(leeway_units::Value::Text(format!("nobody:{n}").into()));
    let expr =
        Expr::Compare(Box::new(Expr::Actor(leeway_ir::ActorField::Id)), leeway_ir::Comparison::Equal, Box::new(text));
    Condition { expr, written: format!("actor.id == \"nobody:{n}\"").into(), names: vec![] }
}

proptest! {
    #[test]
    fn one_grant_more_is_found(
        which in 0..BLUEPRINTS.len(),
        action in any::<prop::sample::Index>(),
        place in any::<prop::sample::Index>(),
        allow in any::<bool>(),
        n in any::<u32>(),
    ) {
        let old = &shipped()[which];
        let id = leeway_ir::ActionId(u16::try_from(action.index(old.actions.len())).unwrap());
        let kind = if allow { ClauseKind::Allow } else { ClauseKind::Approve };
        let grant = Clause {
            id: "new".into(),
            named: true,
            kind,
            actions: vec![id],
            when: Some(condition(n)),
            because: None,
            suggest: None,
            by: vec![],
            origin: leeway_ir::Origin { path: Arc::from("new"), line: 1, column: 1 },
        };
        // Where everything was granted already, nothing more can be: by a clause without a condition, or by `allow … else approve`.
        let granted = |clause: &Clause| {
            let about = clause.kind != ClauseKind::Forbid && clause.actions.contains(&id);
            about && (!allow || (clause.kind == ClauseKind::Allow && clause.when.is_none()))
        };
        prop_assume!(!old.clauses.iter().any(granted));
        let mut new = old.clone();
        new.clauses.insert(place.index(old.clauses.len() + 1), grant);
        let found = widenings(old, &new);
        prop_assert_eq!(found.len(), 1, "{:#?}", found);
        prop_assert_eq!(found[0].kind, WideningKind::Granted);
        prop_assert!(!allow || widenings(&new, old).is_empty());
    }

    #[test]
    fn order_says_nothing(which in 0..BLUEPRINTS.len(), seed in any::<u64>()) {
        let old = &shipped()[which];
        let mut new = old.clone();
        // Any order will do: by a hash that the case chooses.
        let key = |n: usize| (n as u64 ^ seed).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        fn shuffled<T: Clone>(all: &mut Vec<T>, key: &dyn Fn(usize) -> u64) {
            let mut order: Vec<usize> = (0..all.len()).collect();
            order.sort_by_key(|at| key(*at));
            *all = order.into_iter().map(|at| all[at].clone()).collect();
        }
        shuffled(&mut new.clauses, &key);
        shuffled(&mut new.limits, &key);
        shuffled(&mut new.approvals, &key);
        shuffled(&mut new.invariants, &key);
        shuffled(&mut new.rules, &key);
        prop_assert_eq!(widenings(old, &new), []);
        prop_assert_eq!(widenings(&new, old), []);
    }
}
