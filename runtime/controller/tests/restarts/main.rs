//! What a restart must neither grant nor forget, wherever between two records the enforcer was killed, and what a lost answer
//! must not claim. A kill is the ledger up to a chosen record. End-to-end tests kill the real program at real points; here
//! every point can be had.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed test")]

mod cases;
mod world;
