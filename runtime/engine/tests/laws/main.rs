//! The laws of the decision core, on policies compiled from text.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a failed unwrap is a failed test")]

mod acting;
mod decisions;
mod theorems;
mod windows;
mod world;
