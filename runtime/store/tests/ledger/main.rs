//! The ledger's laws: what was appended reads back, and nothing can be changed unseen.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on should stop")]

mod appending;
mod fixture;
mod opening;
mod reading;
mod tampering;
