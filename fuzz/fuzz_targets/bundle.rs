//! Whatever the bytes, the loader of bundles answers; what it takes is written as it was read, and the engine decides on it. Bytes
//! that are a policy are sealed first, so that more than damage is looked for.

#![no_main]

use std::sync::Arc;

use leeway_engine::{Compiled, History, Principal, Proposal, Snapshot, explain, propose};
use leeway_ir::{Fingerprint, Policy, bundle, canonical_digest};
use leeway_units::Call;
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

fuzz_target!(|bytes: &[u8]| {
    for bytes in [Some(bytes.to_vec()), sealed(bytes)].into_iter().flatten() {
        let Ok(policy) = bundle::read(&bytes, &[]) else { continue };
        if let Ok(written) = bundle::write(&policy, None) {
            assert_eq!(bundle::read(written.as_bytes(), &[]).as_ref(), Ok(&policy));
        }
        decide(policy);
    }
});

/// The bytes with a digest and a fingerprint that fit, if they are a bundle's members.
fn sealed(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut document: Value = serde_json::from_slice(bytes).ok()?;
    let members = document.as_object_mut()?;
    let mut policy: Policy = serde_json::from_value(members.get("policy")?.clone()).ok()?;
    policy.fingerprint = Fingerprint::of(&policy);
    members.remove("signature");
    members.insert("digest".to_owned(), canonical_digest(&policy).into());
    members.insert("policy".to_owned(), serde_json::to_value(&policy).ok()?);
    members.insert("format".to_owned(), json!("leeway-bundle"));
    members.insert("version".to_owned(), json!(1));
    serde_jcs::to_vec(&document).ok()
}

/// Decides on every action that takes no arguments, and on what the rules propose.
fn decide(policy: Policy) {
    let at = jiff::Timestamp::UNIX_EPOCH;
    let (snapshot, history) = (Snapshot::empty(&policy, at), History::written(at, vec![]));
    let actors: Vec<Principal> = Principal::parse("agent:atlas").into_iter().collect();
    let bare = policy.actions.iter().map(|action| Call { action: action.name.clone(), arguments: vec![] });
    let asked = bare.map(|call| Proposal { call, actors: actors.clone(), claims: vec![], because: None, conflicts_with: None });
    let ruled = propose(&policy, &snapshot, &history).into_iter().filter_map(|rule| rule.proposal);
    let proposals: Vec<Proposal> = asked.chain(ruled).collect();
    let compiled = Compiled::new(Arc::new(policy));
    for proposal in proposals {
        let decision = compiled.evaluate(&snapshot, &history, &proposal);
        explain(compiled.policy(), &snapshot, &history, &decision);
    }
}
