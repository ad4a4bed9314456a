//! A warrant is used up by the act: it is neither `Copy` nor `Clone`.

use jiff::Timestamp;
use leeway_engine::Warrant;

fn act_twice(warrant: Warrant, now: Timestamp) {
    warrant.done(now, now);
    warrant.done(now, now);
}

fn act_with_a_copy(warrant: &Warrant, now: Timestamp) {
    warrant.clone().done(now, now);
}

fn main() {}
