//! Bytes per key with the table counted: what a process of its own grows by when it takes in a million keys.

use std::process::Command;

use crate::Row;
use crate::bucket::{MANY_KEYS, Ours, governor_of_hashes, governor_of_text, hashes, texts};
use leeway_rate_limiter::slots::Mark;

/// Tells the program that it is such a process.
pub(crate) const ARGUMENT: &str = "--bytes-per-key";

pub(crate) fn rows() -> Vec<Row> {
    let row = |what: &str| Row {
        what: format!("1 million keys, {what}"),
        unit: "bytes/key",
        ours: measured(&format!("ours-{what}")),
        peer: measured(&format!("peer-{what}")),
    };
    vec![row("text"), row("hashed")]
}

/// Takes in the keys and prints by how many bytes each it grew.
pub(crate) fn child(side: &str) {
    let (texts, hashes) =
        if side.ends_with("text") { (texts(MANY_KEYS), Vec::new()) } else { (Vec::new(), hashes(MANY_KEYS)) };
    let before = resident_bytes();
    // Kept until both are read.
    let held: Box<dyn std::any::Any> = match side {
        "ours-text" => {
            let ours = Ours::new();
            assert!(texts.iter().all(|key| ours.take_text(key)));
            Box::new(ours)
        }
        "ours-hashed" => {
            let ours = Ours::new();
            assert!(hashes.iter().all(|key| ours.take_mark(Mark::of_hash(*key))));
            Box::new(ours)
        }
        "peer-text" => {
            let peer = governor_of_text();
            assert!(texts.iter().all(|key| peer.check_key(key).is_ok()));
            Box::new(peer)
        }
        "peer-hashed" => {
            let peer = governor_of_hashes();
            assert!(hashes.iter().all(|key| peer.check_key(key).is_ok()));
            Box::new(peer)
        }
        unknown => panic!("there is no side `{unknown}`"),
    };
    let grown = resident_bytes() - before;
    drop(held);
    println!("{}", grown / f64::from(u32::try_from(MANY_KEYS).unwrap()));
}

/// The memory that this process has in use.
pub(crate) fn resident_bytes() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().strip_suffix(" kB").unwrap().parse::<f64>().unwrap() * 1024.0
}

fn measured(side: &str) -> f64 {
    let output = Command::new(std::env::current_exe().unwrap()).args([ARGUMENT, side]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
}
