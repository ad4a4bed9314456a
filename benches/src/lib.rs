//! What benchmarks and the guard share: the policy of `peers/`, and what it is asked.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a benchmark may stop at the first surprise"
)]

mod input;
mod ours;

pub use input::{ACTIONS, Input, NAMES, random};
pub use ours::{plan, policy, renamed};
