//! The demo beside whatever else uses its ports; all five scenes are played by `.ci/run`.

use std::net::TcpListener;

use crate::place::{leeway, outcome};

#[test]
fn a_scene_by_itself_on_other_ports_than_the_usual() {
    // Taken, by this test or by somebody else.
    let _taken = TcpListener::bind("127.0.0.1:7070");
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let data = data.to_str().unwrap();
    let (code, out, err) = outcome(leeway().args(["demo", "--headless", "--scenario", "forbidden", "--data", data]));
    assert_eq!(code, 0, "{out}{err}");
    for part in [
        "set_enabled(on: false)",
        "set_quota(to: 0/s)",
        "blueprints/rate_limiter.leeway:",
        "instead: set_quota(to: 90/s)",
    ] {
        assert!(out.contains(part), "{part} in {out}");
    }
    let (code, _, err) = outcome(leeway().args(["demo", "--headless", "--data", data]));
    assert_eq!((code, err.contains("holds a ledger already")), (1, true), "{err}");
}
