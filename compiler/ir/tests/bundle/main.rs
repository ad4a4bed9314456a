//! Bundles: what is written is read back, and what was damaged, forged or made by hand is refused with its reason.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a failed unwrap is a failed test")]

mod hostile;
mod keys;
mod reading;

use std::sync::LazyLock;

use leeway_ir::bundle::{self, BundleError};
use leeway_ir::{Fingerprint, Policy, canonical_digest};
use serde::Deserialize as _;
use serde_json::Value;

/// A blueprint with members of every kind.
const EVERYTHING: &str = include_str!("everything.leeway");

fn policy(text: &str) -> Policy {
    let compilation = leeway_driver::compile_text("blueprints/jobs.leeway", text);
    let errors: Vec<_> = compilation.diagnostics.iter().filter(|finding| finding.is_error()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    compilation.policies.into_iter().next().unwrap()
}

static POLICY: LazyLock<Policy> = LazyLock::new(|| policy(EVERYTHING));

static UNSIGNED: LazyLock<String> = LazyLock::new(|| bundle::write(&POLICY, None).unwrap());

/// The members of a bundle.
fn opened(bundle: &str) -> Value {
    serde_json::from_str(bundle).unwrap()
}

/// A bundle of these members, with a digest and a fingerprint that fit: as a forger would make it.
fn sealed(mut document: Value) -> String {
    if let Ok(mut policy) = Policy::deserialize(&document["policy"]) {
        policy.fingerprint = Fingerprint::of(&policy);
        document["policy"]["fingerprint"] = policy.fingerprint.text().into();
    }
    document["digest"] = canonical_digest(&document["policy"]).into();
    serde_jcs::to_string(&document).unwrap()
}

fn refused(bundle: &str) -> BundleError {
    bundle::read(bundle.as_bytes(), &[]).unwrap_err()
}
