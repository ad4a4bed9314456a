//! A warrant cannot be made outside the engine: its fields are its own.

use leeway_engine::{Intent, Warrant};

fn forge(intent: Intent) -> Warrant {
    Warrant { intent }
}

fn main() {}
