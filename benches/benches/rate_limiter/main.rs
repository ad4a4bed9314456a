//! The rate limiter beside its peers: the bucket beside `governor`, the service beside an axum handler that does nothing.
//!
//! `cargo bench -p leeway-benches --bench rate_limiter` prints the table, and with `-- bucket`, `-- memory` or `-- service`
//! that part of it; `-- --soak` also takes in ever new keys for a minute. Both sides are compared before anything is timed, and timed in turns in one run: only ratios are claimed.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a benchmark may stop at the first surprise")]

mod bucket;
mod memory;
mod same;
mod service;
mod soak;

use comfy_table::Table;

/// What one row claims: ours, the peer's, and the ratio that is to be at most, or at least, one number.
struct Row {
    what: String,
    unit: &'static str,
    ours: f64,
    peer: f64,
}

/// A part of the table by its name.
type Part = (&'static str, fn() -> Vec<Row>);

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some(at) = arguments.iter().position(|argument| argument == memory::ARGUMENT) {
        memory::child(arguments.get(at + 1).unwrap());
        return;
    }
    let grants = same::compare();
    println!("the bucket and governor gave the same answers to {} requests, {} of them granted", same::STEPS, grants);
    let mut table = Table::new();
    table.set_header(["what", "unit", "ours", "peer", "ours / peer"]);
    let parts: [Part; 3] = [("bucket", bucket::rows), ("memory", memory::rows), ("service", service::rows)];
    let named = |part: &str| arguments.iter().any(|argument| argument == part);
    let all = !parts.iter().any(|(part, _)| named(part));
    let chosen = parts.into_iter().filter(|(part, _)| all || named(part));
    for Row { what, unit, ours, peer } in chosen.flat_map(|(_, rows)| rows()) {
        table.add_row([
            what,
            unit.to_owned(),
            format!("{ours:.1}"),
            format!("{peer:.1}"),
            format!("{:.2}", ours / peer),
        ]);
    }
    println!("{table}");
    if arguments.iter().any(|argument| argument == "--soak") {
        soak::soak();
    }
}
