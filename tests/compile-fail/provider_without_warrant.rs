//! A provider executes a warrant, and nothing else will do.

use leeway_engine::Intent;
use leeway_providers::Provider;

async fn act(provider: &dyn Provider, intent: Intent) {
    let _ = provider.execute(intent).await;
}

fn main() {}
