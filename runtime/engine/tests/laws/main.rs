//! The laws of the decision core, on policies compiled from text.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a failed unwrap is a failed test")]

mod acting;
mod agreement;
mod authority;
mod closed_loop;
mod decisions;
mod grounds;
mod lasting;
mod limits;
mod orders;
mod over_time;
mod parts;
mod past;
mod playing;
mod quantifiers;
mod replaying;
mod second_opinions;
mod simulating;
mod tallies;
mod theorems;
mod waiting;
mod whole;
mod widening;
mod windows;
mod world;
