//! The way through the house, as a user walks it: real processes, a real limiter, a real ledger.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a failed unwrap is a failed test")]

mod audit;
mod author;
mod bundles;
mod check;
mod crash;
mod decide;
mod decide_computed;
mod decide_lines;
mod decide_plans;
mod decide_words;
mod demo;
mod differing;
mod outage;
mod pipelines;
mod place;
mod ranges;
mod refusals;
mod replay;
mod reports;
mod sarif;
mod side_by_side;
mod simulating;
mod tests_over_time;
mod versions;
mod yaml;
