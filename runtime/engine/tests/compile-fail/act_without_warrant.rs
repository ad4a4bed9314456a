//! Whoever acts takes a warrant, as every provider does; an intent, which anybody may read, will not do.

use leeway_engine::{Intent, Receipt, Warrant};

trait Provider {
    fn execute(&self, warrant: Warrant) -> Receipt;
}

fn act(provider: &dyn Provider, intent: Intent) -> Receipt {
    provider.execute(intent)
}

fn main() {}
