//! What is wrong is said before anything is touched.

use std::fs;

use crate::place::{Place, leeway, outcome};

const WATCH: &str = r#"
  metric refused: rate = scrape rate("ratelimiter_requests_total{tenant=\"acme\",result=\"refused\"}", 5s) every 1s stale 3s
  rule raise { when current.quota < 120/s propose set_quota(to: 120/s) }
  allow set_quota(to) when to <= 200/s
"#;

#[test]
fn a_blueprint_with_errors_starts_nothing_and_shows_them_all() {
    let place = Place::new("  allow set_quota(to) when to > 80\n  forbid dorp\n  objective nothing < 3");
    let (code, _, err) = outcome(&mut place.leeway(&["run", "tested.leeway", "--data", "data"]));
    assert_eq!(code, 1, "{err}");
    for part in
        ["E0304", "E0205", "E0201", "tested.leeway:4", "tested.leeway:5", "tested.leeway:6", "nothing was started"]
    {
        assert!(err.contains(part), "{part} in {err}");
    }
    assert!(!place.path("data").exists());
}

#[test]
fn a_target_that_nothing_reaches_and_a_misspelt_key_are_said() {
    let place = Place::new(WATCH);
    fs::write(place.path("leeway.toml"), "").unwrap();
    let (code, _, err) = outcome(&mut place.leeway(&["run", "tested.leeway", "--data", "data"]));
    assert_eq!((code, err.contains("ratelimiter.tenant")), (1, true), "{err}");
    fs::write(place.path("leeway.toml"), "dta = \"x\"\n").unwrap();
    let (code, _, err) = outcome(&mut place.leeway(&["run", "tested.leeway", "--data", "data"]));
    assert_eq!((code, err.contains("dta")), (1, true), "{err}");
    assert!(!place.path("data").exists());
}

#[test]
fn a_target_that_no_provider_serves_yet_is_said_whatever_the_configuration_says() {
    for blueprint in ["frontend", "tofu", "crossplane"] {
        let path = leeway_tests::root().join(format!("blueprints/{blueprint}.leeway"));
        let folder = tempfile::tempdir().unwrap();
        let (code, _, err) = outcome(leeway().current_dir(&folder).args(["run", "--data", "data"]).arg(path));
        assert_eq!((code, err.contains("no provider serves")), (1, true), "{err}");
        assert!(!folder.path().join("data").exists());
    }
}

#[test]
fn a_data_folder_that_cannot_be_used() {
    let place = Place::new(WATCH);
    fs::write(place.path("data"), "a file").unwrap();
    let (code, _, err) = outcome(&mut place.leeway(&["run", "tested.leeway", "--data", "data"]));
    assert_eq!((code, err.contains("data")), (1, true), "{err}");
}

#[test]
fn two_enforcers_never_share_a_ledger() {
    let place = Place::new(WATCH);
    let mut enforcer = place.enforce("");
    place.wait_for("observed", |_| true);
    let (code, _, err) = outcome(&mut place.leeway(&["run", "tested.leeway", "--data", "data"]));
    assert_eq!((code, err.contains("another enforcer")), (1, true), "{err}");
    assert_eq!(enforcer.terminate(), 0);
}

#[test]
fn usage_errors_exit_with_2() {
    let (code, _, err) = outcome(leeway().args(["decide"]));
    assert_eq!((code, err.contains("Usage")), (2, true), "{err}");
    let (code, _, err) = outcome(leeway().args(["check", "no-such-folder-anywhere"]));
    assert_eq!((code, err.contains("no-such-folder-anywhere")), (2, true), "{err}");
    let (code, _, err) = outcome(leeway().args(["audit", "verify", "--data", "no-such-folder-anywhere"]));
    assert_eq!((code, err.contains("no ledger")), (2, true), "{err}");
}
