//! What makes a blueprint wider, told at its place; and that nothing is missed.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed unwrap is a failed test")]

mod laws;
mod members;

use leeway_diagnostics::{Code, Diagnostic};
use leeway_driver::{Compilation, compile_text};
use leeway_ir::Policy;

fn compiled(text: &str) -> Compilation {
    let compilation = compile_text("new.leeway", text);
    assert!(!compilation.policies.is_empty(), "{:#?}\n{text}", compilation.diagnostics);
    compilation
}

fn policies(text: &str) -> Vec<Policy> {
    let compilation = compile_text("old.leeway", text);
    assert!(!compilation.policies.is_empty(), "{:#?}\n{text}", compilation.diagnostics);
    compilation.policies
}

/// What is said of `new` beside `old`.
fn compared(old: &str, new: &str) -> (Compilation, Option<Diagnostic>) {
    let mut compilation = compiled(new);
    compilation.compare_to(&policies(old));
    let found: Vec<Diagnostic> =
        compilation.diagnostics.iter().filter(|finding| finding.code == Code::E0405).cloned().collect();
    assert!(found.len() <= 1, "{found:#?}");
    (compilation, found.into_iter().next())
}

/// Everything that is told as wider, in its order.
fn wider(old: &str, new: &str) -> Vec<String> {
    let Some(finding) = compared(old, new).1 else { return vec![] };
    finding.labels.into_iter().map(|label| label.message).chain(finding.notes).collect()
}
