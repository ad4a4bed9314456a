//! What blueprints mean once they are lowered.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed test")]

mod clauses;
mod fingerprint;
mod rate_limiter;

use leeway_driver::compile_text;
use leeway_ir::Policy;

const RATE_LIMITER: &str = include_str!("../../../../blueprints/rate_limiter.leeway");

/// The one policy of `text`, which has no errors.
fn policy(text: &str) -> Policy {
    let mut compilation = compile_text("blueprints/test.leeway", text);
    match compilation.policies.pop() {
        Some(policy) => policy,
        None => panic!("{:#?}\n{text}", compilation.diagnostics),
    }
}

/// A blueprint for the rate limiter's tenant with these members.
fn tenant(members: &str) -> Policy {
    policy(&format!("use std.ratelimiter\nblueprint acme for ratelimiter.tenant(\"acme\") {{\n{members}\n}}\n"))
}
