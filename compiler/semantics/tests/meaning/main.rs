//! What blueprints mean once they are lowered.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed test")]

mod authority;
mod clauses;
mod expressions;
mod fingerprint;
mod includes;
mod limits;
mod objectives;
mod rate_limiter;
mod responses;
mod scenarios;
mod targets;

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

/// The findings of `text`, each with its code, what it marks and the labels on it.
fn findings(text: &str) -> Vec<(String, String, Vec<String>)> {
    let compilation = compile_text("blueprints/test.leeway", text);
    let marked = |span| compilation.sources.text(span).to_owned();
    let finding = |one: &leeway_diagnostics::Diagnostic| {
        let labels = one.labels.iter().map(|label| marked(label.span)).collect();
        (one.code.to_string(), marked(one.primary.span), labels)
    };
    compilation.diagnostics.iter().map(finding).collect()
}
